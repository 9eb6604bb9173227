import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import headless from "@xterm/headless";
import { spawn } from "node-pty";
import { afterEach, describe, expect, it, onTestFinished } from "vitest";
import type { ScreenView } from "../../src/shards/agents/agent.ts";
import { claudeJournal } from "../../src/shards/agents/claude/claude-journal.ts";
import type { Row } from "../../src/shards/holder/protocol.ts";
import { added, type Baseline, baselineOf, firstRow, lines } from "../../src/shards/turns/turn.ts";
import { fakeKind, fakeKindWith } from "./fake-kind.ts";

const context = {
  shard: "x",
  worktree: "/",
  repo: "/",
  folder: "/",
  conversation: "",
  resume: false,
  mode: undefined,
  env: {},
  shell: "/bin/sh",
};
/** Time itself is what is tested here: an Enter within 40 ms of a paste is a line feed. */
const oldEnough = 60;
const pasted = (text: string) => `\u001B[200~${text}\u001B[201~`;

/** fake-agent.ts in a real PTY with a real emulator. */
class AgentTerminal {
  readonly exited: Promise<{ exitCode: number; signal?: number }>;
  readonly #terminal = new headless.Terminal({ ...fakeKind.size, scrollback: 5000, allowProposedApi: true });
  readonly #pty;
  #title = "";
  #bytes = 0;
  #changed = Promise.withResolvers<void>();
  #ended = false;

