import type { ScreenView } from "../agents/agent.ts";
import { isRule } from "../agents/generic/input.ts";
import { cutAt } from "../agents/cleaning/width.ts";

/** A place on a screen in which a typed text was seen to land: what stands before the cursor there, and what is around it. */
export interface Landing {
  alternate: boolean;
  hidden: boolean;
  /** Before the cursor in its row, less the blanks around it: "❯". */
  before: string;
  above: Around;
  below: Around;
}

type Around = "rule" | "text" | "nothing";

/** Characters of a text by which it is found. */
const beginning = 20;

/**
 * Where a typed text stands now, with the cursor behind it. Undefined where it is not to be seen, or where nothing around it would tell the
 * place from any other.
 */
export function landingOf(view: ScreenView, text: string): Landing | undefined {
  const { rows, cursor } = view;
  const lines = text.split("\n").map((line) => line.trim());
  const [first = ""] = lines;
  const end = (lines.at(-1) ?? "").slice(-beginning);
  const until = textOf(view, cursor.row).slice(0, cursor.col).trimEnd();
  if (first === "" || !until.endsWith(end)) return undefined;
  const start = first.slice(0, beginning);
  const row = rows.slice(0, cursor.row + 1).findLastIndex((one) => one.text.includes(start));
  if (row < 0) return undefined;
  const before = textOf(view, row).slice(0, textOf(view, row).lastIndexOf(start)).trim();
  const around = { above: aroundAt(view, row - 1), below: aroundAt(view, cursor.row + 1) };
  const known = before !== "" || around.above === "rule" || around.below === "rule";
  return known ? { alternate: view.alternate, hidden: cursor.hidden ?? false, before, ...around } : undefined;
}

/** Stands for a long text that was pasted: "[Pasted text #1 +12 lines]", "[paste #1 +230 lines]", "[# 4 [y] or … Pasted +5 lines]". */
const folded = /\bpasted?\b[^[\]]*\]\s*$/i;
/** Letters and digits at the end of a text by which it is known: signs may be drawn otherwise, or be a frame's. */
const ending = 8;

/** Whether a typed text is shown with the cursor behind it, or what stands for it. */
export function isShown(view: ScreenView, text: string): boolean {
  const { rows, cursor } = view;
  // An emoji has many characters, and takes two columns.
  const here = cutAt(textOf(view, cursor.row), cursor.col);
  const before = here === "" && rows[cursor.row - 1]?.wrapped ? textOf(view, cursor.row - 1) : here;
  if (folded.test(before)) return true;
  const [shown, sent] = [wordsIn(before), wordsIn(text)];
  if (sent === "") return before.trimEnd().endsWith(text.trim().slice(-ending));
  // A row that was begun anew has less of it, and one with a label before it has more.
  return shown !== "" && (sent.endsWith(shown.slice(-ending)) || shown.endsWith(sent.slice(-ending)));
}

function wordsIn(text: string): string {
  return text.normalize("NFC").replaceAll(/[^\p{L}\p{N}]+/gu, "");
}

/** Whether the cursor stands in such a place, with nothing typed. */
export function isOpen(landing: Landing, view: ScreenView): boolean {
  const { row, col, hidden = false } = view.cursor;
  return (
    landing.alternate === view.alternate &&
    landing.hidden === hidden &&
    landing.before === textOf(view, row).slice(0, col).trim() &&
    landing.above === aroundAt(view, row - 1) &&
    landing.below === aroundAt(view, row + 1)
  );
}

export function isSame(a: Landing, b: Landing): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function textOf({ rows }: ScreenView, row: number): string {
  return rows[row]?.text ?? "";
}

function aroundAt(view: ScreenView, row: number): Around {
  const text = textOf(view, row);
  return isRule(text) ? "rule" : text.trim() === "" ? "nothing" : "text";
}
