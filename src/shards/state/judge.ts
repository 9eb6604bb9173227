import type { Question, ShardState } from "../host.ts";
import type { Reading } from "../agents/agent.ts";
import type { Exit } from "../holder/protocol.ts";
import type { JournalState } from "./journal-state.ts";

/** Evidence of a shard at one moment, from all its witnesses. Times are in milliseconds. */
export interface Evidence {
  /** End of the agent's process. */
  exit: Exit | undefined;
  /** The holder does not answer any more. */
  gone: boolean;
  /** State that the kind reads from the screen, and whether it ever read anything from it. */
  reading: Reading | undefined;
  ruled: boolean;
  question: Question | undefined;
  /** Its kind knows its input box: a screen without one is not idle. */
  boxed: boolean;
  /** State by its journal, how long ago it wrote that, and whether that was since its turn began. */
  journalState: JournalState | undefined;
  toldAgo: number;
  heard: boolean;
  /** Reliable part of the journal. */
  tells: "turns" | "begins" | "nothing";
  /** The screen has shown work since the journal told of the turn, or the journal has what was said in it. */
  worked: boolean;
  /**
   * By what the screen shows where a text goes that is typed now, "" where nothing does; undefined for kinds with rules of their own, which
   * tell when they are idle.
   */
  input: string | undefined;
  /** The program has painted something. */
  painted: boolean;
  /** The program has been ready for input before. */
  ready: boolean;
  /** The agent has taken a prompt before. */
  proven: boolean;
  /** Since the program last printed. */
  quiet: number;
  /** For how long the reading has been what it is. */
  agreed: number;
  /** Since anything moved above the cursor or in the title; and for how long it has moved without such a pause. */
  still: number;
  moving: number;
  /** The turn was interrupted by us since its journal told of the turn. */
  stopped: boolean;
  was: ShardState;
  /** Our last prompt: being typed; taken, with no work of it seen yet; not reacted to, and nothing printed since. */
  prompt: "none" | "typing" | "taken" | "stalled";
  /** The prompt was a command of the agent's own, which may begin no turn. */
  command: boolean;
  /** Within how many milliseconds a prompt that was taken shows work. */
  reactsWithin: number;
}

/** Strongest first. */
export type Witness = "process" | "holder" | "dialog" | "journal" | "screen" | "silence" | "prompt";

export interface Verdict {
  state: ShardState;
  waitingFor?: "approval" | "question";
  why: string;
  /** The witness that decided. */
  by: Witness;
  /** After how many milliseconds the same evidence may mean something else. */
  again?: number;
}

/** A screen that repaints says "idle" for a moment: it counts when it has said so for this long. */
export const idleAgreement = 300;
/** Longer at the start: gemini shows its input box before it asks whether to trust the folder, and again before it starts itself anew. */
const startAgreement = 700;
/** The longest pause of an agent at work was just under one second (measured), so this much silence is none. */
export const silence = 2000;
/** An agent at work repaints at least once a second, whatever its spinner looks like (measured): so long nothing may have moved. */
export const stillness = 1000;
/** The journal may lack a turn's end, or have it late: so long nothing may have moved where it says that the turn goes on. */
const againstJournal = 5000;
/** … or so long after an interrupt, whose end some agents do not write. */
const endNotTold = 1500;
/** So long the journal must have said idle, with nothing printed, before words of work on the screen are old ones. */
const oldWords = 5000;
/** A screen that looks idle and moves for so long is at work. */
const movesFor = 3000;
/** A prompt that was taken is waited for so long to begin a turn: opencode's first one takes seconds on a busy machine. */
const beginWithin = 20_000;
/** A start that stands still for so long waits for a person. */
const startPatience = 15_000;
/** A program that shows no place for text at its start may still be loading. */
const blindStart = 5000;
/** A program that no rule knows may want input without having printed anything (bc -q), but many are slow to start. */
export const longSilence = 10_000;

/**
 * The state of a shard, by the strongest witness first: process, holder, dialog, the agent's journal, the kind's reading of the screen,
 * silence. The journal is exact where it speaks and does not tell everything (Esc, some errors), so the screen has a say too.
 */
