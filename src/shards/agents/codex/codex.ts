import type { AgentKind, Reading, ScreenView, ToolServer } from "../agent.ts";
import { codexJournal } from "./codex-journal.ts";
import { cleanCodex, dialogTop, heads, menuOf, modelRow, pointer, toolsOfCodex } from "./codex-clean.ts";
import { composerText, untouched } from "../composer.ts";
import { signsOfCodex } from "./codex-signs.ts";
import { encodePrompt, isSlashCommand } from "../encode.ts";
import { arrows, asQuestion, menuKeys, menuQuestion } from "../dialogs/menu.ts";
import type { Menu } from "../dialogs/menu-rows.ts";
import type { Mode, Question } from "../../host.ts";

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
const queueRow = /^• Queued /;
const detailRow = /^ {2}(?:[└↳│] |\d+ background terminals? running\b)|^ {4}/;
const hint = /^Ask Codex to do anything$/;

/** Each as one of its own presets; edits are those in the worktree, and commands run there without a question too, in a sandbox. */
const permissions: Readonly<Record<Mode, readonly string[]>> = {
  ask: ["-s", "read-only", "-a", "on-request"],
  edits: ["-s", "workspace-write", "-a", "on-request"],
  all: ["--dangerously-bypass-approvals-and-sandbox"],
};

/**
 * The keys of a panel, in which the pointer looks like that of the input box:
 *
 *       space toggle · enter save · esc cancel
 *       n · new   s · from settings   esc · close
 *      enter resume   ^a archive   esc exit   ^c exit
 */
const panelHelp =
  /(?:^|[·|]| {2,}) *(?:esc (?:to |· )?(?:back|cancel|clear|close|dismiss|exit|go|normal|quit|return)|enter (?:to |· )?(?:apply|choose|confirm|edit|open|save|select|submit)|q (?:to )?(?:close|quit))\b/i;
/** Rows at the end in which they may stand. */
const panelRows = 3;
/** "Question 1/2 (2 unanswered)": the model asks several things at once. */
const progress = /^ {2}Question \d+\/\d+(?: \(.*\))?$/;
const nothingFits = /^None of the above$/;
const ownKey = "own";

export const codex: AgentKind = {
  name: "codex",
  title: "Codex",
  program: "codex",
  env: ["CODEX_HOME", "OPENAI_API_KEY", "OPENAI_BASE_URL", "CODEX_API_KEY"],
  size,
  form: "markdown",
  inputBox: true,
  keys: { submit: "\r", interrupt: ["\u001B"] },
  reactsWithin: 1500,

  resumes: true,
  conversations: "told",
  modes: ["ask", "edits", "all"],
  journal: codexJournal,

  orchestrates: true,

  launch: ({ conversation, resume, mode, tools }) => ({
    file: "codex",
    // Without the first it leaves processes behind that serve the next shard with this one's environment; with the second its text
    // goes to the scrollback, where nothing is lost.
    args: [
      ...(resume ? ["resume", conversation] : []),
      "--no-daemon",
      "--no-alt-screen",
      ...permissionsOf(mode ?? (resume ? "ask" : undefined)),
      ...(tools ? ["-c", serverOf(tools)] : []),
    ],
    env: {},
    files: {},
  }),
  encode: encodePrompt,
  state,
  signs: (view) => signsOfCodex(view, boxOf(view)),
  question,
  answerKeys,
  isCommand: isSlashCommand,
  tools: toolsOfCodex,
  composer: (view) => composerText(view, boxOf(view), pointer, hint),
  clean: (rows, sent, cols = size.cols) => cleanCodex(rows, sent, cols),
};

/** An entry of its config.toml, whose strings may be JSON's. */
function serverOf({ command, args }: ToolServer): string {
  const words = args.map((word) => JSON.stringify(word)).join(", ");
  const table = `command = ${JSON.stringify(command)}, args = [${words}], default_tools_approval_mode = "approve"`;
  return `mcp_servers.shardbridge={ ${table} }`;
}

