import type { AgentKind, Reading, ScreenView } from "./agent.ts";
import { composerText, untouched } from "./composer.ts";
import { encodePrompt } from "./encode.ts";
import { busyRow, cleanGemini, dialogTop, footer, toolsOfGemini } from "./gemini-clean.ts";
import { findMenu, menuKeys, menuQuestion } from "./menu.ts";
import type { Question } from "../host.ts";

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
  keys: { submit: "\r", interrupt: ["\u001B"] },
  reactsWithin: 1500,

  resumes: false,
  journal: undefined,

  launch: ({ conversation }) => ({ file: "gemini", args: ["--session-id", conversation], env: {}, files: {} }),
  encode: encodePrompt,
  state,
  question,
  answerKeys: (_question, option) => menuKeys(option),
  isCommand: () => false,
  tools: toolsOfGemini,
  composer: (view) => composerText(view, boxOf(view), ">", hint),
  clean: (rows, sent, cols = size.cols) => cleanGemini(rows, sent, cols),
};

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
  const start = texts.find((text) => startRow.test(text));
  if (start !== undefined) return { state: "starting", rule: "signing in" };
  return untouched(view);
}

function question(view: ScreenView): Question | undefined {
  if (boxOf(view)) return undefined;
  const texts = view.rows.map(({ text }) => text);
  const menu = findMenu(texts, pointer);
  // It starts itself again once its folder is trusted, and leaves the dialog on the screen for seconds.
  if (!menu || texts.slice(menu.last).some((text) => startRow.test(text))) return undefined;
  const above = texts.slice(dialogTop(texts, menu), menu.first).map((text) => text.replace(/^\? (?=[A-Z])/, ""));
  return menuQuestion(menu, above);
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
