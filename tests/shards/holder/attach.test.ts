import { once } from "node:events";
import { connect as dial } from "node:net";
import { describe, expect, it, vi } from "vitest";
import { Canvas } from "../../../src/cli/attach/canvas.ts";
import { HolderClient } from "../../../src/shards/holder/client.ts";
import type { HolderSpec, Picture, Span } from "../../../src/shards/holder/protocol.ts";
import { holders } from "./setup.ts";

const { run, connect } = holders();

/** Somebody at a terminal: the screen that they see, and what they heard of the keyboard. */
async function visitor(spec: HolderSpec, as: string) {
  const canvas = new Canvas();
  const seen = { pictures: [] as Picture[], keyboard: [] as string[], exits: 0, closed: 0 };
  const client = await HolderClient.connect({
    socket: spec.socket,
    secret: spec.secret,
    handlers: {
      view: () => undefined,
      picture: (picture) => {
        seen.pictures.push(picture);
        canvas.apply(picture);
      },
      keyboard: (by, yours) => seen.keyboard.push(yours ? `${by} (me)` : (by ?? "nobody")),
      exit: () => seen.exits++,
      closed: () => seen.closed++,
    },
  });
  await client.attach(as);
  const text = () => screenOf(canvas);
  const shows = (wanted: string | RegExp) =>
    vi.waitFor(() => expect(text()).toMatch(wanted), {
      timeout: 20_000,
      interval: 10,
    });
  const hears = (...wanted: string[]) =>
    vi.waitFor(() => expect(seen.keyboard).toEqual(wanted), { timeout: 10_000, interval: 10 });
  return { client, canvas, ...seen, seen, text, shows, hears, type: (keys: string) => client.keys(Buffer.from(keys)) };
}

function screenOf(canvas: Canvas): string {
  const { top = 0, rows = 0 } = canvas.frame ?? {};
  const lines = Array.from({ length: rows }, (_, row) => textOf(canvas.row(top + row)));
  return lines.join("\n").trimEnd();
}

function textOf(spans: Span[]): string {
  return spans.map(({ cells }) => (typeof cells === "string" ? cells : cells.join(""))).join("");
}

