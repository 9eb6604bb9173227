import { columns, cutAt } from "../cleaning/width.ts";

/** The halves left and right of where a box begins beside a list. */
export interface Split {
  rows: string[];
  /** The text in the box, which shows more of the option that the pointer is on. */
  preview: string[];
}

const boxTop = /^(?<left>.*\S) {2,}(?<box>[┌╭]─{3,}[┐╮])$/;
const boxEnd = /^[└╰]─{3,}[┘╯]$/;
/** A list is narrower than half of a screen, and its box begins at a column of its own. */
const narrowest = 8;

/**
 * Rows of a dialog whose options have a box beside them, without that and what stands below it in its columns:
 *
 *     ❯ 1. Single flag                  ┌────────────┐
 *       2. Separate name + flag         │ 1. Yes     │
 *       3. None                         │ 2. No      │
 *                                       └────────────┘
 *
 *                                       Notes: press n to add notes
 *
 * The preview is the program's: what looks like options in it is none.
 */
export function withoutPreview(rows: readonly string[]): Split {
  const top = rows.findLastIndex((row) => boxTop.test(row) && isWhole(rows, row));
  const left = boxTop.exec(rows[top] ?? "")?.groups?.["left"];
  if (left === undefined) return { rows: [...rows], preview: [] };
  const column = columns(rows[top] ?? "") - columns(boxOf(rows[top] ?? ""));
  const end = endOf(rows, top, column);
  const below = rows.findIndex((row, index) => index > end && row.trim() !== "" && !isRightOf(row, column));
  const last = below < 0 ? rows.length : below;
  const preview = rows.slice(top + 1, end).map((row) => rightOf(row, column).replace(/^│ ?/, "").replace(/\s*│$/, ""));
  const cut = rows.map((row, index) => (index < top || index >= last ? row : cutAt(row, column).trimEnd()));
  return { rows: cut, preview };
}

function boxOf(row: string): string {
  return boxTop.exec(row)?.groups?.["box"] ?? "";
}

/** A box that goes on in its column to its lower edge. */
function isWhole(rows: readonly string[], row: string): boolean {
  const column = columns(row) - columns(boxOf(row));
  return column >= narrowest && endOf(rows, rows.lastIndexOf(row), column) > 0;
}

/** The row of the lower edge; -1 where the column ends before. */
function endOf(rows: readonly string[], top: number, column: number): number {
  const end = rows.findIndex((row, index) => index > top && !/^│.*│$/.test(rightOf(row, column)));
  return boxEnd.test(rightOf(rows[end] ?? "", column)) ? end : -1;
}

function rightOf(row: string, column: number): string {
  return row.slice(cutAt(row, column).length).trimEnd();
}

function isRightOf(row: string, column: number): boolean {
  return cutAt(row, column).trim() === "" && rightOf(row, column) !== "";
}
