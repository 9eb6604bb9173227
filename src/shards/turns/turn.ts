import type { Mark, Position, ScreenView } from "../agents/agent.ts";
import { innerPrompt } from "../agents/shell/shell-asked.ts";
import type { Row } from "../holder/protocol.ts";
import { withoutRedrawn } from "./redrawn.ts";
import { withoutScrollBar } from "../state/steady.ts";

/** The screen right before a prompt was typed: what was there already is not part of the answer. */
export interface Baseline {
  /** Index of the first visible row. */
  top: number;
  rows: Row[];
  alternate: boolean;
  /** As in the view. */
  resized?: number;
  mark?: Mark;
  /** The row of the cursor, where a program that the shell runs shows its prompt. */
  row?: number;
}

/** Rows as the holder gives them: from the first one that was asked for, or from the oldest that the scrollback still has. */
export interface Rows {
  from: number;
  rows: readonly Row[];
}

export function baselineOf(view: ScreenView): Baseline {
  const rows = view.rows.map(({ text, wrapped }) => ({ text, wrapped }));
  const { top, alternate, resized } = view;
  const mark = view.mark && outlineOf(view.mark);
  const row = top + view.cursor.row;
  return { top, rows, alternate, row, ...(resized && { resized }), ...(mark && { mark }) };
}

/** A mark less what was printed before it. */
function outlineOf({ kind, exit, row, ready, prompts }: Mark): Mark {
  const counted = { ...(ready && { ready }), ...(prompts !== undefined && { prompts }) };
  return { kind, ...(exit !== undefined && { exit }), row, ...counted };
}

/** Whether no command was begun or ended between two marks of a shell; a prompt may have been drawn again elsewhere. */
export function sameMark(one: Mark | undefined, other: Mark | undefined): boolean {
  const counted = one?.prompts !== undefined && other?.prompts !== undefined;
  const facts = (mark: Mark | undefined) =>
    mark && [mark.kind, mark.exit, mark.prompts, counted ? mark.more?.row : mark.row];
  return JSON.stringify(facts(one)) === JSON.stringify(facts(other));
}

/**
 * Index of the first row that can be of a turn with this baseline: all since then, or the visible ones when the screen was switched. When
 * it was resized since then rows have other indices, since long ones were wrapped anew; then it is the first that there is.
 */
export function firstRow(baseline: Baseline, view: ScreenView): number {
  const outputs = outputsSince(baseline, view);
  if (outputs) return outputs[0]?.from.row ?? view.top;
  if (wasResized(baseline, view) && !view.alternate) return 0;
  return baseline.alternate === view.alternate ? baseline.top : view.top;
}

/** Rows that a turn added, as whole lines. */
export interface Added {
  lines: string[];
  /** Rows of it are gone. */
  truncated: boolean;
  /** The lines are its commands' output and nothing else: no echo, no prompt. */
  exact: boolean;
}

/**
 * Rows that a turn added: those since the baseline less those that were there before. A shell's marks give the output exactly; elsewhere
 * lines are compared, since a TUI moves its input box and footer down as text grows above them.
 */
export function added(baseline: Baseline, now: Rows, view: ScreenView): Added {
  const resized = wasResized(baseline, view);
  const outputs = outputsSince(baseline, view);
  if (outputs) {
    const truncated = outputs.some(({ from }) => from.row < now.from);
    return { lines: outputs.flatMap((output) => linesOf(output, now)), truncated, exact: true };
  }
  const truncated = now.from > firstRow(baseline, view);
  const marked = betweenMarks(baseline, now, view);
  if (marked) return { lines: marked, truncated, exact: false };
  const below = belowPrompt(baseline, now, view);
  if (below) return { lines: below, truncated, exact: false };
  const plain = (rows: readonly Row[]) => (view.alternate ? lines(rows).map(withoutScrollBar) : lines(rows));
  const [found, before] = [plain(now.rows), plain(baseline.rows)];
  const scrolled = baseline.alternate && view.alternate ? scrolledBy(found, before) : 0;
  const rest = without(found, before.slice(scrolled));
  return { lines: resized ? withoutRedrawn(rest) : rest, truncated, exact: false };
}

/** Output of the commands that were typed at the baseline's prompt or later; undefined where no marks tell that. */
function outputsSince({ mark: start }: Baseline, view: ScreenView): Stretch[] | undefined {
  const { mark, alternate } = view;
  if (start?.prompts === undefined || start.kind === "command" || mark?.prompts === undefined) return undefined;
  const first = start.prompts;
  const outputs = (mark.outputs ?? []).filter(({ prompt }) => prompt >= first);
  // A program has gone to the other screen, and is still there.
  if (mark.kind === "command" && alternate && outputs.length === 0) return undefined;
  return outputs.map(({ from, to = soFar(view) }) => ({ from, to }));
}

/** Where the output of a running command ends: at its own prompt, or at the bottom of the screen. */
function soFar(view: ScreenView): Position {
  const { top, cursor, rows } = view;
  if (innerPrompt(view) === undefined) return { row: top + rows.length, at: 0 };
  const wrapped = rows.slice(0, cursor.row).toReversed();
  return { row: top + cursor.row - wrapped.findIndex((row) => !row.wrapped), at: 0 };
}

/** From one place in the rows to another. */
interface Stretch {
  from: Position;
  to: Position;
}

/** Output as whole lines; no blank ones at the end. */
function linesOf({ from: start, to }: Stretch, { from, rows }: Rows): string[] {
  const all = rows.slice(Math.max(0, start.row - from), Math.max(0, to.row - from + 1));
  const last = to.row - from - Math.max(0, start.row - from);
  const cut = all.map(({ text, wrapped }, index): Row => {
    const first = index === 0 && start.row >= from ? start.at : 0;
    return index === last ? { text: text.slice(first, to.at), wrapped: false } : { text: text.slice(first), wrapped };
  });
  return lines(cut);
}

/** Output below the prompt of a program that the shell runs, with that prompt and the echo. */
function belowPrompt(baseline: Baseline, now: Rows, view: ScreenView): string[] | undefined {
  const { mark: start, row } = baseline;
  const { mark, alternate } = view;
  if (start?.prompts === undefined || start.kind !== "command" || row === undefined || mark === undefined)
    return undefined;
  if (alternate || baseline.alternate || wasResized(baseline, view)) return undefined;
  // The program may have ended, and the shell's own prompt be there.
  const ended = mark.outputs?.find(({ prompt, to }) => prompt === start.prompts && to !== undefined)?.to;
  return linesOf({ from: { row, at: 0 }, to: ended ?? soFar(view) }, now);
}

function wasResized(baseline: Baseline, view: ScreenView): boolean {
  return baseline.resized !== view.resized;
}

/** Number of lines that have scrolled away for good on a screen without scrollback: they are not there to be found again. */
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

/**
 * By the marks of a holder of an older version: from the row of the prompt that was typed at to the row of the next prompt; undefined where
 * they don't tell (`clear`, no marks).
 */
function betweenMarks(baseline: Baseline, { from, rows }: Rows, view: ScreenView): string[] | undefined {
  const [start, end] = [baseline.mark, view.mark];
  if (baseline.alternate || view.alternate || start?.kind !== "prompt" || !end || end.kind === "command")
    return undefined;
  if (end.prompts !== undefined || end.row <= start.row || start.row < baseline.top) return undefined;
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
