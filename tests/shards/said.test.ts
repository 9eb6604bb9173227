import { expect, it } from "vitest";
import type { ScreenView } from "../../src/shards/agents/agent.ts";
import { kinds } from "../../src/shards/agents/registry.ts";
import type { TurnRecord } from "../../src/shards/saved/records.ts";
import { saidIn } from "../../src/shards/turns/answer-text.ts";
import { baselineOf } from "../../src/shards/turns/turn.ts";

/** A screen of opencode's width, which has no scrollback. */
function screen(texts: string[]): ScreenView {
  const rows = texts.map((text) => ({ text, wrapped: false, dim: false }));
  const facts = { cols: 120, top: 0, cursor: { row: 0, col: 0 }, title: "", alternate: true, bracketedPaste: true };
  return { ...facts, rows, bytes: 0 };
}

const typed = "Write a poem about\nthe -- long and restless sea, please";
const turn: TurnRecord = { shard: "one", number: 1, text: typed, typed, state: "submitted" };

it.each([
  [
    "whole",
    ["  ┃  Write a poem about", "  ┃  the -- long and restless", "  ┃  sea, please", "", "     The sea"],
    false,
  ],
  [
    "whole, with only the end of a long prompt",
    ["  ┃  the -- long and restless", "  ┃  sea, please", "", "     The sea"],
    false,
  ],
  ["without its beginning", ["     The sea"], true],
])("knows an answer on the alternate screen that is %s", async (_, rows, truncated) => {
  const view = screen(rows);
  const source = { view, rows: async () => ({ from: 0, rows: view.rows }) };
  const baseline = baselineOf(screen(["     Old."]));
  await expect(saidIn({ ...turn, baseline }, kinds["opencode"]!, source, undefined)).resolves.toEqual({
    text: "The sea",
    truncated,
  });
});
