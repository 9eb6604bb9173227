/**
 * A scripted coding agent with the terminal UI of a real one, for tests: `node tests/fakes/fake-agent.ts [options]` in a PTY.
 *
 *     ❯ SAY hello ENDSAY                  the prompt, echoed
 *
 *     ● hello                             the answer, printed above the panel
 *                                         ── from here on: the panel, erased and drawn again with every change ──
 *     ✶ Thinking… (esc to interrupt)      while it works, every 80 ms
 *
 *     ────────────────────────
 *     ❯ what is being typed
 *     ────────────────────────
 *       ? for shortcuts
 *
 * The prompt's first keyword says what it does: see `scripts`; what is typed while it works is queued. Its own commands are /exit, /notes and
 * /panel, which only Esc closes. Options: --alternate (draws on the alternate screen), --slow-start MS (line mode and silence until then),
 * --trust (a dialog first), --swallow-enter (the first Enter of a prompt is lost), --restore (an interrupted prompt comes back into the
 * input box), --deaf (Esc does not interrupt), --why (asks in a field of its own why a command was denied), --numb (takes no Enter
 * while it works), --crash CODE (it ends as soon as it is ready), --history FILE (where its conversation is kept), --resume (goes on with
 * that, and shows it), --late MS (so long after it is ready), --mode MODE (shown in the banner); --session ID, --signals FILE and
 * --transcript FILE, all three (it writes of itself as Claude Code does).
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Transcript } from "./transcript.ts";

const { values: options } = parseArgs({
  options: {
    alternate: { type: "boolean", default: false },
    "slow-start": { type: "string", default: "0" },
    trust: { type: "boolean", default: false },
    "swallow-enter": { type: "boolean", default: false },
    restore: { type: "boolean", default: false },
    deaf: { type: "boolean", default: false },
    why: { type: "boolean", default: false },
    numb: { type: "boolean", default: false },
    crash: { type: "string" },
    history: { type: "string" },
    resume: { type: "boolean", default: false },
    late: { type: "string", default: "0" },
    mode: { type: "string" },
    session: { type: "string" },
    signals: { type: "string" },
    transcript: { type: "string" },
  },
});

interface Menu {
  above: string[];
  options: string[];
  help: string[];
  pointer: number;
  /** The option that is a field: its index, and what is in it. */
  own?: { index: number; text: string };
  /** Index of the option, -1 for Esc. */
  choose(index: number): void;
}

/** An Enter that comes sooner after a paste is a line feed (as measured with Gemini CLI). */
const enterAfterPaste = 40;
const cols = process.stdout.columns || 80;
const rows = process.stdout.rows || 24;
const rule = "─".repeat(cols);

let composer = "";
let menu: Menu | undefined;
let panel = false;
let turn: AbortController | undefined;
let hint = "  ? for shortcuts";
let frame = 0;
let hung = false;
let swallow = options["swallow-enter"];
const queued: string[] = [];

// ── Drawing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

let panelHeight = 0;
const printed: string[] = [];

