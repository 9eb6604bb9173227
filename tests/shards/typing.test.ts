import { describe, expect, it } from "vitest";
import type { AgentKind, ScreenView } from "../../src/shards/agents/agent.ts";
import type { Question } from "../../src/shards/host.ts";
import { steerPrompt, type Terminal, typePrompt } from "../../src/shards/turns/typing.ts";

const question: Question = { id: "1", kind: "question", text: "Sure?", detail: "", options: [] };

/** A program whose screen is three facts: what is in its input line, whether it works, whether a dialog is open. */
class Program implements Terminal {
  readonly written: string[] = [];
  composer = "";
  working = false;
  asks = false;
  ended = false;
  quiet = 1000;
  view: ScreenView;
  /** What it does with a write; by default what a good one does. */
  react: (data: string) => void = (data) => this.take(data);

  constructor(bracketedPaste = true) {
    const rows: ScreenView["rows"] = [];
    const facts = { cols: 80, rows, top: 0, cursor: { row: 0, col: 0 }, title: "", alternate: false, bytes: 0 };
    this.view = { ...facts, bracketedPaste };
  }

  take(data: string): void {
    if (data === "\r") {
      this.working = true;
      this.composer = "";
    } else {
      this.composer += data;
    }
    this.view = { ...this.view, bytes: this.view.bytes + data.length };
  }

  async write(data: string): Promise<void> {
    this.written.push(data);
    this.react(data);
  }

  /** Time flies: what is not so now will not be. */
  async until(test: () => boolean): Promise<boolean> {
    return test();
  }
}

const pasted = (text: string) => `\u001B[200~${text}\u001B[201~`;

function type(program: Program, text: string, kind: Partial<AgentKind> = {}, how: typeof steerPrompt = typePrompt) {
  const facts: Partial<AgentKind> = {
    keys: { submit: "\r", interrupt: [] },
    reactsWithin: 100,
    form: "markdown",
    state: () => ({ state: program.working ? "working" : "idle", rule: "" }),
    question: () => (program.asks ? question : undefined),
    composer: () => program.composer,
    ...kind,
  };
  const begun: string[][] = [];
  const begin = async () => void begun.push([...program.written]);
  const typed = how(program, facts as AgentKind, text, begin);
  return { typed, begun };
}

it("pastes the text, and submits it with a write of its own", async () => {
  const program = new Program();
  const { typed, begun } = type(program, "one\ntwo");
  await expect(typed).resolves.toBe("submitted");
  expect(program.written).toEqual([pasted("one\ntwo"), "\r"]);
  expect(begun).toEqual([[]]);
});

it("clears what is left in the input line first, once, before it begins", async () => {
  const program = new Program();
  program.composer = "left over";
  program.react = (data) => (data === "\u0003" ? (program.composer = "") : program.take(data));
  const { typed, begun } = type(program, "new");
  await expect(typed).resolves.toBe("submitted");
  expect(program.written).toEqual(["\u0003", pasted("new"), "\r"]);
  expect(begun).toEqual([["\u0003"]]);
});

it("types nothing when the input line can't be cleared", async () => {
  const program = new Program();
  program.composer = "left over";
  program.react = () => undefined;
  await expect(type(program, "new").typed).resolves.toBe("blocked");
  expect(program.written).toEqual(["\u0003"]);
});

describe("types nothing", () => {
  it.each([
    ["into a dialog", { asks: true }, "blocked"],
    ["while it works", { working: true }, "blocked"],
    ["when it has ended", { ended: true }, "ended"],
  ])("%s", async (_, facts, expected) => {
    const program = Object.assign(new Program(), facts);
    const { typed, begun } = type(program, "x");
    await expect(typed).resolves.toBe(expected);
    expect(program.written).toEqual([]);
    expect(begun).toEqual([]);
  });
});

it("repairs a swallowed Enter with one more, and never types the text again", async () => {
  const program = new Program();
  let enters = 0;
  program.react = (data) => {
    if (data !== "\r" || ++enters === 2) program.take(data);
  };
  await expect(type(program, "x").typed).resolves.toBe("submitted");
  expect(program.written).toEqual([pasted("x"), "\r", "\r"]);
});

