import type { Screen } from "./screen.ts";
import { isPlain } from "./skip.ts";

/**
 * A program's output on its way into the screen. Plain text that comes fast, and of which most will have scrolled away by the time that
 * somebody looks, is held back until then, and is hardly parsed at all. Everything else is parsed between two rounds of the event loop.
 */
export class Inflow {
  readonly #screen: Screen;
  readonly #parsed: () => void;
  #held: Buffer | undefined;
  #heldLength = 0;
  /** Text to be parsed, and whom to tell that everything before is. */
  #queue: (Uint8Array | (() => void))[] = [];
  #unparsed = 0;
  #parsing = false;

  /** @param parsed is called after each slice. */
  constructor(screen: Screen, parsed: () => void) {
    this.#screen = screen;
    this.#parsed = parsed;
  }

  /** Bytes that wait to be parsed. */
  get unparsed(): number {
    return this.#unparsed;
  }

  take(chunk: Uint8Array): void {
    if (this.#heldLength + chunk.length > most) this.#pass();
    if (this.#holds(chunk)) {
      this.#hold(chunk);
    } else {
      this.#release();
      this.#put(chunk);
    }
  }

  /** `done` is called when all that was taken so far is on the screen. */
  settle(done: () => void): void {
    this.#release();
    this.#queue.push(done);
    this.#soon();
  }

  #holds(chunk: Uint8Array): boolean {
    if (!isPlain(chunk) || this.#heldLength + chunk.length > most) return false;
    return this.#heldLength > 0 || (chunk.length >= smallest && this.#unparsed === 0 && this.#screen.scrollsPlainly);
  }

  #hold(chunk: Uint8Array): void {
    this.#held ??= Buffer.allocUnsafeSlow(most);
    this.#held.set(chunk, this.#heldLength);
    this.#heldLength += chunk.length;
  }

  /** Let go of what scrolls away. The emulator was idle when the first of it was held back, and got nothing since. */
  #pass(): void {
    const text = this.#held?.subarray(0, this.#heldLength);
    if (!text) return;
    this.#heldLength -= this.#screen.skip(text);
    text.copyWithin(0, text.length - this.#heldLength);
  }

  /** Give to the emulator what is held back. */
  #release(): void {
    this.#pass();
    const text = this.#held?.subarray(0, this.#heldLength);
    this.#held = undefined;
    this.#heldLength = 0;
    if (text && text.length > 0) this.#put(text);
  }

  #put(bytes: Uint8Array): void {
    this.#unparsed += bytes.length;
    this.#queue.push(bytes);
    this.#soon();
  }

  #soon(): void {
    if (this.#parsing) return;
    this.#parsing = true;
    setImmediate(() => this.#parse());
  }

  /** The emulator's own queue waits 1 ms between two rounds: in a flood that is a third of the time. */
  #parse(): void {
    const end = performance.now() + turn;
    let next: Uint8Array | (() => void) | undefined;
    try {
      while (performance.now() < end && (next = this.#queue.shift())) {
        if (typeof next === "function") next();
        else this.#slice(next);
      }
    } finally {
      // The process tells of a thrown error, and the rest is parsed all the same.
      this.#parsing = false;
      if (this.#queue.length > 0) this.#soon();
    }
  }

  #slice(bytes: Uint8Array): void {
    const slice = bytes.subarray(0, sliceLength);
    if (bytes.length > sliceLength) this.#queue.unshift(bytes.subarray(sliceLength));
    this.#unparsed -= slice.length;
    this.#screen.write(slice);
    this.#parsed();
  }
}

/** Bytes. Larger slices make the event loop wait longer for hostile output, smaller ones cost speed. */
const sliceLength = 1024;
/** Milliseconds. In the meantime the program prints what is read next. */
const turn = 4;
/** Bytes of a chunk that is worth holding back: what people and agents write is less. */
const smallest = 2048;
/** Bytes that are held back: twice what 5,000 lines of usual length have. */
const most = 1_000_000;
