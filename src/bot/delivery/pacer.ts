import { DeliveryError } from "../../adapters/adapter.ts";
import { logBug } from "../../log.ts";

const longestWait = 60_000;

/**
 * Spreads the live messages of a platform over time: one is shown every `every` milliseconds at most, in turns between keys. A key that is
 * asked for again while it waits is shown once, in its newest state.
 */
export class Pacer {
  readonly #every: number;
  readonly #wanted = new Map<string, () => Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #showing: Promise<void> | undefined;
  #next = 0;
  #failures = 0;
  #stopped = false;

  constructor(every: number) {
    this.#every = every;
  }

  /** `show` brings the platform up to date; where it throws DeliveryError it is asked again later. */
  request(key: string, show: () => Promise<void>): void {
    this.#wanted.set(key, show);
    this.#plan();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#showing;
  }

  #plan(): void {
    if (this.#stopped || this.#timer || this.#showing || this.#wanted.size === 0) return;
    this.#timer = setTimeout(
      () => {
        this.#timer = undefined;
        this.#showing = this.#step().then(() => {
          this.#showing = undefined;
          this.#plan();
        });
      },
      Math.max(0, this.#next - Date.now()),
    );
  }

  async #step(): Promise<void> {
    const [next] = this.#wanted;
    if (!next) return;
    const [key, show] = next;
    this.#wanted.delete(key);
    let wait = this.#every;
    try {
      await show();
      this.#failures = 0;
    } catch (error) {
      if (!(error instanceof DeliveryError)) logBug(error, "a live message could not be shown", { key });
      // A state that fails is dropped; when its key's turn comes again, the newest one is shown.
      else if (!this.#wanted.has(key)) this.#wanted.set(key, show);
      this.#failures += 1;
      const backOff = Math.min(this.#every * 2 ** this.#failures, longestWait);
      wait = Math.max(this.#every, error instanceof DeliveryError ? (error.retryAfter ?? backOff) : backOff);
    }
    this.#next = Date.now() + wait;
  }
}
