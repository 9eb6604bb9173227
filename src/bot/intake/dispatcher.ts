import {
  threadKey,
  threadOf,
  type ChatEvent,
  type CommandCall,
  type Post,
  type ThreadRef,
} from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { ShardHost } from "../../shards/host.ts";
import { needOf, permit } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { Actions } from "../commands/actions.ts";
import type { PressButton } from "../orchestration/orchestrator-controls.ts";
import type { Asking } from "../orchestration/asking.ts";
import type { ButtonValues } from "../delivery/button-values.ts";
import { commandIn, completeCall, isSlip, parseCommand, type Surroundings } from "../commands/command-line.ts";
import { pressButton, tooOld } from "../commands/buttons.ts";
import { commands, commandSpecs } from "../commands/commands.ts";
import { sentPost } from "../commands/commands-talk.ts";
import { anotherShard, identityOf, type ShardIdentities } from "../threads/shard-identities.ts";
import { stampOf } from "../delivery/shard-stamp.ts";
import type { ShardAction } from "../delivery/button-action.ts";
import type { Threads } from "../threads/threads.ts";

type EventOf<T extends ChatEvent["type"]> = Extract<ChatEvent, { type: T }>;

interface DispatcherOptions {
  host: ShardHost;
  asking: Asking;
  threads: Threads;
  buttonValues: ButtonValues;
  identities?: ShardIdentities;
  actionsFor: (asker: Asker) => Actions;
  /** Press a button of the orchestrator's own posts; undefined for another's. */
  controlsButton: PressButton;
  /** Whether everybody on a platform sees all its threads at once. */
  oneView: (platform: string) => boolean;
}

/** Does what an event asks for, and says in one post what came of it. Each method throws ShardbridgeError for what is wrong with it. */
export class Dispatcher {
  readonly #options: DispatcherOptions;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  /** Whether an event is done at once, rather than after what its thread is busy with. */
  urgent(event: ChatEvent): boolean {
    if (event.type === "message") return /^\s*(?:!|\/shard\s+|\/)?stop(?:\s+[a-z0-9-]+)?\s*$/i.test(event.text);
    if (event.type !== "command") return true;
    const verb = typeof event.command === "string" ? (/\S+/.exec(event.command)?.[0] ?? "") : event.command.verb;
    return commands.get(verb.toLowerCase())?.now ?? true;
  }

  /** Whether a message begins with a command's verb; without a mark it must be said to the bot. */
  mayBeCommand({ text, toBot }: EventOf<"message">): boolean {
    if (isSlip(text, commandSpecs, { shards: [] })) return true;
    const [, mark, verb = ""] = /^\s*(!|\/(?:shard\s+)?)?([a-z]+)/i.exec(text) ?? [];
    return (toBot || mark !== undefined) && commands.has(verb.toLowerCase());
  }

  /** A message in a thread that the bot knows: a command, a prompt for the attached shard, or one for the orchestrator. */
  async message(event: EventOf<"message">, thread: ThreadRef, asker: Asker): Promise<Post | undefined> {
    const around = await this.#around(thread);
    const call = commandIn(event.text, event.toBot, commandSpecs, around);
    if (call) return this.#run(event, call, asker, around);
    permit(event, "prompt", "", asker.right);
    const { attached, shard } = this.#options.threads.get(thread) ?? {};
    if (attached && shard !== undefined) {
      const actions = this.#options.actionsFor(asker);
      const request = { name: shard, text: event.text };
      const receipt = await actions.send(request);
      // The card shows that the agent works.
      const plain = receipt.outcome === "submitted" && receipt.took === undefined;
      return plain ? undefined : sentPost(request, receipt, actions);
    }
    return this.#ask(event, thread, asker);
  }

  /** A slash command, as it was typed or as the platform parsed it. */
  async command(event: EventOf<"command">, asker: Asker): Promise<Post | undefined> {
    const around = await this.#around(threadOf(event.place));
    const { command } = event;
    const call =
      typeof command === "string"
        ? parseCommand(command.trim() === "" ? "help" : command, commandSpecs, around)
        : completeCall(command, commandSpecs, around);
    return this.#run(event, call, asker, around);
  }

