import type { Screen } from "./screen.ts";
import { isPlain } from "./skip.ts";

/**
 * A program's output on its way into the screen. Plain text that comes fast is held back until somebody looks or there is much of it: by
 * then most of it has scrolled away, and need not be parsed. Everything else goes into the emulator as it comes, slice by slice.
 */
export class Inflow {
  readonly #screen: Screen;
  readonly #parsed: () => void;
  #held: Uint8Array[] = [];
  #heldLength = 0;
  #unparsed = 0;

  /** @param parsed is called after each slice. */
  constructor(screen: Screen, parsed: () => void) {
    this.#screen = screen;
    this.#parsed = parsed;
  }

  /** Bytes that wait in the emulator. */
  get unparsed(): number {
    return this.#unparsed;
  }

  take(chunk: Uint8Array): void {
    if (!isPlain(chunk)) {
      this.flush();
      this.#write(chunk);
    } else if (this.#heldLength === 0 && chunk.length < smallest) {
      this.#write(chunk);
    } else {
      this.#held.push(chunk);
      this.#heldLength += chunk.length;
      if (this.#heldLength > most) this.flush();
    }
  }

  /** Give to the emulator what is held back. */
  flush(): void {
    if (this.#heldLength === 0) return;
    const text = Buffer.concat(this.#held, this.#heldLength);
    this.#held = [];
    this.#heldLength = 0;
    this.#write(this.#unparsed === 0 ? text.subarray(this.#screen.skip(text)) : text);
  }

  #write(bytes: Uint8Array): void {
    this.#unparsed += bytes.length;
    for (let start = 0; start < bytes.length; start += sliceLength) {
      const slice = bytes.subarray(start, start + sliceLength);
      this.#screen.write(slice, () => {
        this.#unparsed -= slice.length;
        this.#parsed();
      });
    }
  }
}

/** Bytes. Larger slices make the event loop wait longer for hostile output, smaller ones cost speed. */
const sliceLength = 1024;
/** Bytes of a chunk that is worth holding back: what people and agents write is less. */
const smallest = 2048;
/** Bytes that are held back: so many that lines of usual length are passed over too. */
const most = 1_000_000;