describe("a picture of the screen", () => {
  it("has colours, styles, wide and joined characters, and no blanks at the end of a row", async () => {
    const script = String.raw`printf 'a\033[1;31mb\033[0;2;3;4;7;9mc\033[0m\033[38;5;200;48;2;1;2;3md\033[92;104m e \033[0m   \r\n\347\224\260e\314\201x\r\n\033[44m  '; exec cat`;
    const shard = await run(script);
    const ann = await visitor(shard.spec, "ann");
    await ann.shows("田");
    expect(ann.canvas.row(0)).toEqual([
      { cells: "a" },
      { cells: "b", style: "1;31" },
      { cells: "c", style: "2;3;4;7;9" },
      { cells: "d", style: "38;5;200;48;2;1;2;3" },
      { cells: " e ", style: "92;104" },
    ]);
    expect(ann.canvas.row(1)).toEqual([{ cells: ["田"], wide: true }, { cells: ["e\u0301"] }, { cells: "x" }]);
    await vi.waitFor(() => expect(ann.canvas.row(2)).toEqual([{ cells: "  ", style: "44" }]));
    expect(ann.canvas.frame).toMatchObject({ cols: 80, rows: 24, top: 0, cursor: { row: 2, col: 2, hidden: false } });
  });

  it("tells what the program asks of cursor, keyboard and mouse, also when that was before", async () => {
    const script = String.raw`stty -echo; printf '\033[?25l\033[5 q\033[?1;66;1004;1003;1006;2004h\033]0;a title\007\033[?1049hready'; read x; printf '\033cback'; exec cat`;
    const shard = await run(script);
    await shard.client.watch();
    await vi.waitFor(() => expect(shard.views.at(-1)?.rows[0]?.text).toBe("ready"));
    const ann = await visitor(shard.spec, "ann");
    await ann.shows("ready");
    expect(ann.canvas.frame).toMatchObject({
      cursor: { hidden: true, shape: 5 },
      title: "a title",
      alternate: true,
      keys: { application: true, keypad: true, focus: true, bracketedPaste: true },
      mouse: { wants: "any", written: "sgr" },
    });
    await shard.client.write("\n");
    await ann.shows("back");
    expect(ann.canvas.frame).toMatchObject({
      cursor: { hidden: false, shape: 0 },
      alternate: false,
      keys: { application: false, keypad: false, focus: false, bracketedPaste: false },
      mouse: { wants: "none", written: "bytes" },
    });
  });

  it("is not sent while the program says that it is half drawn", async () => {
    const shard = await run(
      String.raw`stty -echo; echo ready; read x; printf '\033[?2026h\033[2J\033[Hhalf'; read x; printf ' whole\033[?2026l'; exec cat`,
    );
    const ann = await visitor(shard.spec, "ann");
    await ann.shows("ready");
    await shard.client.write("\n");
    const half = { text: "half", wrapped: false };
    await vi.waitFor(async () => expect((await shard.client.rows(0)).rows).toContainEqual(half), { interval: 1 });
    for (let round = 0; round < 20; round++) await shard.client.rows(0);
    await shard.client.write("\n");
    await ann.shows("half whole");
    expect(ann.pictures.map(({ changed }) => changed.map(({ spans }) => textOf(spans))).flat()).not.toContain("half");
  });

  it("tells only the rows that are new", async () => {
    const shard = await run("stty -echo; seq 1 20; exec cat");
    const ann = await visitor(shard.spec, "ann");
    await ann.shows(/20$/);
    await shard.client.write("hello\n");
    await ann.shows(/hello$/);
    expect(ann.pictures[0]?.changed).toHaveLength(24);
    expect(ann.pictures.at(-1)?.changed.length).toBeLessThan(5);
  });

  it("comes at once, and is the holder's own in the end, for whoever attaches while it scrolls", async () => {
    const shard = await run(
      "stty -echo; echo ready; read x; i=0; while [ $i -lt 100 ]; do i=$((i+1)); seq $((i*100-99)) $((i*100)); sleep 0.01; done; echo end; exec cat",
    );
    const first = await visitor(shard.spec, "first");
    await first.shows("ready");
    await shard.client.write("\n");
    const visitors = [first];
    for (let count = 1; count < 50; count++) visitors.push(await visitor(shard.spec, `visitor ${count}`));
    const view = async () =>
      (await shard.client.view()).rows
        .map(({ text }) => text)
        .join("\n")
        .trimEnd();
    await Promise.all(visitors.map(({ shows }) => shows(/10000\nend$/)));
    const last = await view();
    expect(visitors.map(({ text }) => text())).toEqual(visitors.map(() => last));
    for (const { pictures, client } of visitors) {
      expect(pictures[0]?.changed).toHaveLength(24);
      expect(pictures.map(({ top }) => top)).toEqual(pictures.map(({ top }) => top).toSorted((a, b) => a - b));
      client.close();
    }
  }, 60_000);

  it("is the newest one for who was slow, who holds nobody up", async () => {
    const size = { cols: 400, rows: 100 };
    const shard = await run("stty -echo; echo ready; read x; seq -f '%0390.0f' 1 30000; echo end; exec cat", { size });
    const slow = dial(shard.spec.socket);
    let heard = "";
    slow.setEncoding("utf8").on("data", (chunk: string) => (heard += chunk));
    await once(slow, "connect");
    slow.write(`${JSON.stringify({ hello: 1, secret: shard.spec.secret })}\n{"id":1,"op":"attach","as":"slow"}\n`);
    await vi.waitFor(() => expect(heard).toContain('"picture"'));
    slow.pause();
    const quick = await visitor(shard.spec, "quick");
    await shard.client.write("\n");
    await quick.shows(/end$/);
    slow.resume();
    await vi.waitFor(() => expect(heard).toContain('"end"'));
    const canvas = new Canvas();
    let pictures = 0;
    for (const line of heard.split("\n").slice(0, -1)) {
      const message = JSON.parse(line) as { event?: string; picture: Picture };
      if (message.event !== "picture") continue;
      pictures++;
      canvas.apply(message.picture);
    }
    expect(screenOf(canvas)).toBe(quick.text());
    expect(pictures).toBeLessThan(quick.pictures.length);
    slow.destroy();
    quick.client.close();
  }, 60_000);
});

