import type { AgentKind, ScreenView } from "../../../src/shards/agents/agent.ts";
import { plainLines } from "./plain.ts";
import type { Recorded } from "./recorded.ts";
import { turns } from "./replay.ts";
import { type Look } from "./states.ts";

type Turn = Recorded["turns"][number];

/** A turn's lines as they were told, and as they should have been. */
export interface Told {
  typed: string;
  found: readonly string[];
  expected: readonly string[];
}

/** What was cleaned of each turn, against what the model said. */
export function toldIn(recorded: Recorded, kind: AgentKind): Told[] {
  const cleaned = turns(recorded.cast);
  return wholeTurns(recorded).map((turn, index) => {
    const { lines, sent, view } = cleaned[index]!;
    return { typed: turn.typed, ...against(recorded, turn, { text: kind.clean(lines, sent, view.cols), view }) };
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
  { text, view }: { text: string; view: ScreenView },
): { found: readonly string[]; expected: readonly string[] } {
  if (ends === "left") return { found: [], expected: [] };
  if (ends === "failed") {
    const tells = /4\d\d|API error|Error|Invalid API key/i.test(text);
    return { found: tells && !text.includes("ERR4") ? [] : [text], expected: [] };
  }
  if (ends === "interrupted") return beginning(said, text);
  const found = plainLines(counted(text));
  // Opencode draws the bar of a quote, and not the quote.
  const expected = plainLines(counted(recorded.kind === "opencode" ? said.replaceAll(/^> .*$/gm, "") : said));
  if (view.alternate && found.length > 0) return { found, expected: endOf(expected, found) };
  const resized = recorded.cast.events.some(({ code }) => code === "r");
  return { found, expected: resized ? damaged(expected, found) : expected };
}

/** Up to where it was stopped, in one line, since the last word may be cut, and less the note that tells of it. */
function beginning(said: string, text: string): { found: string[]; expected: string[] } {
  const rows = text.split("\n");
  const note = rows.findIndex((row) => /interrupted|cancel|rejected|denied|declined/i.test(row));
  const found = plainLines(rows.slice(0, note < 0 ? undefined : note).join("\n")).join(" ");
  return { found: [found], expected: [plainLines(said).join(" ").slice(0, found.length)] };
}

/** A screen without scrollback has only the end of a long answer, which may begin in the middle of a line. */
function endOf(expected: readonly string[], found: readonly string[]): string[] {
  const [first = "", ...rest] = expected.slice(-found.length);
  const top = found[0] ?? "";
  return [top !== "" && first.endsWith(top) ? top : first, ...rest];
}

/** When its terminal is resized, an agent may lose a line of what it has printed; nothing else. */
function damaged(expected: readonly string[], found: readonly string[]): readonly string[] {
  const left = expected.filter((line) => found.includes(line));
  return left.length === expected.length - 1 ? left : expected;
}

function counted(text: string): string {
  return text.replaceAll(/It returned \d+ characters/g, "It returned 9 characters");
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
    const faults = (dialog.options ?? [])
      .filter((label) => !labels.includes(label))
      .map((label) => `no option ${label}`);
    const told = bare(question.text + question.detail).includes(bare(dialog.text));
    return [...faults, ...(told ? [] : [`does not tell ${dialog.text}: ${question.text}\n${question.detail}`])];
  });
}
