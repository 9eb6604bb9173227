import type { AgentKind, Reading, ScreenView } from "./agent.ts";
import { codexJournal } from "./codex-journal.ts";
import { type Block, blocks, continued, isKeyHelp, paragraphs, spoken, unindent } from "./clean.ts";
import { composerText, untouched } from "./composer.ts";
import { encodePrompt, isSlashCommand } from "./encode.ts";
import { asQuestion, findMenu, type Menu, menuKeys, menuQuestion } from "./menu.ts";
import type { Mode, Question } from "../host.ts";

/*
 * Codex 0.169 with --no-alt-screen (inline, normal buffer):
 *
 *     › RUN echo demo-123 > demo.txt            the prompt's echo
 *
 *
 *     • I will run a command for you.           what it says; goes on with two blanks
 *
 *     • Ran echo demo-123 > demo.txt            a tool
 *       └ wrote-it                              and its result
 *     ■ Conversation interrupted - …            a note; ✔ and ✗ tell how a question was answered
 *
 *       Worked for 2s • 06:46
 *
 *     • Working (3s • esc to interrupt)         not there while text streams: then only the title tells
 *
 *     › Ask Codex to do anything                input box: this row to the blank one before the last rows
 *
 *       gpt-5-codex default · ~/repo
 *       ← for agents · ? for shortcuts          ⚠ 1 warning · f2 to view
 *
 * A dialog takes the place of the input box and everything below it; its last row explains the keys.
 */
const size = { cols: 160, rows: 50 };

const titles = { busy: /^[\u2800-\u28ff] /, waiting: /^\[ [!.] \] Action Required/ };
const busyRow = /^[•◦] .*\(\d+[hms].*esc to interrupt\)/;
const hint = /^Ask Codex to do anything$/;
const pointer = "›";

/** Each as one of its own presets; edits are those in the worktree, and commands run there without a question too, in a sandbox. */
const permissions: Readonly<Record<Mode, readonly string[]>> = {
  ask: ["-s", "read-only", "-a", "on-request"],
  edits: ["-s", "workspace-write", "-a", "on-request"],
  all: ["--dangerously-bypass-approvals-and-sandbox"],
};

/** "gpt-5-codex default · ~/repo": drawn when the start is over. */
const modelRow = /^ {2}\S.* · [~/]\S*(?: · .*)?$/;
const footer = /^ {2}(?:← for agents|\? for shortcuts|tab to queue|\d+% (?:context )?left|.*\s{3,}⚠ .*f2 to view)/;
const endOfTurn = /^(?:─+| )\s*Worked for .*\d/;
/** The last row of a list that is chosen from, in which the pointer looks like that of the input box. */
const panelHelp = /[·|] esc (?:to )?(?:back|cancel|close|dismiss|exit)$/i;
/** "Question 1/2 (2 unanswered)": the model asks several things at once. */
const progress = /^ {2}Question \d+\/\d+(?: \(.*\))?$/;
const nothingFits = /^None of the above$/;
const ownKey = "own";
/** The picture of an empty start. */
const splash = /^\s*[\u2800-\u28ff\s]+$/;
const heads = /^(?:[›•■✔✗⚠]|⚠️)(?: |$)/;
/** Ways in which a dialog begins that stands below other text. */
const asks = /^ {2}(?:Would you like|Do you want|Allow |Trust this|Approve )/;

