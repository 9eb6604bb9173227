import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { ScreenView } from "../../../src/shards/agents/agent.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";
import { recordingsIn } from "./recorded.ts";
import { earlyIdle, looksAt } from "./states.ts";

/*
 * Agents change the signs by which they say that they work: Claude Code's busy title was "⠂ topic", and became "◐ topic". In each recording
 * every such sign is replaced by one that no rule knows, once by one that still moves and once by one that does not.
 */
const own = recordingsIn(join(import.meta.dirname, "../../fixtures/recordings"));
const shared = ["../../../../shared/recordings", "../../../../shared/evidence/terminal/recordings"];
const others = shared.flatMap((folder) => recordingsIn(join(import.meta.dirname, folder)));
if (others.length === 0) console.log("skipped: ../shared (there are no recordings)");

const busyTitle = /^[\u2800-\u28ff◐◑✦](?=\s)/u;
const spinners = [/^\s*[·✢✳✶✻✽*](?=\s\S+…)/u, /^\s*[\u2800-\u28ff](?=\s)/u, /^[•◦](?=\s.*esc to interrupt)/u, /[■⬝]/gu];

/** Glyphs that nobody uses. */
const unknown = ["◰", "◳", "◲", "◱"];

function withUnknown(view: ScreenView, moves: boolean): ScreenView {
  const glyph = (known: string) => unknown[moves ? (known.codePointAt(0) ?? 0) % unknown.length : 0] ?? "";
  const replaced = (text: string) => spinners.reduce((row, spinner) => row.replace(spinner, glyph), text);
  const rows = view.rows.map((row) => ({ ...row, text: replaced(row.text) }));
  return { ...view, title: view.title.replace(busyTitle, glyph), rows };
}

const recordings = [...own, ...others].map((recorded, index) => ({ name: `${recorded.name} ${index}`, recorded }));

describe.each(recordings)("$name", ({ recorded }) => {
  const kind = kinds[recorded.kind]!;

  test.each([
    ["that moves", true],
    ["that stands still", false],
  ])("is not idle before its turn has ended, with an unknown busy glyph %s", (_, moves) => {
    const looks = looksAt(recorded, kind, (view) => withUnknown(view, moves));
    expect(earlyIdle(recorded, looks)).toEqual([]);
  });
});
