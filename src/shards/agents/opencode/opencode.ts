import type { AgentKind, Reading, ScreenView, Signs } from "../agent.ts";
import { composerText, untouched } from "../composer.ts";
import { encodePrompt, isSlashCommand } from "../encode.ts";
import { asQuestion, menuKeys, menuQuestion, unframed } from "../dialogs/menu.ts";
import {
  border,
  boxEnd,
  choices,
  cleanOpencode,
  dialogAt,
  mainRows,
  retryRow,
  toolsOfOpencode,
} from "./opencode-clean.ts";
import { configVariable, mergeConfig, permissionsOf, serverOf } from "./opencode-config.ts";
import { opencodeJournal, opencodePlugin, pluginFile } from "./opencode-journal.ts";
import type { Question } from "../../host.ts";

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

/** Below the input box: what it does, or the folder and the keys; where it is narrow in two rows. */
const footerRows = 3;
const atMargin = /^ {0,2}\S/;
const folderRow = /^ {1,3}[~/]\S*(?:\s|$)/;
/** "▣  Build · Fake Model · 1m 2.2s": without the time it is at work. */
const turnOver = /^ {3,5}▣ {2}\S.* · (?:\d[\d.]*(?:ms|[hms])\s?)+$/;
/** A prompt's echo, or the end of an answer. */
const ofTurn = /^ {0,2}┃|^ {3,5}▣ /;
/** In the rows below the input box. */
const busyRow = /(?:^| )\s*esc (?:again to )?interrupt(?:\s|$)/;

/** The pages of several questions: " Colour   Size   Confirm". */
const pages = /^ \S.*\bConfirm$/;
/** The first row of a dialog over everything else, which has the cursor while the input box stays: "Select model      esc". */
const overlay = /\S\s{3,}esc(?:\/enter)?(?:\s|$)/;

/** The last row of a page that has no input box: " tab focus file tree n next file  ] next hunk". */
const pageKeys = /^ {0,2}(?:tab|esc|enter|q|ctrl\+\S+) [a-z]+ /;

const retrying = /^[\s■⬝]*(\S.*\[retrying [^\]]*\])/;
const usedUp = /usage limit|limit (?:reached|exceeded)|quota|insufficient (?:balance|credits)/i;
const hint = /^Ask anything…/;

export const opencode: AgentKind = {
  name: "opencode",
  title: "opencode",
  program: "opencode",
  env: ["OPENCODE_*", "OPENAI_API_KEY", "OPENROUTER_API_KEY", "GEMINI_API_KEY", "GOOGLE_GENERATIVE_AI_API_KEY"],
  size,
  form: "markdown",
  inputBox: true,
  keys: { submit: "\r", interrupt: ["\u001B", "\u001B"] },
  // Its very first request takes about 2.5 s to show.
  reactsWithin: 4000,

  resumes: true,
  conversations: "told",
  modes: ["ask", "edits", "all"],
  journal: opencodeJournal,

  orchestrates: true,

  launch: ({ conversation, resume, mode, env, folder, tools }) => ({
    file: "opencode",
    args: [
      ...(resume ? ["--session", conversation] : []),
      // Rules by which the user forbids something stay.
      ...(mode === "all" ? ["--auto"] : []),
    ],
    env: {
      [configVariable]: mergeConfig(
        env[configVariable],
        {
          plugin: [`file://${folder}/${pluginFile}`],
          ...(mode === "ask" || mode === "edits" ? permissionsOf(mode) : {}),
        },
        ...(tools ? [serverOf(tools)] : []),
      ),
    },
    files: { [pluginFile]: opencodePlugin(folder) },
  }),
  encode: encodePrompt,
  state,
  signs,
  question,
  answerKeys: (open, option) =>
    choices.flatMap(({ options }) => options).find(({ key }) => key === option)?.keys ?? menuKeys(open, option),
  isCommand: isSlashCommand,
  tools: toolsOfOpencode,
  composer: (view) => composerText(view, boxOf(view), "┃", hint),
  clean: (rows, sent, cols = size.cols) => cleanOpencode(rows, sent, cols),
};

/** Rows without the side bar of a wide screen. */
function textsOf({ rows, cols }: ScreenView): readonly string[] {
  return mainRows(
    rows.map(({ text }) => text),
    cols,
  ).rows;
}

function state(view: ScreenView): Reading | undefined {
  const texts = textsOf(view);
  if (question(view)) return { state: "waiting", rule: "dialog" };
  const box = boxOf(view);
  if (!box) {
    const [end = "", last = ""] = texts.filter((text) => text !== "").slice(-2);
    if (pageKeys.test(last)) return { state: "waiting", rule: "a page with keys of its own" };
    // Where its text fills the screen it may draw none, for good.
    const over = folderRow.test(last) && turnOver.test(end);
    return over ? { state: "idle", rule: "the last answer has its time" } : untouched(view);
  }
  const busy = texts.slice(box.end + 1).find((text) => busyRow.test(text));
  if (busy) return { state: "working", rule: retryRow.test(busy) ? "footer: retrying" : "footer: esc interrupt" };
  if (view.cursor.row >= box.first && view.cursor.row <= box.last) return { state: "idle", rule: "input box" };
  const rule = texts.some((text) => overlay.test(text)) ? "panel: esc closes it" : "the cursor is not in the input box";
  return { state: "waiting", rule };
}

/** Its agent stands in the box: "┃  Plan · Fake Model Fake"; below it, why it tries again: "⬝⬝ fake 429 [retrying in 5s attempt #3]". */
function signs(view: ScreenView): Signs {
  const box = boxOf(view);
  if (!box) return {};
  const texts = textsOf(view);
  const mode = /^(\p{L}[\p{L}\p{N}_-]*) · /u.exec(unframed(texts[box.end - 1] ?? ""))?.[1]?.toLowerCase();
  const retry = texts.slice(box.end + 1).map((text) => retrying.exec(text)?.[1])[0];
  return {
    ...(mode !== undefined && { mode }),
    ...(retry !== undefined && { trouble: { kind: usedUp.test(retry) ? "limit" : "retrying", text: retry } }),
  };
}

function question(view: ScreenView): Question | undefined {
  if (boxOf(view)) return undefined;
  const texts = textsOf(view);
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

/** The bordered rows over the lower edge (`end`), less the blank ones and the agent's name, and less a list of commands above. */
function boxOf(view: ScreenView): { first: number; last: number; end: number } | undefined {
  const texts = textsOf(view);
  const end = boxEndIn(texts);
  if (end < 0) return undefined;
  const isBox = (text: string) => border.test(text) && !/┃.*┃\s*$/.test(text);
  const top = texts.slice(0, end).findLastIndex((text) => !isBox(text)) + 1;
  const filled = (index: number) => unframed(texts[index] ?? "") !== "";
  const inside = Array.from({ length: Math.max(0, end - 1 - top) }, (_, index) => top + index).filter(filled);
  const first = inside[0] ?? top + 1;
  return { first, last: inside.at(-1) ?? first, end };
}

/**
 * The lower edge of the input box; -1 where there is none. It is at the left margin, with a row or two below, or in the middle of the page
 * that is there before the first prompt. An answer may draw one too, further in.
 */
function boxEndIn(texts: readonly string[]): number {
  const end = texts.findLastIndex((text) => boxEnd.test(text));
  const below = texts.slice(end + 1).filter((text) => text !== "").length;
  if (end < 0) return -1;
  if (atMargin.test(texts[end] ?? "")) return below <= footerRows ? end : -1;
  return texts.some((text) => ofTurn.test(text)) ? -1 : end;
}