  constructor(...options: string[]) {
    const { file, args } = fakeKindWith(options).launch(context);
    const env = { PATH: "/usr/bin:/bin", TERM: "xterm-256color" };
    this.#pty = spawn(file, args, { ...fakeKind.size, cwd: tmpdir(), env });
    this.#terminal.onTitleChange((title) => (this.#title = title));
    this.#pty.onData((data) => {
      this.#bytes += Buffer.byteLength(data);
      this.#terminal.write(data, () => this.#wake());
    });
    this.exited = new Promise((resolve) =>
      this.#pty.onExit((exit) => {
        this.#ended = true;
        this.#wake();
        resolve(exit);
      }),
    );
  }

  get view(): ScreenView {
    const buffer = this.#terminal.buffer.active;
    const rows = Array.from({ length: this.#terminal.rows }, (_, index) => {
      const text =
        buffer
          .getLine(buffer.baseY + index)
          ?.translateToString(true)
          .trimEnd() ?? "";
      return { text, wrapped: buffer.getLine(buffer.baseY + index + 1)?.isWrapped ?? false, dim: false };
    });
    return {
      cols: this.#terminal.cols,
      rows,
      top: buffer.baseY,
      cursor: { row: buffer.cursorY, col: buffer.cursorX },
      title: this.#title,
      alternate: buffer.type === "alternate",
      bracketedPaste: this.#terminal.modes.bracketedPasteMode,
      bytes: this.#bytes,
    };
  }

  /** All rows from one on, as a holder gives them. */
  raw(from: number): Row[] {
    const buffer = this.#terminal.buffer.active;
    return Array.from({ length: buffer.length - from }, (_, index) => {
      const wrapped = buffer.getLine(from + index + 1)?.isWrapped ?? false;
      return { text: buffer.getLine(from + index)!.translateToString(!wrapped), wrapped };
    });
  }

  /** All rows, wrapped ones joined. */
  rows(): string[] {
    return lines(this.raw(0));
  }

  /** What was said since a baseline, as a host finds it out. */
  said(baseline: Baseline, sent: string): string {
    const from = firstRow(baseline, this.view);
    return fakeKind.clean(added(baseline, { from, rows: this.raw(from) }, this.view).lines, sent);
  }

  type(data: string): void {
    this.#pty.write(data);
  }

  async until(test: (view: ScreenView) => boolean): Promise<ScreenView> {
    while (!test(this.view)) {
      if (this.#ended) throw new Error(`it ended on:\n${this.rows().join("\n")}`);
      await this.#changed.promise;
    }
    return this.view;
  }

  async idle(): Promise<void> {
    await this.until((view) => fakeKind.state(view)?.state === "idle");
  }

  /** Paste, and press Enter when the paste is shown and old enough. */
  async prompt(text: string): Promise<void> {
    this.type(pasted(text));
    const end = text.replaceAll(/\s/g, "").slice(-6);
    await this.until((view) => fakeKind.composer(view).replaceAll(/\s/g, "").endsWith(end));
    await sleep(oldEnough);
    this.type("\r");
  }

  /** The prompt's answer, once the agent is idle again. */
  async answer(text: string): Promise<string> {
    const baseline = baselineOf(this.view);
    const sent = fakeKind.encode(text, undefined);
    await this.prompt(sent);
    await this.until((view) => fakeKind.state(view)?.state === "working");
    await this.idle();
    return this.said(baseline, sent);
  }

  kill(): void {
    if (!this.#ended) this.#pty.kill("SIGKILL");
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

let terminal: AgentTerminal;

async function start(...options: string[]): Promise<AgentTerminal> {
  terminal = new AgentTerminal(...options);
  return terminal;
}

afterEach(async () => {
  terminal.kill();
  await terminal.exited;
});

const paragraph = (n: number) => `Line ${String(n).padStart(4, "0")}: the quick brown fox jumps over the lazy dog.`;

describe("the fake agent", () => {
  it("starts with a banner and an input box", async () => {
    await start();
    await terminal.idle();
    const { bracketedPaste, title, alternate } = terminal.view;
    expect({ bracketedPaste, title, alternate }).toEqual({ bracketedPaste: true, title: "✳ fake", alternate: false });
    expect(terminal.rows()[0]).toMatch(/^╭─── Fake Agent v1 ─+╮$/);
    expect(fakeKind.composer(terminal.view)).toBe("");
  });

  it("says what it is told to, turn after turn", async () => {
    await start();
    await terminal.idle();
    const long = "word ".repeat(60).trim();
    for (const words of [
      "hello world",
      "❯ 1. not a menu?\n❯ 2. nor this",
      "grüße 👩‍💻 日本",
      long,
      "several\n\nlines\n  indented",
    ]) {
      expect(await terminal.answer(`SAY ${words} ENDSAY`)).toBe(words);
    }
  });

  it("answers at length, and as Markdown", async () => {
    await start();
    await terminal.idle();
    const paragraphs = Array.from({ length: 120 }, (_, index) => paragraph(index + 1));
    expect(await terminal.answer("LONG 120")).toBe(paragraphs.join("\n\n"));
    expect(await terminal.answer("MDTEST")).toMatch(
      /^## The plan\n\n1\. Read[^]*```ts\nconst answer: number = 42;\n```[^]*\| answer \| 42 \|\n\nShall I go on\?$/,
    );
    expect(await terminal.answer("SLOW 3")).toBe(
      [1, 2, 3].map((n) => `Line 000${n}: slow and steady wins the race.`).join("\n"),
    );
    expect(await terminal.answer("add JWT validation")).toBe("Done: add JWT validation");
  });

  it("shows that it works and can be interrupted", async () => {
    await start();
    await terminal.idle();
    const baseline = baselineOf(terminal.view);
    await terminal.prompt("SLOW 500");
    const view = await terminal.until(({ rows }) => rows.some(({ text }) => text.includes("Line 0003")));
    expect(view.title).toBe("⠂ fake");
    expect(view.rows.map(({ text }) => text)).toContainEqual(
      expect.stringMatching(/^. Thinking… \(esc to interrupt\)$/),
    );
    expect(fakeKind.state(view)).toEqual({ state: "working", rule: "title: ⠂" });
    expect(fakeKind.state({ ...view, title: "" })?.state).toBe("working");
    expect(terminal.said(baseline, "SLOW 500")).toMatch(/^Line 0001: slow and steady wins the race\.\nLine 0002/);
    terminal.type(fakeKind.keys.interrupt.join(""));
    await terminal.idle();
    expect(terminal.rows()).toContain("  ⎿ Interrupted by user");
    expect(await terminal.answer("SAY again ENDSAY")).toBe("again");
  });

  it("takes a prompt of many lines as one, with its head line", async () => {
    await start();
    await terminal.idle();
    const baseline = baselineOf(terminal.view);
    const sent = fakeKind.encode("first\u0007\r\n\n  second\tcolumn\u001B[201~\nSAY yes ENDSAY", "ada");
    expect(sent).toBe("Message from @ada:\nfirst\n\n  second\tcolumn[201~\nSAY yes ENDSAY");
    terminal.type(pasted(sent));
    await terminal.until((view) => fakeKind.composer(view).endsWith("ENDSAY"));
    expect(fakeKind.composer(terminal.view)).toBe(
      "Message from @ada:\nfirst\n\n  second    column[201~\nSAY yes ENDSAY",
    );
    await sleep(oldEnough);
    terminal.type("\r");
    await terminal.until((view) => view.title.startsWith("⠂"));
    await terminal.idle();
    expect(terminal.said(baseline, sent)).toBe("yes");
  });

  it("takes a paste that is taller than the screen and comes in pieces", async () => {
    await start();
    await terminal.idle();
    const lines = Array.from({ length: 300 }, (_, index) => `${index} ${"x".repeat(150)}`);
    expect(await terminal.answer(`${lines.join("\n")}\nSAY all of it ENDSAY`)).toBe("all of it");
  });

  it("takes an Enter in a paste's write for a line feed", async () => {
    await start();
    await terminal.idle();
    terminal.type(`${pasted("SAY hello ENDSAY")}\r`);
    await terminal.until((view) => fakeKind.composer(view) !== "");
    await sleep(oldEnough);
    expect(fakeKind.state(terminal.view)?.state).toBe("idle");
    terminal.type("\r");
    await terminal.until(() => terminal.rows().includes("● hello"));
  });

  it("swallows the first Enter when told to", async () => {
    await start("--swallow-enter");
    await terminal.idle();
    await terminal.prompt("SAY hello ENDSAY");
    const { bytes } = terminal.view;
    await terminal.until((view) => view.bytes > bytes);
    expect(fakeKind.composer(terminal.view)).toBe("SAY hello ENDSAY");
    terminal.type("\r");
    await terminal.until(() => terminal.rows().includes("● hello"));
  });

  it("keeps what is entered while it works", async () => {
    await start();
    await terminal.idle();
    await terminal.prompt("SLOW 20");
    await terminal.until((view) => view.title.startsWith("⠂"));
    await terminal.prompt("SAY later ENDSAY");
    await terminal.until(() => terminal.rows().includes("● later"));
    expect(terminal.rows()).toContain("  Line 0020: slow and steady wins the race.");
  });

  it("clears and edits its input line", async () => {
    await start();
    await terminal.idle();
    terminal.type("helloo");
    await terminal.until((view) => fakeKind.composer(view) === "helloo");
    terminal.type("\u007F");
    await terminal.until((view) => fakeKind.composer(view) === "hello");
    terminal.type("\u0003");
    await terminal.until((view) => fakeKind.composer(view) === "");
    terminal.type("\u0003");
    await terminal.until((view) => view.rows.some(({ text }) => text.includes("again to exit")));
    terminal.type("\u0003");
    expect(await terminal.exited).toMatchObject({ exitCode: 0 });
  });

  it("draws on the alternate screen when told to", async () => {
    await start("--alternate");
    await terminal.idle();
    await terminal.prompt("LONG 30");
    await terminal.until((view) => view.rows.some(({ text }) => text.endsWith(paragraph(30))));
    await terminal.idle();
    expect(terminal.view).toMatchObject({ alternate: true, top: 0 });
    expect(terminal.raw(0)).toHaveLength(fakeKind.size.rows);
    expect(fakeKind.clean(terminal.rows(), "LONG 30").split("\n\n").slice(-5)).toEqual(
      [26, 27, 28, 29, 30].map(paragraph),
    );
  });

  it("starts slowly when told to, in line mode", async () => {
    await start("--slow-start", "300");
    terminal.type("echoed");
    await terminal.until((view) => view.rows[0]?.text === "echoed");
    expect(terminal.view.bracketedPaste).toBe(false);
    expect(fakeKind.state(terminal.view)).toBeUndefined();
    await terminal.until((view) => view.bracketedPaste);
    await terminal.idle();
  });
});

describe("a dialog of the fake agent", () => {
  const open = () =>
    terminal.until((view) => fakeKind.question(view) !== undefined).then((view) => fakeKind.question(view)!);

  it("asks a question with options", async () => {
    await start();
    await terminal.idle();
    await terminal.prompt("ASK");
    const question = await open();
    expect(question).toMatchObject({
      kind: "question",
      text: "Which colour should the button have?",
      options: [
        { key: "1", label: "Red" },
        { key: "2", label: "Blue" },
        { key: "3", label: "Green" },
      ],
    });
    expect(fakeKind.state(terminal.view)).toEqual({ state: "waiting", rule: "dialog" });
    expect(terminal.view.rows.map(({ text }) => text)).toContain(" Enter to select · Esc to cancel");
    terminal.type(fakeKind.answerKeys(question, "2")[0]!);
    await terminal.idle();
    expect(terminal.rows()).toContain("● You chose Blue.");
  });

  it("is moved in with arrows and confirmed with Enter", async () => {
    await start();
    await terminal.idle();
    await terminal.prompt("ASK");
    const { id } = await open();
    terminal.type("\u001B[B\u001B[B");
    await terminal.until((view) => view.rows.some(({ text }) => text === " ❯ 3. Green"));
    expect((await open()).id).toBe(id);
    terminal.type("\r");
    await terminal.until(() => terminal.rows().includes("● You chose Green."));
  });

  it.each([
    ["1", "The command ran."],
    ["2", "I did not run the command."],
  ])("asks before it runs a command (%s)", async (key, outcome) => {
    await start();
    await terminal.idle();
    const baseline = baselineOf(terminal.view);
    await terminal.prompt("RUN touch a && rm b ENDRUN");
    const question = await open();
    expect(question).toMatchObject({ kind: "approval", text: "Do you want to proceed?", detail: "touch a && rm b" });
    expect(question.options.map(({ label }) => label)).toEqual(["Yes", "No"]);
    expect(terminal.said(baseline, "RUN touch a && rm b ENDRUN")).toBe("");
    terminal.type(key);
    await terminal.idle();
    expect(terminal.said(baseline, "RUN touch a && rm b ENDRUN")).toBe(outcome);
  });

  it("shows an edit before it makes it, and writes of itself as Claude Code does", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fake-agent-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const [signals, transcript] = [join(folder, "signals.jsonl"), join(folder, "projects", "one.jsonl")];
    await start("--session", "one", "--signals", signals, "--transcript", transcript);
    await terminal.idle();
    const file = join(folder, "src", "a.ts");
    await terminal.prompt(`EDIT ${file}`);
    const question = await open();
    expect(question.text).toBe("Do you want to make this edit to a.ts?");
    expect(question.detail).toContain("+export class SessionStore {");
    expect(existsSync(file)).toBe(false);
    terminal.type("1");
    await terminal.idle();
    expect(readFileSync(file, "utf8")).toContain("return verify(cookie, this.#key);");
    const told = [signals, transcript].map((path) =>
      readFileSync(path, "utf8")
        .trimEnd()
        .split("\n")
        .flatMap((line) => claudeJournal.read(JSON.parse(line)).map(({ type }) => type)),
    );
    expect(told).toEqual([
      ["conversation", "prompt", "asking", "end"],
      ["prompt", "tool", "answered", "said"],
    ]);
  });

  it("floods its terminal until it is interrupted", async () => {
    await start();
    await terminal.idle();
    await terminal.prompt("FLOOD");
    await terminal.until(({ bytes }) => bytes > 1_000_000);
    terminal.type("\u001B");
    await terminal.idle();
    expect(terminal.rows()).toContain("  ⎿ Interrupted by user");
  });

  it("ends the turn with Esc", async () => {
    await start();
    await terminal.idle();
    await terminal.prompt("ASK");
    await open();
    terminal.type("\u001B");
    await terminal.idle();
    expect(terminal.rows()).toContain("  ⎿ Interrupted by user");
  });

  it("asks for trust first when told to", async () => {
    await start("--trust");
    const question = await open();
    expect(question).toMatchObject({ kind: "approval", text: "Do you trust this folder?", detail: tmpdir() });
    terminal.type("1");
    await terminal.idle();
    terminal.kill();
    await terminal.exited;
    await start("--trust");
    await open();
    terminal.type("2");
    expect(await terminal.exited).toMatchObject({ exitCode: 1 });
  });
});

describe("the end of the fake agent", () => {
  it.each([
    ["CRASH 7", 7],
    ["/exit", 0],
  ])("%s ends it with %i", async (prompt, exitCode) => {
    await start();
    await terminal.idle();
    await terminal.prompt(prompt);
    expect(await terminal.exited).toMatchObject({ exitCode });
    // The emulator may still have the last bytes before it.
    await expect.poll(() => terminal.view).toMatchObject({ title: "", bracketedPaste: false });
  });

  it("is not what a harmless prompt brings", async () => {
    await start();
    await terminal.idle();
    expect(await terminal.answer("/exit")).toBe("Done: /exit");
  });

  it("HANG shows no reaction at all", async () => {
    await start();
    await terminal.idle();
    await terminal.prompt("HANG");
    const { bytes } = terminal.view;
    terminal.type("\r\u0003\u001B");
    // Of nothing there is no event: three spinner frames would have come by then.
    await sleep(300);
    expect(terminal.view.bytes).toBe(bytes);
    expect(fakeKind.composer(terminal.view)).toBe("HANG");
  });
});
