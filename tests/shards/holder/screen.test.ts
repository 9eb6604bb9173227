import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { harden } from "../../../src/shards/holder/clamp.ts";
import { Screen } from "../../../src/shards/holder/screen.ts";
import { random } from "../../random.ts";

const size = { cols: 40, rows: 10 };

function makeScreen(cols = size.cols) {
  const replies: string[] = [];
  const faults: unknown[] = [];
  const screen = new Screen({
    ...size,
    cols,
    reply: (data) => replies.push(data),
    fault: (error) => faults.push(error),
  });
  const write = (data: string | Uint8Array) => screen.write(typeof data === "string" ? Buffer.from(data) : data);
  return { screen, write, replies, faults };
}

function viewOf(...parts: string[]) {
  const { screen, write } = makeScreen();
  for (const part of parts) write(part);
  return screen.view();
}

const texts = (rows: readonly { text: string }[]) => rows.map(({ text }) => text);

function numbers(from: number, to: number): string {
  return Array.from({ length: to - from + 1 }, (_, index) => `line ${from + index}\r\n`).join("");
}

describe("a view", () => {
  it("has every row of the screen, right-trimmed, and the cursor", () => {
    const view = viewOf("one  \r\n  two\r\n\r\nfour");
    expect(view).toMatchObject({ cols: 40, top: 0, cursor: { row: 3, col: 4 }, alternate: false, bytes: 20 });
    expect(texts(view.rows)).toEqual(["one", "  two", "", "four", "", "", "", "", "", ""]);
  });

  it("says which rows go on, and keeps the blank at the end of one that does", () => {
    const view = viewOf(`${"x".repeat(39)} next\r\nshort`);
    expect(view.rows[0]).toEqual({ text: `${"x".repeat(39)} `, wrapped: true, dim: false });
    expect(view.rows[1]).toMatchObject({ text: "next", wrapped: false });
  });

  it("calls a row dim when all that is visible on it is", () => {
    const view = viewOf("\x1b[2mghost\x1b[0m   \r\n> \x1b[2mghost\x1b[0m\r\nplain");
    expect(view.rows.slice(0, 4).map(({ dim }) => dim)).toEqual([true, false, false, false]);
  });

  it.each([
    ["title", "\x1b]0;first\x07\x1b]2;✳ second\x1b\\", { title: "✳ second" }],
    ["icon name", "\x1b]0;title\x07\x1b]1;icon\x07", { title: "title" }],
    ["title without control characters", "\x1b]0;a\x01b\x7fc\x07", { title: "abc" }],
    ["alternate screen", "\x1b[?1049h", { alternate: true, top: 0 }],
    ["left alternate screen", "\x1b[?1049h\x1b[?1049l", { alternate: false }],
    ["bracketed paste", "\x1b[?2004h", { bracketedPaste: true }],
    ["no bracketed paste", "\x1b[?2004h\x1b[?2004l", { bracketedPaste: false }],
  ])("has the %s", (_, data, expected) => {
    expect(viewOf(data)).toMatchObject(expected);
  });

  it.each([
    ["a prompt", "one\r\n\x1b]133;A\x07$ \x1b]133;B\x07", { kind: "prompt", row: 1, at: 2, ready: true, prompts: 1 }],
    ["a prompt that is not drawn yet", "\x1b]133;A\x07$ ", { kind: "prompt", row: 0, at: 0, prompts: 0 }],
    ["a command", "\x1b]133;A\x07$ \x1b]133;B\x07ls\r\n\x1b]133;C\x07", { kind: "command", row: 1, prompts: 1 }],
    ["a line of a shell without C", "\x1b]133;A\x07$ \x1b]133;I\x07ls\r\n", { kind: "command", row: 1, prompts: 1 }],
    ["an end", "\x1b]133;D;7\x1b\\", { kind: "done", row: 0, exit: 7 }],
    ["an end without code", "\x1b]133;D\x07", { kind: "done", row: 0 }],
    ["a prompt after an end", "\x1b]133;D;1;aid=3\x07\x1b]133;A;cl=m\x07", { kind: "prompt", row: 0, exit: 1 }],
    ["an unknown mark", "\x1b]133;A\x07\x1b]133;P;k=v\x07", { kind: "prompt", row: 0 }],
    ["a prompt in a command's output", "\x1b]133;C\x07\x1b]133;A\x07\x1b]133;B\x07", { kind: "command", row: 0 }],
  ])("has the mark of %s", (_, data, mark) => {
    expect(viewOf(data).mark).toMatchObject(mark);
  });

  it.each([
    ["OSC 9", "\x1b]9;Done: fix the bug\x07", "Done: fix the bug"],
    ["OSC 99", "\x1b]99;i=1:d=0;Claude needs you\x1b\\", "Claude needs you"],
    ["OSC 99 in base64", `\x1b]99;e=1;${Buffer.from("grüße").toString("base64")}\x1b\\`, "grüße"],
    ["OSC 777", "\x1b]777;notify;Title;the body\x07", "Title: the body"],
    ["a bell", "\x07", ""],
    ["a bell right after OSC 9", "\x1b]9;text\x07\x07", "text"],
  ])("has the notice of %s", (_, data, text) => {
    const bytes = 5 + Buffer.byteLength(data);
    expect(viewOf("12345", data, "later").notice).toEqual({ text, bytes });
  });

  it.each([
    ["a progress bar", "\x1b]9;4;1;50\x07"],
    ["another OSC 777", "\x1b]777;precmd\x07"],
    ["the bell that ends a title", "\x1b]0;title\x07"],
  ])("takes %s for no notice", (_, data) => {
    expect(viewOf(data).notice).toBeUndefined();
  });

  it("shows text that comes byte by byte, and what is not UTF-8 as one replacement each", () => {
    const { screen, write } = makeScreen();
    for (const byte of Buffer.from("grüße 漢字 😀\r\n\x1b[1mbold\x1b[0m")) write(Uint8Array.of(byte));
    write(Uint8Array.of(0x0d, 0x0a, 0x61, 0xff, 0xc3, 0x28, 0xe2, 0x82, 0x62));
    expect(texts(screen.view().rows).slice(0, 2)).toEqual(["grüße 漢字 😀", "bold"]);
    expect(screen.view().rows[2]?.text).toMatch(/^a.*\(.*b$/);
  });

  it("answers what a program asks of its terminal, and nothing that would give away or change things", () => {
    const { write, replies } = makeScreen();
    write("ab\x1b[6n\x1b[c");
    expect(replies).toEqual(["\x1b[1;3R", "\x1b[?1;2c"]);
    write("\x1b]52;c;?\x07\x1b[21t\x1b[18t\x1b]11;?\x07");
    expect(replies).toHaveLength(2);
  });
});

describe("rows", () => {
  it("keep their index when more than the scrollback has gone through", () => {
    const { screen, write } = makeScreen();
    write(numbers(0, 99));
    expect(screen.view().top).toBe(91);
    expect(texts(screen.rows(95).rows)).toEqual(["line 95", "line 96", "line 97", "line 98", "line 99", ""]);
    write(numbers(100, 11_999));
    const { top, rows } = screen.view();
    expect([top, rows[0]?.text]).toEqual([11_991, "line 11991"]);
    const missing = screen.rows(100);
    expect(missing.from).toBe(12_001 - 5010);
    expect(texts(missing.rows)).toEqual([...numbers(missing.from, 11_999).trimEnd().split("\r\n"), ""]);
    expect(texts(screen.rows(11_998).rows)).toEqual(["line 11998", "line 11999", ""]);
  });

  it("are none from beyond the screen", () => {
    const { screen, write } = makeScreen();
    write("one");
    expect(screen.rows(10)).toEqual({ from: 10, rows: [] });
    expect(screen.rows(1_000_000)).toEqual({ from: 10, rows: [] });
  });

  it("are those of the alternate screen while it is on, and the old ones after", () => {
    const { screen, write } = makeScreen();
    write(`${numbers(0, 49)}\x1b[?1049h\x1b[Hfull screen${"\r\n".repeat(30)}`);
    expect(screen.view().top).toBe(0);
    expect(screen.rows(0).rows).toHaveLength(10);
    write("\x1b[?1049l");
    expect(screen.view().top).toBe(41);
    expect(texts(screen.rows(48).rows).slice(0, 2)).toEqual(["line 48", "line 49"]);
  });

  it("get no index again that was another row's: cleared screen, reset", () => {
    const { screen, write } = makeScreen();
    write(numbers(0, 99));
    const before = screen.view();
    // What `clear` prints.
    write("\x1b[H\x1b[2J\x1b[3Jpage two\r\n");
    const cleared = screen.view();
    expect(cleared.top).toBeGreaterThan(before.top + before.cursor.row);
    expect(screen.rows(before.top).from).toBe(cleared.top);
    expect(screen.rows(before.top).rows[0]?.text).toBe("page two");
    write(`${numbers(0, 6000)}\x1bcpage three\r\n`);
    const reset = screen.view();
    expect(reset.top).toBeGreaterThan(cleared.top + 6000);
    write(numbers(0, 99));
    expect(screen.rows(reset.top).rows[0]?.text).toBe("page three");
    write(numbers(100, 7999));
    expect(screen.rows(reset.top + 8000).rows[0]?.text).toBe("line 7999");
  });

  it("stay what they are when only the scrollback is erased", () => {
    const { screen, write } = makeScreen();
    write(`${numbers(0, 99)}\x1b[3J`);
    expect(screen.view().top).toBe(91);
    expect(screen.rows(0)).toMatchObject({ from: 91 });
    expect(screen.rows(98).rows[0]?.text).toBe("line 98");
  });

  it("fit into one line of the protocol whatever was printed", () => {
    const { screen, write } = makeScreen(120);
    const cell = `e${"\u0301".repeat(11)}`;
    write(`${cell.repeat(120)}\r\n`.repeat(5100));
    const { from, rows } = screen.rows(0);
    expect(JSON.stringify(rows).length).toBeLessThan(8_000_000);
    expect(from + rows.length).toBe(5101);
    expect(rows.at(-2)?.text).toBe(cell.repeat(120));
  });
});

/** What the emulator itself shows for this. */
async function control(data: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ ...size, scrollback: 5000, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write(data, resolve));
  const { active } = terminal.buffer;
  return Array.from({ length: size.rows }, (_, row) =>
    active
      .getLine(active.baseY + row)!
      .translateToString(true)
      .trimEnd(),
  );
}