/** Print lines for good, above the panel, and draw the panel. */
function draw(lines: readonly string[] = []): void {
  const panel = panelRows().slice(-(rows - 1));
  if (options.alternate) {
    printed.push(...lines.flatMap((line) => wrap(line, cols)));
    const screen = [...printed.slice(-(rows - panel.length)), ...panel];
    process.stdout.write(`\u001B[H${screen.map((row) => `${row}\u001B[K`).join("\r\n")}\u001B[J`);
    return;
  }
  const top = panelHeight > 1 ? `\r\u001B[${panelHeight - 1}A` : "\r";
  panelHeight = panel.length;
  process.stdout.write(`${top}\u001B[J${lines.map((line) => `${line}\r\n`).join("")}${panel.join("\r\n")}`);
}

/** Print lines that belong to the conversation. */
function print(lines: readonly string[]): void {
  remember({ lines });
  draw(lines);
}

// ── Conversation ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

const prompts: string[] = [];
const { session, signals, transcript } = options;
const told = session && signals && transcript ? new Transcript(session, signals, transcript) : undefined;

interface Remembered {
  prompt?: string;
  lines?: readonly string[];
}

function remember(item: Remembered): void {
  if (item.prompt !== undefined) prompts.push(item.prompt.trim().split("\n").at(-1) ?? "");
  if (options.history !== undefined) appendFileSync(options.history, `${JSON.stringify(item)}\n`);
}

/** The lines of the conversation so far, whose prompts are known again from now on. */
function recall(file: string): string[] {
  const items = readFileSync(file, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Remembered);
  for (const { prompt } of items) if (prompt !== undefined) prompts.push(prompt.trim().split("\n").at(-1) ?? "");
  return items.flatMap(({ lines }) => [...(lines ?? [])]);
}

function panelRows(): string[] {
  if (panel) return [rule, " Settings", "", "   one: off", "", " Esc to close"];
  if (menu) {
    const { own } = menu;
    const rowsOfMenu = menu.options.map((label, index) => {
      const shown = own?.index === index && own.text !== "" ? own.text : label;
      return `${index === menu?.pointer ? " ❯ " : "   "}${index + 1}. ${shown}`;
    });
    return [rule, ...menu.above, ...rowsOfMenu, ...menu.help];
  }
  const spinner = turn ? [`${"✶✻✽✢·"[frame % 5]} Thinking… (esc to interrupt)`, ""] : [];
  const text = composer.split("\n").flatMap((line) => wrap(untabbed(line), cols - 3));
  const typed = text.slice(-(rows - 8)).map((line, index) => (index === 0 ? "❯ " : "  ") + line);
  return [
    "",
    ...spinner,
    ...queued.map((prompt) => `  queued: ${prompt.split("\n", 1)[0]?.slice(0, 40)}`),
    rule,
    ...typed,
    rule,
    hint,
  ];
}

/** Rows of at most `width` columns; whatever may be wide counts as two. */
function wrap(line: string, width: number): string[] {
  const wrapped = [""];
  let used = 0;
  for (const char of line) {
    const size = (char.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
    if (used + size > width) wrapped.push("");
    used = used + size > width ? size : used + size;
    wrapped.push(wrapped.pop() + char);
  }
  return wrapped;
}

function untabbed(text: string): string {
  return text.replaceAll("\t", "    ");
}

function title(text: string): void {
  process.stdout.write(`\u001B]0;${text}\u0007`);
}

// ── Turns ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

/** What a keyword in a prompt does. */
const scripts: [RegExp, (words: string, signal: AbortSignal) => Promise<void>][] = [
  [/\bSAY (.*?) ENDSAY/s, async (words) => say(words.split("\n"))],
  [/\bLONG (\d+)/, (n, signal) => stream(paragraphs(Number(n)), 20, 10, signal)],
  [/\bSLOW (\d+)/, (n, signal) => stream(numbered(Number(n), "slow and steady wins the race."), 1, 50, signal)],
  [/\bMDTEST\b/, async () => say(markdown)],
  [/\bASK\b/, async (_, signal) => ask(["Red", "Blue", "Green"], signal)],
  [/\bASKFREE\b/, async (_, signal) => ask(["Red", "Blue", "Green", somethingElse], signal)],
  [/\bRUN (.*?) ENDRUN/s, run],
  [/\bEDIT (\S+)/, edit],
  [/\bFLOOD\b/, async (_, signal) => flood(signal)],
  [/\bRECALL\b/, async () => say(["I know these prompts:", ...prompts])],
  [/\bCRASH (\d+)/, async (code) => quit(Number(code))],
  // Such a prompt never begins: see `submit`.
  [/\bHANG\b/, async () => {}],
];

function scriptOf(prompt: string) {
  const found = scripts.map(([pattern, script]) => ({ pattern, script, match: pattern.exec(prompt) }));
  return found
    .filter(({ match }) => match)
    .sort((one, other) => (one.match?.index ?? 0) - (other.match?.index ?? 0))[0];
}

async function takeTurn(prompt: string): Promise<void> {
  const { signal } = (turn = new AbortController());
  title("⠂ fake");
  remember({ prompt });
  told?.prompted(prompt);
  print([
    "",
    ...untabbed(prompt)
      .split("\n")
      .map((line, index) => (index === 0 ? "❯ " : "  ") + line),
    "",
  ]);
  const spinner = setInterval(() => {
    frame++;
    if (!menu) draw();
  }, 80);
  try {
    await sleep(150, undefined, { signal });
    const found = scriptOf(prompt);
    if (found) await found.script(found.match?.[1] ?? "", signal);
    else say([`Done: ${prompt.trim().split("\n").at(-1)}`]);
  } catch (error) {
    if (!signal.aborted) throw error;
    menu = undefined;
    if (options.restore) composer = prompt;
    told?.interrupted();
    draw(["  ⎿ Interrupted by user"]);
  }
  clearInterval(spinner);
  if (!signal.aborted) told?.done();
  turn = undefined;
  title("✳ fake");
  draw();
  const next = queued.shift();
  if (next !== undefined) await takeTurn(next);
}

function say(lines: string[]): void {
  told?.said(lines.join("\n"));
  print(lines.map((line, index) => (index === 0 ? `● ${line}` : line === "" ? "" : `  ${line}`)));
}

async function stream(lines: string[], atOnce: number, pause: number, signal: AbortSignal): Promise<void> {
  for (let at = 0; at < lines.length; at += atOnce) {
    const some = lines.slice(at, at + atOnce);
    print(some.map((line, index) => (at + index === 0 ? `● ${line}` : line === "" ? "" : `  ${line}`)));
    await sleep(pause, undefined, { signal });
  }
  told?.said(lines.join("\n"));
}

/** More than a terminal can show, until it is stopped. */
async function flood(signal: AbortSignal): Promise<void> {
  for (;;) {
    process.stdout.write(`${"yes ".repeat(cols)}\r\n`.repeat(60));
    await sleep(2, undefined, { signal });
  }
}

function numbered(n: number, words: string): string[] {
  return Array.from({ length: n }, (_, index) => `Line ${String(index + 1).padStart(4, "0")}: ${words}`);
}

function paragraphs(n: number): string[] {
  return numbered(n, "the quick brown fox jumps over the lazy dog.").flatMap((line, index) =>
    index === 0 ? [line] : ["", line],
  );
}

const markdown = [
  "## The plan",
  "",
  "1. Read the **code**",
  "2. Change it",
  "",
  "```ts",
  "const answer: number = 42;",
  "```",
  "",
  "| Name | Value |",
  "| --- | --- |",
  "| answer | 42 |",
  "",
  "Shall I go on?",
];

const somethingElse = "Type something.";

async function ask(colours: string[], signal: AbortSignal): Promise<void> {
  const above = [" ☐ Colour", "", " Which colour should the button have?", ""];
  told?.asks("AskUserQuestion", { questions: [{ question: "Which colour should the button have?" }] });
  const chosen = await choice(above, colours, ["", " Enter to select · Esc to cancel"], signal);
  told?.answered("answered");
  say([`You chose ${chosen.text ?? colours[chosen.index]}.`]);
}

async function run(command: string, signal: AbortSignal): Promise<void> {
  print([`● Bash(${command})`]);
  told?.asks("Bash", { command });
  const detail = wrap(command, cols - 4).map((line) => `   ${line}`);
  const { index } = await choice(
    [" Bash command", "", ...detail, "", " Do you want to proceed?"],
    ["Yes", "No"],
    [],
    signal,
  );
  const denied = index > 0 && options.why;
  const why = denied ? (await choice([" Why not?"], [somethingElse, "Reject", "Cancel"], [], signal)).text : undefined;
  told?.answered(index === 0 ? "done" : "refused");
  draw([`  ⎿ ${index === 0 ? "Done" : "Refused by user"}`, ""]);
  say([index === 0 ? "The command ran." : `I did not run the command${why ? `: ${why}` : ""}.`]);
}

const store = {
  before: ["export class SessionStore {", "  readonly #sessions = new Map<string, Session>();", "}"],
  after: [
    "export class SessionStore {",
    "  read(cookie: string): Session | undefined {",
    "    return verify(cookie, this.#key);",
    "  }",
    "}",
  ],
};

/** Show what is to become of a file, and write it when that is allowed. */
async function edit(file: string, signal: AbortSignal): Promise<void> {
  print([`● Update(${file})`]);
  const input = { file_path: file, old_string: store.before.join("\n"), new_string: store.after.join("\n") };
  told?.asks("Edit", input);
  const dashes = "╌".repeat(cols);
  const changes = (sign: string, lines: string[]) =>
    lines.map((line, index) => ` ${String(index + 1).padStart(3)} ${sign}${line}`);
  const diff = [...changes("-", store.before), ...changes("+", store.after)];
  const question = ` Do you want to make this edit to ${file.split("/").at(-1)}?`;
  const { index } = await choice(
    [" Edit file", ` ${file}`, dashes, ...diff, dashes, question],
    ["Yes", "No"],
    ["", " Esc to cancel"],
    signal,
  );
  told?.answered(index === 0 ? "done" : "refused");
  if (index === 0) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `${input.new_string}\n`);
  }
  draw([`  ⎿ ${index === 0 ? "Done" : "Refused by user"}`, ""]);
  say([index === 0 ? "The edit is made." : "I did not make the edit."]);
}

