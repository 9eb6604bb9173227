import type { Limits, Post, PostRef, ThreadRef } from "../../adapters/adapter.ts";
import type { Answer } from "../../orchestrator/orchestrator.ts";
import type { Redact } from "../../redaction/shown.ts";
import { LiveMessage, type LiveParts, type LiveSource } from "./live-message.ts";
import type { Outbox, Outgoing } from "./outbox.ts";
import { postsToShow } from "./redact-post.ts";
import { splitMarkdown } from "../posts/split.ts";

type AnswerPost = Post & { kind: "answer" };

interface StreamsOptions extends LiveParts {
  outbox: Outbox;
}

/**
 * Shows answers as they are written: a live message that is posted through the outbox, and in the end replaced by the whole answer, once,
 * also when the bot dies in between.
 */
export class Streams {
  readonly #options: StreamsOptions;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** The answer of a turn begins. */
  begin(turn: string, thread: ThreadRef): Stream {
    return new Stream(this.#options, turn, thread);
  }

  /** Posts for the reply to a turn: in the place of what was shown of it, where there is that. Its stream is closed. */
  final(turn: string, reply: Outgoing): Outgoing[] {
    const { outbox, adapters, redact } = this.#options;
    const { thread, post } = reply;
    const live = liveId(turn);
    const limits = adapters.get(thread.platform)?.limits;
    if (!limits || !outbox.has(thread, live)) return [reply];
    const end = (shown: Omit<AnswerPost, "kind">): Outgoing => ({
      id: `${live}/end`,
      thread,
      post: { kind: "answer", ...shown },
      edits: live,
    });
    if (post.kind !== "answer") return [end({ markdown: "*(It ended here.)*" }), reply];
    if (postsToShow(post, redact, limits).length === 1) return [{ ...reply, edits: live, anew: true }];
    const { calls, ...said } = post;
    return [end(calls ? { markdown: "", calls } : { markdown: "*(The answer is below.)*" }), { ...reply, post: said }];
  }
}

/** One answer under way. */
class Stream implements LiveSource {
  readonly id: string;
  readonly thread: ThreadRef;
  readonly began = Date.now();
  readonly #outbox: Outbox;
  readonly #live: LiveMessage;
  readonly #redact: Redact;
  #sofar: Answer = { text: "", calls: [] };

  constructor(options: StreamsOptions, turn: string, thread: ThreadRef) {
    this.id = liveId(turn);
    this.thread = thread;
    this.#outbox = options.outbox;
    this.#redact = options.redact;
    this.#live = new LiveMessage(options, this);
  }

  /** There is more of it. Never throws. */
  show(sofar: Answer): void {
    this.#sofar = sofar;
    this.#live.update();
  }

  /** Resolves when no edit of it is under way, and none will be. */
  async close(): Promise<void> {
    await this.#live.close();
  }

  place(): PostRef | "coming" | undefined {
    const ref = this.#outbox.posted(this.thread, this.id);
    return ref ?? (this.#outbox.has(this.thread, this.id) ? "coming" : undefined);
  }

  async post(post: Post): Promise<void> {
    await this.#outbox.record([{ id: this.id, thread: this.thread, post }]);
  }

  /** The answer so far, as one post. Its end is held back where it may be the beginning of a secret. */
  look(limits: Limits): Post | undefined {
    const { text, calls } = this.#sofar;
    const settled = this.#redact.settledUpTo?.(text) ?? Math.max(0, text.search(/\S*$/));
    // Redacted before it is cut: half a secret is not known for one.
    const whole = this.#redact(text.slice(0, settled)).trimEnd();
    if (whole === "" && calls.length === 0) return undefined;
    const room = limits.text - calls.join("\n").length - 200;
    const pieces = room < 200 ? [] : splitMarkdown(whole, room);
    const markdown = whole === "" ? "" : `${pieces.length > 1 ? "… " : ""}${pieces.at(-1) ?? ""} …`;
    return { kind: "answer", markdown, ...(calls.length > 0 && { calls }), live: true };
  }
}

function liveId(turn: string): string {
  return `${turn}/live`;
}
