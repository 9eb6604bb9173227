import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { ScreenView } from "../../src/shards/agents/agent.ts";
import { kinds } from "../../src/shards/agents/registry.ts";
import { Watch } from "../../src/shards/state/watch.ts";

/* 200 rows of opencode's answers, among them "esc interrupt", with no input box below. */
const folder = join(import.meta.dirname, "../fixtures/screens/opencode/full-without-box");
const rows = readFileSync(join(folder, "screen.txt"), "utf8").split("\n");
const view: ScreenView = {
  cols: 120,
  rows: Array.from({ length: 200 }, (_, row) => ({ text: rows[row] ?? "", wrapped: false, dim: false })),
  top: 0,
  cursor: { row: 199, col: 120 },
  title: "OC | Fake title",
  alternate: true,
  bracketedPaste: true,
  bytes: 100_000,
};

test.each([
  ["has its time", "", "idle"],
  ["has no time yet", " · 1.2s", "working"],
] as const)("A full screen without an input box, whose last answer %s", (_, less, expected) => {
  const kind = kinds["opencode"]!;
  const last = view.rows.findLastIndex(({ text }) => text.includes("▣"));
  const shown = view.rows.map((row, at) => (at === last ? { ...row, text: row.text.replace(less, "") } : row));
  const watch = new Watch(kind, true);
  const journalState = { state: expected, rule: "it wrote so", at: Date.now() };
  const sight = {
    view: { ...view, rows: shown },
    exit: undefined,
    gone: false,
    quiet: 1000,
    journalState,
    tells: "turns" as const,
  };
  expect(kind.question(sight.view)).toBeUndefined();
  expect(kind.composer(sight.view)).toBe("");
  watch.look(sight, "working");
  expect(watch.look(sight, "working").state).toBe(expected);
});
