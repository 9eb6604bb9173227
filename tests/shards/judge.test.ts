import { expect, it } from "vitest";
import type { Reading } from "../../src/shards/agents/agent.ts";
import type { Question } from "../../src/shards/host.ts";
import { type Evidence, judge, type Verdict } from "../../src/shards/judge.ts";

const question: Question = {
  id: "1",
  kind: "approval",
  text: "Do you want to proceed?\nYes?",
  detail: "",
  options: [],
};
const says = (state: Reading["state"]): Reading => ({ state, rule: `rule of ${state}` });

const calm: Evidence = {
  exit: undefined,
  gone: false,
  reading: says("idle"),
  ruled: true,
  question: undefined,
  painted: true,
  ready: true,
  quiet: 5000,
  agreed: 5000,
  was: "idle",
  prompt: "none",
  reactsWithin: 1500,
};

const table: [string, Partial<Evidence>, Verdict][] = [
  ["idle stays idle", {}, { state: "idle", why: "rule of idle" }],
  [
    "the end of the process is final",
    { exit: { code: 3 }, gone: true, question, reading: says("working") },
    { state: "exited", why: "exit code 3" },
  ],
  ["a signal goes before the code", { exit: { code: 0, signal: 9 } }, { state: "exited", why: "signal 9" }],
  ["no holder: lost", { gone: true, question }, { state: "lost", why: "its holder is gone" }],
  [
    "a dialog counts at once, against every other sign",
    { question, reading: says("working"), agreed: 0, was: "working" },
    { state: "waiting", waitingFor: "approval", why: "dialog: Do you want to proceed?" },
  ],
  [
    "a dialog counts before the program was ever ready",
    { question, ready: false, was: "starting" },
    { state: "waiting", waitingFor: "approval", why: "dialog: Do you want to proceed?" },
  ],
  [
    "silence at the start is not readiness",
    { painted: false, reading: undefined, ruled: false, ready: false, was: "starting" },
    { state: "starting", why: "nothing painted yet", again: 5000 },
  ],
  [
    "a program that prints nothing may want input all the same",
    { painted: false, reading: undefined, ruled: false, ready: false, was: "starting", quiet: 10_000 },
    { state: "idle", why: "quiet for 2 s" },
  ],
  [
    "but not one whose rules know what its start looks like",
    { painted: false, reading: undefined, ruled: true, ready: false, was: "starting", quiet: 10_000 },
    { state: "starting", why: "nothing painted yet" },
  ],
  [
    "no work before the program was ever ready: codex spins while it starts",
    { reading: says("working"), ready: false, was: "starting" },
    { state: "starting", why: "rule of working" },
  ],
  [
    "a dialog at the start is gone, and the program still starts",
    { was: "waiting", ready: false, agreed: 100 },
    { state: "starting", why: "settling", again: 200 },
  ],
  [
    "a blank screen between two others changes nothing",
    { painted: false, reading: says("starting"), was: "working", quiet: 100 },
    { state: "working", why: "the screen is blank", again: 1900 },
  ],
  ["… unless it stays blank", { painted: false, reading: says("starting") }, { state: "idle", why: "quiet for 2 s" }],
  ["work counts at once", { reading: says("working"), agreed: 0 }, { state: "working", why: "rule of working" }],
  [
    "work is over after 300 ms of agreement",
    { was: "working", agreed: 120 },
    { state: "working", why: "settling", again: 180 },
  ],
  ["… and then it is", { was: "working", agreed: 300 }, { state: "idle", why: "rule of idle" }],
  [
    "the first prompt box may be repainted",
    { was: "starting", agreed: 0, ready: false },
    { state: "starting", why: "settling", again: 300 },
  ],
  ["a closed dialog was answered", { was: "waiting", agreed: 100 }, { state: "working", why: "settling", again: 200 }],
  [
    "a prompt that was taken has its time to show work",
    { was: "working", prompt: "taken", agreed: 400 },
    { state: "working", why: "settling", again: 1100 },
  ],
  [
    "… and then it brought nothing",
    { was: "working", prompt: "taken", agreed: 1500 },
    { state: "idle", why: "rule of idle" },
  ],
  ["a prompt that nobody took", { prompt: "stalled" }, { state: "stalled", why: "typed to, with no reaction" }],
  [
    "… and an unknown screen",
    { prompt: "stalled", reading: undefined },
    { state: "stalled", why: "typed to, with no reaction" },
  ],
  [
    "nothing changes while we type",
    { prompt: "typing", reading: says("working") },
    { state: "idle", why: "a prompt is being typed" },
  ],
  [
    "no rule, but it prints: it works",
    { reading: undefined, quiet: 500 },
    { state: "working", why: "it prints", again: 1500 },
  ],
  ["no rule, and silence: idle", { reading: undefined, was: "working" }, { state: "idle", why: "quiet for 2 s" }],
  [
    "no rule, and it prints for the first time: it starts",
    { reading: undefined, ruled: false, ready: false, quiet: 0, was: "starting" },
    { state: "starting", why: "it prints", again: 2000 },
  ],
  [
    "a kind with no rule is ready by silence",
    { reading: undefined, ruled: false, ready: false, was: "starting" },
    { state: "idle", why: "quiet for 2 s" },
  ],
  [
    "a kind with rules is not: it may be a login screen",
    { reading: undefined, ready: false, was: "starting" },
    { state: "starting", why: "a screen that no rule knows" },
  ],
  [
    "a sign of waiting counts at once",
    { reading: says("waiting"), agreed: 0 },
    { state: "waiting", waitingFor: "question", why: "rule of waiting", again: 2000 },
  ],
  [
    "waiting with no dialog is a contradiction",
    { reading: says("waiting"), was: "waiting" },
    { state: "unsure", why: "rule of waiting, but no dialog can be read" },
  ],
];

it.each(table)("%s", (_, evidence, verdict) => {
  expect(judge({ ...calm, ...evidence })).toEqual(verdict);
});
