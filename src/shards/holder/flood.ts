/**
 * Tells whether a program floods its terminal: for about 2 s it has printed more than 500 KB a second, ten times what the busiest agent prints
 * (measured), or so dearly that it was held back half of the time. It has stopped when it did neither for as long.
 */
export class FloodGauge {
  readonly #onChange: () => void;
  /** The newest last. */
  #samples: { bytes: number; floods: boolean }[] = [];
  #flooding = false;
  #bytes = 0;
  #since = 0;
  #held = 0;
  #heldSince: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** @param onChange is called when a flood has begun or ended. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
  }

  /** Bytes per second, while the program floods. */
  get rate(): number | undefined {
    if (!this.#flooding) return undefined;
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return Math.round(bytes / ((this.#samples.length * every) / 1000));
  }

  printed(bytes: number): void {
    this.#bytes += bytes;
    this.#watch();
  }

  /** The program is held back from now on, or not any more. */
  held(on: boolean): void {
    const now = performance.now();
    if (this.#heldSince !== undefined) this.#held += now - this.#heldSince;
    this.#heldSince = on ? now : undefined;
    if (on) this.#watch();
  }

  #watch(): void {
    if (this.#timer) return;
    this.#since = performance.now();
    this.#timer = setInterval(() => this.#sample(), every);
  }

  #sample(): void {
    const now = performance.now();
    // A busy machine is late, and then the sample is longer.
    const length = Math.max(now - this.#since, 1);
    if (this.#heldSince !== undefined) this.held(true);
    const floods = this.#bytes / length > limit / 1000 || this.#held > length / 2;
    this.#samples = [...this.#samples, { bytes: (this.#bytes * every) / length, floods }].slice(-window);
    [this.#bytes, this.#held, this.#since] = [0, 0, now];
    const all = this.#samples.length === window && this.#samples.every((sample) => sample.floods);
    const none = this.#samples.every((sample) => !sample.floods);
    const was = this.#flooding;
    this.#flooding = was ? !none : all;
    if (this.#samples.every((sample) => sample.bytes === 0 && !sample.floods)) this.#rest();
    if (this.#flooding !== was) this.#onChange();
  }

  #rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#samples = [];
  }
}

/** Milliseconds of a sample, and how many samples count: of the first and the last one a part is enough. */
const every = 500;
const window = 5;
/** Bytes per second. */
const limit = 500_000;