export function judge(evidence: Evidence): Verdict {
  const { exit, question, painted, ready, was, journalState } = evidence;
  if (exit) return { state: "exited", why: endOf(exit), by: "process" };
  if (evidence.gone) return { state: "lost", why: "its holder is gone", by: "holder" };
  if (question) {
    return { state: "waiting", waitingFor: question.kind, why: `dialog: ${firstWords(question.text)}`, by: "dialog" };
  }
  const reads = evidence.input !== undefined && evidence.input !== "" && evidence.quiet >= silence;
  if (!painted && !ready && !reads && (evidence.ruled || evidence.quiet < longSilence)) {
    const again = evidence.ruled ? {} : { again: longSilence - evidence.quiet };
    return { state: "starting", why: "nothing painted yet", by: "screen", ...again };
  }
  // Between two screens: opencode clears its start page before it draws the first turn, and that takes up to half a second.
  if (!painted && evidence.quiet < silence) {
    return { state: was, why: "the screen is blank", by: "screen", again: silence - evidence.quiet };
  }
  const reading = painted ? evidence.reading : undefined;
  if (journalState?.state === "waiting" && reading?.state !== "working") return askedNotSeen(evidence, journalState);
  if (!reading) return evidence.boxed ? boxless(evidence) : unread(evidence);
  if (reading.state === "waiting") return dialogNotRead(evidence, reading);
  if (evidence.prompt === "typing") return { state: was, why: "a prompt is being typed", by: "prompt" };
  if (reading.state === "idle") return settled(evidence, reading);
  if (journalState?.state === "idle" && areOld(evidence)) {
    return { state: "idle", why: `${journalState.rule}, and nothing has been printed since`, by: "journal" };
  }
  // Codex spins while it starts.
  return { state: ready ? reading.state : "starting", why: reading.rule, by: "screen" };
}