/** A tool without a result below it; the others are known by "└" or "│". */
const toolHead =
  /^(?:(?:Added|Edited|Deleted) .*\(\+\d+ -\d+\)|Running .*[^.:!]|Working \(.*|Explored|Exploring|Updated Plan|Proposed Plan|Queued follow-up inputs|Exited \(status \d+\) .*)$/;
const result = /^ {2}[└│] /;

export const codex: AgentKind = {
  name: "codex",
  title: "Codex",
  program: "codex",
  env: ["CODEX_HOME", "OPENAI_API_KEY", "OPENAI_BASE_URL", "CODEX_API_KEY"],
  size,
  form: "markdown",
  keys: { submit: "\r", interrupt: ["\u001B"] },
  reactsWithin: 1500,

  resumes: true,
  conversations: "told",
  modes: ["ask", "edits", "all"],
  journal: codexJournal,

  launch: ({ conversation, resume, mode }) => ({
    file: "codex",
    // Without the first it leaves processes behind that serve the next shard with this one's environment; with the second its text
    // goes to the scrollback, where nothing is lost.
    args: [
      ...(resume ? ["resume", conversation] : []),
      "--no-daemon",
      "--no-alt-screen",
      ...permissionsOf(mode ?? (resume ? "ask" : undefined)),
    ],
    env: {},
    files: {},
  }),
  encode: encodePrompt,
  state,
  question,
  answerKeys,
  isCommand: isSlashCommand,
  tools: () => [],
  composer: (view) => composerText(view, boxOf(view), pointer, hint),
  clean: (rows, _sent, cols = size.cols) => clean(rows, cols),
};

/** Resumed, it would have the permissions that it had last, however many. */
function permissionsOf(mode: Mode | undefined): readonly string[] {
  return mode === undefined ? [] : permissions[mode];
}

function state(view: ScreenView): Reading | undefined {
  const texts = view.rows.map(({ text }) => text);
  if (menuOf(texts)) return { state: "waiting", rule: "dialog" };
  if (titles.waiting.test(view.title)) return { state: "waiting", rule: "title: Action Required" };
  if (titles.busy.test(view.title)) return { state: "working", rule: "title: busy" };
  if (texts.some((text) => busyRow.test(text))) return { state: "working", rule: "row: esc to interrupt" };
  if (isPanel(texts)) return { state: "waiting", rule: "panel: esc closes it" };
  if (boxOf(view)) {
    if (view.title !== "" || texts.some((text) => modelRow.test(text))) return { state: "idle", rule: "input box" };
    return { state: "starting", rule: "input box without a model" };
  }
  return untouched(view);
}

function question(view: ScreenView): Question | undefined {
  const texts = view.rows.map(({ text }) => text);
  const menu = menuOf(texts);
  if (!menu) return undefined;
  const above = texts.slice(dialogTop(texts, menu), menu.first).filter((text) => !progress.test(text));
  const open = menuQuestion(menu, [...editsAbove(texts, menu), "", ...above], true);
  if (!nothingFits.test(open.options.at(-1)?.label ?? "")) return open;
  const own = { key: ownKey, label: "In your own words", takes: "answer" as const };
  return asQuestion(open.text, open.detail, [...open.options, own]);
}

/** The field for own words are the notes to the last option, which arrows lead to; a digit would choose it. */
function answerKeys(open: Question, option: string, view?: ScreenView): string[] {
  if (option !== ownKey) return menuKeys(open, option);
  const menu = view && menuOf(view.rows.map(({ text }) => text));
  const steps = open.options.length - 2 - (menu?.pointed ?? 0);
  return [...Array.from({ length: steps }, () => "\u001B[B"), "\t"];
}

/** What is being edited stands above the dialog: "• Added hello.txt (+2 -0)" and the lines. */
function editsAbove(rows: readonly string[], menu: Menu): string[] {
  const top = dialogTop(rows, menu);
  const cell = rows.slice(0, top).findLastIndex((row) => heads.test(row));
  const isEdit = /^• (?:Added|Edited|Deleted|Proposed) .*\(\+\d+ -\d+\)/.test(rows[cell] ?? "");
  return isEdit && /edits\?/.test(rows[top] ?? "") ? rows.slice(cell, top).map((row) => row.replace(/^• /, "  ")) : [];
}

/** Its last row must explain the keys: a numbered list that is being typed into the input box has the same pointer. */
function menuOf(rows: readonly string[]): Menu | undefined {
  const menu = findMenu(rows, pointer);
  return menu?.help && !modelRow.test(rows.findLast((row) => row !== "") ?? "") ? menu : undefined;
}

function dialogTop(rows: readonly string[], menu: Menu): number {
  const above = rows.slice(0, menu.first);
  const cell = above.findLastIndex((row) => heads.test(row));
  if (cell < 0 && !above.some((row) => asks.test(row) && /^ {2}Would/.test(row))) return 0;
  const asked = above.findLastIndex((row, index) => index > cell && asks.test(row) && (above[index - 1] ?? "") === "");
  const gap = above.findIndex((row, index) => index > cell && row === "");
  return asked >= 0 ? asked : gap < 0 ? cell + 1 : gap;
}

function isPanel(rows: readonly string[]): boolean {
  return panelHelp.test(rows.findLast((text) => text !== "") ?? "");
}

/** The last row with the pointer, down to the blank row before what stands below the box. */
function boxOf(view: ScreenView): { first: number; last: number } | undefined {
  const texts = view.rows.map(({ text }) => text);
  const first = texts.findLastIndex((text) => /^›(?:\s|$)/.test(text));
  if (first < 0 || menuOf(texts) || isPanel(texts)) return undefined;
  const end = texts.findLastIndex((text) => text !== "");
  const below = texts.slice(first, end + 1).lastIndexOf("");
  return { first, last: below < 0 ? end : first + below - 1 };
}

type Part = "echo" | "cell" | "note" | "chrome" | "other";

function clean(rows: readonly string[], cols: number): string {
  const menu = menuOf(rows);
  const told = menu ? rows.slice(0, dialogTop(rows, menu)) : rows;
  const parts = blocks<Part>(told, "other", (row) => {
    if (/^›(?:\s|$)/.test(row)) return "echo";
    if (/^•(?: |$)/.test(row)) return "cell";
    if (/^[■✗⚠] /.test(row)) return "note";
    if (row.startsWith("✔ ") || endOfTurn.test(row) || footer.test(row) || isKeyHelp(row) || splash.test(row))
      return "chrome";
    return /^\s/.test(row) ? undefined : "other";
  });
  return paragraphs(parts.map((block) => textOf(block, cols)));
}

function textOf({ kind, rows }: Block<Part>, cols: number): string {
  if (kind === "chrome" || kind === "echo") return "";
  const lines = unindent(rows, /^[•■✗⚠](?: |$)/);
  const isTool = kind === "cell" && (toolHead.test(lines[0] ?? "") || rows.slice(0, 3).some((row) => result.test(row)));
  if (isTool) return "";
  if (kind === "note") return (lines[0] ?? "").replace(/ - use \/feedback.*$/, "");
  const inside = kind === "other" ? continued(lines, 2) : lines;
  return spoken(inside, cols - 2).replaceAll(/^(\s*)• /gm, "$1- ");
}
