/** Milliseconds between two looks at the clock, and between two of them that say that the machine slept. */
const every = 5_000;
const long = 20_000;
/** Milliseconds after it woke in which a connection that did not outlive the sleep is found dead: Slack is expected to ping within 30 seconds. */
const doubtful = 120_000;

/** Knows when the machine slept, or this process was stopped: a connection that is found dead after that was lost before it. */
export class Sleep {
  #timer: NodeJS.Timeout | undefined;
  #awake = Date.now();
  #last: { began: number; ended: number } | undefined;

  start(): void {
    this.#awake = Date.now();
    this.#timer ??= setInterval(() => this.#look(), every).unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** When what has just been found dead was last known to live (milliseconds since the epoch). */
  lastAlive(): number {
    this.#look();
    const now = Date.now();
    return this.#last && now - this.#last.ended < doubtful ? this.#last.began : now;
  }

  #look(): void {
    const now = Date.now();
    if (this.#timer && now - this.#awake > long) this.#last = { began: this.#awake, ended: now };
    this.#awake = now;
  }
}
