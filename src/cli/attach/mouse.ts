import type { MouseMode } from "../../shards/holder/protocol.ts";

/** One report of a mouse as the local terminal gives it (SGR): cells count from 0. */
export interface MouseReport {
  /** Button, modifiers, 32 for a movement, 64 for a wheel, as xterm has them. */
  code: number;
  col: number;
  row: number;
  released: boolean;
}

/** Where the shard's screen is in the window: cells of the window less these are cells of the screen. */
export interface Offset {
  col: number;
  row: number;
}

/** The report as the program wants it, with its own cells; undefined when it wants no such report, or the mouse is beside its screen. */
export function reportFor(
  { code, col, row, released }: MouseReport,
  mode: MouseMode,
  offset: Offset,
  screen: { cols: number; rows: number },
  window: { rows: number },
): Buffer | undefined {
  if (mode.wants === "none" || mode.written === "pixels") return undefined;
  if (mode.wants === "press" && (released || (code & moves) !== 0)) return undefined;
  let [x, y] = [col + offset.col, row + offset.row];
  const beside = row >= window.rows || x < 0 || y < 0 || x >= screen.cols || y >= screen.rows;
  // The end of a drag must arrive, wherever it ends.
  if (beside && !released) return undefined;
  [x, y] = [Math.min(Math.max(x, 0), screen.cols - 1), Math.min(Math.max(y, 0), screen.rows - 1)];
  if (mode.written === "sgr") return Buffer.from(`\u001B[<${code};${x + 1};${y + 1}${released ? "m" : "M"}`);
  // Bytes: 32 and more each, and a release has no button.
  const bytes = [(released ? (code & ~3) | 3 : code) + 32, x + 33, y + 33];
  return bytes.every((byte) => byte <= 255) ? Buffer.from([...Buffer.from("\u001B[M"), ...bytes]) : undefined;
}

const moves = 32;