it("gives up after the second Enter", async () => {
  const program = new Program();
  program.react = () => undefined;
  await expect(type(program, "x").typed).resolves.toBe("stalled");
  expect(program.written).toEqual([pasted("x"), "\r", "\r"]);
});

it("presses no Enter when a dialog has opened under the text: it would choose an option", async () => {
  const program = new Program();
  program.react = () => (program.asks = true);
  await expect(type(program, "x").typed).resolves.toBe("stalled");
  expect(program.written).toEqual([pasted("x")]);
});

describe("a program that no rule knows, which shows its input line", () => {
  const kind: Partial<AgentKind> = { state: () => undefined, composer: () => "", input: () => "a box" };
  const rowOf = (program: Program, text: string) => {
    const { view } = program;
    const rows = [{ text, wrapped: false, dim: false }];
    program.view = { ...view, rows, cursor: { row: 0, col: text.length }, bytes: view.bytes + 100 };
  };
  const on = (reactions: Record<string, string>) => {
    const program = new Program();
    program.react = (data) => rowOf(program, reactions[data === "\r" ? "enter" : "text"] ?? "");
    return { program, typed: type(program, "fix the test", kind).typed };
  };

  it("has taken a text that is gone from there", async () => {
    await expect(on({ text: "❯ fix the test", enter: "❯ " }).typed).resolves.toBe("submitted");
  });

  it("has not taken one that still stands there, whatever it prints", async () => {
    const { program, typed } = on({ text: "❯ fix the test", enter: "❯ fix the test" });
    await expect(typed).resolves.toBe("stalled");
    expect(program.written.filter((data) => data === "\r")).toHaveLength(2);
  });

  it("is given a text with a blank behind a word that it may complete, in a box", async () => {
    const boxed = async (sign: string, text = "what is /comp") => {
      const program = new Program();
      const draw = (typed: string) => {
        const rows = [sign, `❯ ${typed}`, sign].map((row) => ({ text: row, wrapped: false, dim: false }));
        const cursor = { row: 1, col: 2 + typed.length };
        program.view = { ...program.view, rows, cursor, bytes: program.view.bytes + 100 };
      };
      draw("");
      program.react = (data) => draw(data === "\r" ? "" : text);
      await expect(type(program, text, kind).typed).resolves.toBe("submitted");
      return program.written[0];
    };
    expect(await boxed("─".repeat(20))).toBe(pasted("what is /comp "));
    expect(await boxed("")).toBe(pasted("what is /comp"));
    // "!" runs the rest in the host's shell in some.
    expect(await boxed("─".repeat(20), "!touch x")).toBe(pasted("Message from chat: !touch x"));
    expect(await boxed("", "!touch x")).toBe(pasted("!touch x"));
  });

  it("is given no Enter where the text does not stand there: it would do something else", async () => {
    const { program, typed } = on({ text: "  Try our new plan! Press enter", enter: "❯ " });
    await expect(typed).resolves.toBe("stalled");
    expect(program.written).toEqual([pasted("fix the test")]);
  });

  it("is believed where a person has looked, or the terminal shows the text itself", async () => {
    const { program, typed } = on({ text: "", enter: "" });
    await expect(typed).resolves.toBe("stalled");
    program.view = { ...program.view, tty: { canonical: true, echo: true, program: "bc" } };
    await expect(type(program, "fix the test", kind).typed).resolves.toBe("submitted");
  });
});