  /** A button of ours. */
  async action(event: EventOf<"action">, asker: Asker): Promise<Post | undefined> {
    const { buttonValues, actionsFor, controlsButton } = this.#options;
    const pressed = buttonValues.pressed(event);
    if (!pressed) throw tooOld(event.action);
    const actions = actionsFor(asker);
    const identity = "shard" in pressed ? this.#options.identities?.of(pressed.shard) : undefined;
    const press = async () => {
      if ("shard" in pressed) await this.#requireSame(pressed);
      return controlsButton(event, pressed, asker, actions) ?? pressButton(event, pressed, asker, actions, identity);
    };
    const once = pressed.action === "resend" || pressed.action === "anyway";
    return once ? buttonValues.once(event.value, press) : press();
  }

  /** A button is for the shard that it was posted for. Throws "refused" where its name is another's now. */
  async #requireSame({ shard, id }: ShardAction): Promise<void> {
    if (id === undefined) return;
    const info = (await this.#options.host.list()).find(({ name }) => name === shard);
    const now = info && stampOf(identityOf(info));
    if (now !== undefined && now !== id) throw anotherShard(shard);
  }

  /** The platform's stop button of a thread: the orchestrator's turn, else the turn of the thread's shard. */
  async stop(event: EventOf<"stop">, asker: Asker): Promise<Post | undefined> {
    permit(event, "stop", "", asker.right);
    const thread = threadOf(event.place);
    const shard = thread && this.#options.threads.get(thread)?.shard;
    if (this.#options.asking.abort(thread) || shard === undefined) return undefined;
    await this.#options.actionsFor(asker).stop({ name: shard });
    return undefined;
  }

  /** Completions of a typed word: at most 25 choices, but all threads. */
  async complete({ field, typed, place }: EventOf<"completion">): Promise<string[]> {
    const { host, threads } = this.#options;
    // No platform with a limit of its own asks for these.
    if (field === "thread") return threads.bound(place.platform).map(({ thread }) => thread);
    const names =
      field === "shard"
        ? (await host.list()).map(({ name }) => name)
        : (await host.spawnOptions())[field === "repo" ? "repos" : "agents"];
    const wanted = typed.trim().toLowerCase();
    return names.filter((name) => name.toLowerCase().startsWith(wanted)).slice(0, 25);
  }

  /** Give up every turn of the orchestrator. */
  abandon(): void {
    this.#options.asking.abandon();
  }

  async #run(event: ChatEvent, call: CommandCall, asker: Asker, { bound }: Surroundings): Promise<Post | undefined> {
    const command = commands.get(call.verb);
    if (!command) throw new ShardbridgeError("usage", `There is no command "${call.verb}": help shows all.`);
    const shard = call.options["shard"];
    const named = shard ?? call.options["name"] ?? "";
    permit(event, needOf(command.verb, call.options), named, asker.right, this.#options.identities?.of(named));
    const here = shard === undefined || shard === bound;
    if (call.verb === "stop" && here && this.#options.asking.abort(threadOf(event.place)))
      return { kind: "notice", text: "Stopped." };
    const before = this.#reads(event, named);
    const post = await command.run(call, this.#options.actionsFor(asker));
    // A destroyed shard has no thread any more, and a new one had none before.
    const oneView = this.#options.oneView(event.place.platform);
    const told = command.told === true && (before || (oneView && this.#reads(event, named)));
    return told && post.kind === "notice" && post.tone !== "error" ? undefined : post;
  }

  /** Whether who asks reads what is posted in the shard's threads, where they are. */
  #reads({ place, type }: ChatEvent, shard: string): boolean {
    const thread = threadOf(place);
    const asked = thread && threadKey(thread);
    const { threads, oneView } = this.#options;
    return threads.of(shard).some(({ thread: one }) => {
      return oneView(place.platform) ? one.platform === place.platform : type === "message" && threadKey(one) === asked;
    });
  }

  async #ask(event: EventOf<"message">, thread: ThreadRef, asker: Asker): Promise<Post | undefined> {
    const { asking } = this.#options;
    if (asking.orchestrator) return asking.answer({ id: turnOf(event), thread, asker }, event.text);
    const hint =
      "No orchestrator: set ANTHROPIC_API_KEY, or ORCHESTRATOR=claude for your Claude Code, to talk in plain words. Until then: help shows the commands, attach SHARD sends plain words to an agent.";
    return { kind: "notice", text: hint };
  }

  async #around(thread: ThreadRef | undefined): Promise<Surroundings> {
    const shards = (await this.#options.host.list()).map(({ name }) => name);
    const record = thread && this.#options.threads.get(thread);
    return { shards, bound: record?.shard, attached: record?.attached };
  }
}

/** The orchestrator's turn that a message becomes. */
export function turnOf({ place, id }: ChatEvent): string {
  return `ask/${place.platform}:${id}`;
}
