import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { afterEach, describe, expect, it } from "vitest";
import type { CommandSpec } from "../../src/adapters/adapter.ts";
import { complete } from "../../src/adapters/console/complete.ts";
import { Editor } from "../../src/adapters/console/editor.ts";
import { History } from "../../src/adapters/console/history.ts";
import { Style, unpainted } from "../../src/adapters/console/style.ts";
import { cut, rows, width } from "../../src/width.ts";

function typist(history = new History(undefined)) {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const lines: string[] = [];
  const told: string[] = [];
  const editor = new Editor(input, history, {
    line: (text) => {
      lines.push(text);
      editor.remember(text);
    },
    interrupt: () => told.push("interrupt"),
    end: () => told.push("end"),
    changed: () => {},
    clear: () => told.push("clear"),
    offer: async (before) => ({
      typed: before,
      candidates: ["/spawn", "/send", "/screen"].filter((one) => one.startsWith(before)),
    }),
    offered: (candidates) => told.push(candidates.join(" ")),
  });
  editor.open();
  return { editor, lines, told, type: (keys: string) => void input.write(keys) };
}

const [up, down, left, right] = ["\u001B[A", "\u001B[B", "\u001B[D", "\u001B[C"];

describe("the line editor", () => {
  it.each([
    ["plain words", "hello\r", ["hello"]],
    ["the arrows", `hllo${left}${left}${left}e\r`, ["hello"]],
    ["whole characters", `a日🎉${left}${left}${right}x\u007F\u007Fb\r`, ["ab🎉"]],
    ["the ends of the line", "b\u0001a\u0005c\r", ["abc"]],
    ["a word that is taken away and put back", "one two\u0017\u0001\u0019\r", ["twoone "]],
    ["a paste of several lines as one message", "\u001B[200~a\r\nb\rc\n\u001B[201~\r", ["a\nb\nc\n"]],
    ["a paste in the middle of a line", `[]${left}\u001B[200~x\ny\u001B[201~\r`, ["[x\ny]"]],
    ["nothing of a paste that a terminal acts on", "\u001B[200~a\u001B[2Jb\u0003\u001B[201~\r", ["a[2Jb"]],
    ["a new line by alt-enter", "a\u001B\rb\r", ["a\nb"]],
    ["ctrl-c, which takes a draft away", "rm\u0003ls\r", ["ls"]],
    [
      "what was typed before, and the draft again",
      `one\rtwo\rdr${up}${up}${down}${down}aft\r`,
      ["one", "two", "draft"],
    ],
    ["lines above in a draft before those of earlier", `x\ra\u001B\rb${up}0\r`, ["x", "a0\nb"]],
    ["keys that come while a word is completed", "/spa\tx\r/sc\t\r", ["/spawn x", "/screen "]],
    ["two lines at once", "a\rb\r", ["a", "b"]],
  ])("takes %s", async (_what, keys, expected) => {
    const { lines, type } = typist();
    type(keys);
    await expect.poll(() => lines).toEqual(expected);
  });

  it("completes as far as it is clear, and shows what there is", async () => {
    const { editor, lines, told, type } = typist();
    type("/s\t");
    await expect.poll(() => told).toEqual(["/spawn /send /screen"]);
    type("p\t");
    await expect.poll(() => editor.draft.text).toBe("/spawn ");
    type("x\r");
    await expect.poll(() => lines).toEqual(["/spawn x"]);
  });

  it("ends with ctrl-d and is interrupted by ctrl-c where nothing is typed", async () => {
    const { told, type } = typist();
    type("\u0003\u0004");
    await expect.poll(() => told).toEqual(["interrupt", "end"]);
  });
});

describe("what was typed", () => {
  const folder = mkdtempSync(join(tmpdir(), "history-"));
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it("is there after a restart, for its owner alone", () => {
    const file = join(folder, "state", "console-history");
    const first = new History(file);
    for (const line of ["one", "two\nlines", "two\nlines", "  "]) first.add(line);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readFileSync(file, "utf8")).toBe('"one"\n"two\\nlines"\n');
    const second = new History(file);
    expect([second.move(-1, "draft"), second.move(-1, ""), second.move(-1, "")]).toEqual([
      "two\nlines",
      "one",
      undefined,
    ]);
    expect([second.move(1, ""), second.move(1, "")]).toEqual(["two\nlines", "draft"]);
  });
});

describe("completion", () => {
  const option = (name: string, type: CommandSpec["options"][number]["type"], more = {}) => ({
    name,
    type,
    summary: name,
    required: false,
    named: false,
    ...more,
  });
  const commands: CommandSpec[] = [
    {
      verb: "spawn",
      summary: "",
      options: [
        option("name", "text"),
        option("agent", "agent", { named: true }),
        option("mode", "text", { named: true, choices: ["ask", "all"] }),
        option("here", "flag", { named: true }),
        option("prompt", "rest"),
      ],
    },
    { verb: "send", summary: "", options: [option("shard", "shard"), option("text", "rest")] },
    { verb: "help", summary: "", options: [] },
  ];
  const names = async (field: string) => (field === "thread" ? ["main", "demo"] : [`${field}-a`, `${field}-b`]);

  it.each([
    ["", ["/spawn", "/send", "/help", "/thread", "/quit"]],
    ["/s", ["/spawn", "/send"]],
    ["!s", ["!spawn", "!send"]],
    ["/shard se", ["send"]],
    ["/th", ["/thread"]],
    ["/send ", ["shard-a", "shard-b"]],
    ["/send shard-b", ["shard-b"]],
    ["/send shard-a te", []],
    ["/spawn x --", ["--agent", "--mode", "--here"]],
    ["/spawn x --here --", ["--agent", "--mode"]],
    ["/spawn x --agent ", ["agent-a", "agent-b"]],
    ["/spawn x --mode a", ["ask", "all"]],
    ["/thread d", ["demo"]],
    ["/help s", ["spawn", "send"]],
    ["plain se", []],
    ["/nothing x", []],
  ])("of %j offers %j", async (before, expected) => {
    expect((await complete(before, commands, names)).candidates).toEqual(expected);
  });
});

describe("what a terminal can show", () => {
  it.each([
    ["colour and signs", { LANG: "C.UTF-8", TERM: "xterm" }, true, true],
    ["no colour where none is wanted", { LANG: "C.UTF-8", TERM: "xterm", NO_COLOR: "1" }, false, true],
    ["no signs in another locale", { LANG: "C.UTF-8", LC_ALL: "C", TERM: "xterm" }, true, false],
    ["no signs on the kernel's console", { LANG: "C.UTF-8", TERM: "linux" }, true, false],
    ["neither on a dumb one", { LANG: "C.UTF-8", TERM: "dumb" }, false, false],
  ])("is %s", (_what, env, colour, signs) => {
    const style = Style.of(env);
    expect(style.paint("error", "x") !== "x").toBe(colour);
    expect(unpainted(style.paint("error", "x\ny"))).toBe("x\ny");
    expect(style.text("🔵 demo")).toBe(signs ? "🔵 demo" : "demo");
  });

  it.each([
    ["abc", 3],
    ["日本", 4],
    ["🎉é", 3],
    ["e\u0301", 1],
  ])("%s is %d wide", (text, columns) => expect(width(text)).toBe(columns));

  it("cuts and wraps between characters", () => {
    expect(cut("日本語", 5)).toBe("日本…");
    expect(cut("abc", 3)).toBe("abc");
    expect(rows("日本語a", 5)).toEqual(["日本", "語a"]);
  });
});
