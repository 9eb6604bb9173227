import { basename } from "node:path";
import type { AgentKind, Reading, ScreenView } from "./agent.ts";
import { buttonKeys, buttonQuestion } from "./button-row.ts";
import { encodeCommand } from "./encode.ts";
import { findDialog, menuKeys, menuQuestion } from "./menu.ts";
import { printed } from "./printed.ts";
import { askedAt } from "./asked.ts";
import { isCertainPrompt, isContinuation, isTyped, leftAt, promptAt, typedIn, waitedFor } from "./prompts.ts";
import type { Question } from "../host.ts";
import { wordsOf } from "./words.ts";

/** Glyphs with which programs mark the chosen option of a menu. */
const pointers = ["❯", "›", "▸", "▶", "→", ">", "●", "*"];
const surePointers = ["❯", "›", "▸", "▶"];
/** Rows above a menu that may belong to it, and what ends them: the edge of a box, a rule. */
const dialogRows = 12;
const edge = /^\s*(?:[┌└├╭╰╔╚┏┗]|[─━═▄▀]{5,})/;

/**
 * The kind of any program that is none of the known agents, by its command line: a REPL, a shell, a full-screen program. It is idle when
 * its cursor stands behind a prompt, or after 2 s of silence. Throws ShardbridgeError "usage" for a line that can't be split into words.
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
    composer: (view) => leftAt(view),
    clean,
  };
}

function answerKeys(open: Question, option: string, view?: ScreenView): string[] {
  if (open.options.some(({ key, takes }) => key === option && takes === "secret")) return [];
  const pressed = buttonKeys(option, view);
  if (pressed) return pressed;
  const menu = view && menuOf(view.rows.map(({ text }) => text));
  return /^(?:\d+|esc|submit)$/.test(option) ? menuKeys(open, option, menu) : [option, "\r"];
}

/** Only what is certain: an open question speaks for itself, and for the rest silence does. */
function state(view: ScreenView): Reading | undefined {
  if (view.alternate || question(view)) return undefined;
  const prompt = promptAt(view);
  if (prompt !== undefined) return { state: "idle", rule: `prompt: ${prompt}`, sure: true };
  return waitedFor(view) ? { state: "working", rule: "no prompt yet" } : undefined;
}

function question(view: ScreenView): Question | undefined {
  const asked = askedAt(view);
  if (asked || promptAt(view) !== undefined) return asked;
  const rows = view.rows.map(({ text }) => text);
  const menu = menuOf(rows);
  if (!menu) return buttonQuestion(view);
  return menuQuestion(menu, rows.slice(dialogTop(rows, menu.first), menu.first));
}

function menuOf(rows: readonly string[]) {
  return findDialog(rows, pointers, surePointers);
}

/** The row below the last rule, edge of a box or prompt above the options. */
function dialogTop(rows: readonly string[], first: number): number {
  const start = Math.max(0, first - dialogRows);
  return start + rows.slice(start, first).findLastIndex((row) => edge.test(row) || isTyped(row)) + 1;
}

/** What was printed between the echo and the next prompt. */
function clean(rows: readonly string[], sent: string): string {
  const menu = menuOf(rows);
  const told = menu ? rows.slice(0, dialogTop(rows, menu.first)) : [...rows];
  if (menu && edge.test(told.at(-1) ?? "")) told.pop();
  // A full screen has no echo, and anything typed may be anywhere on it.
  const start = sent.split("\n", 1)[0] ?? "";
  const echoed = told.some((row) => row.startsWith(start) || typedIn(row).startsWith(start));
  const lines = printed(told, echoed ? sent : "").split("\n");
  const output = lines.filter((line) => !sent.includes("\n") || !isContinuation(line));
  if (sent !== "" && isCertainPrompt(output.at(-1) ?? "")) output.pop();
  return output.join("\n");
}
