import type { AgentKind, Reading, ScreenView, Signs } from "../agent.ts";
import { composerText, untouched } from "../composer.ts";
import { encodePrompt, isSlashCommand } from "../encode.ts";
import { geminiJournal } from "./gemini-journal.ts";
import { cleanGemini, dialogTop, footer, toolsOfGemini } from "./gemini-clean.ts";
import { secretAsked, secretKey, secretKeys } from "./gemini-secret.ts";
import { arrows, asQuestion, findDialog, menuKeys, menuQuestion, unframed } from "../dialogs/menu.ts";
import type { Menu } from "../dialogs/menu-rows.ts";
import type { Mode, Question } from "../../host.ts";

/*
 * Gemini CLI 0.61 (inline, normal buffer):
 *
 *     ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄
 *      > RUN echo demo-123                      the prompt's echo
 *     ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀
 *     ✦ I will run a command for you.           what it says; goes on with two blanks
 *
 *     ╭───────────────────────────╮             a tool, or a dialog
 *     │ ✓  Shell echo demo-123    │
 *     ╰───────────────────────────╯
 *     ℹ Request cancelled.                      a note
 *
 *      ⠸ Thinking... (esc to cancel, 0s)        ? for shortcuts
 *     ─────────────────────────────
 *      Shift+Tab to accept edits
 *     ▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄▄
 *      >   Type your message or @path/to/file   input box
 *     ▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀▀
 *      workspace (/directory)     branch     sandbox        /model
 *      ~/repo                     main       no sandbox     Auto
 *
 * A dialog is a box in place of all that is below the answer. With --screen-reader there are no boxes: "User:  …", "Model:  …".
 */
const size = { cols: 160, rows: 50 };