describe("takes for a reaction to Enter", () => {
  const table: [string, (program: Program) => void, Partial<AgentKind>?][] = [
    ["a dialog", (program) => (program.asks = true)],
    ["the end of the process", (program) => (program.ended = true)],
    ["an input line that is empty now", (program) => (program.composer = "")],
    [
      "another prompt mark",
      (program) => (program.view = { ...program.view, mark: { kind: "prompt", row: 3 } }),
      { composer: () => "" },
    ],
    [
      "anything printed, where no rule knows the screen",
      (program) => (program.view = { ...program.view, bytes: 99 }),
      { state: () => undefined, composer: () => "" },
    ],
  ];
  it.each(table)("%s", async (_, reaction, kind) => {
    const program = new Program();
    program.react = (data) => (data === "\r" ? reaction(program) : program.take(data));
    await expect(type(program, "x", kind).typed).resolves.toBe("submitted");
    expect(program.written.filter((data) => data === "\r")).toHaveLength(1);
  });
});

it("sends line by line, in pieces that line mode can take, where no paste is asked for", async () => {
  const program = new Program(false);
  const long = "€".repeat(1200);
  await expect(type(program, `ls\n${long}`).typed).resolves.toBe("submitted");
  const pieces = program.written.slice(0, -1);
  expect(pieces.join("")).toBe(`ls\n${long}`);
  expect(Math.max(...pieces.map((piece) => Buffer.byteLength(piece)))).toBeLessThan(4096);
  expect(pieces[0]).toBe("ls\n");
});

it("knows that the program ended before the prompt was complete", async () => {
  const program = new Program();
  program.react = () => {
    program.ended = true;
    throw new Error("The agent has ended.");
  };
  await expect(type(program, "x").typed).resolves.toBe("ended");
});

describe("steering", () => {
  const steer = (program: Program, kind?: Partial<AgentKind>) => type(program, "x", kind, steerPrompt);
  const busy = (facts: Partial<Program> = {}) => Object.assign(new Program(), { working: true, ...facts });

  it("pastes the text into an agent at work, and submits it", async () => {
    const program = busy();
    const { typed, begun } = steer(program);
    await expect(typed).resolves.toBe("submitted");
    expect(program.written).toEqual([pasted("x"), "\r"]);
    expect(begun).toEqual([[]]);
  });

  it.each([
    ["into a dialog", { asks: true }, "blocked"],
    ["behind what somebody has typed, and does not clear it", { composer: "mine" }, "blocked"],
    ["when it has ended", { ended: true }, "ended"],
  ])("types nothing %s", async (_, facts, expected) => {
    const program = busy(facts);
    const { typed, begun } = steer(program);
    await expect(typed).resolves.toBe(expected);
    expect(program.written).toEqual([]);
    expect(begun).toEqual([]);
  });

  it("does not take work for a reaction, nor what the agent prints at work", async () => {
    const program = busy();
    program.react = (data) => {
      if (data === "\r") program.view = { ...program.view, bytes: program.view.bytes + 100 };
      else program.take(data);
    };
    await expect(steer(program).typed).resolves.toBe("stalled");
    expect(program.written).toEqual([pasted("x"), "\r", "\r"]);
  });

  it("repairs a swallowed Enter with one more", async () => {
    const program = busy();
    let enters = 0;
    program.react = (data) => {
      if (data !== "\r" || ++enters === 2) program.take(data);
    };
    await expect(steer(program).typed).resolves.toBe("submitted");
    expect(program.written).toEqual([pasted("x"), "\r", "\r"]);
  });

  it("presses no Enter when a dialog has opened under the text, nor a second one", async () => {
    const program = busy();
    program.react = (data) => (data === "\r" ? undefined : (program.asks = true));
    await expect(steer(program).typed).resolves.toBe("stalled");
    expect(program.written).toEqual([pasted("x")]);
  });

  it.each([
    ["of a shell's command", { form: "terminal" as const }],
    ["that no rule knows", { state: () => undefined }],
  ])("takes the echo for a reaction of a program %s", async (_, kind) => {
    const program = busy();
    await expect(steer(program, { composer: () => "", ...kind }).typed).resolves.toBe("submitted");
    expect(program.written).toEqual([pasted("x"), "\r"]);
  });

  it("knows that the program ended before the prompt was complete", async () => {
    const program = busy();
    program.react = () => {
      program.ended = true;
      throw new Error("The agent has ended.");
    };
    await expect(steer(program).typed).resolves.toBe("ended");
  });
});