/** Index of the chosen option, or what was typed into the one that is a field; Esc interrupts the turn. */
async function choice(
  above: string[],
  labels: string[],
  help: string[],
  signal: AbortSignal,
): Promise<{ index: number; text?: string }> {
  title("✳ fake");
  const { promise, resolve, reject } = Promise.withResolvers<{ index: number; text?: string }>();
  signal.addEventListener("abort", () => reject(new Error("interrupted")));
  const field = labels.indexOf(somethingElse);
  const own = field < 0 ? undefined : { index: field, text: "" };
  const choose = (index: number) => {
    if (index < 0) turn?.abort();
    else resolve(own?.index === index ? { index, text: own.text } : { index });
  };
  menu = { above, options: labels, help, pointer: 0, ...(own && { own }), choose };
  draw();
  const chosen = await promise;
  menu = undefined;
  title("⠂ fake");
  return chosen;
}

// ── Keys ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

let pasting = false;
let pastedAt = -Infinity;
/** The start of an escape sequence whose rest is still to come. */
let held = "";
const tokens = /\u001B\[[\d;]*[A-Za-z~]|\P{Cc}+|\p{Cc}/gu;

function takeInput(data: string): void {
  const input = held + data;
  // By itself Esc is a key.
  held = (pasting ? /\u001B(?:\[[\d;]*)?$/ : /\u001B\[[\d;]*$/).exec(input)?.[0] ?? "";
  for (const [token] of input.slice(0, input.length - held.length).matchAll(tokens)) {
    if (hung) return;
    if (pasting) takePasted(token);
    else takeKey(token);
  }
  if (!hung) draw();
}

function takePasted(token: string): void {
  if (token === "\u001B[201~") {
    pasting = false;
    pastedAt = performance.now();
  } else if (token === "\r") {
    composer += "\n";
  } else if (/^[\t\n\P{Cc}]/u.test(token)) {
    composer += token;
  }
}

function takeKey(key: string): void {
  if (key !== "\u0003") hint = "  ? for shortcuts";
  if (panel) panel = key !== "\u001B";
  else if (menu) takeMenuKey(menu, key);
  else if (key === "\u001B[200~") pasting = true;
  else if (key === "\u001B" && !options.deaf) turn?.abort();
  else if (key === "\u0003") interruptOrQuit();
  else if (key === "\u007F") composer = composer.slice(0, -1);
  else if (key === "\u0015") composer = "";
  else if (key === "\n" || (key === "\r" && performance.now() - pastedAt < enterAfterPaste)) composer += "\n";
  else if (key === "\r") submit();
  else if (!/^\p{Cc}/u.test(key)) composer += key;
}

function takeMenuKey(open: Menu, key: string): void {
  const last = open.options.length - 1;
  const { own } = open;
  if (own && open.pointer === own.index && /^\P{Cc}/u.test(key)) {
    own.text += key;
    return;
  }
  if (key === "\u001B") open.choose(-1);
  else if (key === "\r") open.choose(open.pointer);
  else if (key === "\u001B[A") open.pointer = Math.max(0, open.pointer - 1);
  else if (key === "\u001B[B") open.pointer = Math.min(last, open.pointer + 1);
  else if (own && Number(key) - 1 === own.index) open.pointer = own.index;
  else if (/^\d$/.test(key) && Number(key) >= 1 && Number(key) <= last + 1) open.choose(Number(key) - 1);
}

function interruptOrQuit(): void {
  if (composer !== "") composer = "";
  else if (turn) turn.abort();
  else if (hint.includes("again")) quit(0);
  else hint = "  Press Ctrl-C again to exit";
}

function submit(): void {
  if (swallow) {
    swallow = false;
    return;
  }
  if (composer.trim() === "" || (options.numb && turn)) return;
  if (composer === "/exit") quit(0);
  if (composer === "/panel") panel = true;
  if (composer === "/notes") draw(["", "❯ /notes", "", "  ⎿ There are no notes.", ""]);
  if (/^\/(?:panel|notes)$/.test(composer)) {
    composer = "";
    return;
  }
  hung = scriptOf(composer)?.pattern.source === String.raw`\bHANG\b`;
  if (hung) return;
  const prompt = composer.replace(/\n+$/, "");
  composer = "";
  if (turn) queued.push(prompt);
  else void takeTurn(prompt);
}

function quit(code: number): never {
  process.stdout.write(`\u001B]0;\u0007\u001B[?2004l\u001B[?25h${options.alternate ? "\u001B[?1049l" : "\r\n"}`);
  process.exit(code);
}

// ── Start ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────

async function askForTrust(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<number>();
  const above = [" Quick safety check", "", `   ${process.cwd()}`, "", " Do you trust this folder?"];
  const help = ["", " Enter to confirm · Esc to cancel"];
  menu = { above, options: ["Yes, I trust this folder", "No, exit"], help, pointer: 0, choose: resolve };
  draw();
  if ((await promise) !== 0) quit(1);
  menu = undefined;
}

await sleep(Number(options["slow-start"]));
const { history = "" } = options;
if (options.resume && !existsSync(history)) {
  process.stdout.write(`No conversation found in ${history}\r\n`);
  process.exit(1);
}
process.stdin.setRawMode(true).setEncoding("utf8");
process.stdout.write(`${options.alternate ? "\u001B[?1049h\u001B[2J" : ""}\u001B[?25l\u001B[?2004h`);
title("✳ fake");
process.stdin.on("data", takeInput);
if (options.trust) await askForTrust();
told?.started();
const inner = process.cwd().slice(-36).padEnd(36);
draw([`╭─── Fake Agent v1 ${(options.mode ?? "").padEnd(19, "─")}╮`, `│ ${inner} │`, `╰${"─".repeat(38)}╯`, ""]);
if (options.crash !== undefined) quit(Number(options.crash));
if (options.resume) {
  await sleep(Number(options.late));
  draw(recall(history));
}
