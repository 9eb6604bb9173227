import type { ScreenView } from "../agent.ts";
import { agrees, demandsDecision, namesSecret, refuses } from "../dialogs/deciding.ts";
import { promptAt, rowAt } from "../prompts.ts";

/**
 * Evidence that a program which no rule knows takes a text now, and where, in a few words; undefined where nothing does. That it is
 * silent shows nothing: a list, a dialog and a pager are silent too, and what is typed there decides something. What counts, `|` being the
 * cursor:
 *
 *     >>> |                        a prompt behind which the cursor stands, with nothing below
 *     You: |   package name: (app) |   a label, likewise, with a cursor that is shown
 *
 *     ──────────────────           a box, or a row between two rules, with the cursor at its beginning: what stands behind it is
 *     ❯ |Ask anything…             a hint. Programs that draw a cursor of their own hide the terminal's, and leave it there all the same
 *     ──────────────────
 *
 *     a line editor (bracketed paste) in the last row
 *     a terminal in line mode with echo, where nothing stands before the cursor: a line goes to whoever reads next. What was printed last
 *     must not ask in both cases
 */
export function inputAt(view: ScreenView): string | undefined {
  const prompt = view.alternate ? undefined : promptAt(view);
  if (prompt !== undefined) return `prompt: ${prompt}`;
  if (inBox(view)) return "the cursor is in an input box";
  const row = rowAt(view);
  const before = beforeCursor(view);
  const last = behind(view) === "" && (view.alternate || isLast(view));
  if (!view.cursor.hidden && last && !inFrame(view) && label.test(before) && !decides(view) && !progress.test(row)) {
    return `label: ${before.trim().slice(-40)}`;
  }
  if (view.alternate || !last) return undefined;
  if (view.bracketedPaste && !view.cursor.hidden && !/[?？]\s*$/.test(row) && !asksAbove(view)) {
    return "a line editor is open";
  }
  return readsLine(view) && !asksAbove(view) ? "the terminal is in line mode" : undefined;
}

/**
 * A program's question in the row before the cursor, with words for an answer: "What is your name? |", "? Project name › |", "Select an
 * option: |"; or above an empty line: "Approve it? (yes/no)".
 */
export function askedInWords(view: ScreenView): string | undefined {
  const before = beforeCursor(view);
  if (view.cursor.hidden || behind(view) !== "" || !(view.alternate || isLast(view))) return undefined;
  return asks.test(before) || (/\p{L}/u.test(before) && label.test(before) && decides(view))
    ? rowAt(view).slice(0, view.cursor.col).trim()
    : demandedAbove(view);
}

/** A decision that is wanted in the row right above a prompt by itself, or the edge of an input box. */
export function demandedAbove(view: ScreenView): string | undefined {
  const { rows, cursor } = view;
  const above = rows[cursor.row - (inFrame(view) ? 2 : 1)]?.text ?? "";
  return opening.test(beforeCursor(view)) && cursor.col > 0 && demandsDecision(above) ? above.trim() : undefined;
}

/** The secret that is wanted in an input box, by the row right above it. */
export function secretInBox(view: ScreenView): string | undefined {
  const above = view.rows[view.cursor.row - 2]?.text ?? "";
  return inFrame(view) && namesSecret(above.trim()) ? above.trim() : undefined;
}

