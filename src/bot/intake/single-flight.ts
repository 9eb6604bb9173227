import { ShardbridgeError } from "../../errors.ts";

/** Guard over work that is done once at a time: people press a button twice, or two of them press it at once. */
export class SingleFlight {
  readonly #keys = new Set<string>();

  /** Do it. Throws ShardbridgeError "refused" while the same is being done. */
  async once<T>(key: string, work: () => Promise<T>): Promise<T> {
    if (this.#keys.has(key)) throw new ShardbridgeError("refused", "This is being done already.");
    this.#keys.add(key);
    try {
      return await work();
    } finally {
      this.#keys.delete(key);
    }
  }
}
