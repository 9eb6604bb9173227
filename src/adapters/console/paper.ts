import type { Readable, Writable } from "node:stream";
import { readLines } from "../../lines.ts";

export interface PaperStreams {
  input: Readable & { isTTY?: boolean; setRawMode?: (raw: boolean) => unknown };
  output: Writable & { isTTY?: boolean; columns?: number; rows?: number };
}

/** Candidates for the end of what is typed. */
export interface Offer {
  /** The end of the text that is replaced. */
  typed: string;
  candidates: string[];
}

export interface Reader {
  /** A line was typed, or a message of several. */
  line(text: string): void;
  interrupt(): void;
  end(): void;
  offer(before: string): Promise<Offer>;
  /** The draft, as it may be seen: a secret is dots. */
  seen(text: string): string;
}

/** The one that writes to the person's terminal, and reads what is typed there. Texts are inert, but for the colours of `Style`. */
export interface Paper {
  /** Whether something can be shown until it is over. Elsewhere `show` does nothing. */
  readonly live: boolean;
  readonly columns: number;
  open(reader: Reader): void;
  /** Print below all that was printed before. It is never touched again. */
  print(text: string): void;
  /** Show rows below everything until they are shown anew, or ended with undefined. */
  show(id: string, rows: ((columns: number) => string[]) | undefined): void;
  setPrompt(prompt: string): void;
  /** A line can be had again later, also after a restart. */
  remember(line: string): void;
  close(): void;
}

/** Characters of a line; the input ends with a longer one. */
const maxLine = 8_000_000;

/** Input and output that are no terminal: line by line. */
export class Pipe implements Paper {
  readonly live = false;
  readonly columns = Infinity;
  readonly #input: Readable;
  #closed = false;
  readonly #output: Writable;

  constructor({ input, output }: PaperStreams) {
    this.#output = output;
    this.#input = input;
  }

  open({ line, end }: Reader): void {
    readLines(this.#input, {
      limit: () => maxLine,
      onLine: (text) => !this.#closed && line(text.replace(/\r$/, "")),
      last: true,
    });
    this.#input.once("close", end);
  }

  print(text: string): void {
    this.#output.write(`${text}\n`);
  }

  show(): void {}

  setPrompt(): void {}

  remember(): void {}

  close(): void {
    this.#closed = true;
    this.#input.pause();
  }
}
