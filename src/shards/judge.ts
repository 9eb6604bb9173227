import type { Question, ShardState } from "./host.ts";
import type { Reading } from "./agents/agent.ts";
import type { Exit } from "./holder/protocol.ts";

/** What is known of a shard at one moment, from all its witnesses. Times are in milliseconds. */
export interface Evidence {
  /** How the agent's process ended. */
  exit: Exit | undefined;
  /** The holder does not answer any more. */
  gone: boolean;
  /** What the kind reads from the screen, and whether it ever read anything from it. */
  reading: Reading | undefined;
  ruled: boolean;
  question: Question | undefined;
  /** The program has painted something. */
  painted: boolean;
  /** The program has been ready for input before. */
  ready: boolean;
  /** Since the program last printed. */
  quiet: number;
  /** For how long the reading has been what it is. */
  agreed: number;
  was: ShardState;
  /** Our last prompt: being typed; taken, with no work of it seen yet; not reacted to, and nothing printed since. */
  prompt: "none" | "typing" | "taken" | "stalled";
  /** Within how many milliseconds a prompt that was taken shows work. */
  reactsWithin: number;
}

export interface Verdict {
  state: ShardState;
  waitingFor?: "approval" | "question";
  why: string;
  /** After how many milliseconds the same evidence may mean something else. */
  again?: number;
}

/** A screen that repaints says "idle" for a moment: it counts when it has said so for this long. */
const idleAgreement = 300;
/** The longest pause of an agent at work was just under one second (measured), so this much silence is none. */
export const silence = 2000;
/** A program that no rule knows may want input without having printed anything (bc -q), but many are slow to start. */
const longSilence = 10_000;

/** The state of a shard, by the strongest witness first: process, holder, dialog, the kind's reading, silence. */
export function judge(evidence: Evidence): Verdict {
  const { exit, question, painted, ready, was } = evidence;
  if (exit) return { state: "exited", why: endOf(exit) };
  if (evidence.gone) return { state: "lost", why: "its holder is gone" };
  if (question) return { state: "waiting", waitingFor: question.kind, why: `dialog: ${firstWords(question.text)}` };
  if (!painted && !ready && (evidence.ruled || evidence.quiet < longSilence)) {
    const again = evidence.ruled ? {} : { again: longSilence - evidence.quiet };
    return { state: "starting", why: "nothing painted yet", ...again };
  }
  // Between two screens: opencode clears its start page before it draws the first turn, and that takes up to half a second.
  if (!painted && evidence.quiet < silence) {
    return { state: was, why: "the screen is blank", again: silence - evidence.quiet };
  }
  const reading = painted ? evidence.reading : undefined;
  if (!reading) return bySilence(evidence);
  if (reading.state === "waiting") return dialogNotRead(evidence, reading);
  if (evidence.prompt === "typing") return { state: was, why: "a prompt is being typed" };
  if (reading.state === "idle") return settled(evidence, reading);
  // Codex spins while it starts.
  return { state: ready ? reading.state : "starting", why: reading.rule };
}

/** "signal 9" or "exit code 0"; a signal goes before the code, which node-pty then gives as 0. */
function endOf(exit: Exit): string {
  return exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`;
}

/** The prompt box is on the screen while an agent starts, works and repaints too: idle must be agreed on for a while. */
function settled(evidence: Evidence, reading: Reading): Verdict {
  const { was, agreed, prompt, ready } = evidence;
  if (prompt === "stalled") return { state: "stalled", why: "typed to, with no reaction" };
  if (was === "idle") return { state: "idle", why: reading.rule };
  const needed = prompt === "taken" ? evidence.reactsWithin : idleAgreement;
  if (agreed >= needed) return { state: "idle", why: reading.rule };
  // A dialog that is gone was answered.
  const meanwhile = ready ? "working" : "starting";
  return { state: was === "waiting" ? meanwhile : was, why: "settling", again: needed - agreed };
}

/** Some sign says that the agent waits for a person, but there is no dialog that can be read: it may still be on its way. */
function dialogNotRead({ agreed }: Evidence, reading: Reading): Verdict {
  if (agreed < silence) return { state: "waiting", waitingFor: "question", why: reading.rule, again: silence - agreed };
  return { state: "unsure", why: `${reading.rule}, but no dialog can be read` };
}

/** No rule knows the screen. Only a kind without any rule is ready by silence alone; elsewhere this may be a login or update screen. */
function bySilence({ quiet, ready, ruled, prompt, was }: Evidence): Verdict {
  if (prompt === "typing") return { state: was, why: "a prompt is being typed" };
  if (prompt === "stalled") return { state: "stalled", why: "typed to, with no reaction" };
  if (quiet < silence) return { state: ready ? "working" : "starting", why: "it prints", again: silence - quiet };
  if (ready || !ruled) return { state: "idle", why: `quiet for ${silence / 1000} s` };
  return { state: "starting", why: "a screen that no rule knows" };
}

function firstWords(text: string): string {
  const line = text.trim().split("\n", 1)[0] ?? "";
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
