/** Channels and threads that are remembered; the ones in which nothing has happened for longest are forgotten first. */
const maxChannels = 1_000;

/** The newest message of each channel and thread, so that what was said while the gateway connection was away can be read again. */
export class Seen {
  readonly #newest = new Map<string, string>();
  #before: Map<string, string> | undefined;

  note(channel: string, message: string): void {
    const known = this.#newest.get(channel);
    this.#newest.delete(channel);
    this.#newest.set(channel, known !== undefined && BigInt(known) > BigInt(message) ? known : message);
    const oldest = this.#newest.keys().next();
    if (this.#newest.size > maxChannels && oldest.done !== true) this.#newest.delete(oldest.value);
  }

  /** The connection is away: what was newest now is where the gap begins. */
  lost(): void {
    this.#before ??= new Map(this.#newest);
  }

  /** Whether the connection is away. */
  get away(): boolean {
    return this.#before !== undefined;
  }

  /** The connection is back; gives the gap's beginning in each channel. */
  back(): Map<string, string> {
    const before = this.#before ?? new Map<string, string>();
    this.#before = undefined;
    return before;
  }
}
