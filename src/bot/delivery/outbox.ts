import { createHash } from "node:crypto";
import { z } from "zod";
import { DeliveryError, threadKey, type Post, type PostRef, type ThreadRef } from "../../adapters/adapter.ts";
import { log, logBug } from "../../log.ts";
import type { Redact, Shown } from "../../redaction/shown.ts";
import type { Change, Collection, Store } from "../../store/store.ts";
import { pause, within } from "../intake/pause.ts";
import { postRefSchema, postSchema, threadSchema } from "../records.ts";
import { decides } from "./button-action.ts";
import type { Outlet } from "./outlet.ts";
import { postsToShow, redactPost, withoutButton } from "./redact-post.ts";

const day = 24 * 3_600_000;

const schema = z.object({
  seq: z.number(),
  at: z.number(),
  state: z.enum(["waiting", "posting", "posted", "failed"]),
  thread: threadSchema,
  /** Gone once it is posted. */
  post: z.exactOptional(postSchema),
  ref: z.exactOptional(postRefSchema),
  /** Key of the post that this one replaces. */
  edits: z.exactOptional(z.string()),
  /** The post is made anew where that one is not there. */
  anew: z.exactOptional(z.boolean()),
  /** Keys of the posts that show what this one lets people decide by: without them all it has no button. */
  after: z.exactOptional(z.array(z.string())),
  /** Milliseconds for which the record is kept after it was posted. */
  keep: z.number(),
});

type OutboxRecord = z.infer<typeof schema>;

export interface Outgoing {
  /** Names the post for ever: the same id never posts twice in a thread. */
  id: string;
  thread: ThreadRef;
  post: Post;
  /** Id of an earlier post in the thread that this one replaces. */
  edits?: string;
  /** Post it where the earlier one never came about, or is gone; otherwise it is dropped then. */
  anew?: boolean;
}

interface OutboxOptions {
  store: Store;
  adapters: ReadonlyMap<string, Outlet>;
  redact: Redact;
  /** The platform says that a thread is not there any more. */
  onGone: (thread: ThreadRef) => Promise<void>;
}

