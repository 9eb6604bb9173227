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
import { isDone, isRetry, isWork, rule, withoutPanel } from "./claude-screen.ts";
import { afterEcho } from "../cleaning/echo.ts";
import { findDialog } from "../dialogs/menu.ts";
import type { Menu } from "../dialogs/menu-rows.ts";

/* What Claude Code says, from the rows that a turn added; claude.ts shows how they look. */

const pointer = "❯";
const footer =
  /^\s*(?:\? for shortcuts|esc to interrupt|paste again to expand|⏵⏵|⏸|\S \S+ · \/effort|ctrl\+\S+ to \w+|.*\s{3,}\S \S+ · \/effort$|Press \S+ again to exit|Waiting for .*…$|\s{20}.*\bupdate)/i;
/** The list of commands below the input box. */
const commandHelp = /^\/[\w:-]+ {2,}\S/;
const toolCall = /^[A-Z][\w-]*(?: [\w:./-]+)*\s?\(.*\)$/s;
/** Reads, searches and thoughts are folded into a line of their own: "Read 1 file (ctrl+o to expand)", "Reading 1 file…". */
const folded = /^(?: {2}|● )?[A-Z]\w+ .*\(ctrl\+o to expand\)$/;
const folding =
  /^(?: {2}|● )?(?:Ran|Running|Read|Reading|Searched|Searching|Listed|Listing|Called|Calling|Recalled|Wrote|Thinking|Thought) .*?(?:\d+ (?:[a-z ]+ )?(?:command|file|pattern|director|time|memor|agent)\w*|\d+s)…?$/;
