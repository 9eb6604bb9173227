import { threadKey, threadOf, type Accepted, type ChatEvent, type Reply } from "../../adapters/adapter.ts";
import { NotSavedError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import type { Inbox } from "./inbox.ts";
import type { Pace } from "./pace.ts";
import { KeyedQueue } from "../../serial.ts";

/** Messages that are kept in memory. */
const mostKept = 500;

interface Taken {
  event: ChatEvent;
  begin: () => Promise<Reply>;
  accepted?: Accepted;
}

/**
 * Puts events on disk, those of a thread in the order in which they came. A message that can't be saved is not accepted; it is kept in memory
 * all the same and tried again, before any later one of its thread: not every platform delivers it a second time.
 */
export class InboxWriter {
  readonly #inbox: Inbox;
  readonly #pace: Pace;
  readonly #queue = new KeyedQueue();
  /** Messages that are not saved yet, oldest first, by thread. */
  readonly #kept = new Map<string, Taken[]>();
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(inbox: Inbox, pace: Pace) {
    this.#inbox = inbox;
    this.#pace = pace;
  }

  /** Begin with an event once it is on disk; undefined when it was taken before. Rejects when it can't be saved. */
  async take(event: ChatEvent, begin: () => Promise<Reply>): Promise<Accepted | undefined> {
    const thread = event.type === "message" ? threadOf(event.place) : undefined;
    const queue = thread ? threadKey(thread) : `${event.place.platform}:${event.id}`;
    return this.#queue.run(queue, async () => {
      const waiting = this.#kept.get(queue) ?? [];
      const taken = waiting.find((kept) => kept.event.id === event.id) ?? { event, begin };
      const list = waiting.includes(taken) ? waiting : [...waiting, taken];
      await this.#save(queue, list);
      return taken.accepted;
    });
  }

  /** Keep nothing in memory any more. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    if (this.#kept.size > 0) log.warn("messages that could not be saved are given up", { threads: this.#kept.size });
  }

  /** Rejects at the first event that can't be saved, and keeps the messages from there on. */
  async #save(queue: string, list: Taken[]): Promise<void> {
    let left = list;
    try {
      for (const taken of list) {
        if (await this.#inbox.take(taken.event)) taken.accepted = { reply: taken.begin() };
        left = left.slice(1);
      }
    } catch (error) {
      if (!(error instanceof NotSavedError)) left = left.slice(1);
      throw error;
    } finally {
      this.#keep(queue, left);
    }
  }

  #keep(queue: string, left: Taken[]): void {
    this.#kept.delete(queue);
    const count = [...this.#kept.values()].reduce((sum, { length }) => sum + length, 0);
    const messages = left.filter(({ event }) => event.type === "message").slice(0, mostKept - count);
    if (messages.length > 0) this.#kept.set(queue, messages);
    if (this.#kept.size === 0 || this.#closed || this.#timer) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      for (const thread of this.#kept.keys()) this.#again(thread);
    }, this.#pace.retry);
  }

  #again(queue: string): void {
    const again = this.#queue.run(queue, async () => this.#save(queue, this.#kept.get(queue) ?? []));
    again.catch((error: unknown) => {
      if (!(error instanceof NotSavedError)) logBug(error, "a message could not be taken");
    });
  }
}