/**
 * Posts on their way: each on disk before it is tried, one at a time in a thread, in order, tried until the platform has it or refuses it
 * for good. Nothing is lost by an outage or a crash, and nothing is posted twice where the platform can tell.
 *
 * A post's record has these states:
 *
 *     (none) → waiting            taken over (`record`); an id that has a record already is passed over
 *     waiting → posting           first in its thread, and about to be tried: from here on the platform may have it
 *     posting → waiting           it was not sent, and there was no doubt before: tried again after a while
 *     posting → posting           a lost answer, a crash, a bug: before the next try the platform is asked whether it has it
 *     posting → posted            the platform has it, and its address is kept
 *     posting → failed            refused for good, or its thread is gone
 *     posted, failed → (none)     a day later; 14 days for what has buttons, which are edited when they are done with
 *
 * The object takes posts over from its making, tries them from `start` to `stop`, and leaves the rest on disk for the next one.
 */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #records: Collection<OutboxRecord>;
  /** Keys on their way, by thread. */
  readonly #queues = new Map<string, string[]>();
  readonly #running = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #seq = 0;
  #started = false;
  #pruned = Date.now();

  constructor(options: OutboxOptions) {
    this.#options = options;
    this.#records = options.store.collection("outbox", schema);
    const left = this.#records.entries().sort(([, a], [, b]) => a.seq - b.seq);
    for (const [key, { state, thread, seq }] of left) {
      this.#seq = Math.max(this.#seq, seq);
      if (state === "waiting" || state === "posting") this.#enqueue(thread, key);
    }
  }

  /** Begin to post, with what an earlier run left. */
  start(): void {
    this.#started = true;
    for (const queue of this.#queues.keys()) this.#run(queue);
  }

  /** Take posts over: once this resolves they are on disk, together with the other changes. Known ids are passed over. */
  async record(outgoing: Outgoing[], also: Change[] = []): Promise<void> {
    const fresh = outgoing.flatMap((one) => this.#prepare(one)).filter(({ key }) => !this.#records.get(key));
    const changes = [...fresh.map(({ key, record }) => this.#records.change(key, record)), ...also];
    if (changes.length > 0) await this.#options.store.write(changes);
    for (const { key, record } of fresh) {
      this.#enqueue(record.thread, key);
      this.#run(threadKey(record.thread));
    }
    await this.#prune();
  }

  /** Whether a post of this id was taken over. */
  has(thread: ThreadRef, id: string): boolean {
    return this.#records.get(keyOf(thread, id, 0)) !== undefined;
  }

  /** The address of a post, once the platform has it. */
  posted(thread: ThreadRef, id: string): PostRef | undefined {
    return this.#records.get(keyOf(thread, id, 0))?.ref;
  }

  /** Stop trying, after at most `ms` milliseconds for what is under way. The rest goes out after the next start. */
  async stop(ms: number): Promise<void> {
    await within(ms, Promise.all(this.#running.values()));
    this.#stop.abort();
    await within(ms, Promise.all(this.#running.values()));
  }

  #prepare({ id, thread, post, edits, anew }: Outgoing): { key: string; record: OutboxRecord }[] {
    const adapter = this.#options.adapters.get(thread.platform);
    if (!adapter) {
      log.warn("a post for a platform that is not configured was dropped", { platform: thread.platform, id });
      return [];
    }
    const posts = postsToShow(post, this.#options.redact, adapter.limits);
    const wanted = edits === undefined ? posts : posts.slice(-1);
    // Counted from the end: a question is the last of its posts, whatever comes before it.
    const keys = wanted.map((_, index) => keyOf(thread, id, wanted.length - 1 - index));
    return wanted.map((piece, index) => ({
      key: keys[index] ?? "",
      record: {
        seq: (this.#seq += 1),
        at: Date.now(),
        state: "waiting",
        thread,
        post: piece,
        ...(index > 0 && "buttons" in piece && piece.buttons?.some(decides) && { after: keys.slice(0, index) }),
        keep: "buttons" in piece && piece.kind !== "card" ? 14 * day : day,
        ...(edits !== undefined && { edits: keyOf(thread, edits, 0) }),
        ...(anew !== undefined && { anew }),
      },
    }));
  }

  #enqueue(thread: ThreadRef, key: string): void {
    const queue = threadKey(thread);
    const keys = this.#queues.get(queue);
    if (keys) keys.push(key);
    else this.#queues.set(queue, [key]);
  }

  #run(queue: string): void {
    if (!this.#started || this.#stop.signal.aborted || this.#running.has(queue)) return;
    const drained = this.#drain(queue).then(() => {
      this.#running.delete(queue);
      // A post may have come in between the last one and now.
      if (this.#queues.has(queue)) this.#run(queue);
    });
    this.#running.set(queue, drained);
  }

  async #drain(queue: string): Promise<void> {
    const keys = this.#queues.get(queue) ?? [];
    let failures = 0;
    for (let key = keys[0]; key !== undefined && !this.#stop.signal.aborted; key = keys[0]) {
      const wait = await this.#deliver(key, failures).catch((error: unknown) => {
        logBug(error, "the outbox could not go on", { queue });
        return backOff(failures);
      });
      if (wait === undefined) {
        keys.shift();
        failures = 0;
      } else {
        failures += 1;
        await pause(wait, this.#stop.signal);
      }
    }
    if (keys.length === 0) this.#queues.delete(queue);
  }

  /** Try once. Resolves with the milliseconds to wait before the next try, undefined when the post is settled. */
  async #deliver(key: string, failures: number): Promise<number | undefined> {
    const record = this.#records.get(key);
    const adapter = record && this.#options.adapters.get(record.thread.platform);
    if (!record || !adapter || !record.post || (record.state !== "waiting" && record.state !== "posting"))
      return undefined;
    await this.#records.set(key, { ...record, state: "posting" });
    // A secret that came to be known since then is taken out too.
    const { post: wanted, ...settled } = record;
    const post = this.#complete(record) ? wanted : withoutButton(wanted, "What it is about could not be shown here");
    try {
      const ref = await this.#send(key, record, redactPost(post, this.#options.redact), adapter);
      await this.#records.set(key, { ...settled, at: Date.now(), state: "posted", ...(ref && { ref }) });
      log.debug("a post is sent", { key, thread: record.thread, kind: post.kind });
      return undefined;
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      if (error.outcome === "not-sent" || error.outcome === "unknown") {
        log.warn("a post is tried again", { key, outcome: error.outcome, why: error.message });
        // As it was: a try that came to nothing leaves an older doubt.
        if (error.outcome === "not-sent") await this.#records.set(key, record);
        return error.retryAfter ?? backOff(failures);
      }
      log.error("a post was refused", { key, thread: record.thread, outcome: error.outcome, why: error.message });
      await this.#records.set(key, { ...settled, at: Date.now(), state: "failed" });
      if (error.outcome === "gone" && record.edits === undefined) await this.#options.onGone(record.thread);
      return undefined;
    }
  }

  /** Whether all that was to be up before a post is. */
  #complete({ after = [] }: OutboxRecord): boolean {
    return after.every((key) => this.#records.get(key)?.state === "posted");
  }

  async #send(key: string, record: OutboxRecord, post: Shown<Post>, adapter: Outlet): Promise<PostRef | undefined> {
    if (record.edits !== undefined) {
      const ref = this.#records.get(record.edits)?.ref;
      const edited = ref !== undefined && (await this.#edit(ref, post, record.anew === true, adapter));
      if (edited || record.anew !== true) return ref;
    }
    // A crash or a lost answer left it open whether this was posted.
    const found = record.state === "posting" ? await adapter.find(record.thread, key) : undefined;
    return found ?? (await adapter.post(record.thread, post, key));
  }

  /** Replace a post. Resolves with false when it is gone and that may be. */
  async #edit(ref: PostRef, post: Shown<Post>, mayBeGone: boolean, adapter: Outlet): Promise<boolean> {
    try {
      await adapter.edit(ref, post);
      return true;
    } catch (error) {
      if (mayBeGone && error instanceof DeliveryError && error.outcome === "gone") return false;
      throw error;
    }
  }

  async #prune(): Promise<void> {
    const now = Date.now();
    if (now - this.#pruned < 600_000) return;
    this.#pruned = now;
    for (const [key, { state, at, keep }] of this.#records.entries()) {
      if ((state === "posted" || state === "failed") && now - at > keep) await this.#records.delete(key);
    }
  }
}

/** At most 25 characters, which is what platforms take as a key. */
function keyOf(thread: ThreadRef, id: string, piece: number): string {
  return createHash("sha256")
    .update(`${threadKey(thread)}\n${id}\n${piece}`)
    .digest("base64url")
    .slice(0, 24);
}

function backOff(failures: number): number {
  return Math.min(1000 * 2 ** failures, 60_000);
}
