import { type Block, blocks, isKeyHelp, paragraphs, spoken } from "../cleaning/clean.ts";
import { afterEcho } from "../cleaning/echo.ts";
import { findMenu, unframed } from "../dialogs/menu.ts";
import type { QuestionOption } from "../../host.ts";
import { cutAt } from "../cleaning/width.ts";

/* What opencode says, from the rows that a turn added; opencode.ts shows how they look. */

export const retryRow = /\[retrying /;
export const boxEnd = /^\s*╹▀{10,}/;
export const border = /^\s*┃/;
/** The left side of a dialog, an echo or a tool. */
const edge = /^ {0,2}┃/;

/** The answers to a permission question are in one row, and only colour tells which one is chosen: the first at the start. */
export const choices: readonly { row: RegExp; options: readonly (QuestionOption & { keys: string[] })[] }[] = [
  {
    row: /^Allow once\s+Allow always\s+Reject\b/,
    options: [
      { key: "once", label: "Allow once", keys: ["\r"] },
      { key: "always", label: "Allow always", keys: ["\u001B[C", "\r"] },
      { key: "reject", label: "Reject", keys: ["\u001B"], takes: "reason" },
    ],
  },
  {
    row: /^Confirm\s+Cancel\b/,
    options: [
      { key: "confirm", label: "Confirm", keys: ["\r"] },
      { key: "cancel", label: "Cancel", keys: ["\u001B"] },
    ],
  },
  // The last page of several questions, or of one with several answers.
  {
    row: /^⇆ tab\s+enter submit\s+esc dismiss$/,
    options: [
      { key: "enter", label: "Submit", keys: ["\r"] },
      { key: "esc", label: "Dismiss", keys: ["\u001B"] },
    ],
  },
  // Row after the denial of a sub-agent's request: a field for the reason, before this in its row.
  {
    row: /(?:^|\s)enter confirm\s+esc cancel$/,
    options: [
      { key: "own", label: "Tell it what to do differently", keys: [], takes: "answer" },
      { key: "enter", label: "Reject", keys: ["\r"] },
      { key: "esc", label: "Cancel", keys: ["\u001B"] },
    ],
  },
];

/** A note in the corner, over what is there. */
const toast = / {2,}┃ .*┃$/;
const logo = /^[\s█▀▄]+$/;
const said = /^ {5}/;
const tool = /^ {3,5}(?:[$→←✱~⚙%◇◆✓✗⋯│⠀-⣿] |[⠀-⣿])/;
const endOfTurn = /^ {3,5}▣ /;
/** A bare address is a link to itself: "https://a.b (https://a.b)". */
const sameLink = /(https?:\/\/\S+) \(\1\)/g;
const footer = /ctrl\+p commands|\besc (?:again to )?interrupt\b|^\s{2}[~/]\S*\s.*\d+\.\d+\.\d+$/;
/** A tool that shows something has a border and a heading: "# Wrote hello.txt". */
const headed = /^ {2}┃ {1,2}# (?=\S)/;

type Part = "said" | "tool" | "chrome" | "end" | "retry" | "other";

export function cleanOpencode(added: readonly string[], sent: string, cols: number): string {
  const { rows: all, width } = mainRows(added, cols);
  const dialog = dialogAt(all);
  const told = dialog && !all.slice(dialog.first).some((row) => boxEnd.test(row)) ? all.slice(0, dialog.top) : all;
  const { rows: below, echoed } = afterEcho(told, sent, /^ {2}┃ {2}/);
  const turn = below.map((row) => row.replace(toast, ""));
  const text = paragraphs(partsOf(turn).map((block) => textOf(block, width)));
  return text === "" && echoed ? failure(turn) : text;
}

/**
 * Rows less the side bar that stands next to the text on a wide screen, and the columns that are left. Where it is closed, the text takes
 * its place: then some row has a letter where the gap would be.
 */
export function mainRows(rows: readonly string[], cols: number): { rows: readonly string[]; width: number } {
  const width = cols - sideBar;
  if (cols <= narrow) return { rows, width: cols };
  const [main, gap] = [rows.map((row) => cutAt(row, width)), rows.map((row) => cutAt(row, width + 2))];
  const crossed = gap.some((row, index) => row.trimEnd() !== (main[index] ?? "").trimEnd());
  return crossed ? { rows, width: cols } : { rows: main.map((row) => row.trimEnd()), width };
}

const narrow = 120;
const sideBar = 42;

/** The bordered rows at the end of the screen, if they ask something: the first of them and the first with an option. */
export function dialogAt(all: readonly string[]) {
  const end = all.findLastIndex((row) => row !== "");
  // Answers are further in.
  const open = edge.test(all[end] ?? "");
  const start = all.slice(0, end + 1).findLastIndex((row) => !edge.test(row)) + 1;
  return open ? dialogIn(all.map((row, index) => (index < start ? "" : row))) : undefined;
}

function dialogIn(rows: readonly string[]) {
  const plain = rows.map(unframed);
  const row = rows.findLastIndex((_, index) => choices.some((choice) => choice.row.test(plain[index] ?? "")));
  const options = choices.find((choice) => choice.row.test(plain[row] ?? ""))?.options ?? [];
  const menu = row < 0 || !border.test(rows[row] ?? "") ? findMenu(rows, "┃") : undefined;
  const first = menu?.first ?? row;
  if (first < 0 || !border.test(rows[first] ?? "")) return undefined;
  const top = rows.slice(0, first).findLastIndex((text) => !border.test(text)) + 1;
  return { top, first, options, menu };
}

function partsOf(rows: readonly string[]): Block<Part>[] {
  const kept = withoutCommands(rows);
  return blocks<Part>(kept, "other", (row, open, index) => {
    if (edge.test(row) || (boxEnd.test(row) && !said.test(row))) return "chrome";
    if (endOfTurn.test(row) && !goesOn(kept, index)) return "end";
    if (isTool(kept, index)) return "tool";
    if (open === "said" && said.test(row)) return undefined;
    if (logo.test(row) && !/^ {5}\S/.test(row)) return "chrome";
    if (said.test(row)) return "said";
    if (retryRow.test(row)) return "retry";
    if (border.test(row) || isKeyHelp(row) || footer.test(row)) return "chrome";
    return open === "other" ? undefined : "other";
  });
}

/** More is said below: then this is no end, but looks like one. */
function goesOn(rows: readonly string[], index: number): boolean {
  return said.test(rows.slice(index + 1).find((row) => row.trim() !== "") ?? "");
}

/** A tool's line stands alone, or with others. */
function isTool(rows: readonly string[], index: number): boolean {
  let first = index;
  while (tool.test(rows[first] ?? "")) first--;
  return first < index && !said.test(rows[first] ?? "");
}

/** Less the rest of a tool's line that was wrapped: it is indented by more than what is said. */
function withoutCommands(rows: readonly string[]): string[] {
  let inside = false;
  return rows.filter((row, index) => {
    inside = isTool(rows, index) || (inside && /^ {6}/.test(row));
    return !inside || tool.test(row);
  });
}

/** Why a turn brought nothing: an error has a border, as some tools have. */
function failure(rows: readonly string[]): string {
  const groups = rows.join("\n").split(/\n\s*\n/);
  const bordered = groups.map((group) => group.split("\n"));
  const notes = bordered.filter((group) => group.every((row) => border.test(row)));
  const texts = notes.map((group) => group.map((row) => unframed(row)).join("\n"));
  return paragraphs(texts.map((text) => text.trim()).filter((text) => !/^[#$→←✱] /.test(text)));
}

function textOf({ kind, rows }: Block<Part>, width: number): string {
  if (kind === "said") {
    // opencode shows the bar of a quote and loses the quote.
    const lines = rows.map((row) => row.slice(5)).filter((line) => line !== "│");
    return spoken(lines, width - 7, /(?:[\p{L}\p{N}][-/\\]|[([{])$/u).replaceAll(sameLink, "$1");
  }
  if (kind === "end") return (rows[0] ?? "").endsWith(" · interrupted") ? "Interrupted" : "";
  if (kind === "retry") return (rows[0] ?? "").replace(/^[\s■⬝]+/, "").replace(/\s+esc .*$/, "");
  return kind === "other" ? rows.map((row) => row.trim()).join("\n") : "";
}

/** See `AgentKind.tools`. */
export function toolsOfOpencode(rows: readonly string[]): string[] {
  return rows.flatMap((row, index) => {
    if (headed.test(row)) return [named(row.replace(headed, ""))];
    return isTool(rows, index) ? [named(row.trim())] : [];
  });
}

/** "$ echo hi" as "Shell: echo hi", "→ Read a.ts" as "Read: a.ts". */
function named(call: string): string {
  if (call.startsWith("$ ")) return call.replace("$ ", "Shell: ");
  return call.replace(/^[^\p{L}\p{N}]+/u, "").replace(/^(\S+) (?=\S)/, "$1: ");
}
