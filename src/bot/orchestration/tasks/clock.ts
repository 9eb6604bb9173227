import { logBug } from "../../../log.ts";

/** Timers don't count while a machine sleeps, so the time is looked at again this often (milliseconds). */
const longest = 60_000;
/** Milliseconds to wait after a failure. */
const patience = 5_000;

/** Work that a clock is for. */
interface Work {
  /** Time at which something is due (milliseconds since 1970), if anything is. */
  next: () => number | undefined;
  tick: () => Promise<void>;
}

/** Calls `tick` when something is due, from its start to its stop. */
export class Clock {
  #work: Work | undefined;
  #timer: NodeJS.Timeout | undefined;
  #ticking: Promise<void> | undefined;
  #notBefore = 0;

  start(work: Work): void {
    this.#work = work;
    this.look();
  }

  /** Something has changed: look when the next thing is due. */
  look(): void {
    clearTimeout(this.#timer);
    const work = this.#work;
    const next = work?.next();
    if (!work || this.#ticking || next === undefined) return;
    const wait = Math.min(Math.max(0, next - Date.now(), this.#notBefore - Date.now()), longest);
    this.#timer = setTimeout(() => this.#due(work), wait);
  }

  async stop(): Promise<void> {
    this.#work = undefined;
    clearTimeout(this.#timer);
    await this.#ticking;
  }

  #due({ next: nextOf, tick }: Work): void {
    const next = nextOf();
    if (next === undefined || next > Date.now()) return this.look();
    this.#ticking = tick()
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
