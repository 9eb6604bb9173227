import { threadKey, type Post, type ThreadRef } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { Answer, Wake, WakeEvent } from "../../orchestrator/orchestrator.ts";
import { shownData, shownText } from "../../redaction/shown.ts";
import type { Asker } from "../access/asker.ts";
import { tryAgainButton } from "../delivery/retry-buttons.ts";
import type { Outgoing } from "../delivery/outbox.ts";
import { decide } from "../posts/deciding.ts";
import { excerpt } from "../posts/split.ts";
import type { Streams } from "../delivery/streams.ts";
import type { Threads } from "../threads/threads.ts";
import { shownActions, type ShownActions, type ToldOrchestrator } from "./shown-actions.ts";
import { turnActions, type Turn, type TurnParts } from "./turn-actions.ts";
import { budgetPost } from "./wakes/wake-posts.ts";

/** Lines of what tools did that are shown. */
const mostCalls = 8;

interface AskingOptions extends TurnParts {
  orchestrator: ToldOrchestrator | undefined;
  threads: Threads;
  streams: Streams;
}

/** One turn of the orchestrator: `id` names it for ever. */
interface TurnOf {
  id: string;
  thread: ThreadRef;
  asker: Asker;
}

/** The orchestrator's turns under way: one in a thread, each of which can be stopped. */
export class Asking {
  readonly #options: AskingOptions;
  readonly #underWay = new Map<string, AbortController>();
  #abandoned = false;

  constructor(options: AskingOptions) {
    this.#options = options;
  }

  get orchestrator(): ToldOrchestrator | undefined {
    return this.#options.orchestrator;
  }

  /** Actions in a thread, for somebody, of an orchestrator that is not ours. */
  actionsIn(turn: Turn): ShownActions {
    return shownActions(turnActions(this.#options, turn), this.#options.redact);
  }

  /** Whether this turn has begun in an earlier run and can be gone on with. */
  begun(thread: ThreadRef, id: string): boolean {
    return this.#options.orchestrator?.begun(threadKey(thread), id) === true;
  }

  /** Have it answer a person. */
  async answer(turn: TurnOf, text: string): Promise<Post> {
    await this.#options.choices.answeredInWords(turn.thread);
    const stream = this.#options.streams.begin(turn.id, turn.thread);
    // What it has read before it was cut off is not known any more.
    const heard = this.begun(turn.thread, turn.id);
    const progress = (sofar: Answer) => stream.show({ ...sofar, calls: quiet(sofar.calls) });
    try {
      const said = await this.#run(turn, { hops: 0, said: text, heard }, (request, orchestrator) =>
        orchestrator.answer({ ...request, text: shownText(text, this.#options.redact), progress }),
      );
      if (said === "stopped") return { kind: "notice", text: "Stopped." };
      return answerPost(said) ?? { kind: "notice", text: "Done." };
    } catch (error) {
      return this.#failed(turn, text, error);
    } finally {
      await stream.close();
    }
  }

  /** A turn's reply as it is posted: in the place of what was shown of it while it was written. */
  final(id: string, reply: Outgoing): Outgoing[] {
    return this.#options.streams.final(id, reply);
  }

  /** Wake it for events; gives its words, if there are any, and "abandoned" when the bot stops in the middle of it. */
  async wake(turn: TurnOf, events: WakeEvent[], hops: number): Promise<Post | undefined | "abandoned"> {
    const shown = shownData(events, this.#options.redact);
    const said = await this.#run(turn, occasionOf(events, hops), (request, orchestrator) =>
      orchestrator.wake({ ...request, events: shown }),
    );
    if (said === "stopped") return this.#abandoned ? "abandoned" : { kind: "notice", text: "Stopped." };
    return answerPost(said);
  }

  /** A budget that is used up comes with a button, and so does a model that can't be reached. */
  #failed({ thread, asker }: TurnOf, text: string, error: unknown): Post {
    if (!(error instanceof ShardbridgeError)) throw error;
    if (error.code === "unavailable") {
      return decide({ kind: "notice", tone: "error", text: error.message }, [tryAgainButton(text)]);
    }
    if (error.code !== "over_budget") throw error;
    const who = { thread: threadKey(thread), person: asker.person.id };
    return budgetPost(error.message, this.#options.orchestrator?.overBudget(who)?.account);
  }

  /** Stop the turn of a thread. Returns whether there is one. */
  abort(thread: ThreadRef | undefined): boolean {
    const controller = thread && this.#underWay.get(threadKey(thread));
    controller?.abort();
    return controller !== undefined;
  }

  /** Give up every turn: the bot stops. */
  abandon(): void {
    this.#abandoned = true;
    for (const controller of this.#underWay.values()) controller.abort();
  }

  async #run(
    { id, thread, asker }: TurnOf,
    occasion: Pick<Turn, "hops" | "said" | "heard" | "due">,
    work: (
      request: Omit<Wake, "events"> & { actions: ShownActions },
      orchestrator: ToldOrchestrator,
    ) => Promise<Answer>,
  ): Promise<Answer | "stopped"> {
    const { orchestrator, threads } = this.#options;
    if (!orchestrator) throw new Error("there is no orchestrator");
    const key = threadKey(thread);
    const controller = new AbortController();
    this.#underWay.set(key, controller);
    try {
      const actions = this.actionsIn({ thread, asker, ...occasion });
      const by = { id: asker.person.id, name: asker.person.name };
      const { shard } = threads.get(thread) ?? {};
      return await work({ id, thread: key, by, shard, actions, signal: controller.signal }, orchestrator);
    } catch (error) {
      if (controller.signal.aborted) return "stopped";
      throw error;
    } finally {
      this.#underWay.delete(key);
    }
  }
}

/** A choice under a question is a person's word, for no more than is on its button: they may have said no to the rest. */
function occasionOf(events: readonly WakeEvent[], hops: number): Pick<Turn, "hops" | "said" | "heard" | "due"> {
  const said = events.flatMap((event) => event.said ?? []);
  const due = events.flatMap(({ id }) => /^task\/([^/]+)/.exec(id)?.[1] ?? []);
  return { hops, heard: true, due, ...(said.length > 0 && { said: said.join("\n") }) };
}

/** Words of a turn with its calls above them; undefined for nothing of both. */
function answerPost({ text, calls }: Answer): Post | undefined {
  if (text.trim() === "" && calls.length === 0) return undefined;
  return { kind: "answer", markdown: text, ...(calls.length > 0 && { calls: quiet(calls) }) };
}

/** Few lines, and short ones: they are not what people came for. */
function quiet(calls: readonly string[]): string[] {
  const lines = calls.map((line) => excerptOfCall(line));
  if (lines.length <= mostCalls) return lines;
  return [`${lines.length - mostCalls + 1} more before these`, ...lines.slice(1 - mostCalls)];
}

/** A call's outcome is at its end, and is never cut. */
function excerptOfCall(line: string): string {
  const at = line.lastIndexOf(" · ");
  return at < 0
    ? excerpt(line, 120)
    : `${excerpt(line.slice(0, at), 90)}${excerpt(line.slice(at), 60).replace(/^·/, " ·")}`;
}
