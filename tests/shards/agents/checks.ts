import type { AgentKind } from "../../../src/shards/agents/agent.ts";
import { plainLines, words } from "./plain.ts";
import type { Recorded } from "./recorded.ts";
import { turns } from "./replay.ts";
import { type Look } from "./states.ts";

type Turn = Recorded["turns"][number];

/** A turn as it was told, by lines or by words, and as it should have been. */
export interface Told {
  typed: string;
  text: string;
  found: string[];
  expected: string[];
}

/** What was cleaned of each turn, against what the model said. */
export async function toldIn(recorded: Recorded, kind: AgentKind, by: "words" | "lines" = "words"): Promise<Told[]> {
  const cleaned = await turns(recorded.cast);
  return wholeTurns(recorded).map((turn, index) => {
    const { lines, sent, cols } = cleaned[index]!;
    const text = kind.clean(lines, sent, cols);
    return { typed: turn.typed, text, ...against(recorded, turn, text, by === "words" ? words : plainLines) };
  });
}

/** A prompt that was typed meanwhile is part of the turn before. */
function wholeTurns({ turns: all }: Recorded): Turn[] {
  const whole: Turn[] = [];
  for (const turn of all) {
    const open = turn.meanwhile && whole.at(-1);
    if (open) whole[whole.length - 1] = { ...turn, typed: open.typed, said: `${open.said}\n\n${turn.said}` };
    else whole.push(turn);
  }
  return whole;
}

function against(
  recorded: Recorded,
  { said, ends }: Turn,
  text: string,
  split: (text: string) => string[],
): { found: string[]; expected: string[] } {
  const all = split(said);
  if (ends === "left") return { found: [], expected: [] };
  if (ends === "failed") {
    const tells = /4\d\d|API error|Error/i.test(text) && !text.includes("ERR4");
    return { found: tells ? [] : [text], expected: [] };
  }
  if (ends === "interrupted") {
    // What was said up to then, and a note.
    const rows = text.split("\n");
    const note = rows.findIndex((row) => /interrupted|cancel|rejected|denied|declined/i.test(row));
    const found = words(rows.slice(0, note < 0 ? undefined : note).join("\n"));
    const expected = words(said).slice(0, found.length);
    const last = found.at(-1) ?? "";
    // The last word may be cut.
    if (expected.at(-1)?.startsWith(last)) expected[expected.length - 1] = last;
    return { found, expected };
  }
  const found = split(counted(text));
  const expected = split(counted(said));
  if (recorded.cast.events.some(({ code }) => code === "r")) return { found, expected: damaged(expected, found) };
  // A screen without scrollback has only the end of a long answer.
  const cut = isAlternate(recorded) && found.length < all.length && found.length > 0;
  return { found, expected: cut ? expected.slice(-found.length) : expected };
}

/** When its terminal is resized, an agent may lose a line of what it has printed; nothing else. */
function damaged(expected: string[], found: readonly string[]): string[] {
  const missing = expected.filter((part) => !found.includes(part));
  return missing.length <= 1 ? expected.filter((part) => found.includes(part)) : expected;
}

function counted(text: string): string {
  return text.replaceAll(/It returned \d+ characters/g, "It returned 9 characters");
}

function isAlternate({ kind, mode }: Recorded): boolean {
  return (kind === "opencode" && mode === "") || mode === "fullscreen" || (kind === "codex" && mode === "");
}

/** What of its dialogs could not be read right before they were answered. */
export function unread({ turns: all, states = [], cast }: Recorded, kind: AgentKind, looks: readonly Look[]): string[] {
  const dialogs = all.flatMap((turn) => turn.dialogs);
  const answered = cast.events.filter(({ code, data }) => code === "m" && /^(?:choose|esc|approve|deny)/.test(data));
  return dialogs.flatMap((dialog, index) => {
    const at = answered[index]?.at ?? states.length;
    const view = looks.findLast((look) => look.at <= at)?.view;
    const question = view && kind.question(view);
    if (!question) return [`no dialog at ${at} s: ${dialog.text}`];
    const bare = (text: string) => text.replaceAll(/[\s│┃]/g, "");
    const labels = question.options.map(({ label }) => label);
    const faults = (dialog.options ?? []).filter((label) => !labels.includes(label)).map((label) => `no option ${label}`);
    const told = bare(question.text + question.detail).includes(bare(dialog.text));
    return [...faults, ...(told ? [] : [`does not tell ${dialog.text}: ${question.text}\n${question.detail}`])];
  });
}
