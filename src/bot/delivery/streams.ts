import { DeliveryError, type Adapter, type Post, type ThreadRef } from "../../adapters/adapter.ts";
import { log, logBug } from "../../log.ts";
import type { Answer } from "../../orchestrator/orchestrator.ts";
import { fit } from "./fit.ts";
import type { Outbox, Outgoing } from "./outbox.ts";
import type { Pacer } from "./pacer.ts";
import { redactPost } from "./redact-post.ts";
import { splitMarkdown } from "../posts/split.ts";

/** Milliseconds that an answer takes before it is worth showing how it comes about. */
const worthShowing = 1500;

type AnswerPost = Post & { kind: "answer" };

interface StreamsOptions {
  outbox: Outbox;
  adapters: ReadonlyMap<string, Adapter>;
  /** By platform: live messages keep its pace together. */
  pacers: ReadonlyMap<string, Pacer>;
  redact: (text: string) => string;
  wait?: number;
}

/**
 * Shows answers as they are written: a message that is posted once through the outbox, edited at the platform's pace, and in the end
 * replaced by the whole answer, once, also when the bot dies in between.
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

  /** How the reply to a turn is posted: in the place of what was shown of it, where there is that. Its stream is closed. */
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
    if (fit(redactPost(post, redact), limits).length === 1) return [{ ...reply, edits: live, anew: true }];
    const { calls, ...said } = post;
    return [end(calls ? { markdown: "", calls } : { markdown: "*(The answer is below.)*" }), { ...reply, post: said }];
  }
}

/** One answer under way. */
class Stream {
  readonly #options: StreamsOptions;
  readonly #id: string;
  readonly #thread: ThreadRef;
  readonly #begun = Date.now();
  #sofar: Answer = { text: "", calls: [] };
  #timer: NodeJS.Timeout | undefined;
  #posted = false;
  #closed = false;
  #shown = "";
  #showing: Promise<void> = Promise.resolve();

  constructor(options: StreamsOptions, turn: string, thread: ThreadRef) {
    this.#options = options;
    this.#id = liveId(turn);
    this.#thread = thread;
    // What an earlier run has begun to show goes on.
    this.#posted = options.outbox.has(thread, this.#id);
  }

  /** There is more of it. Never throws. */
  show(sofar: Answer): void {
    this.#sofar = sofar;
    if (this.#closed || this.#timer) return;
    const wait = (this.#options.wait ?? worthShowing) - (Date.now() - this.#begun);
    if (this.#posted || wait <= 0) return this.#request();
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#request();
    }, wait);
  }

  /** Resolves when no edit of it is under way, and none will be. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    // How it ended is the pacer's affair.
    await Promise.allSettled([this.#showing]);
  }

  #request(): void {
    this.#options.pacers.get(this.#thread.platform)?.request(this.#id, () => {
      this.#showing = this.#put();
      return this.#showing;
    });
  }

  /** Bring the platform up to date. Throws DeliveryError "not-sent" or "unknown" to be asked again later. */
  async #put(): Promise<void> {
    const { outbox, adapters } = this.#options;
    const adapter = adapters.get(this.#thread.platform);
    const post = adapter && this.#post(adapter);
    if (this.#closed || !post || JSON.stringify(post) === this.#shown) return;
    try {
      if (!this.#posted) {
        this.#posted = true;
        await outbox.record([{ id: this.#id, thread: this.#thread, post }]);
      } else {
        const ref = outbox.posted(this.#thread, this.#id);
        if (!ref) return;
        await adapter.edit(ref, post);
      }
      this.#shown = JSON.stringify(post);
    } catch (error) {
      if (error instanceof DeliveryError && (error.outcome === "not-sent" || error.outcome === "unknown")) throw error;
      // The platform does not want it: the whole answer comes all the same.
      this.#closed = true;
      if (error instanceof DeliveryError) log.warn("an answer could not be shown as it comes", { why: error.message });
      else logBug(error, "an answer could not be shown as it comes");
    }
  }

  /** What there is so far, as one post; undefined for nothing yet. Its last word is held back: it may be half of something that is masked. */
  #post(adapter: Adapter): Post | undefined {
    const { text, calls } = this.#sofar;
    const whole = text.slice(0, Math.max(0, text.search(/\S*$/))).trimEnd();
    if (whole === "" && calls.length === 0) return undefined;
    const room = adapter.limits.text - calls.join("\n").length - 200;
    const pieces = room < 200 ? [] : splitMarkdown(whole, room);
    const markdown = whole === "" ? "" : `${pieces.length > 1 ? "… " : ""}${pieces.at(-1) ?? ""} …`;
    const post: Post = { kind: "answer", markdown, ...(calls.length > 0 && { calls }), live: true };
    return fit(redactPost(post, this.#options.redact), adapter.limits)[0];
  }
}

function liveId(turn: string): string {
  return `${turn}/live`;
}
