import type { AgentKind, Reading, ScreenView } from "./agent.ts";
import { composerText, untouched } from "./composer.ts";
import { encodePrompt, isSlashCommand } from "./encode.ts";
import { geminiJournal } from "./gemini-journal.ts";
import { busyRow, cleanGemini, dialogTop, footer, toolsOfGemini } from "./gemini-clean.ts";
import { secretAsked, secretKey, secretKeys } from "./gemini-secret.ts";
import { arrows, asQuestion, findDialog, menuKeys, menuQuestion, unframed } from "./menu.ts";
import type { Menu } from "./menu-rows.ts";
import type { Mode, Question } from "../host.ts";

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
const queuedRow = /^\s+Queued \(press ↑ to edit\):$/;
const startRow = /^\W*(?:Waiting for authentication|Logging in with|Gemini CLI is restarting)/;
/** A settings panel. */
const panelHelp = /\bEsc to (?:close|cancel|exit|go back)\)?\s*│?$/i;
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
  if (texts.some((text) => busyRow.test(text))) return { state: "working", rule: "row: esc to cancel" };
  // It takes a prompt before its own start is over.
  if (texts.some((text) => queuedRow.test(text))) return { state: "working", rule: "row: Queued" };
  if (boxOf(view)) return { state: "idle", rule: "input box" };
  if (texts.some((text) => panelHelp.test(text))) return { state: "waiting", rule: "panel: esc closes it" };
  const start = texts.find((text) => startRow.test(text));
  if (start !== undefined) return { state: "starting", rule: "signing in" };
  return untouched(view);
}

function question(view: ScreenView): Question | undefined {
  if (boxOf(view)) return undefined;
  const texts = view.rows.map(({ text }) => text);
  const secret = secretAsked(texts);
  if (secret) return secret;
  const menu = menuOf(texts);
  if (!menu) return review(texts);
  // It starts itself again once its folder is trusted, and leaves the dialog on the screen for seconds.
  if (texts.slice(menu.last).some((text) => startRow.test(text))) return undefined;
  const above = texts.slice(dialogTop(texts, menu), menu.first).map((text) => text.replace(/^\? (?=[A-Z])/, ""));
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
  const below = texts.slice(last + 1).some((text) => footer.test(text));
  if (first > 0 && last >= first && below && /^ ?[>!*]/.test(texts[first] ?? "")) return { first, last };
  const row = texts.findLastIndex((text) => text.startsWith("> "));
  return row < 0 ? undefined : { first: row, last: texts.findLastIndex((text) => text !== "") };
}
