/**
 * Tells whether a program floods its terminal: for about 2 s it has printed more than 500 KB a second, ten times what the busiest agent
 * prints, or what was so dear to show that it took half of this process's time, where the busiest agent takes a hundredth (measured). It
 * has stopped when it did neither for as long.
 */
export class FloodGauge {
  readonly #onChange: () => void;
  readonly #spent: () => number;
  /** The newest last. */
  #samples: { bytes: number; floods: boolean }[] = [];
  #flooding = false;
  #bytes = 0;
  #since = 0;
  #spentBefore = 0;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param onChange is called when a flood has begun or ended.
   * @param spent milliseconds that this process has not waited so far. On a busy machine a wait is longer, and what is between two is not.
   */
  constructor(onChange: () => void, spent = busyTime) {
    this.#onChange = onChange;
    this.#spent = spent;
  }

  /** Bytes per second, while the program floods. */
  get rate(): number | undefined {
    if (!this.#flooding) return undefined;
    const bytes = this.#samples.reduce((sum, sample) => sum + sample.bytes, 0);
    return Math.round(bytes / ((this.#samples.length * every) / 1000));
  }

  printed(bytes: number): void {
    this.#bytes += bytes;
    if (this.#timer) return;
    this.#begin();
    this.#timer = setInterval(() => this.#sample(), every);
  }

  #begin(): void {
    [this.#since, this.#spentBefore] = [performance.now(), this.#spent()];
  }

  #sample(): void {
    // A busy machine is late, and then the sample is longer.
    const length = Math.max(performance.now() - this.#since, 1);
    const floods = this.#bytes / length > most / 1000 || this.#spent() - this.#spentBefore > length * dear;
    this.#samples = [...this.#samples, { bytes: (this.#bytes * every) / length, floods }].slice(-window);
    this.#bytes = 0;
    this.#begin();
    const all = this.#samples.length === window && this.#samples.every((sample) => sample.floods);
    const none = this.#samples.every((sample) => !sample.floods);
    const was = this.#flooding;
    this.#flooding = was ? !none : all;
    if (none && this.#samples.every((sample) => sample.bytes === 0)) this.#rest();
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
const most = 500_000;
/** Of the time. */
const dear = 0.5;

function busyTime(): number {
  return performance.eventLoopUtilization().active;
}
