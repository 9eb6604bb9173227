import { setTimeout as delay } from "node:timers/promises";
import { NotSavedError } from "../errors.ts";
import { log } from "../log.ts";

/** Milliseconds between two tries of a write that the disk refuses. */
const firstPause = 100;
const longestPause = 3_000;

interface Write {
  run(): Promise<void>;
  /** The write waits while the disk takes nothing; otherwise it is given up then. */
  waits: boolean;
  done: PromiseWithResolvers<void>;
}

/**
 * Writes one at a time, in order. One that fails with NotSavedError is tried again until the disk takes it, and what comes after it waits: so
 * a full disk loses nothing, and no older record comes to stand over a newer one.
 */
export class WriteQueue {
  readonly #stop = new AbortController();
  /** Told when a fault begins, and with undefined when it is over. */
  listener: (fault: NotSavedError | undefined) => void = () => {};
  #waiting: Write[] = [];
  #running = false;
  #fault: NotSavedError | undefined;

  /** Why nothing can be saved, as long as that is so. */
  get fault(): NotSavedError | undefined {
    return this.#fault;
  }

  /** Resolves when it is written. Rejects as `run` does; with NotSavedError only if it does not wait. */
  async run(run: () => Promise<void>, waits: boolean): Promise<void> {
    // Earlier writes wait for the disk.
    if (!waits && this.#fault && this.#waiting.length > 0) throw this.#fault;
    const done = Promise.withResolvers<void>();
    this.#waiting.push({ run, waits, done });
    if (!this.#running) void this.#write();
    return done.promise;
  }

  /** From now on nothing waits for the disk. */
  stopWaiting(): void {
    this.#stop.abort();
  }

  async #write(): Promise<void> {
    this.#running = true;
    let pause = firstPause;
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      try {
        await first.run();
        this.#recovered();
        first.done.resolve();
      } catch (error) {
        if (error instanceof NotSavedError) this.#refused(error);
        if (error instanceof NotSavedError && first.waits && !this.#stop.signal.aborted) {
          await delay(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
          pause = Math.min(pause * 2, longestPause);
          continue;
        }
        first.done.reject(error);
      }
      this.#waiting.shift();
      pause = firstPause;
    }
    this.#running = false;
  }

  #recovered(): void {
    if (!this.#fault) return;
    this.#fault = undefined;
    log.info("the state can be saved again");
    this.listener(undefined);
  }

  /** A write that does not wait is told at once, also behind what does. */
  #refused(fault: NotSavedError): void {
    const begins = this.#fault === undefined;
    this.#fault = fault;
    if (begins) {
      log.error("the state can't be saved; what has to be saved waits", { why: fault.message });
      this.listener(fault);
    }
    const [first, ...rest] = this.#waiting;
    for (const { waits, done } of rest) if (!waits) done.reject(fault);
    this.#waiting = [...(first ? [first] : []), ...rest.filter(({ waits }) => waits)];
  }
}
