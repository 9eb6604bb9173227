import type { MouseReport } from "./mouse.ts";

/** Input from a terminal in raw mode. */
export type Input =
  /** Letters and control characters, as many as came at once. */
  | { type: "text"; data: Buffer }
  /** One key that is an escape sequence. */
  | { type: "key"; data: Buffer; name: string }
  /** A piece of a paste, and the brackets around it. */
  | { type: "paste"; data: Buffer; bracket: boolean }
  | { type: "focus"; data: Buffer }
  | ({ type: "mouse" } & MouseReport);

/** Takes the bytes of a terminal apart. What the terminal answers to somebody's query is dropped: it must not be typed into a shard. */
export class InputReader {
  readonly #take: (input: Input) => void;
  /** The start of something that is not complete yet; one character for each byte. */
  #rest = "";
  #pasting = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(take: (input: Input) => void) {
    this.#take = take;
  }

  push(chunk: Buffer): void {
    clearTimeout(this.#timer);
    let rest = this.#rest + chunk.toString("latin1");
    this.#rest = "";
    while (rest !== "") {
      const length = this.#next(rest);
      if (length === 0) break;
      rest = rest.slice(length);
    }
    this.#rest = rest;
    if (rest !== "") this.#timer = setTimeout(() => this.#giveUp(), patience);
  }

  /** Take the first thing in it; its length, or 0 when it is not complete. */
  #next(text: string): number {
    if (this.#pasting) return this.#pasted(text);
    const plain = text.indexOf(escape);
    if (plain !== 0) {
      const end = plain < 0 ? text.length : plain;
      this.#take({ type: "text", data: bytes(text.slice(0, end)) });
      return end;
    }
    // Escape, and then something else that begins with it.
    if (text[1] === escape) {
      this.#take({ type: "text", data: bytes(escape) });
      return 1;
    }
    const [sequence] = whole.exec(text) ?? [];
    if (sequence === undefined) return text.length > longest ? text.length : 0;
    this.#sequence(sequence);
    return sequence.length;
  }

  #pasted(text: string): number {
    const end = text.indexOf(pasteEnd);
    if (end === 0) {
      this.#pasting = false;
      this.#take({ type: "paste", data: bytes(pasteEnd), bracket: true });
      return pasteEnd.length;
    }
    const length = end > 0 ? end : text.length - beginOf(pasteEnd, text);
    if (length > 0) this.#take({ type: "paste", data: bytes(text.slice(0, length)), bracket: false });
    return length;
  }

  #sequence(sequence: string): void {
    const data = bytes(sequence);
    if (sequence === pasteStart) {
      this.#pasting = true;
      return this.#take({ type: "paste", data, bracket: true });
    }
    if (sequence === "\u001B[I" || sequence === "\u001B[O") return this.#take({ type: "focus", data });
    const [, code, x, y, final] = mouse.exec(sequence) ?? [];
    if (final !== undefined) {
      const cell = { col: Number(x) - 1, row: Number(y) - 1 };
      return this.#take({ type: "mouse", code: Number(code), ...cell, released: final === "m" });
    }
    if (!isReply(sequence)) this.#take({ type: "key", data, name: names[sequence] ?? "" });
    return undefined;
  }

  /** Nothing more came: Escape itself, Alt with a bracket, or what a connection has cut in two. */
  #giveUp(): void {
    const rest = this.#rest;
    this.#rest = "";
    const typed = this.#pasting ? "paste" : rest.length <= 2 || rest.startsWith("\u001B[") ? "text" : undefined;
    if (typed === "paste") this.#take({ type: "paste", data: bytes(rest), bracket: false });
    if (typed === "text") this.#take({ type: "text", data: bytes(rest) });
  }
}

const escape = "\u001B";
const pasteStart = "\u001B[200~";
const pasteEnd = "\u001B[201~";
/** Milliseconds for the rest of a sequence; what a person types after Escape comes later. */
const patience = 30;
/** Bytes of a sequence. */
const longest = 100_000;

/** CSI, SS3, a string (OSC, DCS, SOS, PM, APC) to its end, or Alt with a key. */
const whole = /^\x1b(?:\[[0-?]*[ -/]*[@-~]|O[ -~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[^[\]OPX^_\x1b])/;
const mouse = /^\x1b\[<(\d+);(\d+);(\d+)([Mm])$/;

/** Strings; CSI with a private marker, device attributes, status, mode and window reports, and the place of the cursor (F3 looks like it). */
function isReply(sequence: string): boolean {
  if (/^\x1b[\]PX^_]/.test(sequence)) return true;
  if (/^\x1b\[[<=>?]/.test(sequence)) return true;
  if (/^\x1b\[[\d;:]*(?:c|n|t|\$y)$/.test(sequence)) return true;
  return /^\x1b\[\d+;\d+R$/.test(sequence) && !/^\x1b\[1;(?:[2-9]|1[0-6])R$/.test(sequence);
}

const names: Record<string, string> = {
  "\u001B[A": "up",
  "\u001BOA": "up",
  "\u001B[B": "down",
  "\u001BOB": "down",
  "\u001B[C": "right",
  "\u001BOC": "right",
  "\u001B[D": "left",
  "\u001BOD": "left",
  "\u001B[5~": "page-up",
  "\u001B[6~": "page-down",
};

function bytes(text: string): Buffer {
  return Buffer.from(text, "latin1");
}

/** Number of characters at the end of a text that may be the beginning of a mark. */
function beginOf(mark: string, text: string): number {
  let length = Math.min(mark.length - 1, text.length);
  while (length > 0 && !text.endsWith(mark.slice(0, length))) length--;
  return length;
}
