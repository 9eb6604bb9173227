import { isTyped } from "../prompts.ts";

/** Rows that a dialog with no box or rule above it may be high. */
const tallest = 40;
/** The edge of a box, or a rule: the last one that has text below. */
const edge = /^\s*(?:[┌╭╔┏]|[─━═▄▀▔]{5,})/;
const closing = /^\s*[└╰╚┗]/;

/**
 * The rows above a dialog's options that belong to it, in a program that no rule knows: up to the edge of a box, a rule, a prompt that
 * was typed, or two blank rows. Dashed rules stand inside of dialogs.
 */
export function dialogAbove(rows: readonly string[], first: number): string[] {
  const start = Math.max(0, first - tallest);
  const above = rows.slice(start, first);
  while (above.at(-1)?.trim() === "") above.pop();
  const end = above.findLastIndex(
    (row, index) =>
      edge.test(row) || closing.test(row) || isTyped(row) || (row.trim() === "" && above[index - 1]?.trim() === ""),
  );
  return above.slice(end + 1);
}
