import { expect, it } from "vitest";
import type { Reading } from "../../src/shards/agents/agent.ts";
import type { Question } from "../../src/shards/host.ts";
import { type Evidence, judge, type Verdict } from "../../src/shards/state/judge.ts";
import type { JournalState } from "../../src/shards/state/journal-state.ts";

const question: Question = {
  id: "1",
  kind: "approval",
  text: "Do you want to proceed?\nYes?",
  detail: "",
  options: [],
};
const says = (state: Reading["state"]): Reading => ({ state, rule: `rule of ${state}` });
const told = (state: JournalState["state"]): JournalState => ({ state, rule: `wrote ${state}`, at: 0 });
const sure: Reading = { state: "idle", rule: "rule of sure", sure: true };

const calm: Evidence = {
  exit: undefined,
  gone: false,
  reading: says("idle"),
  journalState: undefined,
  toldAgo: 0,
  heard: true,
  boxed: false,
  tells: "nothing",
  worked: false,
  input: undefined,
  ruled: true,
  question: undefined,
  painted: true,
  ready: true,
  proven: true,
  quiet: 5000,
  agreed: 5000,
  still: 5000,
  moving: 0,
  stopped: false,
  was: "idle",
  prompt: "none",
  command: false,
  reactsWithin: 1500,
};

/** Without a witness where the reason names it. */
type Expected = Omit<Verdict, "by"> & { by?: Verdict["by"] };

