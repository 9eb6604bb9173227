import { describe, expect, it, vi } from "vitest";
import type { Reading, ScreenView } from "../../src/shards/agents/agent.ts";
import type { JournalState } from "../../src/shards/state/journal-state.ts";
import { Watch } from "../../src/shards/state/watch.ts";
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
function watching(
  reading: Reading,
  tells: "turns" | "begins" = "turns",
): {
  at: (milliseconds: number, journalState?: JournalState, quiet?: number) => string;
  watch: Watch;
} {
  const watch = new Watch({ ...fakeKind, state: () => reading, question: () => undefined }, true);
  const at = (milliseconds: number, journalState?: JournalState, quiet = milliseconds) => {
    vi.setSystemTime(1_000_000 + milliseconds);
    return watch.look({ view, exit: undefined, gone: false, quiet, journalState, tells }, "working").state;
  };
  return { at, watch };
}

describe("Words of work that the journal outweighs", () => {
  const journalState: JournalState = { state: "idle", rule: "it wrote that the turn ended", at: 1_000_000 };

  it("are named once they count as old, so that a prompt can be typed", () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const { at, watch } = watching({ state: "working", rule: "old words" });
      expect([at(4900, journalState), watch.outweighed]).toEqual(["working", undefined]);
      expect([at(5000, journalState), watch.outweighed]).toEqual(["idle", "old words"]);
      expect([at(6000, journalState, 100), watch.outweighed]).toEqual(["working", undefined]);
    } finally {
      vi.useRealTimers();
    }
  });
});

describe("A short turn, of which the screen has shown no work", () => {
  const idle: Reading = { state: "idle", rule: "input box" };
  const ended = { state: "idle", rule: "it wrote that the turn ended" } as const;
  const runs = { state: "working", rule: "it wrote that a turn began" } as const;
  /** The prompt is typed at 1000, and was taken at 1200. */
  const typed = (tells?: "turns" | "begins") => {
    const { at, watch } = watching(idle, tells);
    at(0);
    vi.setSystemTime(1_001_000);
    watch.typed(view);
    vi.setSystemTime(1_001_200);
    watch.became("taken", view);
    return at;
  };

  it.each<[string, JournalState, "turns" | "begins", [number, string][]]>([
    [
      "is over at once where its journal says so",
      { ...ended, at: 1_001_250, began: 1_001_210 },
      "turns",
      [[1260, "idle"]],
    ],
    [
      "is not over by the end of the turn before",
      { ...ended, at: 1_001_250, began: 1_000_500 },
      "turns",
      [
        [1260, "working"],
        [3000, "working"],
      ],
    ],
    [
      "nor by an end before which no turn began",
      { ...ended, at: 1_001_250 },
      "turns",
      [
        [1260, "working"],
        [3000, "working"],
      ],
    ],
    [
      "is over where its journal has what was said, and the screen stands still",
      { ...runs, at: 1_001_210, began: 1_001_210, spoke: true },
      "begins",
      [
        [1500, "working"],
        [2600, "idle"],
      ],
    ],
    [
      "goes on where its journal has nothing of it yet",
      { ...runs, at: 1_001_210, began: 1_001_210 },
      "begins",
      [
        [2400, "working"],
        [5000, "working"],
      ],
    ],
  ])("%s", (_, journalState, tells, expected) => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const at = typed(tells);
      expect(expected.map(([milliseconds]) => [milliseconds, at(milliseconds, journalState)])).toEqual(expected);
    } finally {
      vi.useRealTimers();
    }
  });
});
