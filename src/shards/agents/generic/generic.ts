import { basename } from "node:path";
import type { AgentKind, Reading, ScreenView } from "../agent.ts";
import { buttonKeys, buttonQuestion } from "../dialogs/button-row.ts";
import { encodeCommand } from "../encode.ts";
import { askingRow, searchesList, yesNoRow } from "./asking-screen.ts";
import { askedBesideBox } from "../dialogs/beside-box.ts";
import { printedFor } from "./generic-clean.ts";
import { askedInWords, demandedAbove, inBox, inputAt, secretInBox } from "./input.ts";
import { keyRowQuestion } from "../dialogs/key-rows.ts";
import { asQuestion, findDialog, menuKeys, menuQuestion } from "../dialogs/menu.ts";
import { askedAt, secretOption } from "../dialogs/asked.ts";
import { isTyped, leftAt, promptAt, rowAt, waitedFor } from "../prompts.ts";
import type { Question } from "../../host.ts";
import { wordsOf } from "./words.ts";

/** Glyphs with which programs mark the chosen option of a menu. */
const pointers = ["❯", "›", "▸", "▶", "►", "➤", "→", ">", "●", "*"];
const surePointers = ["❯", "›", "▸", "▶", "►", "➤"];
/** Rows above a menu that may belong to it, and what ends them: the edge of a box, a rule. */
const dialogRows = 12;
const edge = /^\s*(?:[┌└├╭╰╔╚┏┗]|[─━═▄▀]{5,})/;

/** Rows of hints and status lines below the keys of a dialog on a full screen. */
const statusRows = 8;
const anyKey = /\bpress (?:any key|enter|return)(?: to (?<does>[\p{L} ]{2,40}))?(?=[\s.…:)\]]*$)/iu;
const moving = /[\u2800-\u28ff◐◑◒◓◴◵◶◷✻✽✶✳✢]|\b\d{1,2}:\d{2}(?::\d{2})?\b|\b\d+(?:\.\d+)?\s?(?:ms|s|%)(?!\w)/gu;
const namedKey = /^(?:submit|enter|return|esc|escape|tab|space)$/;

/**
 * The kind of any program that is none of the known agents, by its command line: a REPL, a shell, a full-screen program. It is idle when
 * its cursor stands behind a prompt, or after 2 s of silence where something shows that it takes a text (`inputAt`). Throws ShardbridgeError "usage" for a line that can't be split into words.
 */
export function genericKind(commandLine: string): AgentKind {
  const [file = "", ...args] = wordsOf(commandLine);
  return {
    name: commandLine.trim(),
    title: basename(file),
    program: file,
    env: [],
    size: { cols: 160, rows: 50 },
    form: "terminal",
    keys: { submit: "\r", interrupt: ["\u0003"] },
    reactsWithin: 1000,

    resumes: true,
    conversations: "none",
    modes: [],
    journal: undefined,

    launch: () => ({ file, args, env: {}, files: {} }),
    // As it is: a REPL would run a line of ours.
    encode: (text) => encodeCommand(text),
    state,
    question,
    answerKeys,
    isCommand: () => false,
    tools: () => [],
    input: inputAt,
    composer: (view) => leftAt(view),
    clean,
  };
}

/** Only what is certain: an open question speaks for itself, and for the rest silence does, with what shows that a text is taken. */
function state(view: ScreenView): Reading | undefined {
  if (question(view)) return undefined;
  if (searchesList(view)) return { state: "waiting", rule: "a list that is searched" };
  const prompt = view.alternate ? undefined : promptAt(view);
  if (prompt !== undefined) return { state: "idle", rule: `prompt: ${prompt}`, sure: true };
  const asking = askingRow(view);
  if (asking !== undefined) return { state: "waiting", rule: `keys: ${asking.slice(0, 60)}` };
  // In line mode a program that waits for something else is at work: `make`.
  if (!view.alternate && view.tty?.canonical && view.tty.reading === false) {
    return { state: "working", rule: "it does not read its terminal" };
  }
  return waitedFor(view) ? { state: "working", rule: "no prompt yet" } : undefined;
}