const titles = { busy: /^✦/, waiting: /^✋/, ready: /^◇/ };
/** " ⠸ Thinking... (esc to cancel, 0s)", whatever turns before it. */
const busyStatus = /\(esc to cancel\b/;
/** " Shift+Tab to accept edits", " plan Shift+Tab to manual", " YOLO Ctrl+Y". */
const shownMode = /^ (?=\S)(.*?)(?:Shift\+Tab to |Ctrl\+Y)/;
const retryStatus = /(Trying to reach .*?\(Attempt \d+\/\d+\))/;
const queuedRow = /^\s+Queued \(press ↑ to edit\):$/;
const startRow = /^\W*(?:Waiting for authentication|Logging in with|Gemini CLI is restarting)/;
const rulerRow = /^─{10,}$/;
/** Rows between that rule and the text of the input box, at most. */
const modeRows = 5;
/** Below the input box, which people choose: two, or four where it is narrow. */
const footerRows = 4;
/** Rows at the end in which a panel explains its keys, or a start says how far it is. */
const lastRows = 8;
/** "(Use Enter to select, Ctrl+L to reset, Tab to change focus, Esc to close)" */
const panelHelp = /\besc(?:ape)?(?: to|:)? (?:back|cancel|clear|close|dismiss|exit|go back|quit)\b|\bQuit: q\b/i;
const asking = /^│ Answer Questions\b/;
const ownKey = "own";
const ownLabel = "Enter a custom value";
const hint = /^Type your message or @path\/to\/file/;
const pointer = "●";

export const gemini: AgentKind = {
  name: "gemini",
  title: "Gemini CLI",
  program: "gemini",
  env: [
    "GEMINI_API_KEY",
    "GEMINI_MODEL",
    "GOOGLE_API_KEY",
    "GOOGLE_CLOUD_*",
    "GOOGLE_GENAI_*",
    "GOOGLE_GEMINI_BASE_URL",
  ],
  size,
  form: "markdown",
  inputBox: true,
  keys: { submit: "\r", interrupt: ["\u001B"] },
  reactsWithin: 1500,

  resumes: true,
  conversations: "given",
  modes: ["ask", "edits", "all"],
  journal: geminiJournal,

  // MCP servers come from settings alone: the user's, the worktree's, or the machine's, which must be root's file. So it can't orchestrate.
  launch: ({ conversation, resume, mode }) => ({
    file: "gemini",
    args: [resume ? "--resume" : "--session-id", conversation, ...permissions(mode)],
    env: {},
    files: {},
  }),
  encode: encodePrompt,
  state,
  signs,
  question,
  answerKeys,
  isCommand: isSlashCommand,
  tools: toolsOfGemini,
  composer,
  clean: (rows, sent, cols = size.cols) => cleanGemini(rows, sent, cols),
};

function permissions(mode: Mode | undefined): string[] {
  const names = { ask: "default", edits: "auto_edit", all: "yolo" };
  return mode === undefined ? [] : ["--approval-mode", names[mode]];
}

function state(view: ScreenView): Reading | undefined {
  const texts = view.rows.map(({ text }) => text);
  // The title says ◇ while the trust dialog is open.
  if (question(view)) return { state: "waiting", rule: "dialog" };
  if (titles.waiting.test(view.title)) return { state: "waiting", rule: "title: Action Required" };
  if (titles.busy.test(view.title)) return { state: "working", rule: "title: busy" };
  const box = boxOf(view);
  if (!box) return withoutBox(view, texts);
  const { status, queue } = aboveBox(texts, box.first);
  if (status.some((text) => busyStatus.test(text))) return { state: "working", rule: "row: esc to cancel" };
  // Gemini takes a prompt before its own start is over.
  if (queue.some((text) => queuedRow.test(text))) return { state: "working", rule: "row: Queued" };
  const typing = view.cursor.row >= box.first && view.cursor.row <= box.last;
  // A title of another sort is a setting of the user's; another sign before it may mean that it works.
  const known = titles.ready.test(view.title) || /^[\p{L}\p{N}]|^$/u.test(view.title);
  return typing && known ? { state: "idle", rule: "input box" } : undefined;
}

/** The row over the input box has the mode; what works has why it tries again: "Trying to reach … (Attempt 2/10) (esc to cancel, 8s)". */
function signs(view: ScreenView): Signs {
  const texts = view.rows.map(({ text }) => text);
  const box = boxOf(view);
  if (!box) return {};
  const modeRow = texts.slice(Math.max(0, box.first - modeRows), box.first).findLast((text) => shownMode.test(text));
  const mode = modeRow === undefined ? undefined : (shownMode.exec(modeRow)?.[1]?.trim() ?? "").toLowerCase();
  const retry = aboveBox(texts, box.first).status.map((text) => retryStatus.exec(text)?.[1]);
  const text = retry.find((found) => found !== undefined);
  return {
    ...(mode !== undefined && { mode: mode === "" ? "manual" : mode }),
    ...(text !== undefined && { trouble: { kind: "retrying", text } }),
  };
}

function withoutBox(view: ScreenView, texts: readonly string[]): Reading | undefined {
  // An answer is indented by two blanks, or has its mark.
  const end = texts
    .filter((text) => text !== "")
    .slice(-lastRows)
    .filter((text) => /^ ?[^\s✦]/.test(text));
  if (end.some((text) => startRow.test(text))) return { state: "starting", rule: "signing in" };
  if (end.some((text) => panelHelp.test(text))) return { state: "waiting", rule: "panel: esc closes it" };
  if (/^ ?╰─/.test(end.at(-1) ?? "")) return { state: "waiting", rule: "a panel in the place of the input box" };
  return untouched(view);
}

/**
 * The rows between the answer and the input box: the row or two over the rule, and the prompts that wait over these, each with a blank
 * row before. For screen readers there is neither rule nor blank row.
 */
function aboveBox(texts: readonly string[], box: number): { status: readonly string[]; queue: readonly string[] } {
  const rule = texts.slice(0, box).findLastIndex((text) => rulerRow.test(text));
  if (rule < box - modeRows)
    return { status: texts.slice(Math.max(0, box - 3), box), queue: texts.slice(Math.max(0, box - lastRows), box) };
  const above = texts.slice(0, rule);
  const status = above.slice(above.lastIndexOf("") + 1);
  const rest = above.slice(0, above.length - status.length - 1);
  return { status, queue: rest.slice(rest.lastIndexOf("") + 1) };
}

function question(view: ScreenView): Question | undefined {
  if (boxOf(view)) return undefined;
  const texts = view.rows.map(({ text }) => text);
  const secret = secretAsked(texts);
  if (secret) return secret;
  const menu = menuOf(texts);
  // A dialog in an answer is indented as that is.
  if (menu && /^ {2}[│●]/.test(texts[menu.first] ?? "")) return undefined;
  if (!menu) return review(texts);
  // Gemini starts itself again once its folder is trusted, and leaves the dialog on the screen for seconds.
  if (texts.slice(menu.last).some((text) => startRow.test(text))) return undefined;
  const above = texts
    .slice(dialogTop(texts, menu), menu.first)
    .map((text) => text.replace(/^(\s?│ )?\? (?=[A-Z])/, "$1"));
  const open = menuQuestion(
    menu,
    above.filter((text) => unframed(text) !== "▲"),
  );
  const fits =
    above.some((text) => asking.test(text)) && !open.options.some(({ key, takes }) => takes ?? key === "submit");
  if (!fits) return open;
  return asQuestion(open.text, open.detail, [...open.options, { key: ownKey, label: ownLabel, takes: "answer" }]);
}

/**
 * The last page of several questions:
 *
 *     │ Review your answers:
 *     │
 *     │ Colour → Red
 *     │
 *     │ Enter to submit · Tab/Shift+Tab to edit answers · Esc to cancel
 */
function review(rows: readonly string[]): Question | undefined {
  const plain = rows.map(unframed);
  const help = plain.findLastIndex((row) => /^Enter to submit · .*edit answers/.test(row));
  const first = plain.slice(0, Math.max(0, help)).lastIndexOf("Review your answers:");
  if (first < 0) return undefined;
  const answers = plain.slice(first + 1, help).filter((row) => row !== "");
  const options = [
    { key: "enter", label: "Submit" },
    { key: "esc", label: "Cancel" },
  ];
  return asQuestion("Review your answers", answers.join("\n"), options);
}

/** A list with its pointer; the tips of the start are numbered too, and have none. */
function menuOf(rows: readonly string[]): Menu | undefined {
  const menu = findDialog(rows, [pointer]);
  if (menu?.pointed === undefined || rows.slice(menu.last + 1).some((row) => /^ ?╭/.test(row))) return undefined;
  // Settings have a list of what they apply to beside their own.
  const above = rows.slice(dialogTop(rows, menu), menu.first);
  return !menu.numbered && above.some((row) => unframed(row).startsWith(pointer)) ? undefined : menu;
}

/** Of a question's options only some are on the screen at a time. The one for own words is the last, which Up leads to from the first. */
function answerKeys(open: Question, option: string, view?: ScreenView): string[] {
  if (option === "enter") return ["\r"];
  if (option === secretKey) return secretKeys;
  const menu = view && menuOf(view.rows.map(({ text }) => text));
  return option === ownKey ? arrows(-1 - (menu?.pointed ?? 0)) : menuKeys(open, option, menu);
}

/** The sign before the text says in which mode it is: "*" where all is allowed, "!" for the host's shell. */
function composer(view: ScreenView): string {
  const box = boxOf(view);
  const sign = /^ ?([>!*])/.exec(view.rows[box?.first ?? -1]?.text ?? "")?.[1];
  return composerText(view, box, sign ?? ">", hint);
}

/** Rows between the two half-block rules of the last box, or from the last row with ">" on for screen readers. */
function boxOf(view: ScreenView): { first: number; last: number } | undefined {
  const texts = view.rows.map(({ text }) => text);
  const first = texts.findLastIndex((text) => /^▄{10,}/.test(text)) + 1;
  const last = texts.findLastIndex((text) => /^▀{10,}/.test(text)) - 1;
  const rest = texts.slice(last + 2).filter((text) => text !== "");
  const held = view.cursor.row >= first && view.cursor.row <= last && rest.length <= footerRows;
  const below = held || rest.some((text) => footer.test(text));
  if (first > 0 && last >= first && below && /^ ?[>!*]/.test(texts[first] ?? "")) return { first, last };
  const row = texts.findLastIndex((text) => text.startsWith("> "));
  return row < 0 ? undefined : { first: row, last: texts.findLastIndex((text) => text !== "") };
}