/** Rows below a prompt: files that its "@README.md" brought along, that it waits in the queue, other changes by a command. */
const beside = /^(?:Read .+ \(\d.*\)|Listed directory .+|Queued · .*|\((?:files that changed|file diff) .*)$/;
/** Claude Code's words of its own, between those of its model. */
const ownWords =
  /^● (?:Auto mode (?:can't|is|was)|(?:Background (?:command|agent|task)|Agent) ".*" \w+|Exited plan mode$|Entered plan mode$)/;
/** Below "● How is Claude doing this session? (optional)". */
const survey = /^\s+1: \w+\s+2: \w+\s+3: \w+/;
/** "▐▛███▛█   Claude Code v2.1.332", with the model and the folder in the rows below. */
const banner = /^[\s▀-▟·~│]*Claude Code v\d/;
/** Of what stands behind ⎿ and says more than a tool's result. */
const note = /^(?:Interrupted|\[Request interrupted|User rejected|Denied|API Error|Error: .*API)/i;

/** Ways in which the first row of an echo begins; for screen readers the input box has no mark. */
const echo = /^(?:❯\s+|you: )/;

/** "rest" is what was said from rows whose beginning has scrolled away. */
type Part = "said" | "rest" | "echo" | "result" | "folded" | "chrome" | "other";

export function cleanClaude(added: readonly string[], sent: string, cols: number): string {
  const all = withoutPanel(added, cols);
  if (isBack(all, sent)) return "";
  const { rows } = afterEcho(all, sent, echo);
  const menu = dialogIn(rows);
  const told = menu ? rows.slice(0, dialogTop(rows, menu.first)) : rows;
  if (all.some((row) => /^(?:you|claude): /.test(row))) return cleanLabelled(told, cols);
  const parts = partsOf(told);
  const said = paragraphs(parts.map((block, index) => textOf(block, parts[index - 1], parts[index + 1], cols)));
  // Of a turn that has brought nothing else, why it has not.
  return said === "" ? (told.findLast(isRetry) ?? "").replace(/^\S{1,2} /, "") : said;
}

/** The prompt of a turn that was interrupted before anything was said stands in the input box again. */
function isBack(rows: readonly string[], sent: string): boolean {
  const below = afterEcho(rows, sent, /^(?!❯|you: )/);
  return below.echoed && below.rows.every((row) => row === "");
}

/** The first row of a dialog: below the rule; for screen readers the row that says what is asked for. */
export function dialogTop(rows: readonly string[], first: number): number {
  const above = rows.slice(0, first);
  const start = above.findLastIndex((row) => rule.test(row) || /^(?:tool|claude|you): /.test(row));
  const heading = above.findLastIndex((row) => /^(?:Permission Required: | ☐ )/.test(row));
  if (start >= 0 || heading >= 0) return Math.max(start + 1, heading);
  // Of the rows that a turn added, the rule may be missing: there was one before. Only dialogs are indented by one blank.
  const said = above.findLastIndex((row) => /^(?:[●❯]| {2}⎿)/.test(row));
  return Math.max(
    0,
    above.findIndex((row, index) => index > said && /^ \S/.test(row)),
  );
}

/** A dialog that is still open. What is said has two blanks before it, the chosen option one or none. */
function dialogIn(rows: readonly string[]): Menu | undefined {
  const menu = findDialog(rows, [pointer]);
  if (!menu) return undefined;
  const options = rows.slice(menu.first, menu.last + 1);
  const labelled = rows.slice(menu.last).some((row) => row.startsWith("Enter selection ["));
  const over = rows.slice(menu.last + 1).some((row) => /^[●❯](?:\s|$)/.test(row));
  return !over && (labelled || options.some((row) => /^ ?❯ \d|^ {1,2}❯ /.test(row))) ? menu : undefined;
}

function partsOf(all: readonly string[]): Block<Part>[] {
  const isFooter = (row: string) => rule.test(row) || footer.test(row) || isKeyHelp(row) || isStatus(row);
  const rows = withoutFooter(withoutBanner(all), isFooter);
  const lead = /^ {2}(?![⎿ ]{18})/.test(rows.find((row) => row !== "") ?? "") ? "rest" : "other";
  return blocks<Part>(rows, lead, (row, open, index) => (isFolded(rows, index) ? "folded" : partOf(row, open)));
}

function withoutBanner(rows: readonly string[]): readonly string[] {
  const at = rows.findIndex((row) => banner.test(row));
  if (at < 0) return rows;
  const start = rows.slice(0, at).lastIndexOf("") + 1;
  const end = rows.indexOf("", at);
  return end < 0 ? rows.slice(0, start) : [...rows.slice(0, start), ...rows.slice(end)];
}

function isStatus(row: string): boolean {
  return isWork(row) || isDone(row);
}

/** Inside what is said nothing else begins: it has two blanks before each row, and may be of anything. */
function partOf(row: string, open: Part): Part | undefined {
  if (/^●(?:\s|$)/.test(row)) return "said";
  if (/^❯(?:\s|$)/.test(row)) return "echo";
  if (/^ {2}⎿/.test(row)) return "result";
  if (/^[─╭│╰▎]/.test(row) || isStatus(row) || commandHelp.test(row)) return "chrome";
  if (open === "folded") return "other";
  if ((open === "said" || open === "rest") && /^ {2}/.test(row)) return undefined;
  if (footer.test(row)) return "chrome";
  return isKeyHelp(row) || !/^\s/.test(row) ? "other" : undefined;
}

/** Whether a row is such a line: by its help, by its result, or since it stands alone. */
function isFolded(rows: readonly string[], index: number): boolean {
  const row = rows[index] ?? "";
  if (folded.test(row)) return true;
  const [before = "", below = ""] = [rows[index - 1], rows[index + 1]];
  if (before !== "" || !/^(?: {2}|● )[A-Z]/.test(row)) return false;
  if (/^ {2}⎿/.test(below)) return row.startsWith("  ");
  if (!folding.test(row)) return false;
  const next = rows.slice(index + 1).find((text) => text !== "");
  return below === "" && (next === undefined || /^\S/.test(next));
}

function textOf(
  block: Block<Part>,
  before: Block<Part> | undefined,
  next: Block<Part> | undefined,
  cols: number,
): string {
  if (block.kind === "chrome" || block.kind === "echo" || block.kind === "folded") return "";
  if (block.kind === "result") {
    const lines = block.rows.map((row) => row.replace(/^ {2}⎿/, "").trim());
    const text = lines.filter((line) => !beside.test(line)).join("\n");
    const answersUs = before === undefined || before.kind === "echo" || before.kind === "other";
    return (answersUs && !text.startsWith("Tip: ")) || note.test(text) ? text : "";
  }
  if (block.kind === "rest") return spoken(continued(block.rows, 2), cols - 2);
  if (block.kind === "other") {
    const rows = block.rows.filter((row) => !isKeyHelp(row) && !isDrawn(row));
    return spoken(continued(rows, 2), cols - 2).replace(/^[·✢✳✶✻✽*] /, "");
  }
  if (callIn(block, next) !== undefined || survey.test(block.rows[1] ?? "")) return "";
  if (ownWords.test(block.rows[0] ?? "")) return "";
  return spoken(unindent(block.rows, /^●(?:\s|$)/), cols - 2);
}

/** The tool call that a block with a bullet is: "Bash(echo hi)". It has a result below, or looks like a call. */
function callIn(block: Block<Part>, next: Block<Part> | undefined): string | undefined {
  const rows = unindent(block.rows, /^●(?:\s|$)/);
  const end = rows.indexOf("");
  const first = rows
    .slice(0, end < 0 ? undefined : end)
    .join(" ")
    .trim();
  if (toolCall.test(first)) return first;
  const result = next?.kind === "result" ? (next.rows[0] ?? "").replace(/^ {2}⎿\s*/, "") : "";
  return result !== "" && !note.test(result) ? first : undefined;
}

/** See `AgentKind.tools`. */
export function toolsOfClaude(shown: readonly string[], cols: number): string[] {
  const rows = withoutPanel(shown, cols);
  if (rows.some((row) => /^(?:you|claude): /.test(row))) return labelledTools(rows);
  const parts = partsOf(rows);
  return parts.flatMap((block, index) => {
    if (block.kind === "folded") return [unfolded(block.rows[0] ?? "")];
    const call = block.kind === "said" ? callIn(block, parts[index + 1]) : undefined;
    return call === undefined ? [] : [named(unfolded(call))];
  });
}

function unfolded(row: string): string {
  return row.replace(/^[\s●]+/, "").replace(/ \(ctrl\+o to expand\)$/, "");
}

/** "Bash(echo hi)" as "Bash: echo hi". */
function named(call: string): string {
  const { name, args } = /^(?<name>[^(]+?)\s?\((?<args>.*)\)$/s.exec(call)?.groups ?? {};
  return name === undefined ? call.replace(/:$/, "") : `${name}: ${(args ?? "").replaceAll(/\s+/g, " ")}`;
}

function labelledTools(rows: readonly string[]): string[] {
  return rows.flatMap((row) => {
    const call = /^tool(?: error)?: (?<call>.*)$/.exec(row)?.groups?.["call"];
    return call === undefined ? [] : [named(unfolded(call))];
  });
}

/** The screen of --ax-screen-reader: a label at each beginning, everything else at the left edge. */
function cleanLabelled(rows: readonly string[], cols: number): string {
  const parts = blocks<Part>(rows, "chrome", (row) => {
    if (row.startsWith("you: ")) return "echo";
    if (row.startsWith("claude: ")) return "said";
    if (row.startsWith("Interrupted  ·")) return "other";
    if (row.startsWith("API error  ·")) return "chrome";
    const ends = /^\S+ for [\dhms ]+$|^\S+… {3}\(|^tool(?: error)?: |^●\s|^Permission Required: /.test(row);
    return ends || footer.test(row) ? "chrome" : undefined;
  });
  const texts = parts.map((block) => {
    const silent = block.kind === "echo" || block.kind === "chrome";
    if (silent) return "";
    const rows = block.rows.map((row) => row.replace(/^ (?=\S)/, ""));
    return spoken(rows, cols - 2).replace(/^claude: /, "");
  });
  return paragraphs(texts);
}