describe("hostile output", () => {
  const page = Array.from({ length: 10 }, (_, row) => `row ${row}\t${"abc".repeat(5)}`).join("\r\n");

  // Without the clamp the loops take 5 s and more, with the largest count hours, and REP shows another screen.
  it.each([
    ..."LMST".split("").map((final) => [5_000_000, final, size.rows] as const),
    [5_000_000, "b", size.cols] as const,
    ..."IZ".split("").map((final) => [100_000_000, final, size.cols] as const),
    ..."@PX".split("").map((final) => [2 ** 31 - 1, final, size.cols] as const),
  ])("ESC[%i%s is done in no time, and does what a count of %i does", { timeout: 5000 }, async (bomb, final, limit) => {
    const around = (count: number) => `${page}\x1b[3;5H-\x1b[${count}${final}after`;
    const view = viewOf(around(bomb));
    expect(texts(view.rows)).toEqual(await control(around(limit)));
  });

  it("a sequence that throws in the emulator does no harm", () => {
    const { screen, write, faults } = makeScreen();
    write("gone\x1b[999;999H\x1b[1Jafter");
    expect(texts(screen.view().rows)).toEqual([...Array<string>(8).fill(""), `${" ".repeat(39)}a`, "fter"]);
    expect(faults).toEqual([]);
  });

  it("whatever throws costs no more than its slice", async () => {
    const terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
    const faults: unknown[] = [];
    harden(terminal, (error) => faults.push(error));
    terminal.parser.registerCsiHandler({ final: "y" }, () => {
      throw new Error("a bug");
    });
    await new Promise<void>((resolve) => terminal.write("before\x1b[1ylost", resolve));
    await new Promise<void>((resolve) => terminal.write(" after", resolve));
    expect(terminal.buffer.active.getLine(0)?.translateToString(true)).toBe("before after");
    expect(faults).toEqual([new Error("a bug")]);
  });

  it("a pile of combining characters spreads over cells of at most 12 code points", () => {
    const { screen, write } = makeScreen();
    write(`e${"\u0301".repeat(100_000)}\r\nnormal e\u0301`);
    const all = texts(screen.rows(0).rows);
    expect(all.find((text) => text.startsWith("normal"))).toBe("normal e\u0301");
    expect(Math.max(...all.map((text) => text.length))).toBe(12 * size.cols);
    expect(all.join("")).toHaveLength(100_001 + 9);
  });

  it.each([
    ["OSC", "\x1b]0;", "\x07"],
    ["DCS", "\x1bP$q", "\x1b\\"],
  ])("an endless %s is cut, and forgotten when it ends", (_, start, end) => {
    const { screen, write } = makeScreen();
    write(start);
    const heap = () => process.memoryUsage().heapUsed;
    const before = heap();
    const chunk = "x".repeat(1_000_000);
    for (let count = 0; count < 12; count++) write(chunk);
    // Without the cut: 32 bytes for each of the first 10 million characters.
    expect(heap() - before).toBeLessThan(200_000_000);
    write(`${end}after`);
    expect(screen.view().rows[0]?.text).toBe("after");
    expect(screen.view().title.length).toBeLessThanOrEqual(1000);
  });

  it("a row has at most 4,000 characters", () => {
    const screen = new Screen({ cols: 5000, rows: 2, reply: () => undefined, fault: () => undefined });
    screen.write(Buffer.from("x".repeat(4500)));
    expect(screen.view().rows[0]?.text).toBe("x".repeat(4000));
  });

  it("random sequences throw nothing and leave a terminal that works", () => {
    for (let seed = 1; seed <= 40; seed++) {
      const { screen, write, faults } = makeScreen();
      write(randomOutput(seed, 2000));
      expect(screen.rows(screen.view().top).rows.length).toBeGreaterThan(0);
      write("\x18\x1bcALIVE");
      expect(texts(screen.view().rows), `seed ${seed}`).toContain("ALIVE");
      expect(faults, `seed ${seed}`).toEqual([]);
    }
  });
});

