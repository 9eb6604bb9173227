import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { kinds } from "../../../src/shards/agents/registry.ts";
import { plainLines, words } from "./plain.ts";
import { type Recorded, recordingsIn } from "./recorded.ts";
import { turns } from "./replay.ts";
import { compare, looksAt } from "./states.ts";

/*
 * Recordings of the real agents against a fake model, and what that said: those of ../shared/recordings (see its README) and our own.
 * `npm run record` makes one. A folder or file that is added is tested.
 */
const shared = recordingsIn(join(import.meta.dirname, "../../../../shared/recordings"));
if (shared.length === 0) console.log("skipped: the recordings of ../shared/recordings, which is not there");
const own = recordingsIn(process.env["RECORDINGS"] ?? join(import.meta.dirname, "../../fixtures/recordings"));

describe.each([...shared, ...own])("$name", (recorded) => {
  const kind = kinds[recorded.kind]!;

  test("says what the model said", async () => {
    const cleaned = await turns(recorded.cast);
    const known = wholeTurns(recorded);
    for (const [index, turn] of known.entries()) {
      const { lines, sent, cols } = cleaned[index]!;
      check(recorded, turn, kind.clean(lines, sent, cols));
    }
  });

  test("is in the right state", async () => {
    const found = compare(recorded, await looksAt(recorded, kind));
    expect({ held: found.longest <= 2 || found.longest, where: found.where }).toEqual({ held: true, where: found.where });
  });
});

type Turn = Recorded["turns"][number];

/** A prompt that was typed meanwhile is part of the turn before. */
function wholeTurns({ turns: all }: Recorded): Turn[] {
  const whole: Turn[] = [];
  for (const turn of all) {
    const open = turn.meanwhile && whole.at(-1);
    if (open) whole[whole.length - 1] = { ...open, said: `${open.said}\n\n${turn.said}` };
    else whole.push(turn);
  }
  return whole;
}

function check(recorded: Recorded, { said, ends, typed }: Turn, text: string): void {
  const found = words(counted(text));
  const all = words(counted(said));
  if (ends === "left") return;
  if (ends === "failed") {
    expect(text).toMatch(/4\d\d|API error|Error/i);
    expect(text).not.toContain(typed);
    return;
  }
  if (ends === "interrupted") {
    const note = text.split("\n").findIndex((line) => /interrupted|cancel|rejected|denied/i.test(line));
    const before = words(text.split("\n").slice(0, note < 0 ? undefined : note).join("\n"));
    expect(all.slice(0, before.length)).toEqual(before);
    return;
  }
  // A screen without scrollback has only the end of a long answer.
  const cut = isAlternate(recorded) && found.length < all.length;
  expect(found).toEqual(cut ? all.slice(-found.length) : all);
  if (process.env["LINES"] && !cut) expect(plainLines(counted(text))).toEqual(plainLines(counted(said)));
}

function counted(text: string): string {
  return text.replaceAll(/It returned \d+ characters/g, "It returned 9 characters");
}

function isAlternate({ kind, mode }: Recorded): boolean {
  return (kind === "opencode" && mode === "") || mode === "fullscreen" || (kind === "codex" && mode === "");
}
