import type { AgentKind, Reading, ScreenView } from "./agent.ts";
import { type Block, blocks, isKeyHelp, paragraphs, spoken } from "./clean.ts";
import { composerText, untouched } from "./composer.ts";
import { encodePrompt, isSlashCommand } from "./encode.ts";
import { asQuestion, findMenu, menuKeys, menuQuestion, unframed } from "./menu.ts";
import type { Question, QuestionOption } from "../host.ts";

/*
 * opencode 1.18 (alternate screen, no scrollback):
 *
 *       ┃
 *       ┃  RUN echo demo-123                    the prompt's echo; tools that show something have the same border
 *       ┃
 *
 *          I will run a command for you.        what it says: five blanks
 *
 *          $ echo demo-123                      a tool; also →, ←, ✱, …
 *
 *          ▣  Build · Fake Model · 2.2s         at work when the time is missing
 *
 *       ┃
 *       ┃                                       input box
 *       ┃
 *       ┃  Build · Fake Model Fake
 *       ╹▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀
 *        ■■■■■⬝⬝⬝  esc interrupt                tab agents  ctrl+p commands
 *
 * A question takes the place of the input box, with a border and no "╹▀▀▀" below.
 */

/**
 * There is no scrollback, so the window is high: 200 rows hold most answers at a cost that 400 rows would double (measured: 5 to 20
 * times the bytes of 40 rows). Above 120 columns it would put a side bar next to the text.
 */
const size = { cols: 120, rows: 200 };

