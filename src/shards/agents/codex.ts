import type { AgentKind, Reading, ScreenView, ToolServer } from "./agent.ts";
import { codexJournal } from "./codex-journal.ts";
import { cleanCodex, dialogTop, heads, menuOf, modelRow, pointer, toolsOfCodex } from "./codex-clean.ts";
import { composerText, untouched } from "./composer.ts";
import { encodePrompt, isSlashCommand } from "./encode.ts";
import { arrows, asQuestion, menuKeys, menuQuestion } from "./menu.ts";
import type { Menu } from "./menu-rows.ts";
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

/** Each as one of its own presets; edits are those in the worktree, and commands run there without a question too, in a sandbox. */
const permissions: Readonly<Record<Mode, readonly string[]>> = {
  ask: ["-s", "read-only", "-a", "on-request"],
  edits: ["-s", "workspace-write", "-a", "on-request"],
  all: ["--dangerously-bypass-approvals-and-sandbox"],
};

/** The last row of a list that is chosen from, in which the pointer looks like that of the input box. */
const panelHelp = /[·|] esc (?:to )?(?:back|cancel|close|dismiss|exit)$/i;
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
  // It is the last thing above the box; an answer may have such a row too.
  const last = texts.slice(0, box?.first).findLast((text) => heads.test(text) || busyRow.test(text)) ?? "";
  if (busyRow.test(last)) return { state: "working", rule: "row: esc to interrupt" };
  if (isPanel(texts)) return { state: "waiting", rule: "panel: esc closes it" };
  if (box) {
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
  const menu = view && menuOf(view.rows.map(({ text }) => text));
  if (option !== ownKey) return menuKeys(open, option, menu);
  const steps = open.options.length - 2 - (menu?.pointed ?? 0);
  return [...arrows(steps), "\t"];
}

/** What is being edited stands above the dialog: "• Added hello.txt (+2 -0)" and the lines. */
function editsAbove(rows: readonly string[], menu: Menu): string[] {
  const top = dialogTop(rows, menu);
  const cell = rows.slice(0, top).findLastIndex((row) => heads.test(row));
  const isEdit = /^• (?:Added|Edited|Deleted|Proposed) .*\(\+\d+ -\d+\)/.test(rows[cell] ?? "");
  return isEdit && /edits\?/.test(rows[top] ?? "") ? rows.slice(cell, top).map((row) => row.replace(/^• /, "  ")) : [];
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
