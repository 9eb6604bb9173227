import type { Terminal } from "@xterm/headless";
import { coreOf } from "./core.ts";

/**
 * Length of the start of a text that need not be parsed, since it scrolls out of the scrollback before the text ends, and how many rows go
 * with it. The emulator shows exactly the same in the end: it must have parsed all that came before, the text is printable ASCII in lines
 * that end in CR LF, the cursor is in the last row of the normal buffer, which is full, and below what is passed over the text has a line
 * for every row of it. Short lines are dear to parse (0.5 µs each): `yes` is shown at 3 MB/s, and passed over at 50 (measured).
 */
export function scrollsAway(terminal: Terminal, text: Uint8Array): { bytes: number; rows: number } {
  const nothing = { bytes: 0, rows: 0 };
  const { lines } = coreOf(terminal).buffers.normal;
  const end = startOfLast(lines.maxLength + 1, text);
  return end > 0 && scrollsPlainly(terminal) ? passedOver(text.subarray(0, end), terminal) : nothing;
}

/** Whether the chunk has nothing but printable ASCII, CR and LF. */
export function isPlain(chunk: Uint8Array): boolean {
  // By index: an iterator takes three times as long (measured).
  for (let at = 0; at < chunk.length; at++) {
    const byte = chunk[at] ?? 0;
    if (byte > tilde || (byte < space && byte !== lf && byte !== cr)) return false;
  }
  return true;
}

const [lf, cr, space, tilde] = [0x0a, 0x0d, 0x20, 0x7e];

/** Where the last so many lines begin; 0 when there are not so many. */
function startOfLast(count: number, text: Uint8Array): number {
  let at = text.length;
  for (let found = 0; found <= count; found++) {
    at = at > 0 ? text.lastIndexOf(lf, at - 1) : -1;
    if (at < 0) return 0;
  }
  return at + 1;
}

/** Each line feed moves the whole normal buffer up by one row, and the next byte is the start of something new. */
export function scrollsPlainly(terminal: Terminal): boolean {
  const { buffers, _inputHandler: handler } = coreOf(terminal);
  const { lines, y, scrollTop, scrollBottom } = buffers.normal;
  const atBottom = y === terminal.rows - 1 && scrollTop === 0 && scrollBottom === terminal.rows - 1;
  const { currentState } = handler._parser;
  const between = currentState === ground && handler._utf8Decoder.interim[0] === 0;
  const full = lines.length === lines.maxLength && terminal.buffer.active.type === "normal";
  return full && atBottom && between && terminal.modes.wraparoundMode;
}

const ground = 0;

/**
 * From the start of the text to the end of the last line that can be passed over, less its CR LF: the emulator is at the start of a row
 * after those two.
 */
function passedOver(text: Uint8Array, { cols, buffer }: Terminal): { bytes: number; rows: number } {
  let [bytes, rows, rowsBefore] = [0, 0, 0];
  let column = buffer.active.cursorX;
  for (let at = 0; at < text.length; at += 2) {
    const start = at;
    while (isPrintable(text[at] ?? 0)) at++;
    // A row is wrapped by the first character that has no room in it.
    const end = column + at - start;
    if (end > cols) rows += Math.floor((end - 1) / cols);
    if (text[at] !== cr || text[at + 1] !== lf) break;
    [bytes, rowsBefore] = [at, rows];
    rows++;
    column = 0;
  }
  return { bytes, rows: rowsBefore };
}

function isPrintable(byte: number): boolean {
  return byte >= space && byte <= tilde;
}
