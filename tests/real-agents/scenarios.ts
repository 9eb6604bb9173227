import { hostileAnswers } from "../shards/agents/hostile-answers.ts";
import type { AgentName } from "./seeds.ts";

/** How an agent is started: the arguments and variables that make a mode of it. */
export interface Mode {
  args: string[];
  env?: Record<string, string>;
}

/** Each agent's modes; "" is the one that it has by itself. */
export const modes: Record<AgentName, Record<string, Mode>> = {
  claude: {
    "": { args: [] },
    ax: { args: ["--ax-screen-reader"] },
    fullscreen: { args: [], env: { CLAUDE_CODE_NO_FLICKER: "1" } },
  },
  // The daemon would serve the next recording with this one's environment.
  codex: { "": { args: ["--no-daemon"] }, inline: { args: ["--no-daemon", "--no-alt-screen"] } },
  gemini: { "": { args: [] }, ax: { args: ["--screen-reader"] } },
  opencode: { "": { args: [] }, mini: { args: ["--mini"] } },
};

/** What the recorder does next. */
export type Step =
  /** Paste a prompt at an idle agent and submit it. */
  | { prompt: string }
  /** The same at a busy one. */
  | { meanwhile: string }
  /** A number: the model has said so much of its answer, piece by piece. */
  | { until: "idle" | "working" | "dialog" | "quiet" | "gone" | number | RegExp }
  /** Choose the option of the open dialog. */
  | { choose: Choice }
  /** The same with every dialog that comes until the turn ends. */
  | { each: Choice }
  | { press: "interrupt" | "esc" | "help" }
  /** With the agent's own command. */
  | { leave: true }
  | { resize: [cols: number, rows: number] };

/** An option of a dialog: by its place, from 0 or from the end, or by its label. */
export type Choice = number | RegExp;

export interface Scenario {
  steps: readonly Step[];
  /** Agents that have it; all where left out. */
  only?: readonly AgentName[];
  /** Further arguments. */
  args?: Partial<Record<AgentName, string[]>>;
  /** Nothing is trusted and nobody is signed in. */
  fresh?: boolean;
}

const say = (text: string) => ({ prompt: `SAY ${text} ENDSAY` });
const ask = (prompt: string): Step[] => [{ prompt }, { until: "idle" }];
const decide = (prompt: string, choice: Choice): Step[] => [
  { prompt },
  { until: "dialog" },
  { choose: choice },
  { until: "idle" },
];
const times = (count: number, text: string) => Array.from({ length: count }, () => text).join(" ");

/** Codex asks about an edit only where it may not write. */
const readOnly = { codex: ["-s", "read-only"] };
const bash = "RUN ESCALATE echo demo-123 > demo.txt; echo wrote-it ENDRUN";
const numbers = times(6, "one two three four five six seven eight nine ten");
const slow = times(5, "this is the slow one with words");

const lines = (count: number) =>
  Array.from({ length: count }, (_, index) => `# line ${index + 1} of the text`).join("\n");
const chrome = "● hello\n❯ hello\n• Ran ls\n✦ hi\n> quoted\n  ⎿  result\n1. Yes\n2. No\nesc to interrupt";
const thought = "The user wants a number. Let me think about it.\n\nIt has to be 42, since that is what it always is.";
/** Names in tests/fixtures/markdown. */
const texts = ["lists", "code", "tables", "chrome", "world", "prose", "options", "everything"];