const table: [string, Partial<Evidence>, Expected][] = [
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
    "work is over once the screen has stood still",
    { was: "working", agreed: 5000, still: 120 },
    { state: "working", why: "settling", again: 880 },
  ],
  [
    "… and has said so as long",
    { was: "working", agreed: 120, still: 5000 },
    { state: "working", why: "settling", again: 880 },
  ],
  ["… and then it is", { was: "working", agreed: 1000, still: 1000 }, { state: "idle", why: "rule of idle" }],
  [
    "a program that says itself that it waits need not stand still",
    { was: "working", reading: sure, agreed: 120, still: 0 },
    { state: "working", why: "settling", again: 180 },
  ],
  ["… for long", { was: "working", reading: sure, agreed: 300, still: 0 }, { state: "idle", why: "rule of sure" }],
  [
    "… nor at its start",
    { was: "starting", reading: sure, agreed: 300, proven: false },
    { state: "idle", why: "rule of sure" },
  ],
  [
    "a screen that looks idle and moves on and on is at work",
    { still: 100, moving: 3000 },
    { state: "working", why: "its screen moves", by: "screen", again: 900 },
  ],
  ["one that moves for a moment is not", { still: 100, moving: 2900 }, { state: "idle", why: "rule of idle" }],
  [
    "nor one whose journal has told the turn's end",
    { still: 100, moving: 9000, journalState: told("idle") },
    { state: "idle", why: "wrote idle; rule of idle", by: "journal" },
  ],
  [
    "the first prompt box may be repainted",
    { was: "starting", agreed: 0, ready: false },
    { state: "starting", why: "settling", again: 300 },
  ],
  ["a closed dialog was answered", { was: "waiting", agreed: 100 }, { state: "working", why: "settling", again: 900 }],
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
  [
    "no rules at all, silence, and a place for text: idle",
    { reading: undefined, ruled: false, input: "label: You:", was: "working" },
    { state: "idle", why: "quiet for 2 s; label: You:" },
  ],
  [
    "no rules at all and silence: that shows nothing",
    { reading: undefined, ruled: false, input: "", was: "working" },
    {
      state: "unsure",
      why: "quiet for 2 s, with nothing on its screen that shows where a text goes",
      again: 5000,
    },
  ],
  [
    "no rules at all and silence at the start: it may be loading",
    { reading: undefined, ruled: false, ready: false, input: "", was: "starting", quiet: 3000 },
    { state: "starting", why: "nothing on its screen that shows where a text goes", again: 2000 },
  ],
  [
    "nothing painted, but it reads: idle",
    { painted: false, reading: undefined, ruled: false, ready: false, input: "a line editor is open", was: "starting" },
    { state: "idle", why: "quiet for 2 s; a line editor is open" },
  ],
  [
    "a screen that was unsure and is drawn anew is unsure",
    { reading: undefined, ruled: false, input: "", was: "unsure", quiet: 100, moving: 100 },
    { state: "unsure", why: "it draws a screen anew that no rule knows", again: 1900 },
  ],
  [
    "one that goes on to move is at work",
    { reading: undefined, ruled: false, input: "", was: "unsure", quiet: 100, moving: 3000 },
    { state: "working", why: "it prints", again: 1900 },
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
    { state: "starting", why: "a screen that no rule knows", again: 10_000 },
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
  [
    "the journal's end of a turn needs no agreement",
    { journalState: told("idle"), agreed: 0, was: "working" },
    { state: "idle", why: "wrote idle; rule of idle", by: "journal" },
  ],
  [
    "but not against a screen that shows work",
    { journalState: told("idle"), reading: says("working"), was: "working" },
    { state: "working", why: "rule of working", by: "screen" },
  ],
  [
    "unless those are words of long ago",
    { journalState: told("idle"), toldAgo: 5000, reading: says("working"), was: "working" },
    { state: "idle", why: "wrote idle, and nothing has been printed since", by: "journal" },
  ],
  [
    "which they are not while anything is printed",
    { journalState: told("idle"), toldAgo: 9000, quiet: 4900, reading: says("working"), was: "working" },
    { state: "working", why: "rule of working", by: "screen" },
  ],
  [
    "nor where the journal speaks of the turn before",
    { journalState: told("idle"), toldAgo: 9000, heard: false, reading: says("working"), was: "working" },
    { state: "working", why: "rule of working", by: "screen" },
  ],
  [
    "the journal's end of the turn before is no end of this one",
    { journalState: told("idle"), heard: false, agreed: 0, was: "working" },
    { state: "working", why: "settling", again: 1000 },
  ],
  [
    "nor for a prompt that was just taken",
    { journalState: told("idle"), agreed: 400, was: "working", prompt: "taken" },
    { state: "working", why: "settling", again: 1100 },
  ],
  [
    "the first time, idle must be agreed on for longer",
    { agreed: 400, was: "starting", proven: false },
    { state: "starting", why: "settling", again: 300 },
  ],
  [
    "a prompt that was taken is waited for longer where the journal will tell of its turn",
    { agreed: 4000, was: "working", prompt: "taken", tells: "turns" },
    { state: "working", why: "settling", again: 16_000 },
  ],
  [
    "a command of its own need not begin a turn",
    { agreed: 1500, was: "working", prompt: "taken", command: true, tells: "turns" },
    { state: "idle", why: "rule of idle" },
  ],
  [
    "a turn that the journal tells of is work before the screen shows it",
    { journalState: told("working"), toldAgo: 50 },
    { state: "working", why: "wrote working", by: "journal", again: 4950 },
  ],
  [
    "an end that the journal does not tell of takes a screen that stands still for long",
    { journalState: told("working"), toldAgo: 9000, still: 4000, was: "working" },
    { state: "working", why: "wrote working", again: 1000 },
  ],
  [
    "and then the screen is right",
    { journalState: told("working"), toldAgo: 9000, was: "working" },
    { state: "idle", why: "rule of idle", by: "screen" },
  ],
  [
    "less after an interrupt",
    { journalState: told("working"), toldAgo: 9000, still: 1400, stopped: true, was: "working" },
    { state: "working", why: "wrote working", again: 100 },
  ],
  [
    "unless it never tells of ends, and the screen has shown work",
    { journalState: told("working"), toldAgo: 9000, agreed: 1000, was: "working", tells: "begins", worked: true },
    { state: "idle", why: "rule of idle" },
  ],
  [
    "a question that the journal tells of is waited for",
    { journalState: told("waiting"), toldAgo: 20, was: "working" },
    { state: "waiting", waitingFor: "approval", why: "wrote waiting", by: "journal", again: 1980 },
  ],
  [
    "one that can't be read makes a contradiction",
    { journalState: told("waiting"), toldAgo: 2000, was: "waiting" },
    { state: "unsure", why: "wrote waiting, but no dialog can be read" },
  ],
  [
    "one that was allowed by itself is work",
    { journalState: told("waiting"), toldAgo: 20, reading: says("working"), was: "working" },
    { state: "working", why: "rule of working" },
  ],
  [
    "on a screen that no rule knows the journal tells of work",
    { reading: undefined, journalState: told("working"), toldAgo: 5000, quiet: 100, was: "working" },
    { state: "working", why: "wrote working", by: "journal", again: 1900 },
  ],
  [
    "as long as something is printed: a panel is none",
    { reading: undefined, journalState: told("working"), toldAgo: 9000, was: "working" },
    { state: "idle", why: "quiet for 2 s", by: "silence" },
  ],
  [
    "no input box where its kind knows one: not idle, whatever the journal says",
    { boxed: true, reading: undefined, journalState: told("idle"), quiet: 1900 },
    { state: "idle", why: "a screen that no rule knows", by: "screen", again: 100 },
  ],
  [
    "… and then a person has to look",
    { boxed: true, reading: undefined, journalState: told("idle") },
    { state: "unsure", why: "a screen that no rule knows", by: "screen" },
  ],
  [
    "a turn that its journal tells of goes on without a box for longer",
    { boxed: true, reading: undefined, journalState: told("working"), was: "working" },
    { state: "working", why: "wrote working", by: "journal", again: 5000 },
  ],
  [
    "but not for ever",
    { boxed: true, reading: undefined, journalState: told("working"), quiet: 10_000, was: "working" },
    { state: "unsure", why: "a screen that no rule knows", by: "screen" },
  ],
  [
    "a start that stands still on an unknown screen needs a person",
    { reading: undefined, ready: false, quiet: 15_000, was: "starting" },
    { state: "unsure", why: "it has not got ready, and shows a screen that no rule knows" },
  ],
];

it.each(table)("%s", (_, evidence, verdict) => {
  expect(judge({ ...calm, ...evidence })).toEqual({ by: expect.any(String), ...verdict });
});
