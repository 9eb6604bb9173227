/** Looks for many literals in one pass over a text. */
export class Literals<T> {
  readonly #gram: 2 | 4;
  readonly #least: number;
  /** 1 where a literal begins with characters of that hash. */
  readonly #begins = new Uint8Array(65_536);
  /** 1 where characters of that hash are within a literal. */
  readonly #inside: Uint8Array;
  readonly #buckets = new Map<number, { literal: string; value: T }[]>();

  /**
   * `gram`: the number of first characters by which they are looked up. `least`: so many first characters of one are found as well where
   * the text is cut behind them, and so many last ones where it begins with them. Throws RangeError for a literal that has fewer than `gram`.
   */
  constructor(entries: Iterable<readonly [literal: string, value: T]>, gram: 2 | 4, least = Infinity) {
    this.#gram = gram;
    this.#least = least;
    this.#inside = new Uint8Array(least === Infinity ? 0 : 1 << 20);
    for (const [literal, value] of entries) {
      if (literal.length < gram) throw new RangeError(`A literal has fewer than ${gram} characters.`);
      const hash = this.#hash(literal, 0);
      const bucket = this.#buckets.get(hash) ?? [];
      bucket.push({ literal, value });
      this.#buckets.set(hash, bucket);
      this.#begins[hash] = 1;
      for (let at = 1; at + least <= literal.length; at += 1) this.#inside[innerHash(literal, at, least)] = 1;
    }
    // Of two that begin in one place the longer one is told first.
    for (const bucket of this.#buckets.values()) bucket.sort((a, b) => b.literal.length - a.literal.length);
  }

  /** How long the end of a literal is with which the text begins; 0 for none, or for one of too few characters. */
  beheaded(text: string): { length: number; value: T } | undefined {
    if (text.length < this.#least || this.#inside[innerHash(text, 0, this.#least)] !== 1) return undefined;
    const begin = text.slice(0, this.#least);
    for (const { literal, value } of [...this.#buckets.values()].flat()) {
      for (let at = literal.indexOf(begin, 1); at > 0; at = literal.indexOf(begin, at + 1)) {
        if (text.startsWith(literal.slice(at))) return { length: literal.length - at, value };
      }
    }
    return undefined;
  }

  /** Every place where a literal begins, from the front. */
  find(text: string, found: (index: number, value: T, length: number, whole: boolean) => void): void {
    if (this.#buckets.size === 0) return;
    const last = text.length - this.#gram;
    for (let index = 0; index <= last; index += 1) {
      const hash = this.#hash(text, index);
      if (this.#begins[hash] === 0) continue;
      for (const { literal, value } of this.#buckets.get(hash) ?? []) {
        const whole = text.startsWith(literal, index);
        const length = whole ? literal.length : this.#cutShort(text, index, literal);
        if (length > 0) found(index, value, length, whole);
      }
    }
  }

  /** The longest end of the text with which a literal begins without being whole: its length. */
  unfinished(text: string, longest: number): number {
    for (let length = Math.min(longest, text.length); length > 0; length -= 1) {
      const end = text.slice(text.length - length);
      for (const bucket of this.#candidates(end)) {
        if (bucket.some(({ literal }) => literal.length > length && literal.startsWith(end))) return length;
      }
    }
    return 0;
  }

  /** Characters of a literal that are there before the text ends, or before the sign that it was cut; 0 for too few. */
  #cutShort(text: string, index: number, literal: string): number {
    if (this.#least === Infinity || !text.startsWith(literal.slice(0, this.#least), index)) return 0;
    let length = this.#least;
    while (length < literal.length && text.charCodeAt(index + length) === literal.charCodeAt(length)) length += 1;
    const next = text.charAt(index + length);
    return next === "" || next === "…" || text.startsWith("...", index + length) ? length : 0;
  }

  #candidates(end: string): Iterable<{ literal: string; value: T }[]> {
    if (end.length < this.#gram) return this.#buckets.values();
    const bucket = this.#buckets.get(this.#hash(end, 0));
    return bucket ? [bucket] : [];
  }

  #hash(text: string, index: number): number {
    const two = Math.imul(text.charCodeAt(index), 31) + text.charCodeAt(index + 1);
    if (this.#gram === 2) return two & 0xffff;
    return (Math.imul(two, 961) + Math.imul(text.charCodeAt(index + 2), 31) + text.charCodeAt(index + 3)) & 0xffff;
  }
}

function innerHash(text: string, from: number, count: number): number {
  let hash = 0;
  for (let index = from; index < from + count; index += 1) hash = Math.imul(hash, 0x01000193) ^ text.charCodeAt(index);
  return (hash ^ (hash >>> 15)) & 0xfffff;
}