/** Resumed, it would have the permissions that it had last, however many. */
function permissionsOf(mode: Mode | undefined): readonly string[] {
  return mode === undefined ? [] : permissions[mode];
}

function state(view: ScreenView): Reading | undefined {
  const texts = view.rows.map(({ text }) => text);
  if (menuOf(texts)) return { state: "waiting", rule: "dialog" };
  if (titles.waiting.test(view.title)) return { state: "waiting", rule: "title: Action Required" };
  if (titles.busy.test(view.title)) return { state: "working", rule: "title: busy" };
  const box = boxOf(view);
  if (busyRow.test(lastAbove(texts.slice(0, box?.first)))) return { state: "working", rule: "row: esc to interrupt" };
  if (!box) return isPanel(texts) ? { state: "waiting", rule: "panel: esc closes it" } : untouched(view);
  const empty = composerText(view, box, pointer, hint) === "";
  // With something typed, it is a list of completions.
  if (empty && helps(texts.slice(0, box.first))) return { state: "waiting", rule: "panel above the input box" };
  if (!isBelow(texts, box) && view.title === "") return { state: "starting", rule: "input box without a model" };
  const typing = view.cursor.row >= box.first && view.cursor.row <= box.last;
  return typing ? { state: "idle", rule: "input box" } : undefined;
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
  const menu = view && menuOf(view.rows.map(({ text }) => text));
  if (option !== ownKey) return menuKeys(open, option, menu);
  const steps = open.options.length - 2 - (menu?.pointed ?? 0);
  return [...arrows(steps), "\t"];
}

/** The edit in question stands above the dialog: "• Added hello.txt (+2 -0)" and the lines. */
function editsAbove(rows: readonly string[], menu: Menu): string[] {
  const top = dialogTop(rows, menu);
  const cell = rows.slice(0, top).findLastIndex((row) => heads.test(row));
  const isEdit = /^• (?:Added|Edited|Deleted|Proposed) .*\(\+\d+ -\d+\)/.test(rows[cell] ?? "");
  return isEdit && /edits\?/.test(rows[top] ?? "") ? rows.slice(cell, top).map((row) => row.replace(/^• /, "  ")) : [];
}

/** The last row above the input box, less its own details and the prompts that wait: an answer may have a busy row too, further up. */
function lastAbove(rows: readonly string[]): string {
  const queue = rows.findLastIndex((row) => queueRow.test(row));
  const waits = queue >= 0 && rows.slice(queue + 1).every((row) => row === "" || row.startsWith("  "));
  return rows.slice(0, waits ? queue : undefined).findLast((row) => row !== "" && !detailRow.test(row)) ?? "";
}

/** A list to choose from, a form or a page of its own, which takes keys: nothing but their explanation stands below it. */
function isPanel(rows: readonly string[]): boolean {
  const last = rows.findLastIndex((text) => text !== "");
  const end = rows.slice(rows.slice(0, last + 1).lastIndexOf("") + 1, last + 1).slice(-panelRows);
  return helps(end) || (!end.some((row) => modelRow.test(row)) && end.some((row) => panelHelp.test(row)));
}

/** The last of these rows explains the keys of a panel. */
function helps(rows: readonly string[]): boolean {
  return panelHelp.test(rows.findLast((text) => text !== "") ?? "");
}

/** The model stands right below the input box. */
function isBelow(rows: readonly string[], { last }: { last: number }): boolean {
  return rows.slice(last + 1).some((row) => modelRow.test(row));
}

/** The last row with the pointer, down to the blank row before what stands below the box; an echo has cells below. */
function boxOf(view: ScreenView): { first: number; last: number } | undefined {
  const texts = view.rows.map(({ text }) => text);
  const first = texts.findLastIndex((text) => /^›(?:\s|$)/.test(text));
  if (first < 0 || menuOf(texts) || isPanel(texts) || texts.slice(first + 1).some((text) => heads.test(text)))
    return undefined;
  const end = texts.findLastIndex((text) => text !== "");
  const below = texts.slice(first, end + 1).lastIndexOf("");
  return { first, last: below < 0 ? end : first + below - 1 };
}
