import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { Canvas, type Frame } from "../../../src/cli/attach/canvas.ts";
import { crop } from "../../../src/cli/attach/crop.ts";
import { statusLine } from "../../../src/cli/attach/status.ts";
import { Viewport } from "../../../src/cli/attach/viewport.ts";
import { type Sight, Window } from "../../../src/cli/attach/window.ts";
import type { Picture, Span } from "../../../src/shards/holder/protocol.ts";

const frame: Frame = {
  cols: 120,
  rows: 40,
  top: 0,
  cursor: { row: 0, col: 0, hidden: false, shape: 0 },
  title: "",
  alternate: false,
  keys: { application: false, keypad: false, bracketedPaste: false, focus: false },
  mouse: { wants: "none", written: "bytes" },
};

describe("a row that is cut", () => {
  const spans: Span[] = [
    { cells: "ab" },
    { cells: "cd", style: "1;31" },
    { cells: ["田", "中"], wide: true, style: "44" },
    { cells: ["e\u0301"] },
    { cells: "z" },
  ];
  const shown = (text: string) => text.replaceAll("\u001B[", "<").replaceAll(/<([\d;]*)m/g, "<$1>");

  it.each([
    [0, 80, "ab<0;1;31>cd<0;44>田中<0>e\u0301z"],
    [0, 3, "ab<0;1;31>c<0>"],
    [1, 2, "b<0;1;31>c<0>"],
    [3, 2, "<0;1;31>d<0;44> <0>"],
    [4, 2, "<0;44>田<0>"],
    [5, 2, "<0;44>  <0>"],
    [5, 3, "<0;44> 中<0>"],
    [7, 2, "<0;44> <0>e\u0301"],
    [8, 5, "e\u0301z"],
    [10, 5, ""],
    [99, 5, ""],
    [0, 0, ""],
  ])("from column %i, %i wide", (left, width, expected) => {
    expect(shown(crop(spans, left, width))).toBe(expected);
  });

  it("obeys nothing", () => {
    expect(crop([{ cells: "a\u001B[2Jb\u009Bc" }, { cells: ["\u0007x"] }], 0, 80)).toBe("a [2Jb c x");
  });
});

describe("the part of the screen that is shown", () => {
  const small = { cols: 80, rows: 23 };

  it("follows the cursor: by rows as little as is needed, by columns a good deal", () => {
    const viewport = new Viewport();
    const place = (row: number, col: number) => viewport.place(frame, { row, col }, small, 0);
    expect(place(0, 0)).toEqual({ top: 0, left: 0 });
    expect(place(22, 79)).toEqual({ top: 0, left: 0 });
    expect(place(23, 80)).toEqual({ top: 1, left: 27 });
    expect(place(10, 40)).toEqual({ top: 1, left: 27 });
    expect(place(10, 106)).toEqual({ top: 1, left: 27 });
    expect(place(39, 119)).toEqual({ top: 17, left: 40 });
    expect(place(0, 2)).toEqual({ top: 0, left: 0 });
  });

  it("is all of it where there is room", () => {
    const viewport = new Viewport();
    const corner = { row: 39, col: 119 };
    expect(viewport.place(frame, corner, { cols: 120, rows: 40 }, 0)).toEqual({ top: 0, left: 0 });
    viewport.move({ rows: 5, cols: 5 });
    expect(viewport.place(frame, corner, { cols: 200, rows: 50 }, 0)).toEqual({ top: 0, left: 0 });
  });

  it("is moved by hand within the screen and the rows above it, until it follows again", () => {
    const viewport = new Viewport();
    const place = (top: number) => viewport.place({ ...frame, top }, { row: 39, col: 0 }, small, 900);
    expect(place(1000)).toEqual({ top: 1017, left: 0 });
    viewport.move({ rows: -10, cols: 8 });
    expect(place(1000)).toEqual({ top: 1007, left: 8 });
    // On the screen it stays where it is on the screen, above it at the same rows.
    expect(place(1100)).toEqual({ top: 1107, left: 8 });
    viewport.move({ rows: -30, cols: 0 });
    expect(place(1100)).toEqual({ top: 1077, left: 8 });
    expect(place(1150)).toEqual({ top: 1077, left: 8 });
    viewport.move({ rows: -5000, cols: 0 });
    expect(place(1150)).toEqual({ top: 900, left: 8 });
    viewport.move({ rows: 5000, cols: 5000 });
    expect(place(1150)).toEqual({ top: 1167, left: 40 });
    viewport.move({ rows: -1, cols: -4 });
    expect(place(1150)).toEqual({ top: 1166, left: 36 });
    viewport.follow();
    expect(place(1150)).toEqual({ top: 1167, left: 0 });
  });

  it("follows when the program switches screens", () => {
    const viewport = new Viewport();
    const start = { row: 0, col: 0 };
    viewport.place({ ...frame, top: 50 }, start, small, 0);
    viewport.move({ rows: -20, cols: 0 });
    expect(viewport.place({ ...frame, top: 50 }, start, small, 0)).toEqual({ top: 30, left: 0 });
    expect(viewport.place({ ...frame, alternate: true }, start, small, 0)).toEqual({ top: 0, left: 0 });
  });
});

