import { describe, expect, it, vi } from "vitest";
import type { Reading, ScreenView } from "../../src/shards/agents/agent.ts";
import type { Told } from "../../src/shards/told.ts";
import { Watch } from "../../src/shards/watch.ts";
import { fakeKind } from "../fakes/fake-kind.ts";

const view: ScreenView = {
  cols: 80,
  rows: ["● esc to interrupt", "", "❯"].map((text) => ({ text, wrapped: false, dim: false })),
  top: 0,
  cursor: { row: 2, col: 2 },
  title: "",
  alternate: false,
  bracketedPaste: true,
  bytes: 100,
};

/** A watch that looks at a screen whose rule says this, with a clock of its own. */
function watching(reading: Reading): {
  at: (milliseconds: number, told?: Told, quiet?: number) => string;
  watch: Watch;
} {
  const watch = new Watch({ ...fakeKind, state: () => reading, question: () => undefined }, true);
  const at = (milliseconds: number, told?: Told, quiet = milliseconds) => {
    vi.setSystemTime(1_000_000 + milliseconds);
    return watch.look({ view, exit: undefined, gone: false, quiet, told, tells: "turns" }, "working").state;
  };
  return { at, watch };
}

describe("Words of work that the journal outweighs", () => {
  const told: Told = { state: "idle", rule: "it wrote that the turn ended", at: 1_000_000 };

  it("are named once they count as old, so that a prompt can be typed", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { at, watch } = watching({ state: "working", rule: "old words" });
      expect([at(4900, told), watch.outweighed]).toEqual(["working", undefined]);
      expect([at(5000, told), watch.outweighed]).toEqual(["idle", "old words"]);
      expect([at(6000, told, 100), watch.outweighed]).toEqual(["working", undefined]);
    } finally {
      vi.useRealTimers();
    }
  });
});