/** A prompt may be anything that a full screen shows, and stands below its lists. */
function question(view: ScreenView): Question | undefined {
  const asked = askedAt(view);
  if (asked) return asked;
  if (!view.alternate && promptAt(view) !== undefined) return inWords(demandedAbove(view));
  const rows = rowsOf(view);
  const menu = menuIn(rows);
  if (menu) return menu;
  const buttons = buttonQuestion(view);
  if (buttons) return buttons;
  if (inBox(view)) return askedBesideBox(view, menuIn);
  return (
    secretAsked(view) ?? keysAsked(view, rows) ?? yesNoAsked(view) ?? pressAsked(view) ?? inWords(askedInWords(view))
  );
}

function menuIn(rows: readonly string[]): Question | undefined {
  const menu = menuOf(rows);
  if (!menu) return undefined;
  const open = menuQuestion(menu, rows.slice(dialogTop(rows, menu.first), menu.first));
  return menu.preview.length > 0 ? open : steady(open);
}

/** A key row is at the end of what a program has printed; on a full screen, hints and status lines are below. */
function keysAsked({ alternate, cursor }: ScreenView, rows: readonly string[]): Question | undefined {
  const full = alternate || cursor.hidden === true;
  const end = rows.findLastIndex((row) => row.trim() !== "") + 1;
  const first = full ? end - statusRows : Math.max(end, cursor.row + 1);
  for (let last = end; last >= Math.max(1, first); last--) {
    const found = keyRowQuestion(rows.slice(0, last));
    if (found) return steady(found);
  }
  return undefined;
}

/** A line is read that the terminal does not show. */
function secretAsked(view: ScreenView): Question | undefined {
  const { tty, alternate } = view;
  const asked = rowAt(view).trim();
  const boxed = secretInBox(view);
  if (boxed !== undefined) return asQuestion(boxed, "", [secretOption]);
  if (alternate || !tty?.canonical || tty.echo || tty.reading === false || asked === "") return undefined;
  return asQuestion(asked, "", [secretOption]);
}

function yesNoAsked(view: ScreenView): Question | undefined {
  const row = yesNoRow(view);
  const [yes, no] = /yes/i.test(row?.slice(-12) ?? "") ? ["yes", "no"] : ["y", "n"];
  const options = [
    { key: yes, label: "Yes" },
    { key: no, label: "No" },
  ];
  return row === undefined ? undefined : asQuestion(row, "", options);
}

/** "Press any key to continue": Enter is one. */
function pressAsked(view: ScreenView): Question | undefined {
  const row = askingRow(view) ?? "";
  const found = anyKey.exec(row);
  const { does } = found?.groups ?? {};
  return found
    ? asQuestion(row, "", [{ key: "enter", label: does === undefined ? "Enter" : `Enter: ${does.trim()}` }])
    : undefined;
}

function inWords(asked: string | undefined): Question | undefined {
  return asked === undefined ? undefined : asQuestion(asked, "", [{ key: "words", label: "Answer", takes: "answer" }]);
}

function answerKeys(open: Question, option: string, view?: ScreenView): string[] {
  if (option === "words" || option === secretOption.key) return [];
  const pressed = buttonKeys(option, view);
  if (pressed) return pressed;
  if (/^\d+$/.test(option) || namedKey.test(option)) {
    const menu = view && menuOf(rowsOf(view));
    return menuKeys(open, option, menu);
  }
  return [option, "\r"];
}

function rowsOf({ rows }: ScreenView): string[] {
  return rows.map(({ text }) => text);
}

/** A clock, a spinner or a percentage beside a question makes no other one of it. */
function steady(question: Question): Question {
  const { id } = asQuestion(question.text, question.detail.replaceAll(moving, ""), question.options);
  return { ...question, id };
}

function menuOf(rows: readonly string[]) {
  return findDialog(rows, pointers, surePointers);
}

/** The row below the last rule, edge of a box or prompt above the options. */
function dialogTop(rows: readonly string[], first: number): number {
  const start = Math.max(0, first - dialogRows);
  return start + rows.slice(start, first).findLastIndex((row) => edge.test(row) || isTyped(row)) + 1;
}

/** Output between the echo and the next prompt, or the menu that is open. */
function clean(rows: readonly string[], sent: string): string {
  const menu = menuOf(rows);
  const told = menu ? rows.slice(0, dialogTop(rows, menu.first)) : [...rows];
  if (menu && edge.test(told.at(-1) ?? "")) told.pop();
  return printedFor(told, sent);
}
