import { columns, cutAt } from "../cleaning/width.ts";

/*
 * Where things stand on Claude Code's screen (2.1):
 *
 *     ● I will wait for it.                                what was said last
 *
 *     ❯ SAY more ENDSAY                                    a prompt of its own queue
 *       ⎿  Queued · ctrl+x ctrl+s to send now
 *
 *     ✻ 429 fake · retrying in 18s · attempt 6/10          the row of work: any glyph, any verb
 *       ⎿  Tip: …
 *                                  ◐ medium · /effort      at the right, since 2.1.332
 *     ───────────────────────────
 *     ❯                                                    input box
 *     ───────────────────────────
 *       ⏸ manual mode on · esc to interrupt · 2 shells     footer
 */

/** First and last row of an input box. */
export interface Box {
  first: number;
  last: number;
}

/** A row that only separates: the input box and dialogs stand below one. */
export const rule = /^─{10,}/;
const side = /^\s{20,}\S/;
/** Outcome of a prompt: "  ⎿  Invalid API key", but not "  ⎿  Queued". */
const result = /^ {2}⎿\s+(?!\s|Queued )/;
const inside = /^(?:\s{2}|$)/;
/** At the left edge stand what was said, prompts, and rows with a glyph that is no letter. */
const glyph = /^(?![●❯⎿])[^\p{L}\p{N}\s─-▟]\S? /u;
const busyWords = /^\S{1,2} (?:\S+ ){0,15}\S*…(?:$| [(·])|^\S{1,2} Waiting for |· (?:retrying|will retry|next try)\b/i;
const doneWords = /^\S{1,2} \S+(?: \S+){0,2} for \d[\dhms ]*(?: · .*)?$/;

/** The input box: between the last two rules, with the pointer; or with "!", which makes a shell command of the line. */
export function boxIn(rows: readonly string[]): Box | undefined {
  const last = rows.findLastIndex((row) => rule.test(row)) - 1;
  const first = rows.slice(0, Math.max(0, last + 1)).findLastIndex((row) => rule.test(row)) + 1;
  return first > 0 && first <= last && /^[❯!](?:\s|$)/.test(rows[first] ?? "") ? { first, last } : undefined;
}

/** The rows below the input box. */
export function footerIn(rows: readonly string[], { last }: Box): readonly string[] {
  return rows.slice(last + 2).filter((row) => row !== "");
}

/** A row that shows work: a spinner, a pause between two tries, a wait for sub-agents. */
export function isWork(row: string): boolean {
  return glyph.test(row) && busyWords.test(row);
}

/** A pause between two tries of a request that failed: "✻ 429 fake · retrying in 18s · attempt 6/10". */
export function isRetry(row: string): boolean {
  return isWork(row) && / · (?:retrying|will retry|next try)\b/i.test(row);
}

/** Row in the place of the spinner when a turn is over: "✻ Sautéed for 1s · done 7:05 PM · 1 shell still running". */
export function isDone(row: string): boolean {
  return glyph.test(row) && doneWords.test(row);
}

/**
 * The row that begins the last block above the input box, with the rows that belong to it. Prompts of its own queue, and one that nothing
 * has come of yet, are passed over.
 */
export function lastBlock(rows: readonly string[], { first }: Box): readonly string[] {
  let end = first - 1;
  for (let row = end - 1; row >= 0; row--) {
    const text = rows[row] ?? "";
    if (inside.test(text) || side.test(text)) continue;
    const block = rows.slice(row, end).filter((one) => one !== "" && !side.test(one));
    if (!/^❯(?:\s|$)/.test(text) || block.some((one) => result.test(one))) return block;
    end = row;
  }
  // Its beginning has scrolled away.
  return rows.slice(0, end).filter((one) => one !== "" && !side.test(one));
}

/** A panel begins at the middle of the screen or a little before. */
const leftmost = 0.4;
/** Share of the rows that reach so far which have its bar; a box and a footer below may have none. */
const crossing = 0.8;

/**
 * Rows of a screen so wide, without a panel at their right: its bar is in all rows that reach so far.
 *
 *     ● I will write a file.                 │hello.txt (untracked)
 *                                            │─────────────────────
 *     ● Write(hello.txt)                     │New file not yet staged.
 */
export function withoutPanel(rows: readonly string[], cols: number): readonly string[] {
  // A table's first bar is further left.
  const bars = rows.map((row) => (row.includes("│") ? columns(row.slice(0, row.indexOf("│"))) : Infinity));
  const counts = new Map<number, number>();
  for (const bar of bars.filter((at) => at >= cols * leftmost && at < cols))
    counts.set(bar, (counts.get(bar) ?? 0) + 1);
  const [bar, count] = [...counts].reduce((most, one) => (one[1] > most[1] ? one : most), [0, 0]);
  const reach = rows.filter((row, index) => !rule.test(row) && (bars[index] ?? 0) >= bar && columns(row) > bar).length;
  if (count < 2 || count < reach * crossing) return rows;
  return rows.map((row) => (hasBar(row, bar) ? cutAt(row, bar).trimEnd() : row));
}

function hasBar(row: string, column: number): boolean {
  if (!row.includes("│")) return false;
  const left = cutAt(row, column);
  return columns(left) === column && row.startsWith("│", left.length);
}
