import { createInterface, type Interface } from "node:readline";
import type { Readable, Writable } from "node:stream";

export interface ScreenStreams {
  input: Readable & { isTTY?: boolean };
  output: Writable & { isTTY?: boolean; columns?: number };
}

/** The person's terminal: lines come in by a prompt, blocks are printed above it, and the last block can be replaced while it is the last. */
export class Screen {
  readonly #lines: Interface;
  readonly #output: ScreenStreams["output"];
  readonly #tty: boolean;
  #last: { id: string; text: string } | undefined;

  constructor(streams: ScreenStreams, prompt: string) {
    this.#output = streams.output;
    this.#tty = streams.input.isTTY === true && streams.output.isTTY === true;
    this.#lines = createInterface({ input: streams.input, output: streams.output, prompt, terminal: this.#tty });
  }

  /** `onLine` gets each line; `onInterrupt` Ctrl-C; `onEnd` the end of input. */
  open(onLine: (line: string) => void, onInterrupt: () => void, onEnd: () => void): void {
    this.#lines.on("line", (line) => {
      this.#last = undefined;
      onLine(line);
      this.#showPrompt();
    });
    this.#lines.on("SIGINT", onInterrupt);
    this.#lines.on("close", onEnd);
    this.#showPrompt();
  }

  setPrompt(prompt: string): void {
    this.#lines.setPrompt(prompt);
  }

  print(id: string, text: string): void {
    this.#clearPrompt();
    this.#output.write(`${text}\n`);
    this.#last = { id, text };
    this.#showPrompt();
  }

  /** Print a block anew: in its place if nothing came after it; where output is no terminal only if `anew`, so that a log does not fill up. */
  replace(id: string, text: string, anew: boolean): void {
    if (this.#tty && this.#last?.id === id) {
      this.#clearPrompt();
      this.#output.write(`\u001B[${this.#height(this.#last.text)}A\r\u001B[J${text}\n`);
      this.#last = { id, text };
      this.#showPrompt();
    } else if (anew) {
      this.print(id, text);
    }
  }

  close(): void {
    this.#clearPrompt();
    this.#lines.close();
  }

  /** Rows that a text takes; wide characters count double. */
  #height(text: string): number {
    const columns = this.#output.columns ?? 80;
    return text.split("\n").reduce((rows, line) => rows + Math.max(1, Math.ceil(width(line) / columns)), 0);
  }

  #clearPrompt(): void {
    if (this.#tty) this.#output.write("\r\u001B[K");
  }

  #showPrompt(): void {
    if (this.#tty) this.#lines.prompt(true);
  }
}

/** East Asian wide and fullwidth blocks, and emoji (Unicode 16, EastAsianWidth.txt, by its large blocks). */
const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

function width(line: string): number {
  let columns = 0;
  for (const character of line) columns += wide.test(character) ? 2 : 1;
  return columns;
}
