import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import xterm from "@xterm/headless";
import { describe, expect, it } from "vitest";
import { ConsoleAdapter } from "../../src/adapters/console/console.ts";
import { Style } from "../../src/adapters/console/style.ts";
import type { CommandSpec, Post, ThreadRef } from "../../src/adapters/adapter.ts";
import { adapterContract, EventLog, type AdapterFixture } from "./contract.ts";

const wide = 200;
const commands: CommandSpec[] = ["list", "send"].map((verb) => ({ verb, summary: verb, options: [] }));

/** A person at a real terminal emulator: what is typed goes in, and what is read is the emulator's text. */
async function terminalFixture(
  history?: string,
  columns = wide,
): Promise<AdapterFixture & { type(line: string): void; keys(keys: string): void; text(): Promise<string> }> {
  const input = Object.assign(new PassThrough(), { isTTY: true, setRawMode: () => input });
  const output = Object.assign(new PassThrough(), { isTTY: true, columns });
  const terminal = new xterm.Terminal({
    cols: columns,
    rows: 50,
    scrollback: 10_000,
    allowProposedApi: true,
    convertEol: true,
  });
  output.on("data", (chunk: Buffer) => terminal.write(chunk));
  const adapter = new ConsoleAdapter({
    input,
    output,
    user: "alice",
    commands,
    ...(history !== undefined && { history }),
  });
  const keys = (pressed: string) => void input.write(pressed);
  const type = (line: string) => keys(`${line}\r`);
  const text = async () => {
    await new Promise<void>((resolve) => terminal.write("", resolve));
    const buffer = terminal.buffer.active;
    let all = "";
    for (let y = 0; y < buffer.length; y += 1) {
      const line = buffer.getLine(y);
      all += `${line?.isWrapped ? "" : "\n"}${line?.translateToString(true) ?? ""}`;
    }
    return all;
  };
  /** Of the last button with this label. */
  const numberOf = async (label: string) => {
    const found = [...(await text()).matchAll(/\[\/(\d+)\] ((?:(?! {3}\[\/|\n).)+)/g)].filter(
      (one) => one[2] === label,
    );
    return found.at(-1)?.[1] ?? "none";
  };
  const goTo = (thread: ThreadRef | undefined) => type(`/thread ${thread?.thread ?? "main"}`);
  return {
    adapter,
    type,
    keys,
    text,
    say: async (said, { thread, as }) => {
      if (as === "bot") return;
      goTo(thread);
      type(said.replaceAll("\n", "\\\r"));
    },
    command: async (line) => {
      type(`/shard ${line}`);
      await expect.poll(text).toContain("Three shards are here.");
      return text();
    },
    press: async (_ref, label) => type(`/${await numberOf(label)}`),
    fill: async (_ref, label, words) => {
      const number = await numberOf(label);
      type(`/${number}`);
      const asked = new RegExp(`Button ${number} wants words \\(([^)]*)\\)`);
      await expect.poll(text).toMatch(asked);
      type(`/${number} ${words}`);
      return asked.exec(await text())?.[1] ?? "";
    },
    shown: async () => (await text()).split("\n"),
    stop: async () => {
      terminal.dispose();
    },
  };
}

adapterContract("the console", () => terminalFixture());

describe("the console", () => {
  it.each([40, 80, 160])("breaks sentences and rows of buttons between words, in %d columns", async (columns) => {
    const { adapter, text } = await terminalFixture(undefined, columns);
    await adapter.start(new EventLog().take);
    const place = { platform: "console", space: "local", channel: "terminal" };
    const thread = await adapter.openThread(place, "demo");
    const words = Array.from({ length: 60 }, (_, n) => `word${n}`);
    const link = `https://example.com/${"a".repeat(200)}`;
    const labels = Array.from({ length: 12 }, (_, n) => `${n + 1}. Choose ${words.slice(0, n % 4).join(" ")} now`);
    const buttons = labels.map((label, n) => ({ label, action: "answer", value: `demo/1/${n}` }));
    await adapter.post(thread, { kind: "notice", text: `${words.join(" ")}\n${link}`, tone: "error" }, "n");
    await adapter.post(
      thread,
      { kind: "question", shard: "demo", question: words.join(" "), detail: "", buttons },
      "q",
    );
    await expect.poll(text).toContain("12. Choose");
    const lines = (await text()).split("\n");
    const whole = labels.filter((label) => label.length + "[demo] [/12] ".length <= columns);
    for (const label of whole) expect(lines.some((line) => line.includes(`] ${label}`))).toBe(true);
    for (const line of lines) expect(line.includes(link) || line.length <= columns).toBe(true);
    const said = lines.flatMap((line) => line.replace("[demo] ", "").split(" "));
    for (const word of words) expect(said.filter((one) => one === word).length).toBeGreaterThanOrEqual(2);
    expect(said).toContain(link);
    await adapter.stop();
  });

  it("keeps nothing that may be the secret that is asked for, and all else", async () => {
    const folder = mkdtempSync(join(tmpdir(), "console-"));
    try {
      const file = join(folder, "console-history");
      const { adapter, type, text } = await terminalFixture(file);
      const log = new EventLog();
      const said = () => log.events.filter((event) => event.type !== "completion").length;
      await adapter.start(log.take);
      const place = { platform: "console", space: "local", channel: "terminal" };
      const thread = await adapter.openThread(place, "demo");
      const button = {
        label: "Enter it…",
        action: "answer",
        value: "demo/1/secret",
        asks: "Typed",
        secret: true as const,
      };
      const question: Post = { kind: "question", shard: "demo", question: "Password:", detail: "", buttons: [button] };
      const posted = await adapter.post(thread, question, "q");
      for (const line of ["to the model", "/thread demo", "hunter1", "/list", "/send demo hunter2", "/1 hunter3"])
        type(line);
      await expect.poll(said).toBe(5);
      await adapter.edit(posted, { ...question, settled: "Enter it" });
      type("after it");
      await expect.poll(text).toContain("after it");
      await expect.poll(said).toBe(6);
      const kept = readFileSync(file, "utf8").trim().split("\n");
      expect(kept.map((line) => JSON.parse(line))).toEqual(["to the model", "/thread demo", "/list", "after it"]);
      await adapter.stop();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it("has what a button asks for in secret typed unseen, or nothing after ctrl-c", async () => {
    const folder = mkdtempSync(join(tmpdir(), "console-"));
    try {
      const file = join(folder, "console-history");
      const { adapter, type, keys, text } = await terminalFixture(file);
      const log = new EventLog();
      await adapter.start(log.take);
      const thread = await adapter.openThread({ platform: "console", space: "local", channel: "terminal" }, "demo");
      const asks = "Typed unseen";
      const button = { label: "Enter it…", action: "answer", value: "demo/1/secret", asks, secret: true as const };
      const question: Post = { kind: "question", shard: "demo", question: "Password:", detail: "", buttons: [button] };
      await adapter.post(thread, question, "q");
      type("/1");
      await expect.poll(text).toContain("Typed unseen ›");
      keys("hunter4");
      await expect.poll(text).toContain("•••••••");
      keys("\u0003\u0003");
      await expect.poll(text).not.toContain("Typed unseen ›");
      type("/1");
      await expect.poll(text).toContain("Typed unseen ›");
      type(" hunter5 ");
      const press = await log.next((event) => event.type === "action");
      expect(press).toMatchObject({ action: "answer", value: button.value, text: " hunter5 ", secret: true });
      type("after it");
      await expect.poll(text).toContain("after it");
      expect(await text()).not.toContain("hunter");
      expect(readFileSync(file, "utf8")).not.toContain("hunter");
      await adapter.stop();
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  const card = (state: string, tail: string): Post => ({
    kind: "card",
    shard: "demo",
    agent: "shell",
    state,
    why: "",
    since: "2026-01-02T03:04:05.000Z",
    tail,
    buttons: [],
  });

  it("takes verbs with and without /shard, and other words with a slash as messages", async () => {
    const fixture = await terminalFixture();
    const log = new EventLog();
    await fixture.adapter.start(log.take);
    fixture.type("/shard send demo hi");
    fixture.type("/send demo hi");
    fixture.type("/tmp/x is a path");
    await log.next((event) => event.type === "message");
    expect(log.events.map((event) => (event.type === "command" ? event.command : "message"))).toEqual([
      "send demo hi",
      "send demo hi",
      "message",
    ]);
    await fixture.adapter.stop();
  });

  it("says what a button takes when it is pressed in another way", async () => {
    const fixture = await terminalFixture();
    const log = new EventLog();
    await fixture.adapter.start(log.take);
    const thread: ThreadRef = { platform: "console", space: "local", channel: "terminal", thread: "main" };
    const no = { label: "No", action: "answer", value: "demo/q1/2" };
    const why = { ...no, label: "No, because…", asks: "The reason" };
    await fixture.adapter.post(thread, { kind: "notice", text: "May I?", buttons: [no, why] }, "k1");
    await expect.poll(fixture.text).toContain("[/1] No   [/2] No, because…");
    fixture.type("/1 because");
    await expect.poll(fixture.text).toContain("Button 1 takes no words: type /1 alone.");
    fixture.type("/2");
    await expect.poll(fixture.text).toContain("Button 2 wants words (The reason): type /2 SOME WORDS");
    fixture.type("/2 it is late,\\\rand dark");
    await log.next((event) => event.type === "action");
    expect(log.events).toMatchObject([{ action: "answer", value: "demo/q1/2", text: "it is late,\nand dark" }]);
    await fixture.adapter.stop();
  });

  it("marks what comes from other threads", async () => {
    const fixture = await terminalFixture();
    await fixture.adapter.start(new EventLog().take);
    const thread = await fixture.adapter.openThread(
      { platform: "console", space: "local", channel: "terminal" },
      "demo · fix login",
    );
    await fixture.adapter.post(thread, { kind: "terminal", text: "one\ntwo" }, "k1");
    await expect.poll(fixture.text).toContain("[demo] one\n[demo] two");
    await fixture.adapter.stop();
  });

  it("prints nothing that a terminal would act on", async () => {
    const fixture = await terminalFixture();
    await fixture.adapter.start(new EventLog().take);
    const thread: ThreadRef = { platform: "console", space: "local", channel: "terminal", thread: "main" };
    await fixture.adapter.post(thread, { kind: "terminal", text: "a\u001B[2Jb\u0007\u009B31mc\u202Ed" }, "k1");
    await expect.poll(fixture.text).toContain("a[2Jb31mcd");
    await fixture.adapter.stop();
  });

  it("prints a card again on a change of state only, where output is no terminal", async () => {
    const input = new PassThrough();
    const output = new PassThrough();
    let printed = "";
    output.on("data", (chunk: Buffer) => (printed += chunk.toString()));
    const adapter = new ConsoleAdapter({ input, output, user: "alice", commands: [] });
    await adapter.start(new EventLog().take);
    const thread: ThreadRef = { platform: "console", space: "local", channel: "terminal", thread: "main" };
    const ref = await adapter.post(thread, card("working", "one"), "c1");
    await adapter.edit(ref, card("working", "two"));
    await adapter.edit(ref, card("waiting", ""));
    await adapter.edit(ref, card("idle", ""));
    await adapter.stop();
    expect(printed).toContain("is working\n  one");
    expect(printed).not.toContain("two");
    expect(printed).toContain("is waiting");
    expect(printed).not.toContain("is idle");
  });

  it("is as quick with a file in its draft, and shows what is near the cursor", async () => {
    const fixture = await terminalFixture();
    const log = new EventLog();
    await fixture.adapter.start(log.take);
    const file = Array.from({ length: 5000 }, (_, n) => `line ${n} of a file that was pasted`);
    fixture.keys(`\u001B[200~${file.join("\n")}\u001B[201~`);
    for (let n = 0; n < 300; n += 1) {
      fixture.keys("x");
      await new Promise(setImmediate);
    }
    await expect
      .poll(() => fixture.text())
      .toMatch(/line 4998 of a file that was pasted\n +line 4999 [a-z ]+x{20,}\n +x+\n*$/);
    expect(await fixture.text()).not.toContain("line 4000 ");
    await fixture.adapter.stop();
  });

  it("prints lines and moves no cursor where the terminal can't", async () => {
    const input = Object.assign(new PassThrough(), { isTTY: true });
    const output = Object.assign(new PassThrough(), { isTTY: true, columns: 80 });
    const style = Style.of({ TERM: "dumb", LANG: "C.UTF-8" });
    const adapter = new ConsoleAdapter({ input, output, user: "alice", commands, style });
    const log = new EventLog();
    await adapter.start(log.take);
    const thread: ThreadRef = { platform: "console", space: "local", channel: "terminal", thread: "main" };
    await adapter.post(thread, { kind: "notice", text: "Hello." }, "k1");
    await adapter.post(thread, card("working", "one"), "k2");
    input.write("a message\n");
    expect(await log.next((event) => event.type === "message")).toMatchObject({ text: "a message" });
    await adapter.stop();
    const written = String(output.read());
    expect(written).toContain("Hello.\n");
    expect(written).toContain("demo (shell) is working");
    expect(written).not.toMatch(/[\u001B\r]/);
  });

  it("ends when its input ends, after all that was typed is handled", async () => {
    const input = new PassThrough();
    const adapter = new ConsoleAdapter({ input, output: new PassThrough(), user: "alice", commands });
    let finish = () => {};
    const handled: string[] = [];
    await adapter.start(async (event) => ({
      reply: new Promise((resolve) => {
        finish = () => {
          handled.push(event.type);
          resolve({});
        };
      }),
    }));
    input.end("/list\n");
    await expect.poll(() => finish.name).toBe("finish");
    finish();
    expect((await adapter.ended).message).toBe("the input has ended");
    expect(handled).toEqual(["command"]);
  });
});
