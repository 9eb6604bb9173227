import {
  threadKey,
  threadOf,
  type ChatEvent,
  type CommandCall,
  type Post,
  type ThreadRef,
} from "../adapters/adapter.ts";
import { ShardbridgeError } from "../errors.ts";
import type { Orchestrator } from "../orchestrator/orchestrator.ts";
import type { ShardHost } from "../shards/host.ts";
import { needOf, permit } from "./access.ts";
import type { Actions, Asker } from "./actions.ts";
import { tryAgainButton } from "./again.ts";
import type { Codes } from "./codes.ts";
import { commandIn, completeCall, parseCommand, type Surroundings } from "./command-line.ts";
import { pressButton } from "./buttons.ts";
import { commands, commandSpecs } from "./commands.ts";
import { sentPost } from "./commands-talk.ts";
import type { Threads } from "./threads.ts";

type EventOf<T extends ChatEvent["type"]> = Extract<ChatEvent, { type: T }>;

interface DispatcherOptions {
  host: ShardHost;
  orchestrator: Orchestrator | undefined;
  threads: Threads;
  codes: Codes;
  actionsFor: (asker: Asker) => Actions;
}

/** Does what an event asks for, and says in one post what came of it. Each method throws ShardbridgeError for what is wrong with it. */
export class Dispatcher {
  readonly #options: DispatcherOptions;
  /** The orchestrator's turns under way, by thread. */
  readonly #answering = new Map<string, AbortController>();
  /** Threads that were told that there is no orchestrator. */
  readonly #told = new Set<string>();

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
      return receipt.outcome === "submitted" ? undefined : sentPost(request, receipt, actions);
    }
    return this.#ask(event.text, thread, asker, shard);
  }

  /** A slash command, as it was typed or as the platform parsed it. */
  async command(event: EventOf<"command">, asker: Asker): Promise<Post> {
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
    const { codes, actionsFor } = this.#options;
    const press = async () => pressButton(event, codes.resolve(event.value), asker, actionsFor(asker));
    return event.action === "resend" ? codes.once(event.value, press) : press();
  }

  /** The platform's stop button of a thread: the orchestrator's turn, else the turn of the thread's shard. */
  async stop(event: EventOf<"stop">, asker: Asker): Promise<Post | undefined> {
    permit(event, "stop", "", asker.right);
    const thread = threadOf(event.place);
    const shard = thread && this.#options.threads.get(thread)?.shard;
    if (this.#abort(thread) || shard === undefined) return undefined;
    await this.#options.actionsFor(asker).stop({ name: shard });
    return undefined;
  }

  /** What could complete a typed word: at most 25 choices. */
  async complete({ field, typed }: EventOf<"completion">): Promise<string[]> {
    const { host } = this.#options;
    const names =
      field === "shard"
        ? (await host.list()).map(({ name }) => name)
        : (await host.choices())[field === "repo" ? "repos" : "agents"];
    const wanted = typed.trim().toLowerCase();
    return names.filter((name) => name.toLowerCase().startsWith(wanted)).slice(0, 25);
  }

  /** Give up every turn of the orchestrator. */
  abandon(): void {
    for (const controller of this.#answering.values()) controller.abort();
  }

  async #run(event: ChatEvent, call: CommandCall, asker: Asker, { bound }: Surroundings): Promise<Post> {
    const command = commands.get(call.verb);
    if (!command) throw new ShardbridgeError("usage", `There is no command "${call.verb}": help shows all.`);
    const shard = call.options["shard"];
    permit(event, needOf(command.verb, call.options), shard ?? call.options["name"] ?? "", asker.right);
    const here = shard === undefined || shard === bound;
    if (call.verb === "stop" && here && this.#abort(threadOf(event.place))) return { kind: "notice", text: "Stopped." };
    return command.run(call, this.#options.actionsFor(asker));
  }

  async #ask(text: string, thread: ThreadRef, asker: Asker, shard: string | undefined): Promise<Post | undefined> {
    const key = threadKey(thread);
    const { orchestrator, actionsFor } = this.#options;
    if (!orchestrator) {
      if (this.#told.has(key)) return undefined;
      this.#told.add(key);
      const hint =
        "No orchestrator: set ANTHROPIC_API_KEY and start again to talk in plain words. Without it the commands work (help shows them), and attach sends plain words straight to an agent.";
      return { kind: "notice", text: hint };
    }
    const controller = new AbortController();
    this.#answering.set(key, controller);
    try {
      const { id, name } = asker.person;
      const actions = actionsFor({ ...asker, announce: true });
      const markdown = await orchestrator.answer({
        thread: key,
        text,
        by: { id, name },
        shard,
        actions,
        signal: controller.signal,
      });
      return markdown.trim() === "" ? { kind: "notice", text: "Done." } : { kind: "answer", markdown };
    } catch (error) {
      if (controller.signal.aborted) return { kind: "notice", text: "Stopped." };
      if (!(error instanceof ShardbridgeError && error.code === "unavailable")) throw error;
      return { kind: "notice", tone: "error", text: error.message, buttons: [tryAgainButton(text)] };
    } finally {
      this.#answering.delete(key);
    }
  }

  #abort(thread: ThreadRef | undefined): boolean {
    const controller = thread && this.#answering.get(threadKey(thread));
    controller?.abort();
    return controller !== undefined;
  }

  async #around(thread: ThreadRef | undefined): Promise<Surroundings> {
    const shards = (await this.#options.host.list()).map(({ name }) => name);
    const record = thread && this.#options.threads.get(thread);
    return { shards, bound: record?.shard, attached: record?.attached };
  }
}