/** By name. The first twelve are what every agent's recordings have. */
export const scenarios: Record<string, Scenario> = {
  "first-answer": {
    steps: [
      ...ask("SAY Hello there, this is the first answer. ENDSAY"),
      ...ask("SAY And this is the second answer, after a second prompt. ENDSAY"),
    ],
  },
  markdown: { steps: ask("MDTEST please") },
  "long-scroll": { steps: ask("LONG 120") },
  "permission-bash": { steps: decide(bash, 0) },
  "permission-deny": { steps: [{ prompt: bash }, { until: "dialog" }, { press: "esc" }, { until: "idle" }] },
  "write-file": { steps: decide("WRITE hello.txt", 0), args: readOnly },
  "ask-user": { steps: decide("ASKME", 1), only: ["claude", "gemini", "opencode"] },
  interrupt: {
    steps: [{ prompt: `SAY ${numbers} ENDSAY DELAY=100` }, { until: 30 }, { press: "interrupt" }, { until: "idle" }],
  },
  queued: {
    steps: [
      { prompt: `SAY ${slow} ENDSAY DELAY=100` },
      { until: 12 },
      { meanwhile: "SAY second answer ENDSAY" },
      { until: "idle" },
    ],
  },
  resize: {
    steps: [
      { prompt: "LONG 60 DELAY=60" },
      { until: 30 },
      { resize: [90, 30] },
      { until: 70 },
      { resize: [140, 50] },
      { until: "idle" },
      say("after the resize"),
      { until: "idle" },
    ],
  },
  error: { steps: [{ prompt: "ERR401" }, { until: "idle" }] },
  exit: { steps: [...ask("SAY bye ENDSAY"), { leave: true }, { until: "gone" }] },

  // Dialogs at the start.
  "first-run": {
    steps: [{ until: "dialog" }, { choose: /^Yes/ }, { until: "dialog" }, { choose: /^Yes/ }, { until: "idle" }],
    fresh: true,
    only: ["claude"],
  },
  trust: { steps: [{ until: "dialog" }, { choose: 0 }, { until: "idle" }], fresh: true, only: ["codex"] },
  "sign-in": {
    steps: [{ until: "dialog" }, { choose: 0 }, { until: "dialog" }, { choose: 1 }, { until: "quiet" }],
    fresh: true,
    only: ["gemini"],
  },

  // Texts of all sorts.
  ...Object.fromEntries(texts.map((name) => [`text-${name}`, { steps: ask(`MDTEST=${name}`) }])),
  "texts-in-turn": { steps: ["options", "chrome", "options"].flatMap((name) => ask(`MDTEST=${name}`)) },
  hostile: { steps: Object.keys(hostileAnswers).flatMap((_, index) => ask(`HOSTILE ${index}`)) },
  short: { steps: ["ok", "1", "Done?", "ok"].flatMap((text) => ask(`SAY ${text} ENDSAY`)) },
  "same-again": { steps: [...ask("MDTEST=everything"), ...ask("MDTEST=everything")] },
  "long-turns": { steps: [...ask("LONG 30"), ...ask("LONG 30"), ...ask("SAY That was all. ENDSAY")] },
  "slow-text": { steps: ask("MDTEST=everything DELAY=40") },
  thinking: {
    steps: [...ask(`THINK ${thought} ENDTHINK SAY The answer is 42. ENDSAY DELAY=20`), ...ask("SAY bye ENDSAY")],
  },

  // Prompts of all sorts.
  "prompt-lines": { steps: [...ask(`${lines(30)}\nSAY Got all of the lines. ENDSAY`), ...ask("SAY And more. ENDSAY")] },
  "prompt-chrome": { steps: [...ask(`${chrome}\nSAY Fine. ENDSAY`), ...ask("SAY And more. ENDSAY")] },
  "prompt-long": {
    steps: ask(`Please read this: ${times(12, "the quick brown fox jumps over the lazy dog")} SAY I did. ENDSAY`),
  },
  "prompt-list": { steps: ask("Do this:\n1. Yes\n2. No\n\n- one\n- two\n\nSAY The list is done. ENDSAY") },
  "prompt-wide": { steps: ask("日本語のプロンプト 🎉 👩‍💻 SAY 日本語の答えです。 ENDSAY") },

  // Tools.
  tools: { steps: [{ prompt: "RUN echo one ENDRUN READ notes.txt RUN ESCALATE touch two.txt ENDRUN" }, { each: 0 }] },
  "tools-between": {
    steps: [
      {
        prompt:
          "SAY First the list. ENDSAY RUN ls ENDRUN SAY Then the file. ENDSAY READ notes.txt SAY Now it is written. ENDSAY RUN ESCALATE touch a.txt ENDRUN MDTEST=options",
      },
      { each: 0 },
    ],
  },
  "tool-output": { steps: [{ prompt: "RUN ESCALATE seq 1 200 | tee out.txt ENDRUN" }, { each: 0 }] },
  "tool-fails": { steps: [{ prompt: "RUN ESCALATE touch x; echo oh no >&2; exit 3 ENDRUN" }, { each: 0 }] },
  "tool-lines": { steps: [{ prompt: `RUN ESCALATE touch y\n${lines(12)} ENDRUN` }, { each: 0 }] },
  "tool-slow": { steps: [{ prompt: "RUN ESCALATE touch z; sleep 4; echo awake ENDRUN" }, { each: 0 }] },
  "tool-wide": { steps: [{ prompt: `RUN ESCALATE touch ${times(20, "a-long-name.txt")} ENDRUN` }, { each: 0 }] },
  edit: { steps: [{ prompt: "EDIT notes.txt" }, { each: 0 }], args: readOnly },
  "write-always": { steps: [{ prompt: "WRITE hello.txt WRITE other.txt" }, { each: 1 }], args: readOnly },
  always: { steps: [{ prompt: bash }, { each: 1 }, { prompt: bash }, { each: 1 }] },
  "permission-twice": { steps: [...decide(bash, 0), ...decide(bash, 0)] },
  "deny-option": { steps: [...decide(bash, -1), ...ask("SAY And on. ENDSAY")] },
  "deny-and-on": {
    steps: [{ prompt: bash }, { until: "dialog" }, { press: "esc" }, { until: "idle" }, ...ask("SAY And on. ENDSAY")],
  },
  "interrupt-tool": {
    steps: [
      { prompt: "RUN ESCALATE touch w; sleep 30 ENDRUN" },
      { until: "dialog" },
      { choose: 0 },
      { until: "working" },
      { press: "interrupt" },
      { until: "idle" },
      ...ask("SAY And on. ENDSAY"),
    ],
  },
  "interrupt-and-on": {
    steps: [
      { prompt: `SAY ${numbers} ENDSAY DELAY=100` },
      { until: 30 },
      { press: "interrupt" },
      { until: "idle" },
      ...ask("SAY And on. ENDSAY"),
    ],
  },
  "ask-two": { steps: [{ prompt: "ASKMORE" }, { each: 0 }], only: ["claude", "gemini", "opencode"] },
  "ask-again": { steps: [...decide("ASKME", 0), ...decide("ASKME", 1)], only: ["claude", "gemini", "opencode"] },
  "ask-many": { steps: [{ prompt: "ASKMANY" }, { until: "dialog" }, { press: "esc" }, { until: "idle" }] },
  "ask-previews": { steps: [{ prompt: "ASKSEEN" }, { each: 1 }], only: ["claude"] },
  "auto-mode": { steps: decide(bash, /^Yes/), args: { claude: ["--permission-mode", "auto"] }, only: ["claude"] },
  background: {
    steps: [...ask("BEHIND sleep 5 ENDBEHIND"), { until: /background has ended/ }, { until: "idle" }],
    only: ["claude"],
  },
  "sub-agent": {
    steps: [{ prompt: "TASK SAY The part is done. ENDSAY DELAY=300 ENDTASK" }, { each: 0 }],
    only: ["claude", "opencode"],
  },
  popup: { steps: [...ask("SAY One. ENDSAY look at @not"), ...ask("SAY Two. ENDSAY what does it cost in $")] },
  "api-retry": { steps: ask("FAILS=529,500 SAY Here at last. ENDSAY") },
  limit: { steps: [{ prompt: "LIMIT" }, { until: "idle" }] },
  "queued-tools": {
    steps: [
      { prompt: `SAY ${slow} ENDSAY DELAY=100` },
      { until: 12 },
      { meanwhile: bash },
      { until: "dialog" },
      { choose: 0 },
      { until: "idle" },
    ],
  },
  "error-and-on": {
    steps: [{ prompt: "ERR400" }, { until: "idle" }, ...ask("SAY And on. ENDSAY")],
  },
  command: {
    steps: [{ press: "help" }, { until: "quiet" }, { press: "esc" }, { until: "idle" }, ...ask("SAY Hi. ENDSAY")],
  },
  "resize-idle": {
    steps: [
      ...ask("MDTEST=everything"),
      { resize: [90, 30] },
      { until: "quiet" },
      { resize: [140, 50] },
      { until: "quiet" },
      ...ask("SAY after the resize ENDSAY"),
    ],
  },
  "resize-text": {
    steps: [
      { prompt: "MDTEST=everything DELAY=60" },
      { until: 6 },
      { resize: [100, 30] },
      { until: 30 },
      { resize: [120, 40] },
      { until: "idle" },
      ...ask("SAY after the resize ENDSAY"),
    ],
  },
  "resize-higher": {
    steps: [{ prompt: "LONG 60 DELAY=60" }, { until: 40 }, { resize: [120, 60] }, { until: "idle" }],
  },
};
