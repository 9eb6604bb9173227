import type { ScreenView } from "./agents/agent.ts";
import type { Row } from "./holder/protocol.ts";
import { withoutRedrawn } from "./redrawn.ts";
import { withoutScrollBar } from "./steady.ts";

/** The screen right before a prompt was typed: what was there already is not part of the answer. */
export interface Baseline {
  /** Index of the first visible row. */
  top: number;
  rows: Row[];
  alternate: boolean;
  /** As in the view. */
  resized?: number;
  mark?: NonNullable<ScreenView["mark"]>;
}

/** Rows as the holder gives them: from the first one that was asked for, or from the oldest that the scrollback still has. */
export interface Rows {
  from: number;
  rows: readonly Row[];
}

export function baselineOf(view: ScreenView): Baseline {
  const rows = view.rows.map(({ text, wrapped }) => ({ text, wrapped }));
  const { top, alternate, resized, mark } = view;
  return { top, rows, alternate, ...(resized && { resized }), ...(mark && { mark }) };
}

/**
 * Index of the first row that can be of a turn with this baseline: all since then, or the visible ones when the screen was switched. When
 * it was resized since then rows have other indices, since long ones were wrapped anew; then it is the first that there is.
 */
export function firstRow(baseline: Baseline, view: ScreenView): number {
  if (wasResized(baseline, view) && !view.alternate) return 0;
  return baseline.alternate === view.alternate ? baseline.top : view.top;
}

/**
 * What a turn added, as whole lines: the rows since the baseline less those that were there before. A shell's prompt marks
 * give the slice exactly; elsewhere lines are compared, since a TUI moves its input box and footer down as text grows above them.
 */
export function added(baseline: Baseline, now: Rows, view: ScreenView): { lines: string[]; truncated: boolean } {
  const resized = wasResized(baseline, view);
  const truncated = now.from > firstRow(baseline, view);
  const marked = betweenMarks(baseline, now, view);
  if (marked) return { lines: marked, truncated };
  const plain = (rows: readonly Row[]) => (view.alternate ? lines(rows).map(withoutScrollBar) : lines(rows));
  const [found, before] = [plain(now.rows), plain(baseline.rows)];
  const scrolled = baseline.alternate && view.alternate ? scrolledBy(found, before) : 0;
  const rest = without(found, before.slice(scrolled));
  return { lines: resized ? withoutRedrawn(rest) : rest, truncated };
}

function wasResized(baseline: Baseline, view: ScreenView): boolean {
  return baseline.resized !== view.resized;
}

/** How many lines have scrolled away for good on a screen without scrollback: they are not there to be found again. */
function scrolledBy(now: readonly string[], before: readonly string[]): number {
  const common = (from: number) => {
    const end = before.slice(from).findIndex((line, index) => line !== now[index]);
    return before.slice(from, end < 0 ? undefined : from + end).filter((line) => line !== "").length;
  };
  const matches = before.map((_, from) => common(from));
  return Math.max(0, matches.indexOf(Math.max(1, ...matches)));
}

/** Rows with those joined that the terminal had wrapped; right-trimmed, and no blank ones at the end. */
export function lines(rows: readonly Row[]): string[] {
  const joined: string[] = [];
  let open = "";
  for (const { text, wrapped } of rows) {
    open += text;
    if (wrapped) continue;
    joined.push(open.trimEnd());
    open = "";
  }
  if (open) joined.push(open.trimEnd());
  while (joined.at(-1) === "") joined.pop();
  return joined;
}

/** From the row of the prompt that was typed at to the row of the next prompt; undefined where the marks don't tell (`clear`, no marks). */
function betweenMarks(baseline: Baseline, { from, rows }: Rows, view: ScreenView): string[] | undefined {
  const [start, end] = [baseline.mark, view.mark];
  if (baseline.alternate || view.alternate || start?.kind !== "prompt" || !end || end.kind === "command")
    return undefined;
  if (end.row <= start.row || start.row < baseline.top) return undefined;
  const slice = lines(rows.slice(Math.max(0, start.row - from), Math.max(0, end.row - from)));
  const prompt = baseline.rows[start.row - baseline.top]?.text.trimEnd() ?? "";
  const last = rows[end.row - from]?.text.trimEnd() ?? "";
  // Output without a line feed at its end stands before the next prompt: "42$".
  const rest = end.kind === "done" ? last : last.endsWith(prompt) ? last.slice(0, last.length - prompt.length) : "";
  return rest === "" ? slice : [...slice, rest];
}

/** `now` less `before`: less the common start, the common end, and of the rest each line as often as it was there. Blank lines stay. */
function without(now: string[], before: string[]): string[] {
  const same = (a: number, b: number) => now.at(a) === before.at(b);
  const shortest = Math.min(now.length, before.length);
  let start = 0;
  while (start < shortest && same(start, start)) start++;
  let end = 0;
  while (end < shortest - start && same(-1 - end, -1 - end)) end++;
  const left = new Map<string, number>();
  for (const line of before.slice(start, before.length - end)) left.set(line, (left.get(line) ?? 0) + 1);
  return now.slice(start, now.length - end).filter((line) => {
    const count = line === "" ? 0 : (left.get(line) ?? 0);
    if (count > 0) left.set(line, count - 1);
    return count === 0;
  });
}
