import { describe, expect, it } from "vitest";
import type { ScreenView } from "../../src/shards/agents/agent.ts";
import { added, baselineOf, firstRow, lines } from "../../src/shards/turns/turn.ts";

/** A screen of these rows; `+` at the end of one means that it goes on in the next. */
function screen(texts: string[], more: Partial<ScreenView> = {}): ScreenView {
  const rows = texts.map((text) => ({ text: text.replace(/\+$/, ""), wrapped: text.endsWith("+"), dim: false }));
  const view = { cols: 80, rows, top: 0, cursor: { row: 0, col: 0 }, title: "", alternate: false };
  return { ...view, bracketedPaste: true, bytes: 0, ...more };
}

/** What is added when everything since the baseline is still there. */
function turn(before: ScreenView, now: ScreenView): string[] {
  const from = firstRow(baselineOf(before), now);
  return added(baselineOf(before), { from, rows: now.rows }, now).lines;
}

const box = ["────", "❯", "────", "? for shortcuts"];

describe("lines against the baseline", () => {
  const table: [string, string[], string[], string[]][] = [
    [
      "text above an input box",
      ["● old", "", ...box],
      ["● old", "", "❯ hi", "", "● new", "", ...box],
      ["❯ hi", "", "● new", ""],
    ],
    ["the same answer twice", ["● hi", "", ...box], ["● hi", "", "● hi", "", ...box], ["● hi", ""]],
    ["nothing", ["● old", ...box], ["● old", ...box], []],
    ["a rule in the answer", [...box], ["a", "────", "b", ...box], ["a", "────", "b"]],
    ["a footer that has changed", ["x", ...box], ["x", "new", "────", "❯", "────", "12 tokens"], ["new", "12 tokens"]],
    ["a redrawn old line that moved", ["a", "b", "$"], ["b", "a", "c", "$"], ["c"]],
    [
      "blank lines of an empty screen",
      ["$", "", "", ""],
      ["$ x", "one", "", "two", "$", ""],
      ["$ x", "one", "", "two"],
    ],
    ["wrapped rows", ["$"], ["$ x", "a long +", "line", "$"], ["$ x", "a long line"]],
  ];
  it.each(table)("%s", (_, before, now, expected) => {
    expect(turn(screen(before), screen(now))).toEqual(expected);
  });

  it("starts at the row that was on top, however far it has scrolled", () => {
    const baseline = baselineOf(screen(["old", "$"], { top: 100 }));
    const now = screen(["80", "$"], { top: 180 });
    expect(firstRow(baseline, now)).toBe(100);
    const rows = ["old", "$ x", ...Array.from({ length: 80 }, (_, n) => `${n + 1}`), "$"];
    const result = added(baseline, { from: 100, rows: screen(rows).rows }, now);
    expect(result.lines).toEqual(rows.slice(1, -1));
    expect(result.truncated).toBe(false);
  });

  it("says when the scrollback has lost the beginning", () => {
    const baseline = baselineOf(screen(["$"], { top: 5 }));
    const now = screen(["b", "$"], { top: 6000 });
    expect(added(baseline, { from: 1000, rows: screen(["a", "b", "$"]).rows }, now)).toEqual({
      lines: ["a", "b"],
      truncated: true,
      exact: false,
    });
  });

  it("does not miss what is said again when it has scrolled away without scrollback", () => {
    const alternate = { alternate: true };
    const before = screen(["> one", "Fine.", "> two", "Fine.", "> three", "Good.", ...box], alternate);
    const now = screen(["> two", "Fine.", "> three", "Good.", "> one", "Fine.", ...box], alternate);
    expect(turn(before, now)).toEqual(["> one", "Fine."]);
  });

  it("takes the visible rows alone when the screen was switched", () => {
    const baseline = baselineOf(screen(["$"], { top: 7 }));
    expect(firstRow(baseline, screen(["full"], { alternate: true }))).toBe(0);
    expect(firstRow(baselineOf(screen(["full"], { alternate: true })), screen(["$"], { top: 9 }))).toBe(9);
  });
});

describe("prompt marks", () => {
  const prompt = (row: number) => ({ mark: { kind: "prompt" as const, row } });
  const before = screen(["10:00", "~$"], { top: 4, ...prompt(5) });
  const table: [string, string[], Partial<ScreenView>, string[]][] = [
    ["from prompt to prompt", ["10:00", "~$ ls", "a", "~$", "b", "~$"], prompt(9), ["~$ ls", "a", "~$", "b"]],
    ["output without a line feed at its end", ["10:00", "~$ printf 42", "42~$"], prompt(6), ["~$ printf 42", "42"]],
    ["a prompt that looks otherwise", ["10:00", "~$ cd b", "~/b$"], prompt(6), ["~$ cd b"]],
    ["the shell has ended", ["10:00", "~$ exit", "bye"], { mark: { kind: "done", row: 6 } }, ["~$ exit", "bye"]],
    ["still running: by lines", ["10:00", "~$ make", "x"], { mark: { kind: "command", row: 6 } }, ["~$ make", "x"]],
  ];
  it.each(table)("%s", (_, now, more, expected) => {
    expect(turn(before, screen(now, { top: 4, ...more }))).toEqual(expected);
  });
});

it("joins wrapped rows and keeps the blanks between words", () => {
  expect(lines(screen(["one +", "two", "", "three+", "", ""]).rows)).toEqual(["one two", "", "three"]);
});
