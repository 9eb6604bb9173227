import { logBug } from "../../../log.ts";

/** Timers don't count while a machine sleeps, so the time is looked at again this often (milliseconds). */
const longest = 60_000;
/** Milliseconds to wait after a failure. */
const patience = 5_000;

/** Calls `tick` when something is due. */
export class Clock {
  readonly #next: () => number | undefined;
  readonly #tick: () => Promise<void>;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #running = false;
  #notBefore = 0;

  /** `next`: when something is due (milliseconds since 1970), if anything is. */
  constructor(next: () => number | undefined, tick: () => Promise<void>) {
    this.#next = next;
    this.#tick = tick;
  }

  start(): void {
    this.#running = true;
    this.look();
  }

  /** Something has changed: look when the next thing is due. */
  look(): void {
    clearTimeout(this.#timer);
    const next = this.#next();
    if (!this.#running || this.#ticking || next === undefined) return;
    const wait = Math.min(Math.max(0, next - Date.now(), this.#notBefore - Date.now()), longest);
    this.#timer = setTimeout(() => this.#due(), wait);
  }

  async stop(): Promise<void> {
    this.#running = false;
    clearTimeout(this.#timer);
    await this.#ticking;
  }

  #due(): void {
    const next = this.#next();
    if (next === undefined || next > Date.now()) return this.look();
    this.#ticking = this.#tick()
      .catch((error: unknown) => {
        this.#notBefore = Date.now() + patience;
        logBug(error, "what was due could not be handed over");
      })
      .finally(() => {
        this.#ticking = undefined;
        this.look();
      });
  }
}
