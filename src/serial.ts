/** Work in order: one at a time, in the order in which it came. */
export class SerialQueue {
  #last: Promise<void> = Promise.resolve();

  /** Resolves or rejects as `work` does; what came after it is done in either case. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    // The queue goes on after a failure; who called `run` has the error.
    this.#last = result.then(
      () => {},
      () => {},
    );
    return result;
  }

  /** Resolves when what was asked for until now is done, however that ended; it is the same promise until more is asked for. */
  settled(): Promise<void> {
    return this.#last;
  }
}

/** Work in order for each key: that of other keys is not waited for. */
export class KeyedQueue {
  /** Those that have work. */
  readonly #queues = new Map<string, SerialQueue>();

  /** Resolves or rejects as `work` does. */
  run<T>(key: string, work: () => Promise<T>): Promise<T> {
    const queue = this.#queues.get(key) ?? new SerialQueue();
    this.#queues.set(key, queue);
    const result = queue.run(work);
    const settled = queue.settled();
    void settled.then(() => {
      if (queue.settled() === settled) this.#queues.delete(key);
    });
    return result;
  }

  /** Resolves when nothing runs and nothing waits. */
  async idle(): Promise<void> {
    while (this.#queues.size > 0) await Promise.all([...this.#queues.values()].map((queue) => queue.settled()));
  }
}