describe("the canvas", () => {
  const picture = (more: Partial<Picture>): Picture => ({ ...frame, cols: 40, rows: 3, changed: [], ...more });
  const row = (cells: string): Span[] => [{ cells }];

  it("keeps the rows that are not new, and forgets them with the size", () => {
    const canvas = new Canvas();
    canvas.apply(picture({ top: 10, changed: [0, 1, 2].map((index) => ({ row: index, spans: row(`r${index}`) })) }));
    canvas.apply(picture({ top: 10, changed: [{ row: 1, spans: row("new") }] }));
    expect([10, 11, 12, 13].map((index) => canvas.row(index))).toEqual([row("r0"), row("new"), row("r2"), []]);
    canvas.apply(picture({ top: 10, rows: 2, changed: [0, 1].map((index) => ({ row: index, spans: row("x") })) }));
    expect([10, 11, 12].map((index) => canvas.row(index))).toEqual([row("x"), row("x"), []]);
  });

  it("knows where the cursor is, also one that the agent draws itself", () => {
    const canvas = new Canvas();
    const hidden = { row: 2, col: 39, hidden: true, shape: 0 };
    const line: Span[] = [{ cells: ["田"], wide: true }, { cells: "> hi" }, { cells: " ", style: "0;7" }];
    expect(canvas.point).toEqual({ row: 0, col: 0 });
    canvas.apply(picture({ cursor: { ...hidden, hidden: false }, changed: [{ row: 1, spans: line }] }));
    expect(canvas.point).toMatchObject({ row: 2, col: 39 });
    canvas.apply(picture({ cursor: hidden }));
    expect(canvas.point).toEqual({ row: 1, col: 6 });
    canvas.apply(picture({ cursor: hidden, changed: [{ row: 0, spans: [{ cells: "x", style: "7;31" }] }] }));
    expect(canvas.point).toEqual({ row: 2, col: 0 });
  });

  it("asks for rows above the screen that it does not know, and knows which are gone", () => {
    const canvas = new Canvas();
    expect(canvas.unknown(0, 10)).toBeUndefined();
    canvas.apply(picture({ top: 100 }));
    expect(canvas.unknown(95, 10)).toEqual({ from: 95, count: 5 });
    canvas.remember(95, 95, ["a", "b", "c", "d", "e"].map(row));
    expect(canvas.row(97)).toEqual(row("c"));
    expect(canvas.unknown(95, 10)).toBeUndefined();
    expect(canvas.unknown(90, 10)).toEqual({ from: 90, count: 5 });
    canvas.remember(90, 93, [row("y"), row("z")]);
    expect(canvas.oldest).toBe(93);
    expect(canvas.unknown(80, 20)).toBeUndefined();
    canvas.apply(picture({ top: 100, cols: 50 }));
    expect(canvas.unknown(95, 10)).toEqual({ from: 95, count: 5 });
    canvas.apply(picture({ top: 0, cols: 50, alternate: true }));
    expect(canvas.oldest).toBe(0);
  });
});