const rule = /^\s*(?:[╭┌╔┏├╰└╚┗]?[─━═▄▀▔▁]{10,}|[╭┌╔┏╰└╚┗][─━═]{3,})/u;
const label = /^(?=.{2,120}$).*(?:[:>❯›»λ➜]|[:>]\s*[([].{1,60}[)\]]|(?<!\d)[$#%]) $/u;
const asks =
  /^(?=.{4,200}$).*\p{L}.*(?:\?(?:\s*[([][^[\]()]{1,60}[)\]])?(?:\s?[:>❯›»$#%])? +|[?？]?（[^（）]{1,40}）[:：]? *|？ *)$/u;
const decision =
  /\b(?:yes|y\/n|approve|confirm|allow|deny|proceed|continue|overwrite|delete|remove|sure|abort|retry|press|key|choose|choice|select|selection|option|pick|answer)\b|[?？]|(?:[[(][a-z][\])].*){2}/i;
/** A count, a share, or a bar. */
const progress = /\d\s?%|\d\/\d+\]|\beta\b|[=#█]{3,}/i;
/** A row of a list that a pointer is on, and how many of its rows match what is typed. */
const pointed = /^\s*[❯›▸▶►➤]\s+\S/u;
const matches = /^\s*\d+\/\d+(?:\s|$)/;
/** "Only 'yes' will be accepted to approve." */
const yes = /['"`[(](?:yes|y)['"`\])]/i;
/** A frame, and a sign by which programs mark the line that they read. */
const opening = /^\s*[│┃║▌|]?\s*(?:[>❯›»$#%*+•→➜λ]|\w{1,20}[>:])?\s*$/u;

/** The edge of a box, or a rule. */
export function isRule(row: string): boolean {
  return rule.test(row);
}

/** The cursor is in an input box: nothing in it or right above it decides anything, and no list that it filters is below. */
export function inBox(view: ScreenView): boolean {
  if (!inFrame(view) || demandedAbove(view) !== undefined || secretInBox(view) !== undefined) return false;
  const { rows, cursor } = view;
  const hint = (rows[cursor.row]?.text ?? "")
    .slice(cursor.col)
    .replace(/[\s│┃║▌|]+$/, "")
    .trim();
  const chosen = /^\S+(?: \S+)?$/.test(hint) && (agrees.test(hint) || refuses.test(hint));
  const [first = "", second = ""] = rows
    .slice(cursor.row + 2)
    .flatMap(({ text }) => (text.trim() === "" ? [] : [text]));
  return !chosen && !matches.test(first) && !(pointed.test(first) && /^\s/.test(second) && !pointed.test(second));
}

/** The cursor stands at the beginning of a row with the edges of a box, or rules, above and below. */
function inFrame(view: ScreenView): boolean {
  const { row } = view.cursor;
  const at = (index: number) => view.rows[index]?.text ?? "";
  return isRule(at(row - 1)) && isRule(at(row + 1)) && !isRule(at(row)) && opening.test(beforeCursor(view));
}

/** In line mode the terminal shows what is typed and gives it line by line to who reads. One that has printed nothing may not have begun. */
function readsLine({ tty, rows, cursor }: ScreenView): boolean {
  if (!tty?.canonical || !tty.echo || tty.reading === false || cursor.col > 0) return false;
  return tty.reading === true || rows.some(({ text }) => text !== "");
}

/** The cursor stands at the left edge, below a question, or below a dialog that a program has drawn. */
function asksAbove({ rows, cursor }: ScreenView): boolean {
  const texts = rows.slice(0, cursor.row).map(({ text }) => text);
  const end = texts.findLastIndex((text) => text !== "") + 1;
  const above = texts[end - 1] ?? "";
  const block = texts.slice(texts.slice(0, end).lastIndexOf("") + 1, end);
  const asked = /[?？]\s*$/.test(above) || isRule(above) || (/[:：]\s*$/.test(above) && decision.test(above));
  return cursor.col === 0 && (asked || demandsDecision(above) || /^\s*[└╰╚┗]\s*$/.test(above) || isMenu(block));
}

function decides(view: ScreenView): boolean {
  return decision.test(rowAt(view)) || demandsYes(view);
}

/** Rows below each other that are numbered, all further in, or one of which has a pointer. */
function isMenu(block: readonly string[]): boolean {
  if (block.length < 2) return false;
  const listed = block.every((text, index) => new RegExp(`^\\s*[[(]?${index + 1}[\\])]?[.):]?\\s+\\S`).test(text));
  return (
    listed || block.every((text) => /^\s{2,}\S/.test(text)) || block.filter((text) => pointed.test(text)).length === 1
  );
}

function demandsYes({ rows, cursor }: ScreenView): boolean {
  return rows.slice(Math.max(0, cursor.row - 4), cursor.row + 1).some(({ text }) => yes.test(text));
}

function isLast({ rows, cursor }: ScreenView): boolean {
  return rows.slice(cursor.row + 1).every(({ text }) => text === "");
}

function beforeCursor({ rows, cursor }: ScreenView): string {
  return (rows[cursor.row]?.text ?? "").slice(0, cursor.col).padEnd(cursor.col);
}

function behind({ rows, cursor }: ScreenView): string {
  return (rows[cursor.row]?.text ?? "").slice(cursor.col).replace(/[\s│┃║|]+$/, "");
}