/** "signal 9" or "exit code 0"; a signal goes before the code, which node-pty then gives as 0. */
function endOf(exit: Exit): string {
  return exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`;
}

/**
 * The prompt box is on the screen while an agent starts, works and repaints too: idle must be agreed on, by the journal, or by a screen
 * that stands still. Longer where the journal says that a turn is running: then its end may not have been written.
 */
function settled(evidence: Evidence, reading: Reading): Verdict {
  const { was, prompt, ready, journalState, moving } = evidence;
  if (prompt === "stalled") return { state: "stalled", why: "typed to, with no reaction", by: "prompt" };
  if (journalState?.state === "idle" && evidence.heard && prompt === "none" && ready) {
    return { state: "idle", why: `${journalState.rule}; ${reading.rule}`, by: "journal" };
  }
  const moves = !reading.sure && moving >= movesFor;
  if (was === "idle" && journalState?.state !== "working" && !moves)
    return { state: "idle", why: reading.rule, by: "screen" };
  const again = untilIdle(evidence, reading);
  if (again <= 0) return { state: "idle", why: reading.rule, by: "screen" };
  // A dialog that is gone was answered.
  const meanwhile = ready ? "working" : "starting";
  if (journalState?.state === "working" && ready)
    return { state: "working", why: journalState.rule, by: "journal", again };
  if (moves && was === "idle") return { state: "working", why: "its screen moves", by: "screen", again };
  return { state: was === "waiting" ? meanwhile : was, why: "settling", by: "screen", again };
}

/** In how many milliseconds a screen that looks idle is, if nothing changes; 0 or less when it is. */
function untilIdle(evidence: Evidence, { sure }: Reading): number {
  const { prompt, tells, worked, reactsWithin, journalState, toldAgo, agreed, still, proven } = evidence;
  const agreement = (sure || proven ? idleAgreement : startAgreement) - agreed;
  const stands = Math.min(agreed, still);
  if (prompt === "taken") {
    const reacts = (tells === "nothing" || evidence.command ? reactsWithin : beginWithin) - agreed;
    return sure ? reacts : Math.max(reacts, stillness - stands);
  }
  if (sure) return agreement;
  if (journalState?.state === "working" && !(tells === "begins" && worked)) {
    return (evidence.stopped ? endNotTold : againstJournal) - Math.min(stands, toldAgo);
  }
  return proven && evidence.ready ? stillness - stands : agreement;
}

/** Words of work on the screen are old where the journal has told the turn's end long ago and nothing has been printed since. */
function areOld({ heard, toldAgo, quiet, prompt, reading, ready }: Evidence): boolean {
  return reading?.state === "working" && ready && heard && prompt === "none" && Math.min(toldAgo, quiet) >= oldWords;
}

/** A kind whose input box is known shows a screen without one that no rule knows: it repaints, or a person has to look. */
function boxless({ journalState, ready, quiet, prompt, was }: Evidence): Verdict {
  const by = "screen" as const;
  if (prompt === "typing") return { state: was, why: "a prompt is being typed", by: "prompt" };
  if (prompt === "stalled") return { state: "stalled", why: "typed to, with no reaction", by: "prompt" };
  const patience = ready ? (journalState?.state === "working" ? longSilence : silence) : startPatience;
  const again = patience - quiet;
  const unknown = "a screen that no rule knows";
  if (again <= 0) return { state: "unsure", why: ready ? unknown : `it has not got ready, and shows ${unknown}`, by };
  if (!ready) return { state: "starting", why: unknown, by, again };
  if (journalState?.state === "working") return { state: "working", why: journalState.rule, by: "journal", again };
  return { state: was === "waiting" ? "working" : was, why: unknown, by, again };
}

/** Its journal says that it asks, and there is no dialog that can be read: it may still be on its way. */
function askedNotSeen({ toldAgo }: Evidence, journalState: JournalState): Verdict {
  const by = "journal" as const;
  if (toldAgo < silence)
    return { state: "waiting", waitingFor: "approval", why: journalState.rule, by, again: silence - toldAgo };
  return { state: "unsure", why: `${journalState.rule}, but no dialog can be read`, by };
}

/** Some sign says that the agent waits for a person, but there is no dialog that can be read: it may still be on its way. */
function dialogNotRead({ agreed }: Evidence, reading: Reading): Verdict {
  const by = "screen" as const;
  const again = silence - agreed;
  if (agreed < silence) return { state: "waiting", waitingFor: "question", why: reading.rule, by, again };
  return { state: "unsure", why: `${reading.rule}, but no dialog can be read`, by };
}

/** No rule knows the screen: the journal tells, or silence. */
function unread(evidence: Evidence): Verdict {
  const { journalState, ready, quiet, prompt, was } = evidence;
  if (prompt === "typing") return { state: was, why: "a prompt is being typed", by: "prompt" };
  const again = silence - quiet;
  if (journalState?.state === "working" && ready && again > 0)
    return { state: "working", why: journalState.rule, by: "journal", again };
  if (journalState?.state === "idle" && ready && prompt === "none" && quiet >= idleAgreement) {
    return { state: "idle", why: journalState.rule, by: "journal" };
  }
  return bySilence(evidence);
}

/**
 * A program without rules is idle when it is silent and shows where a text goes; that it is silent alone shows nothing: so are dialogs and
 * pagers. Elsewhere a screen that no rule knows may be a login or an update. Then a person has to look.
 */
function bySilence({ quiet, ready, ruled, prompt, input, was, moving }: Evidence): Verdict {
  const by = "silence" as const;
  if (prompt === "stalled") return { state: "stalled", why: "typed to, with no reaction", by: "prompt" };
  const redraws = was === "unsure" && input === "" && prompt === "none" && moving < movesFor;
  if (quiet < silence && redraws) {
    return { state: was, why: "it draws a screen anew that no rule knows", by, again: silence - quiet };
  }
  if (quiet < silence) return { state: ready ? "working" : "starting", why: "it prints", by, again: silence - quiet };
  const quietly = `quiet for ${silence / 1000} s`;
  if (input !== undefined && input !== "") return { state: "idle", why: `${quietly}; ${input}`, by };
  if (input === undefined && (ready || !ruled)) return { state: "idle", why: quietly, by };
  const again = (input === undefined ? startPatience : blindStart) - quiet;
  const unknown =
    input === undefined ? "a screen that no rule knows" : "nothing on its screen that shows where a text goes";
  if (!ready && again > 0) return { state: "starting", why: unknown, by, again };
  if (input === "") {
    const later = quiet < longSilence ? { again: longSilence - quiet } : {};
    return { state: "unsure", why: `${quietly}, with ${unknown}`, by, ...later };
  }
  return { state: "unsure", why: `it has not got ready, and shows ${unknown}`, by };
}

function firstWords(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
