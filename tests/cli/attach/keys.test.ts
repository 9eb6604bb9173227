import { describe, expect, it } from "vitest";
import { commandKey, ownKey } from "../../../src/cli/attach/keys.ts";
import { type MouseReport, reportFor } from "../../../src/cli/attach/mouse.ts";
import type { MouseMode } from "../../../src/shards/holder/protocol.ts";

describe("a key of attach's own", () => {
  it.each([
    ["ctrl-\\", 0x1c],
    ["ctrl-]", 0x1d],
    ["ctrl-^", 0x1e],
    ["ctrl-_", 0x1f],
    ["ctrl-a", 1],
    ["Ctrl-X", 24],
  ])("%s is byte %i", (name, byte) => {
    expect(ownKey(name)).toEqual({ name: name.toLowerCase(), byte });
  });

  it.each(["", "x", "ctrl-", "ctrl-i", "ctrl-j", "ctrl-m", "ctrl-[", "ctrl-xx", "ctrl-1", "alt-x"])(
    "%s is none",
    (name) => {
      expect(() => ownKey(name)).toThrow(expect.objectContaining({ code: "usage" }));
    },
  );

  it("has another one for commands", () => {
    expect(commandKey(ownKey("ctrl-\\")).name).toBe("ctrl-]");
    expect(commandKey(ownKey("ctrl-x")).name).toBe("ctrl-]");
    expect(commandKey(ownKey("ctrl-]")).name).toBe("ctrl-\\");
  });
});

describe("a report of the mouse", () => {
  const screen = { cols: 120, rows: 40 };
  const press = { code: 0, col: 9, row: 4, released: false };
  const to = (mouse: MouseReport, mode: Partial<MouseMode> = {}, offset = { row: 0, col: 0 }) =>
    reportFor(mouse, { wants: "any", written: "sgr", ...mode }, offset, screen, { rows: 23 })?.toString("latin1");

  it.each<[string, string | undefined, string | undefined]>([
    ["as it is", to(press), "\u001B[<0;10;5M"],
    ["from a part of the screen", to(press, {}, { row: 17, col: 40 }), "\u001B[<0;50;22M"],
    ["released", to({ ...press, released: true }), "\u001B[<0;10;5m"],
    ["in bytes", to(press, { written: "bytes" }), "\u001B[M\u0020\u002A\u0025"],
    [
      "released, in bytes",
      to({ ...press, code: 18, released: true }, { written: "bytes" }),
      "\u001B[M\u0033\u002A\u0025",
    ],
    ["wheel", to({ ...press, code: 65 }, { wants: "click" }), "\u001B[<65;10;5M"],
    ["not wanted", to(press, { wants: "none" }), undefined],
    ["in pixels, which are not known", to(press, { written: "pixels" }), undefined],
    ["a release where presses alone are wanted", to({ ...press, released: true }, { wants: "press" }), undefined],
    ["a press where presses alone are wanted", to(press, { wants: "press" }), "\u001B[<0;10;5M"],
    ["on the status line", to({ ...press, row: 23 }), undefined],
    ["beside the screen", to({ ...press, col: 130 }), undefined],
    ["on a row above the screen", to(press, {}, { row: -10, col: 0 }), undefined],
    ["a release beside the screen", to({ ...press, col: 130, row: 23, released: true }), "\u001B[<0;120;24m"],
  ])("%s", (_, sent, expected) => {
    expect(sent).toBe(expected);
  });

  it("is left out where bytes are too small for it", () => {
    const wide = { cols: 400, rows: 40 };
    const mode = { wants: "any", written: "bytes" } as const;
    expect(reportFor({ ...press, col: 222 }, mode, { row: 0, col: 0 }, wide, { rows: 23 })).toHaveLength(6);
    expect(reportFor({ ...press, col: 223 }, mode, { row: 0, col: 0 }, wide, { rows: 23 })).toBeUndefined();
  });
});
