/** At most so much of the time between two ticks counts; a tick is 10 ms where nothing else wants the processor. */
const [tick, counted] = [10, 25];

/** Time that this process could run: what a busy machine keeps it waiting for is left out, so that a bound in milliseconds holds there too. */
export class RunningClock implements Disposable {
  #passed = 0;
  #seen = performance.now();
  readonly #timer = setInterval(() => this.#count(), tick);

  /** Milliseconds since it was made. */
  get now(): number {
    this.#count();
    return this.#passed;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #count(): void {
    const now = performance.now();
    this.#passed += Math.min(now - this.#seen, counted);
    this.#seen = now;
  }
}
