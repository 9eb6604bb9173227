import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import { log } from "../../log.ts";
import { DeliveryError, type ThreadRef } from "../adapter.ts";
import { deadlines } from "./settings.ts";

/** Threads that what is said now waits for after an outage: each costs a call, and Slack takes about 50 a minute. The others are read later. */
const firstThreads = 40;
const mostRemembered = 1_000;
/** Pages of one channel or thread: so much is said in a busy channel in weeks. */
const maxPages = 100;
const pageLength = 200;
/** Seconds before an absence in whose messages replies are looked for: only the first message of a thread tells that it has new ones. */
const lookedBack = 3 * 24 * 3_600;
/** Milliseconds before what could not be read is tried again. */
const firstPause = 2_000;
const longestPause = 60_000;

/** A message as Slack's history has it. */
export interface HistoryMessage {
  ts?: string;
  thread_ts?: string;
  latest_reply?: string;
}

interface Page {
  messages?: HistoryMessage[];
  response_metadata?: { next_cursor?: string };
}

export interface CatchUpOptions {
  /** Channels that are served. */
  channels: readonly string[];
  /** Milliseconds that what is said now waits for what was said before. */
  patience?: number;
  /** A page of a channel's history, or of a thread's replies, after `oldest`. Throws DeliveryError. */
  read(place: Spot, oldest: string, limit: number, cursor: string | undefined): Promise<Page>;
  /** Take a message that was missed. */
  give(channel: string, message: HistoryMessage): Promise<void>;
}

/** A channel, or a thread in it. */
export interface Spot {
  channel: string;
  thread?: string;
}

/** A place that is read from a time on, and what has been read of it so far. */
interface Unread {
  spot: Spot;
  oldest: string;
  found: HistoryMessage[];
  pages: number;
  cursor?: string | undefined;
}

/**
 * Reads what was said while no event could come: in the channels that are served, and in the threads that were last talked in. Slack itself
 * delivers what it could not deliver for about five minutes, then no more. A mention in a thread that nobody here knows, and that was begun
 * more than three days before, is not found.
 */
export class CatchUp {
  readonly #options: CatchUpOptions;
  readonly #stop = new AbortController();
  /** The threads that were last talked in, the last one at the end. */
  readonly #threads = new Map<string, Spot>();
  /** Places that have still to be read, the most urgent first. */
  readonly #unread = new Map<string, Unread>();
  #round: PromiseWithResolvers<void> | undefined;
  #reading: Promise<void> | undefined;

  constructor(options: CatchUpOptions) {
    this.#options = options;
  }

  /** Whether something has still to be read. */
  get behind(): boolean {
    return this.#round !== undefined || this.#unread.size > 0;
  }