/** Escape sequences, text and bytes at random, the same for the same seed. */
function randomOutput(seed: number, units: number): string {
  const below = random(seed);
  const pick = (values: readonly string[]) => values[below(values.length)]!;
  const number = () => pick(["", "0", "1", "2", "3", "10", "40", "999", "99999", "47", "1049", "6", "2026"]);
  const makers = [
    () =>
      `\x1b[${pick(["", "?", ">"])}${number()};${number()}${pick(["", " ", "!", "$", "'"])}${String.fromCodePoint(0x40 + below(63))}`,
    () => `\x1b[${number()};${number()}${pick("ABCDEFGHIJKLMPSTXZ@`abdefhlmrsu".split(""))}`,
    () => `\x1b${String.fromCodePoint(0x20 + below(95))}`,
    () => `\x1b]${number()};${"abc;".repeat(below(4))}${pick(["\x07", "\x1b\\", ""])}`,
    () => pick(["\n", "\r", "\t", "\b", "\v", "\x0e", "\x0f"]).repeat(1 + below(20)),
    () => pick(["漢字", "e\u0301\u0301", "😀", "word ", "\u0301", "a\u200d", "\u200f"]).repeat(1 + below(40)),
    () => `\x1bP${pick(["$q", "+q", "q", ""])}xyz\x1b\\`,
  ];
  return Array.from({ length: units }, () => makers[below(makers.length)]!()).join("");
}