describe("the rows above the screen", () => {
  it("can be had with their colours, from the oldest that there is", async () => {
    const shard = await run(String.raw`stty -echo; seq -f "$(printf '\033[31m%%.0f\033[0m')" 1 6000; exec cat`);
    const ann = await visitor(shard.spec, "ann");
    await ann.shows(/6000$/);
    const { top } = ann.canvas.frame!;
    expect(top).toBe(6001 - 24);
    expect(await ann.client.history(top - 2, 10)).toEqual({
      from: top - 2,
      spans: [[{ cells: `${top - 1}`, style: "31" }], [{ cells: `${top}`, style: "31" }]],
    });
    const oldest = await ann.client.history(0, 1000);
    expect(oldest).toMatchObject({ from: top - 5000 });
    expect(oldest.spans).toHaveLength(150);
    expect(await ann.client.history(top + 5, 10)).toEqual({ from: top, spans: [] });
  });
});

describe("the keyboard", () => {
  it("is one person's, who can be relieved of it and hears of it", async () => {
    const shard = await run("stty raw -echo; exec cat");
    const [ann, bob] = [await visitor(shard.spec, "ann"), await visitor(shard.spec, "bob")];
    await expect(ann.type("early")).rejects.toMatchObject({ message: "Take the keyboard first." });
    await ann.client.keyboard(true);
    await ann.client.keyboard(true);
    await ann.type("by ann ");
    await bob.shows("by ann");
    await expect(bob.type("no ")).rejects.toMatchObject({ code: "failed", message: "ann is at the keyboard." });
    await expect(bob.client.keyboard(true)).rejects.toMatchObject({ message: "ann is at the keyboard." });
    await expect(bob.client.resize(100, 30)).rejects.toMatchObject({ message: "ann is at the keyboard." });
    await bob.client.keyboard(true, true);
    await bob.type("by bob");
    await expect(ann.type("no ")).rejects.toMatchObject({ message: "bob is at the keyboard." });
    await ann.shows("by ann by bob");
    // Giving back what is not ours changes nothing.
    await ann.client.keyboard(false);
    await bob.client.keyboard(false);
    await ann.hears("ann (me)", "bob", "nobody");
    await bob.hears("ann", "bob (me)", "nobody");
  });

  it("is told to the bot, and free again when its holder is gone without a word", async () => {
    const shard = await run("exec cat");
    const bot = { keyboard: [] as (string | undefined)[] };
    const handlers = {
      view: () => undefined,
      exit: () => undefined,
      closed: () => undefined,
      keyboard: (by: string | undefined) => bot.keyboard.push(by),
    };
    const client = await HolderClient.connect({ socket: shard.spec.socket, secret: shard.spec.secret, handlers });
    const ann = await visitor(shard.spec, "ann");
    await ann.client.keyboard(true);
    await client.watch();
    await vi.waitFor(() => expect(bot.keyboard).toEqual(["ann"]));
    await client.write("the bot may still type\n");
    await ann.shows("the bot may still type");
    ann.client.close();
    await vi.waitFor(() => expect(bot.keyboard).toEqual(["ann", undefined]));
    client.close();
  });

  it("passes any byte on as it is", async () => {
    const shard = await run("stty raw -echo; echo ready; head -c 260 | od -An -v -tu1 | tr -s ' \\n' '  '; exec cat", {
      size: { cols: 500, rows: 24 },
    });
    const ann = await visitor(shard.spec, "ann");
    await ann.shows("ready");
    await ann.client.keyboard(true);
    await ann.client.keys(Buffer.from(Array.from({ length: 260 }, (_, index) => index % 256)));
    await ann.shows(/253 254 255 0 1 2 3/);
    expect(ann.text().replaceAll(/\s+/g, " ")).toContain(Array.from({ length: 256 }, (_, byte) => byte).join(" "));
  });

  it("sizes the terminal while somebody has it who asks for that, and not longer", async () => {
    const shard = await run(`trap 'stty size' WINCH; echo "$(stty size)"; while :; do sleep 0.05; done`);
    const [ann, bob] = [await visitor(shard.spec, "ann"), await visitor(shard.spec, "bob")];
    await bob.shows("24 80");
    await ann.client.keyboard(true);
    await ann.client.resize(100, 30);
    await bob.shows("30 100");
    await vi.waitFor(() => expect(bob.canvas.frame).toMatchObject({ cols: 100, rows: 30 }));
    expect(bob.pictures.find(({ cols }) => cols === 100)?.changed).toHaveLength(30);
    await bob.client.keyboard(true, true);
    await ann.shows(/24 80\n30 100\n24 80/);
    await bob.client.resize(40, 10);
    await ann.shows("10 40");
    bob.client.close();
    await ann.shows(/10 40\n24 80/);
    expect(ann.canvas.frame).toMatchObject({ cols: 80, rows: 24 });
  });

  it.each([
    ["a size that is too small", '{"op":"resize","cols":10,"rows":30}', /20 to 500 columns/],
    ["a size that is too large", '{"op":"resize","cols":100,"rows":300}', /6 to 150 rows/],
    ["a size that is none", '{"op":"resize","cols":"100"}', /20 to 500 columns/],
    ["keys that are no text", '{"op":"keys","data":[1]}', /must be a text/],
    ["a second attach", '{"op":"attach","as":"ann"}', /attached already/],
    ["a history from nowhere", '{"op":"history","from":-1,"count":2}', /whole numbers from 0/],
  ])("refuses %s", async (_, request, message) => {
    const shard = await run("exec cat");
    const socket = dial(shard.spec.socket);
    let heard = "";
    socket.setEncoding("utf8").on("data", (chunk: string) => (heard += chunk));
    const lines = [
      JSON.stringify({ hello: 1, secret: shard.spec.secret }),
      '{"id":1,"op":"attach","as":"ann"}',
      '{"id":2,"op":"keyboard","take":true}',
      JSON.stringify({ id: 3, ...(JSON.parse(request) as object) }),
    ];
    socket.write(`${lines.join("\n")}\n`);
    await vi.waitFor(() => expect(heard).toContain('"id":3'));
    const reply = heard.split("\n").find((line) => line.includes('"id":3')) ?? "";
    expect(JSON.parse(reply)).toMatchObject({ ok: false, error: expect.stringMatching(message) });
    socket.destroy();
  });

  it("is for people who are attached, by a name without control characters", async () => {
    const shard = await run("exec cat");
    await expect(shard.client.keyboard(true)).rejects.toMatchObject({ message: "Attach first." });
    await expect(shard.client.keys(Buffer.from("x"))).rejects.toMatchObject({ message: "Attach first." });
    const ann = await visitor(shard.spec, `\u001B[31mann\n${"n".repeat(100)}`);
    await ann.client.keyboard(true);
    await vi.waitFor(() => expect(ann.keyboard.at(-1)).toMatch(/^\[31mannn+ \(me\)$/));
    expect(ann.keyboard.at(-1)?.length).toBe(60 + " (me)".length);
  });

  it("ends with the agent, whose last screen is shown before that is told", async () => {
    const shard = await run("read x; printf 'last words'; exit 3");
    const ann = await visitor(shard.spec, "ann");
    await ann.client.keyboard(true);
    await ann.type("\r");
    await vi.waitFor(() => expect(ann.seen.exits).toBe(1));
    expect(ann.text()).toMatch(/last words$/);
    await expect(ann.type("more")).rejects.toMatchObject({ message: "The agent has ended." });
    const later = await connect(shard.spec);
    expect(later.client.welcome.exit).toEqual({ code: 3 });
  });
});
