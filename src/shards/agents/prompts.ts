import type { ScreenView } from "./agent.ts";
import { demandsDecision } from "./dialogs/deciding.ts";

/*
 * Prompts of programs that read lines. The cursor stands one blank behind it; `|` marks the cursor here:
 *
 *     >>> |      ... |      In [1]: |      > |      me@box:~/repo$ |      irb(main):001:0> |      sqlite> |      (Pdb) |      app=# |
 */

/** A prompt by itself, as it stands before the cursor. */
const whole = /^(?=.{2,100}$)(?:\([\w-]+\)|In \[\d+\]:|\s*\.\.\.[>:]?\s*|\s*->|\||(?:.*\S)?(?:[>$#❯›»λ➜]|(?<!\d)%)) $/u;
/** A prompt with something behind it. Not "=> a" and "100% b": they are output. */
const leading =
  /^(?:\([\w-]+\)|In \[\d+\]:|\s*\.\.\.[>:]?|\s{2,}->|\||(?:\[[^\]]+\]|\S{0,60}(?<![=-]))(?:[>$#❯›»λ➜]|(?<!\d)%)) (?= *\S)/u;
/** Prompts that nobody prints by chance. */
const certain =
  /^(?:>>> |\.\.\. |In \[\d+\]: |\([Pp]db\) |\([gl]l?db\) |irb\(|\w[\w.-]*[>$#]|\w[\w.-]*=[>#] |\S+@\S+[$#] )/;
const continuation = /^\s*(?:\.\.\.[>:]?|->|\|)\s*$/;

/** The prompt behind which the cursor stands; undefined when there is none. */
export function promptAt(view: ScreenView): string | undefined {
  const { rows, cursor, bracketedPaste } = view;
  const before = beforeCursor(view);
  // Line editors with a bar at the bottom have the cursor above it.
  const last = bracketedPaste || rows.slice(cursor.row + 1).every(({ text }) => text === "");
  return last && whole.test(before) && !decides(before) ? before.trim() : undefined;
}

/** A question, or a bar of progress, that ends like a prompt: "Delete all files?> ", "[=====> ". */
function decides(before: string): boolean {
  return (
    /[\p{L}\p{N}'")][?？]\s?\S\s$|\[[=#-]{3,}>\s$|(?:[[(]\p{L}[\])].*){2}/u.test(before) ||
    demandsDecision(before.replace(/\S\s*$/, ""))
  );
}

/** The line of the cursor, with the rows before that the terminal had wrapped, up to its end. */
export function rowAt({ rows, cursor }: ScreenView): string {
  const first = rows.slice(0, cursor.row).findLastIndex(({ wrapped }) => !wrapped) + 1;
  return rows
    .slice(first, cursor.row + 1)
    .map(({ text }) => text)
    .join("");
}

/** Text typed behind a prompt and not sent off yet, with the lines of an open block ("..."); "" when there is nothing. */
export function leftAt(view: ScreenView): string {
  if (view.alternate) return "";
  const texts = view.rows.map(({ text }) => text);
  const row = rowAt(view);
  const open = continuation.test(row);
  const ghost = promptAt(view) !== undefined && !open;
  if (ghost) return "";
  if (leading.test(row) && !open) return row.replace(leading, "").trim();
  // A line editor that takes pastes shows their other lines without a prompt, and a block's lines have one of their own.
  if (!open && !view.bracketedPaste) return "";
  const start = texts
    .slice(0, view.cursor.row + 1)
    .findLastIndex((text) => leading.test(text) && !/^\s*(?:\.\.\.|->|\|)/.test(text));
  const lines = start < 0 ? [] : texts.slice(start, view.cursor.row + 1);
  return lines
    .map((text) => text.replace(leading, ""))
    .join("\n")
    .trim();
}

/** A line was sent off behind a prompt, and the next prompt is still to come: the cursor stands in an empty row below. */
export function waitedFor({ rows, cursor, alternate }: ScreenView): boolean {
  const below = rows.slice(cursor.row).every(({ text }) => text === "");
  if (alternate || cursor.col > 0 || !below) return false;
  const above = rows.slice(0, cursor.row).map(({ text }) => text);
  return leading.test(above.at(-1) ?? "") || above.some((text) => certain.test(text) && leading.test(text));
}

/** A row with something typed behind a prompt. */
export function isTyped(row: string): boolean {
  return leading.test(row);
}

/** Text behind the prompt of a row; "" where there is no prompt. */
export function typedIn(row: string): string {
  return leading.test(row) ? row.replace(leading, "") : "";
}

/** A row with nothing but a prompt that nobody prints by chance. */
export function isCertainPrompt(row: string): boolean {
  return /^(?:>>>|In \[\d+\]:|\([Pp]db\)|irb\(.*>|(?:sqlite|mysql)>)$/.test(row.trimEnd());
}

/** A row in which a block goes on, with nothing in it. */
export function isContinuation(row: string): boolean {
  return continuation.test(row) && row.trim() !== "";
}

function beforeCursor({ rows, cursor }: ScreenView): string {
  return (rows[cursor.row]?.text ?? "").slice(0, cursor.col).padEnd(cursor.col);
}