  /** Something is said to the bot, or by it, in a thread. */
  note({ channel, thread }: { channel: string; thread: string }): void {
    if (!this.#options.channels.includes(channel)) return;
    const key = keyOf({ channel, thread });
    this.#threads.delete(key);
    this.#threads.set(key, { channel, thread });
    const oldest = this.#threads.keys().next();
    if (this.#threads.size > mostRemembered && oldest.done !== true) this.#threads.delete(oldest.value);
  }

  /** There will be something to read: what is said now waits for it from here on. The likeliest threads come first. */
  expect(threads: readonly ThreadRef[]): void {
    for (const thread of threads.slice(0, mostRemembered).toReversed()) this.note(thread);
    this.#round ??= Promise.withResolvers();
  }

  /** Resolves when what was said before has been given, or after a moment. */
  async before(): Promise<void> {
    if (!this.#round) return;
    const { signal } = this.#stop;
    const { patience = deadlines.patience } = this.#options;
    await Promise.race([
      this.#round.promise,
      delay(patience, undefined, { ref: false, signal }).catch(() => undefined),
    ]);
  }

  /** Read on from a time (milliseconds since the epoch). Never rejects. */
  async read(since: number): Promise<void> {
    const oldest = (since / 1_000).toFixed(6);
    const channels = this.#options.channels.map((channel) => ({ channel }));
    for (const spot of [...channels, ...[...this.#threads.values()].toReversed()]) {
      // Messages that were read for an earlier absence leave out those of this one.
      const before = this.#unread.get(keyOf(spot))?.oldest ?? oldest;
      this.#unread.set(keyOf(spot), { spot, oldest: before < oldest ? before : oldest, found: [], pages: 0 });
    }
    this.expect([]);
    await (this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined)));
  }

  /** Messages that are unread then are read after the next start. */
  stop(): void {
    this.#stop.abort();
  }

  async #readAll(): Promise<void> {
    const { signal } = this.#stop;
    let pause = firstPause;
    while (true) {
      let asked = 0;
      let read = 0;
      // Threads that a channel's history names are read in the same round.
      for (const key of this.#unread.keys()) {
        if (signal.aborted) break;
        if (read++ === this.#options.channels.length + firstThreads) this.#endRound();
        asked = (await this.#readSpot(key)) ?? 0;
        if (asked > 0) break;
      }
      if (asked === 0) this.#endRound();
      if (this.#unread.size === 0 || signal.aborted) break;
      await delay(Math.max(pause, asked), undefined, { signal }).catch(() => undefined);
      pause = read > 1 && asked > 0 ? firstPause : Math.min(pause * 2, longestPause);
    }
    this.#endRound();
  }

  #endRound(): void {
    this.#round?.resolve();
    this.#round = undefined;
  }

  /** Resolves with the milliseconds that Slack asks to wait for, if it does. */
  async #readSpot(key: string): Promise<number | undefined> {
    const unread = this.#unread.get(key);
    if (!unread) return undefined;
    try {
      for (const message of await this.#messages(unread)) {
        if ((message.ts ?? "") > unread.oldest) await this.#options.give(unread.spot.channel, message);
        this.#follow(unread.spot, unread.oldest, message);
      }
      if (this.#unread.get(key) === unread) this.#unread.delete(key);
      return undefined;
    } catch (error) {
      const never = error instanceof DeliveryError && ["gone", "refused"].includes(error.outcome);
      if (never) this.#unread.delete(key);
      log.warn(
        never
          ? "what was said during an absence of the bot may not be read"
          : "what was said during an absence of the bot could not be read yet",
        { ...unread.spot, reason: messageOf(error) },
      );
      return error instanceof DeliveryError ? error.retryAfter : undefined;
    }
  }

  /** The replies to a message are in a place of their own. */
  #follow({ channel, thread }: Spot, oldest: string, { ts, latest_reply = "" }: HistoryMessage): void {
    if (thread !== undefined || ts === undefined || latest_reply <= oldest) return;
    const spot = { channel, thread: ts };
    if (!this.#unread.has(keyOf(spot))) this.#unread.set(keyOf(spot), { spot, oldest, found: [], pages: 0 });
  }

  /** Messages in a place since then, and in a channel before it, oldest first; the newest 20,000. After a failure it goes on where that was. */
  async #messages(unread: Unread): Promise<HistoryMessage[]> {
    const { spot, found } = unread;
    // A thread's first message always comes with its replies.
    const oldest = spot.thread === undefined ? (Number(unread.oldest) - lookedBack).toFixed(6) : unread.oldest;
    do {
      const { messages = [], response_metadata } = await this.#options.read(spot, oldest, pageLength, unread.cursor);
      found.push(...messages);
      unread.pages += 1;
      unread.cursor = response_metadata?.next_cursor || undefined;
    } while (unread.cursor !== undefined && unread.pages < maxPages);
    if (unread.cursor !== undefined) log.warn("more was said during an absence of the bot than is read", { ...spot });
    return found.sort((a, b) => ((a.ts ?? "") < (b.ts ?? "") ? -1 : 1));
  }
}

function keyOf({ channel, thread = "" }: Spot): string {
  return `${channel}/${thread}`;
}
