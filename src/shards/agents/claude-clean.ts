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
} from "./clean.ts";
import { afterEcho } from "./echo.ts";
import { findMenu } from "./menu.ts";
import type { Menu } from "./menu-rows.ts";

/* What Claude Code says, from the rows that a turn added; claude.ts shows how they look. */

const pointer = "❯";
const rule = /^─{10,}/;
const footer =
  /^\s*(?:\? for shortcuts|esc to interrupt|paste again to expand|⏵⏵|⏸|● \S+ · \/effort|ctrl\+\S+ to \w+|.*\s{3,}● \S+ · \/effort$|Press \S+ again to exit)/i;
const spinner = /^[·✢✳✶✻✽*] \S+(?: \S+)?…|^✻ \S+ for [\dhms ]+$/;
/** The list of commands below the input box. */
const commandHelp = /^\/[\w:-]+ {2,}\S/;
const toolCall = /^[A-Z][\w-]*(?: [\w:./-]+)*\s?\(.*\)$/s;
/** Reads, searches and thoughts are folded into a line of their own: "Read 1 file (ctrl+o to expand)", "Reading 1 file…". */
const folded = /^(?: {2}|● )?[A-Z]\w+ .*\(ctrl\+o to expand\)$/;
const folding =
  /^(?: {2}|● )?(?:Ran|Running|Read|Reading|Searched|Searching|Listed|Listing|Called|Calling|Recalled|Wrote|Thinking|Thought) .*?(?:\d+ [a-z ]+?(?:command|file|pattern|director|time|memor|agent)\w*|\d+s)…?$/;
/** What a prompt's "@README.md" brought along. */
const mentioned = /^(?:Read .+ \(\d.*\)|Listed directory .+)$/;
/** Of what stands behind ⎿ and says more than a tool's result. */
const note = /^(?:Interrupted|\[Request interrupted|User rejected|Denied|API Error|Error: .*API)/i;

/** Ways in which the first row of an echo begins; for screen readers the input box has no mark. */
const echo = /^(?:❯\s+|you: )/;

type Part = "said" | "echo" | "result" | "chrome" | "other";

export function cleanClaude(all: readonly string[], sent: string, cols: number): string {
  if (isBack(all, sent)) return "";
  const { rows } = afterEcho(all, sent, echo);
  const menu = dialogIn(rows);
  const told = menu ? rows.slice(0, dialogTop(rows, menu.first)) : rows;
  if (all.some((row) => /^(?:you|claude): /.test(row))) return cleanLabelled(told, cols);
  const parts = partsOf(told);
  return paragraphs(parts.map((block, index) => textOf(block, parts[index - 1], parts[index + 1], cols)));
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
  const menu = findMenu(rows, pointer);
  if (!menu) return undefined;
  const options = rows.slice(menu.first, menu.last + 1);
  const labelled = rows.slice(menu.last).some((row) => row.startsWith("Enter selection ["));
  const over = rows.slice(menu.last + 1).some((row) => /^[●❯](?:\s|$)/.test(row));
  return !over && (labelled || options.some((row) => /^ ?❯ \d/.test(row))) ? menu : undefined;
}

function partsOf(all: readonly string[]): Block<Part>[] {
  const isFooter = (row: string) => rule.test(row) || footer.test(row) || isKeyHelp(row) || spinner.test(row);
  const rows = withoutFooter(all, isFooter);
  return blocks<Part>(rows, "other", (row, open, index) => (isFolded(rows, index) ? "other" : partOf(row, open)));
}

/** Inside what is said nothing else begins: it has two blanks before each row, and may be of anything. */
function partOf(row: string, open: Part): Part | undefined {
  if (/^●(?:\s|$)/.test(row)) return "said";
  if (/^❯(?:\s|$)/.test(row)) return "echo";
  if (/^ {2}⎿/.test(row)) return "result";
  if (/^[─╭│╰]/.test(row) || spinner.test(row) || commandHelp.test(row)) return "chrome";
  if (open === "said" && /^ {2}/.test(row)) return undefined;
  if (footer.test(row)) return "chrome";
  return isKeyHelp(row) || !/^\s/.test(row) ? "other" : undefined;
}

/** Whether a row is such a line: by its help, or since it stands alone. */
function isFolded(rows: readonly string[], index: number): boolean {
  const row = rows[index] ?? "";
  if (folded.test(row)) return true;
  if (!folding.test(row) || (rows[index - 1] ?? "") !== "") return false;
  const next = rows.slice(index + 1).find((text) => text !== "");
  return (rows[index + 1] ?? "") === "" && (next === undefined || /^\S/.test(next));
}

function textOf(
  block: Block<Part>,
  before: Block<Part> | undefined,
  next: Block<Part> | undefined,
  cols: number,
): string {
  if (block.kind === "chrome" || block.kind === "echo") return "";
  if (block.kind === "result") {
    const lines = block.rows.map((row) => row.replace(/^ {2}⎿/, "").trim());
    const text = lines.filter((line) => !mentioned.test(line)).join("\n");
    const answersUs = before === undefined || before.kind === "echo" || before.kind === "other";
    return (answersUs && !text.startsWith("Tip: ")) || note.test(text) ? text : "";
  }
  if (block.kind === "other") {
    const rows = block.rows.filter((row, index) => !isKeyHelp(row) && !isFolded(block.rows, index) && !isDrawn(row));
    // The beginning of a long answer may have scrolled away.
    return spoken(continued(rows, 2), cols - 2).replace(/^[·✢✳✶✻✽*] /, "");
  }
  if (callIn(block, next) !== undefined) return "";
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
  if (isFolded(rows, 0) || toolCall.test(first)) return first;
  const result = next?.kind === "result" ? (next.rows[0] ?? "").replace(/^ {2}⎿\s*/, "") : "";
  return result !== "" && !note.test(result) ? first : undefined;
}

/** See `AgentKind.tools`. */
export function toolsOfClaude(rows: readonly string[]): string[] {
  if (rows.some((row) => /^(?:you|claude): /.test(row))) return labelledTools(rows);
  const parts = partsOf(rows);
  return parts.flatMap((block, index) => {
    if (block.kind === "other") return block.rows.filter((_, row) => isFolded(block.rows, row)).map(unfolded);
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

/** What --ax-screen-reader shows: a label at each beginning, everything else at the left edge. */
function cleanLabelled(rows: readonly string[], cols: number): string {
  const parts = blocks<Part>(rows, "chrome", (row) => {
    if (row.startsWith("you: ")) return "echo";
    if (row.startsWith("claude: ")) return "said";
    if (/^(?:Interrupted {2}·|API error {2}·)/.test(row)) return "other";
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