describe("a window", () => {
  const sight: Sight = {
    rows: ["one", "\u001B[0;1;31mtwo\u001B[0m", "three"],
    cursor: { row: 1, col: 2 },
    shape: 0,
    modes: { application: false, keypad: false, focus: false, mouse: "none" },
  };

  /** A terminal that has been sent these sights, one after the other. */
  async function shownOn(...sights: Sight[]) {
    const window = new Window();
    const terminal = new xterm.Terminal({ cols: 20, rows: 3, allowProposedApi: true });
    await new Promise<void>((resolve) => terminal.write("\u001B[Hdirt\r\ndirt and more dirt", resolve));
    const sent = sights.map((each) => window.draw(each));
    for (const data of sent) await new Promise<void>((resolve) => terminal.write(data, resolve));
    const { active } = terminal.buffer;
    const rows = [0, 1, 2].map((index) => active.getLine(index)?.translateToString(true));
    return { terminal, rows, sent, cursor: { row: active.cursorY, col: active.cursorX } };
  }

  it("draws everything at first, and then what is new", async () => {
    const next: Sight = { ...sight, rows: ["one", "2", "three"], cursor: { row: 0, col: 0 } };
    const { rows, sent, cursor } = await shownOn(sight, sight, next);
    expect(rows).toEqual(["one", "2", "three"]);
    expect(cursor).toEqual({ row: 0, col: 0 });
    expect(sent[1]).toBe("");
    expect(sent[2]).not.toContain("three");
    expect((await shownOn(sight)).rows).toEqual(["one", "two", "three"]);
  });

  it("sets the modes that are wanted, and takes them back", async () => {
    const wanting: Sight = {
      ...sight,
      shape: 5,
      modes: { application: true, keypad: true, focus: true, mouse: "any" },
    };
    const on = await shownOn(sight, wanting);
    expect(on.terminal.modes).toMatchObject({
      applicationCursorKeysMode: true,
      applicationKeypadMode: true,
      sendFocusMode: true,
      mouseTrackingMode: "any",
    });
    expect(on.sent[1]).toContain("\u001B[?1006h");
    expect(on.sent[1]).toContain("\u001B[5 q");
    const dragging = { ...wanting, modes: { ...wanting.modes, mouse: "drag" as const } };
    expect((await shownOn(wanting, dragging)).terminal.modes.mouseTrackingMode).toBe("drag");
    const off = await shownOn(wanting, dragging, sight);
    expect(off.terminal.modes).toMatchObject({
      applicationCursorKeysMode: false,
      applicationKeypadMode: false,
      sendFocusMode: false,
      mouseTrackingMode: "none",
    });
    expect(off.sent[2]).toContain("\u001B[?1006l");
    expect(off.sent[2]).toContain("\u001B[0 q");
  });

  it("hides a cursor that is not in it", async () => {
    const { sent } = await shownOn(sight, { ...sight, cursor: undefined });
    expect(sent[0]).toContain("\u001B[?25h");
    expect(sent[1]).toContain("\u001B[?25l");
    expect(sent[1]).not.toContain("\u001B[?25h");
  });
});

describe("the status line", () => {
  const standing = {
    name: "demo",
    by: "ann",
    yours: true,
    viewOnly: false,
    screen: { cols: 120, rows: 40 },
    shown: { cols: 80, rows: 23, back: 0 },
    detach: "ctrl-\\",
    command: "ctrl-]",
    message: undefined,
    commanding: false,
  };

  it.each([
    [{}, 90, " demo │ ctrl-\\ detaches, ctrl-] more │ you are at the keyboard │ 80×23 of 120×40"],
    [{ shown: { cols: 200, rows: 50, back: 0 } }, 80, "you are at the keyboard │ 120×40"],
    [{ shown: { cols: 80, rows: 23, back: 7 } }, 80, "│ 7 rows back"],
    [{ yours: false }, 80, "│ ann is at the keyboard │"],
    [{ yours: false, by: undefined }, 90, "│ nobody is at the keyboard │"],
    [{ yours: false, viewOnly: true }, 90, "│ view only, ann is at the keyboard │"],
    [{ message: "no\u001B[2Jway" }, 40, " demo │ no [2Jway"],
    [{}, 20, " demo │ ctrl-\\ deta…"],
    [{ commanding: true }, 120, "d detaches · ctrl-] or ctrl-\\ types it"],
    [{ commanding: true, yours: false }, 120, "t takes the keyboard · d detaches"],
    [{ commanding: true, yours: false, viewOnly: true }, 120, "look back · d detaches"],
  ])("%j in %i columns", (more, width, expected) => {
    const line = statusLine({ ...standing, ...more }, width);
    const text = line.replaceAll(/\u001B\[[\d;]*m/g, "");
    expect(text).toContain(expected);
    expect(text).toHaveLength(width);
    expect(line.startsWith("\u001B[0;7m")).toBe(true);
  });
});
