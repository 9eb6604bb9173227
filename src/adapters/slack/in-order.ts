import { KeyedQueue } from "../../serial.ts";

interface Waiting {
  ts: string;
  work: () => Promise<void>;
}

/**
 * The messages of a thread in the order in which they were written: Slack promises none. Each is held for a moment, in which an older one
 * may come; then they are done one after the other.
 */
export class InOrder {
  readonly #hold: number;
  readonly #waiting = new Map<string, Waiting[]>();
  readonly #queue = new KeyedQueue();

  /** @param hold milliseconds. */
  constructor(hold: number) {
    this.#hold = hold;
  }

  /** Resolves or rejects as `work` does. */
  run<T>(thread: string, ts: string, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const waiting = this.#waiting.get(thread) ?? [];
      waiting.push({ ts, work: async () => work().then(resolve, reject) });
      this.#waiting.set(thread, waiting);
      setTimeout(() => this.#release(thread, ts), this.#hold);
    });
  }

  /** Events that are not newer than `ts` have waited long enough. */
  #release(thread: string, ts: string): void {
    const waiting = this.#waiting.get(thread) ?? [];
    const due = waiting.filter((one) => one.ts <= ts).sort((a, b) => (a.ts < b.ts ? -1 : 1));
    const rest = waiting.filter((one) => one.ts > ts);
    if (rest.length > 0) this.#waiting.set(thread, rest);
    else this.#waiting.delete(thread);
    for (const { work } of due) void this.#queue.run(thread, work);
  }
}
