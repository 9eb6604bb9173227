import type { Entry } from "../agents/agent.ts";
import type { Background } from "../host.ts";

/** An agent's state by its journal: by its last entry that says anything of it. */
export interface JournalState {
  state: "working" | "idle" | "waiting";
  /** For people: "it wrote that a turn began". */
  rule: string;
  /** When, in milliseconds since 1970. */
  at: number;
  /** When the turn began that runs, or ran last, likewise. */
  began?: number;
  /** The last that it wrote of the turn is a message, with no tool called after it. */
  spoke?: true;
  /** Subject of the dialog that waits for an answer. */
  detail?: string;
  /** The turn that it ended with was interrupted. */
  interrupted?: boolean;
  /** Background work after the turn. */
  background?: Background;
}

/** Milliseconds within which a prompt after a turn's end is no new one: gemini writes its history again when a turn was cancelled. */
const rewritten = 50;

/** The state after an entry. One that is older than what is known already changes nothing: the files of a journal are read one by one. */
export function journalStateAfter(
  before: JournalState | undefined,
  entry: Entry,
  now: number,
): JournalState | undefined {
  const at = entry.at === undefined ? now : Date.parse(entry.at);
  if (before && at < before.at) return before;
  const began = before?.began !== undefined && { began: before.began };
  switch (entry.type) {
    case "prompt":
      if (before?.interrupted && at - before.at < rewritten) return before;
      return { state: "working", rule: "it wrote that a turn began", at, began: at };
    case "asking":
      return { state: "waiting", rule: "it wrote that it asks", at, ...began, detail: entry.detail };
    case "answered":
      if (before?.state !== "waiting") return before;
      return { state: "working", rule: "it wrote that it got an answer", at, ...began };
    case "end": {
      // A turn's end may be written twice, once with less.
      const background = entry.background ?? (before?.state === "idle" ? before.background : undefined);
      return {
        state: "idle",
        rule: `it wrote that the turn ended (${entry.how})`,
        at,
        ...began,
        interrupted: entry.how === "interrupted",
        ...(background && { background }),
      };
    }
    case "said":
      return before?.state === "working" ? { ...before, spoke: true } : before;
    case "tool": {
      if (!before?.spoke) return before;
      const { spoke: _, ...rest } = before;
      return rest;
    }
    case "conversation":
      return before;
  }
}

/** Row below a turn that was interrupted. */
export const interruptedNote = "*Interrupted*";

/** An agent's words in a turn, from all that it wrote since the turn before. */
export interface Written {
  /** Markdown; "" when it said nothing. */
  text: string;
  tools: string[];
  /** Absent while it has not written that the turn ended. */
  end?: Extract<Entry, { type: "end" }>;
  /** The last message that the end names is there. */
  whole: boolean;
}

export function writtenIn(entries: readonly Entry[]): Written {
  // An entry before the turn's prompt belongs to the one before.
  const first = entries.findIndex(({ type }) => type === "prompt");
  const own = entries.slice(Math.max(0, first));
  const said = newest(own, "said");
  const end = own.findLast((entry) => entry.type === "end");
  const named = own.findLast((entry) => entry.type === "end" && entry.last !== undefined);
  const last = named?.type === "end" ? (named.last ?? "").trim() : "";
  const whole = last === "" || said.some(({ text }) => text.trim() === last);
  const texts = said.map(({ text }) => text.trim());
  const parts = whole ? texts : [...texts, last];
  return {
    text: [...parts, ...noteOf(end, parts)].join("\n\n"),
    tools: newest(own, "tool").map(({ text }) => text),
    whole,
    ...(end && { end }),
  };
}

/** Entries of a type, each once: where two have the same id the newer text stands in the older one's place. */
function newest(entries: readonly Entry[], type: "said" | "tool"): { text: string }[] {
  const found: { id: string | undefined; text: string }[] = [];
  for (const entry of entries) {
    if (entry.type !== type) continue;
    const { id, text } = entry;
    const older = id === undefined ? undefined : found.find((one) => one.id === id);
    if (older) older.text = text;
    else found.push({ id, text });
  }
  return found;
}

/** Words for a turn that did not end well. */
function noteOf(end: Extract<Entry, { type: "end" }> | undefined, said: readonly string[]): string[] {
  if (!end || end.how === "done") return [];
  if (end.how === "interrupted") return [interruptedNote];
  const reason = end.text ?? "";
  return reason === "" || said.some((text) => text.includes(reason)) ? [] : [`*Failed: ${reason}*`];
}