/** In the rows below the input box. */
const busyRow = /(?:^| )\s*esc (?:again to )?interrupt(?:\s|$)/;
const retryRow = /\[retrying /;
const boxEnd = /^\s*╹▀{10,}/;
const border = /^\s*┃/;

/** The answers to a permission question are in one row, and only colour tells which one is chosen: the first at the start. */
const choices: readonly { row: RegExp; options: readonly (QuestionOption & { keys: string[] })[] }[] = [
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
  // What comes after the denial of a sub-agent's request: a field for the reason, before this in its row.
  {
    row: /(?:^|\s)enter confirm\s+esc cancel$/,
    options: [
      { key: "own", label: "Tell it what to do differently", keys: [], takes: "answer" },
      { key: "enter", label: "Reject", keys: ["\r"] },
      { key: "esc", label: "Cancel", keys: ["\u001B"] },
    ],
  },
];
/** The pages of several questions: " Colour   Size   Confirm". */
const pages = /^ \S.*\bConfirm$/;
/** The first row of a dialog over everything else, which has the cursor while the input box stays: "Select model      esc". */
const overlay = /\S\s{3,}esc(?:\/enter)?(?:\s|$)/;

const hint = /^Ask anything…/;
/** A note in the corner, over what is there. */
const toast = / {2,}┃ .*┃$/;
const logo = /^[\s█▀▄]+$/;
const said = /^ {5}/;
const tool = /^ {3,5}(?:[$→←✱~⚙%◇◆✓✗⋯│⠀-⣿] |[⠀-⣿])/;
const endOfTurn = /^ {3,5}▣ /;
const footer = /ctrl\+p commands|\besc (?:again to )?interrupt\b|^\s{2}[~/]\S*\s.*\d+\.\d+\.\d+$/;

export const opencode: AgentKind = {
  name: "opencode",
  title: "opencode",
  program: "opencode",
  env: ["OPENCODE_*", "OPENAI_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
  size,
  form: "markdown",
  keys: { submit: "\r", interrupt: ["\u001B", "\u001B"] },
  // Its very first request takes about 2.5 s to show.
  reactsWithin: 4000,

  resumes: false,
  journal: undefined,

  launch: () => ({ file: "opencode", args: [], env: {}, files: {} }),
  encode: encodePrompt,
  state,
  question,
  answerKeys: (open, option) =>
    choices.flatMap(({ options }) => options).find(({ key }) => key === option)?.keys ?? menuKeys(open, option),
  isCommand: isSlashCommand,
  tools: () => [],
  composer: (view) => composerText(view, boxOf(view), "┃", hint),
  clean: (rows, sent, cols = size.cols) => clean(rows, sent, cols),
};

function state(view: ScreenView): Reading | undefined {
  const texts = view.rows.map(({ text }) => text);
  if (question(view)) return { state: "waiting", rule: "dialog" };
  const below = texts.slice(texts.findLastIndex((text) => boxEnd.test(text)) + 1);
  const busy = below.find((text) => busyRow.test(text));
  if (busy) return { state: "working", rule: retryRow.test(busy) ? "footer: retrying" : "footer: esc interrupt" };
  const box = boxOf(view);
  if (!box) return untouched(view);
  const typing = view.cursor.row >= box.first && view.cursor.row <= box.last;
  if (!typing && texts.some((text) => overlay.test(text))) return { state: "waiting", rule: "panel: esc closes it" };
  return { state: "idle", rule: "input box" };
}

function question(view: ScreenView): Question | undefined {
  if (boxOf(view)) return undefined;
  const texts = view.rows.map(({ text }) => text);
  const dialog = dialogAt(texts);
  if (!dialog) return undefined;
  const above = texts.slice(dialog.top, dialog.first).map((text) => text.replace(/^\s*┃ {0,2}/, ""));
  if (dialog.menu) return menuQuestion(dialog.menu, above);
  const page = above.filter((text) => !pages.test(text));
  const [heading = "", ...detail] = page.filter((text, index) => text !== "" || page[index - 1] !== "");
  const title = heading === "" ? (detail.shift() ?? "") : heading;
  const options = dialog.options.map(({ key, label, takes }) => ({ key, label, ...(takes && { takes }) }));
  return asQuestion(title.replace(/^△ /, ""), detail.join("\n"), options);
}

/** The bordered rows at the end of the screen, if they ask something: the first of them and the first with an option. */
function dialogAt(rows: readonly string[]) {
  const plain = rows.map(unframed);
  const row = rows.findLastIndex((_, index) => choices.some((choice) => choice.row.test(plain[index] ?? "")));
  const options = choices.find((choice) => choice.row.test(plain[row] ?? ""))?.options ?? [];
  const menu = row < 0 ? findMenu(rows, "┃") : undefined;
  const first = menu?.first ?? row;
  if (first < 0 || !border.test(rows[first] ?? "")) return undefined;
  const top = rows.slice(0, first).findLastIndex((text) => !border.test(text)) + 1;
  return { top, first, options, menu };
}

/** The bordered rows over the lower edge, less the blank ones and the agent's name, and less a list of commands above. */
function boxOf(view: ScreenView): { first: number; last: number } | undefined {
  const texts = view.rows.map(({ text }) => text);
  const end = texts.findLastIndex((text) => boxEnd.test(text));
  if (end < 0) return undefined;
  const isBox = (text: string) => border.test(text) && !/┃.*┃\s*$/.test(text);
  const top = texts.slice(0, end).findLastIndex((text) => !isBox(text)) + 1;
  const filled = (index: number) => unframed(texts[index] ?? "") !== "";
  const inside = Array.from({ length: Math.max(0, end - 1 - top) }, (_, index) => top + index).filter(filled);
  const first = inside[0] ?? top + 1;
  return { first, last: inside.at(-1) ?? first };
}

type Part = "said" | "tool" | "chrome" | "end" | "retry" | "other";

function clean(rows: readonly string[], sent: string, cols: number): string {
  const dialog = dialogAt(rows);
  const told = dialog && !rows.slice(dialog.first).some((row) => boxEnd.test(row)) ? rows.slice(0, dialog.top) : rows;
  // Above the echo is what was there before; where a toast covers it, it looks new.
  const echo = sent === "" ? -1 : told.findIndex((row) => isEcho(row, sent));
  const turn = told.slice(Math.max(0, echo)).map((row) => row.replace(toast, ""));
  const parts = blocks<Part>(withoutCommands(turn), "other", (row, open) => {
    if (border.test(row) || boxEnd.test(row) || isKeyHelp(row) || logo.test(row)) return "chrome";
    if (endOfTurn.test(row)) return "end";
    if (retryRow.test(row)) return "retry";
    if (footer.test(row)) return "chrome";
    if (tool.test(row)) return "tool";
    if (said.test(row)) return open === "said" ? undefined : "said";
    return open === "other" ? undefined : "other";
  });
  const text = paragraphs(parts.map((block) => textOf(block, cols)));
  return text === "" && echo >= 0 ? failure(turn) : text;
}

function isEcho(row: string, sent: string): boolean {
  const start = sent.trimStart().split("\n", 1)[0]?.slice(0, 40).trimEnd() ?? "";
  return border.test(row) && unframed(row).startsWith(start);
}

/** Less the rest of a tool's line that was wrapped: it is indented by more than what is said. */
function withoutCommands(rows: readonly string[]): string[] {
  let inside = false;
  return rows.filter((row) => {
    inside = tool.test(row) || (inside && /^ {6}/.test(row));
    return !inside || tool.test(row);
  });
}

/** Why a turn brought nothing: an error has a border, as the echo before it and some tools have. */
function failure(rows: readonly string[]): string {
  const groups = rows.join("\n").split(/\n\s*\n/);
  const bordered = groups.slice(1).map((group) => group.split("\n"));
  const notes = bordered.filter((group) => group.every((row) => border.test(row)));
  const texts = notes.map((group) => group.map((row) => unframed(row)).join("\n"));
  return paragraphs(texts.map((text) => text.trim()).filter((text) => !/^[#$→←✱] /.test(text)));
}

function textOf({ kind, rows }: Block<Part>, cols: number): string {
  if (kind === "said")
    return spoken(
      rows.map((row) => row.slice(5)),
      cols - 10,
    );
  if (kind === "end") return (rows[0] ?? "").endsWith(" · interrupted") ? "Interrupted" : "";
  if (kind === "retry") return (rows[0] ?? "").replace(/^[\s■⬝]+/, "").replace(/\s+esc .*$/, "");
  return kind === "other" ? rows.map((row) => row.trim()).join("\n") : "";
}
