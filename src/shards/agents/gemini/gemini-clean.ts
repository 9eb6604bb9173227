import {
  type Block,
  blocks,
  continued,
  isDrawn,
  isKeyHelp,
  paragraphs,
  spoken,
  unindent,
  withoutFooter,
} from "../cleaning/clean.ts";
import { afterEcho } from "../cleaning/echo.ts";
import { isSlashCommand } from "../encode.ts";
import { findMenu } from "../dialogs/menu.ts";
import type { Menu } from "../dialogs/menu-rows.ts";

/* What Gemini CLI says, from the rows that a turn added; gemini.ts shows how they look. */

const pointer = "●";

export const footer =
  /^(?:\s?|\s{8,})workspace \(\/directory\)|^\s?(?:Shift\+Tab to |Queued \(press|\S+ Thinking\.\.\. |responding |\? for shortcuts|Press \S+ (?:again to|to expand) )/;
const busyRow = /^\s*(?:[\u2800-\u28ff]|responding) .*\(esc to cancel/;
/** The values below it: " ~/repo    main    no sandbox    Auto"; for screen readers in pieces. */
const values = /^\s?[~/]\S*(?: {2,}\S.*| branch| sandbox)$|^\S+ sandbox$|^no sandbox \/model$/;
/** The logo and the tips below it: they may be drawn as late as with the first prompt. */
const banner = /^ {0,3}(?:▝▜▄|▗▟▀|▝▀)(?: |$)|^Tips for getting started:$/;
const readerNote = /^You are currently in screen reader-friendly view/;
const readerTool = /^Answer Questions$|^(?:Success|Canceled|Error|Executing|Pending|Confirming): |^\? [A-Z]\w+ {2,}/;
/** A tool's line without a box: "  ✓  WriteFile  hello.txt → Accepted (+2, -0)". */
const tool = /^ {1,2}[✓✗✕x⊷o?-] {2}(?=[A-Z])/;
const resumeHint = /To resume this session: .*\S/;
const noise = /^(?:This request failed\. Press F12|Initializing\.\.\. Prompts will be queued|.*GEMINI\.md file)/;

const echo = /^(?: ?>(?: |$)|User: )\s*/;

type Part = "echo" | "said" | "box" | "tool" | "note" | "chrome" | "other";

export function cleanGemini(all: readonly string[], sent: string, cols: number): string {
  const { rows } = afterEcho(withoutReaderNote(all), sent, echo);
  const menu = dialogIn(rows);
  const told = menu ? rows.slice(0, dialogTop(rows, menu)) : rows;
  const forReaders = all.some((row) => /^(?:User|Model): /.test(row));
  // Boxes are tools and dialogs; a command of its own prints what it has to say in one too.
  const ofCommand = isSlashCommand(sent);
  const parts = partsOf(told, forReaders, ofCommand);
  return paragraphs(
    parts.map((block) => (ofCommand && block.kind === "box" ? unboxed(block.rows) : textOf(block, cols))),
  );
}

function unboxed(rows: readonly string[]): string {
  const inside = rows
    .filter((row) => !/^ ?[╭╰]/.test(row))
    .map((row) => row.replace(/^ ?│ ?/, "").replace(/\s*│$/, ""));
  return inside.join("\n").trim();
}

/** The row below the top of the outer box; for screen readers the row of the tool. */
export function dialogTop(rows: readonly string[], menu: Menu): number {
  const above = rows.slice(0, menu.first);
  const box = above.findLastIndex((row) => /^ ?╭/.test(row) || row === "Auto") + 1;
  return Math.max(
    box,
    above.findLastIndex((row) => readerTool.test(row)),
  );
}

/** A dialog that is still open: in a box, or marked as screen readers have it. */
function dialogIn(rows: readonly string[]): Menu | undefined {
  const menu = findMenu(rows, pointer);
  const chosen = rows.slice(menu?.first, (menu?.last ?? 0) + 1);
  const over = rows.slice(menu?.last).some((row) => /^ ?> |^✦|^(?:User|Model): /.test(row));
  return menu && !over && chosen.some((row) => /^ ?│|^\(checked\)|^● \d/.test(row)) ? menu : undefined;
}

/** The notice comes up in the middle of an answer, and may be wrapped. */
function withoutReaderNote(rows: readonly string[]): readonly string[] {
  const first = rows.findIndex((row) => readerNote.test(row));
  if (first < 0) return rows;
  const length = rows.slice(first, first + 4).findIndex((row) => row.includes("on next run."));
  const rest = rows.slice(first + Math.max(0, length) + 1);
  return [...rows.slice(0, first), ...withoutReaderNote(rest)];
}

/** An answer is indented by two blanks, a row above the input box by one or by half of the screen. */
function helpRow(row: string): boolean {
  return isKeyHelp(row) && !/^ {2,40}\S/.test(row);
}

function busyStatus(row: string): boolean {
  return busyRow.test(row) && !row.startsWith("  ");
}

function partsOf(all: readonly string[], forReaders: boolean, ofCommand = false): Block<Part>[] {
  const isFooter = (row: string) =>
    /^[▄▀─]+$/.test(row) || footer.test(row) || values.test(row) || busyStatus(row) || helpRow(row);
  const rows = withoutFooter(all, isFooter);
  return blocks<Part>(rows, "other", (row, open, index) => {
    // An answer that begins with code has no mark.
    if (/^▀+$/.test(rows[index - 1] ?? "") && row.startsWith("  ")) return "other";
    if (forReaders && /^[┌│└├]/.test(row)) return undefined;
    const part = partOf(row, open);
    return ofCommand && part === "box" && open === "box" ? undefined : part;
  });
}

/** Inside what is said nothing else begins but a tool's line: it has two blanks before each row, and may be of anything. */
function partOf(row: string, open: Part): Part | undefined {
  if (/^✦(?: |$)|^Model:(?: |$)/.test(row)) return "said";
  if (/^ ?>(?: |$)|^User: /.test(row)) return "echo";
  if (/^ ?[╭│╰]/.test(row)) return "box";
  if (/^ ?[ℹ✕⚠] /.test(row)) return "note";
  if (tool.test(row)) return "tool";
  if (open === "said" && /^ {2}/.test(row)) return undefined;
  if (readerTool.test(row)) return "tool";
  const ends = footer.test(row) || busyStatus(row) || banner.test(row);
  return ends || /^[▄▀─]+$/.test(row) || (isKeyHelp(row) && !/^ {2}\S/.test(row)) ? "chrome" : undefined;
}

function textOf({ kind, rows }: Block<Part>, cols: number): string {
  if (kind === "said") return spoken(withFences(unindent(rows, /^(?:✦|Model:)(?: {1,2}|$)/)), cols - 2);
  if (kind === "other") return spoken(withFences(continued(rows, 2)), cols - 2);
  if (kind === "box") return resumeHint.exec(rows.join("\n"))?.[0].replace(/[\s│]+$/, "") ?? "";
  if (kind !== "note") return "";
  const lines = unindent(rows, /^ ?[ℹ✕⚠] +/).filter((line) => !isDrawn(line));
  return noise.test(lines[0] ?? "") ? "" : spoken(lines, cols - 2);
}

/**
 * Code has numbers before its lines, and nothing else tells that it is code. A single line with a number may be anything.
 *
 *       1 export const a = 1;
 *       2 export const b = a +
 *         a;                                      wrapped
 *       3
 */
function withFences(rows: readonly string[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < rows.length;) {
    const code = codeAt(rows, index);
    if (code) lines.push("```", ...code.lines, "```");
    else lines.push(rows[index] ?? "");
    index += code?.rows ?? 1;
  }
  return lines;
}

function codeAt(rows: readonly string[], start: number): { rows: number; lines: string[] } | undefined {
  const head = /^(?<margin> *)1(?: |$)/.exec(rows[start] ?? "");
  if (!head) return undefined;
  const column = head[0].trimEnd().length;
  const lines: string[] = [];
  let end = start;
  for (; end < rows.length; end++) {
    const row = rows[end] ?? "";
    const number = row.slice(0, column).trim();
    if (number === `${lines.length + 1}` && /^(?: |$)/.test(row.slice(column))) lines.push(row.slice(column + 1));
    else if (number === "" && /\S/.test(row)) lines.push(`${lines.pop() ?? ""} ${row.trimStart()}`);
    else break;
  }
  const known = lines.length > 1 || (head.groups?.["margin"] ?? "") !== "";
  return known ? { rows: end - start, lines } : undefined;
}

/** See `AgentKind.tools`. */
export function toolsOfGemini(rows: readonly string[]): string[] {
  const parts = partsOf(
    rows,
    rows.some((row) => /^(?:User|Model): /.test(row)),
  );
  return parts.flatMap(({ kind, rows: own }) => {
    if (kind === "tool") return [named((own[0] ?? "").replace(tool, "").replace(readerMark, ""))];
    const boxed = kind === "box" ? own.filter((row) => boxedTool.test(row)) : [];
    return boxed.map((row) => named(row.replace(boxedTool, "").replace(/[\s│]+$/, "")));
  });
}

const boxedTool = /^ ?│ [✓✗✕x⊷o?-] {1,2}(?=[A-Z])/;
const readerMark = /^(?:(?:Success|Canceled|Error|Executing|Pending|Confirming): |\? )/;

/** "Shell echo hi" as "Shell: echo hi"; a name of two words, such as "Ask User", has two blanks behind it. */
function named(call: string): string {
  return call.replace(/^(.+?) {2,}(?=\S)|^(Shell|Edit|[A-Z]\w*[a-z][A-Z]\w*) (?=\S)/, "$1$2: ");
}
