import {
  type Block,
  blocks,
  continued,
  isKeyHelp,
  paragraphs,
  spoken,
  unindent,
  withoutFooter,
} from "../cleaning/clean.ts";
import { afterEcho } from "../cleaning/echo.ts";
import { findDialog } from "../dialogs/menu.ts";
import type { Menu } from "../dialogs/menu-rows.ts";

/* What Codex says, from the rows that a turn added; codex.ts shows how they look. */

export const pointer = "›";

/** "gpt-5-codex default · ~/repo": drawn when the start is over. */
export const modelRow = /^ {2}\S.* · [~/]\S*(?: · .*)?$/;
const footer =
  /^ {2}(?:\d+ background terminals? running · \/ps |← for agents|\? for shortcuts|tab to queue|\d+% (?:context )?left|.*\s{3,}⚠ .*f2 to view)/;
/** "  Worked for 2s • 06:46", or in the middle of a rule. */
const endOfTurn = /^(?: {2}Worked for .*\d+s? • \d|─+ ?Worked for .*\d)/;
/** The picture of an empty start. */
const splash = /^\s*[\u2800-\u28ff\s]+$/;
export const heads = /^(?:[›•■✔✗⚠]|⚠️)(?: |$)/;
/** Ways in which a dialog begins that stands below other text. */
const asks = /^ {2}(?:Would you like|Do you want|Allow |Trust this|Approve )/;
const working = /^[•◦] (?:Working|Waiting|Starting).*\(\d+[hms]/;

/** A tool without a result below it; the others are known by "└" or "│". */
const toolHead =
  /^(?:(?:Added|Edited|Deleted) .*\(\+\d+ -\d+\)|Running .*[^.:!]|Explored|Exploring|Updated Plan|Proposed Plan|Queued follow-up inputs|Exited \(status \d+\) .*)$/;
const result = /^ {2}[└│] /;

type Part = "echo" | "cell" | "note" | "chrome" | "other";

export function cleanCodex(all: readonly string[], sent: string, cols: number): string {
  // Its own commands are echoed without the pointer: "/status".
  const { rows } = afterEcho(all, sent, sent.trimStart().startsWith("/") ? /^(?:›\s+|(?=\/))/ : /^›\s+/);
  const menu = dialogIn(rows);
  const told = menu ? rows.slice(0, dialogTop(rows, menu)) : rows;
  return paragraphs(partsOf(told).map((block) => textOf(block, cols)));
}

/** Its last row must explain the keys: a numbered list that is being typed into the input box has the same pointer. */
export function menuOf(rows: readonly string[]): Menu | undefined {
  const menu = findDialog(rows, [pointer]);
  return menu?.help && !modelRow.test(rows.findLast((row) => row !== "") ?? "") ? menu : undefined;
}

export function dialogTop(rows: readonly string[], menu: Menu): number {
  const above = rows.slice(0, menu.first);
  const cell = above.findLastIndex((row) => heads.test(row));
  if (cell < 0 && !above.some((row) => asks.test(row) && /^ {2}Would/.test(row))) return 0;
  const asked = above.findLastIndex((row, index) => index > cell && asks.test(row) && (above[index - 1] ?? "") === "");
  const gap = above.findIndex((row, index) => index > cell && row === "");
  return asked >= 0 ? asked : gap < 0 ? cell + 1 : gap;
}

/** A dialog that is still open. What is said has two blanks before it, the chosen option none. */
function dialogIn(rows: readonly string[]): Menu | undefined {
  const menu = menuOf(rows);
  return menu && rows.slice(menu.first, menu.last + 1).some((row) => /^› \S/.test(row)) ? menu : undefined;
}

function partsOf(all: readonly string[]): Block<Part>[] {
  const end = all.findLastIndex((row) => endOfTurn.test(row));
  const over = end >= 0 && all.slice(end + 1).every((row) => !/^[•■✗⚠]/.test(row));
  // Every row above that one was said, whatever it looks like.
  if (over) return blocks<Part>(all.slice(0, end), "other", (row, open) => partOf(row, open, true));
  const isFooter = (row: string) =>
    footer.test(row) || modelRow.test(row) || endOfTurn.test(row) || isKeyHelp(row) || splash.test(row);
  return blocks<Part>(withoutFooter(all, isFooter), "other", (row, open) => partOf(row, open, false));
}

/** Inside what is said nothing else begins: it has two blanks before each row, and may be of anything. */
function partOf(row: string, open: Part, over: boolean): Part | undefined {
  if (/^›(?:\s|$)/.test(row)) return "echo";
  if ((!over && working.test(row)) || row.startsWith("✔ ") || endOfTurn.test(row)) return "chrome";
  if (/^•(?: |$)/.test(row)) return "cell";
  if (/^[■✗⚠] /.test(row)) return "note";
  if (open === "cell" && /^ {2}/.test(row)) return undefined;
  if (footer.test(row) || isKeyHelp(row) || splash.test(row)) return "chrome";
  return /^\s/.test(row) ? undefined : "other";
}

function textOf({ kind, rows }: Block<Part>, cols: number): string {
  if (kind === "chrome" || kind === "echo") return "";
  const lines = unindent(rows, /^[•■✗⚠](?: |$)/);
  if (kind === "cell" && isTool(rows)) return "";
  if (kind === "note") return (lines[0] ?? "").replace(/ - use \/feedback.*$/, "");
  const inside = kind === "other" ? continued(lines, 2) : lines;
  return spoken(inside, cols - 2, /[\p{L}\p{N}]-$/u, true).replaceAll(/^(\s*)• /gm, "$1- ");
}

/** A head with its result right below, or one that says by itself that it is a tool. */
function isTool(rows: readonly string[]): boolean {
  const end = rows.indexOf("");
  const first = rows.slice(0, Math.min(3, end < 0 ? 3 : end));
  const head = (rows[0] ?? "").replace(/^• /, "");
  return toolHead.test(head) || (/^[\p{L}\p{N}]/u.test(head) && first.some((row) => result.test(row)));
}

/** See `AgentKind.tools`. */
export function toolsOfCodex(rows: readonly string[]): string[] {
  const cells = partsOf(rows).filter(({ kind, rows: own }) => kind === "cell" && isTool(own));
  return cells.flatMap(({ rows: [head = "", ...below] }) => {
    const name = head.replace(/^• /, "");
    // Each of the things that it looked at is a call.
    if (name.startsWith("Explor"))
      return below.map((row) => named(row.replace(/^[\s└│]+/, ""))).filter((row) => row !== "");
    const more = below.filter((row) => /^ {2}│ /.test(row)).map((row) => row.replace(/^ {2}│ \s*/, ""));
    return [named([name, ...(/^Ran|^Running/.test(name) ? more : [])].join(" "))];
  });
}

/** "Ran echo hi" as "Ran: echo hi". */
function named(call: string): string {
  return /^(?:Updated|Proposed) Plan|^Queued/.test(call)
    ? call
    : call.replace(/^(Exited \(status \d+\)|\S+) (?=\S)/, "$1: ");
}
