import { describe, expect, it } from "vitest";
import { Screen } from "../../../src/shards/holder/screen.ts";
import { random } from "../../random.ts";

const nonce = "0123456789abcdef";

function terminal() {
  const fault = (error: unknown) => {
    throw error;
  };
  const screen = new Screen({ cols: 40, rows: 10, marks: nonce, reply: () => undefined, fault });
  const write = (text: string) => screen.write(Buffer.from(text));
  const mark = (data: string) => write(`\u001B]133;${data};aid=${nonce}\u0007`);
  const line = (end: "B" | "I" = "B") => {
    mark("D;0");
    mark("A");
    write("$ ");
    mark(end);
  };
  /** The text between two places of the outputs. */
  const outputs = () => {
    const view = screen.view();
    return (view.mark?.outputs ?? []).map(({ from, to }) => {
      const { rows, from: first } = screen.rows(from.row);
      const texts = rows.slice(from.row - first, (to?.row ?? view.top + 9) - first + 1).map(({ text }) => text);
      const last = texts.length - 1;
      return texts
        .map((text, index) => (index === last && to ? text.slice(0, to.at) : text))
        .map((text, index) => (index === 0 ? text.slice(from.at) : text))
        .join("\n")
        .trimEnd();
    });
  };
  return { screen, write, mark, line, outputs, mark133: () => screen.view().mark };
}

describe("prompt marks", () => {
  it("count with the shell's own word only, whatever a program prints", () => {
    const chance = random(7);
    const pick = (from: readonly string[]) => from[chance(from.length)] ?? "";
    const letters = ["A", "B", "C", "D", "D;0", "I", "P;k=s", "Z", "", "D;$?"];
    const words = ["", ";aid=", ";aid=0123456789abcdee", `;aid=${nonce}0`, `;k=${nonce}`, `;${nonce}`];
    for (let round = 0; round < 200; round++) {
      const { write, line, mark, mark133 } = terminal();
      line();
      write("cmd\r\n");
      mark("C");
      for (let n = 0; n < 20; n++)
        write(`x\u001B]133;${pick(letters)}${pick(words)}\u0007${pick(["\r\n", "", "\u001B[A"])}`);
      expect(mark133()?.kind).toBe("command");
      expect(mark133()?.more).toBeUndefined();
      line();
      expect(mark133()).toMatchObject({ kind: "prompt", ready: true, prompts: 2, exit: 0 });
    }
  });

  it("that a program prints with the prompt itself end nothing", () => {
    const { write, line, mark, mark133 } = terminal();
    line();
    write('echo "$PS1"\r\n');
    mark("C");
    mark("B");
    mark("A");
    mark("D;$?");
    expect(mark133()?.kind).toBe("command");
    // A line editor reads: the theme has thrown the other marks away.
    write("\r\n\u001B[?2004h$ ");
    mark("B");
    expect(mark133()).toMatchObject({ kind: "prompt", ready: true });
  });

  it.each([
    ["nothing", "", ""],
    ["no line feed", "42", "42"],
    ["a whole row", "y".repeat(40), "y".repeat(40)],
    ["wide characters", "漢字\r\n👩‍👩‍👧 x", "漢字\n👩‍👩‍👧 x"],
    ["a cleared screen", "before\u001B[H\u001B[2J\u001B[3Jafter\r\n", "after"],
    ["a screen cleared from its top", "before\u001B[H\u001B[Jafter\r\n", "after"],
    ["a reset terminal", "before\u001Bcafter\r\n", "after"],
    ["more than the screen", "1\r\n".repeat(30), "1\n".repeat(30).trim()],
    ["a full screen that is left", "\u001B[?1049h\u001B[Hfull\u001B[?1049l", ""],
    ["a start at home", "\u001B[Hover\u001B[K\r\n", "over"],
  ])("enclose an output of %s", (_, printed, text) => {
    for (const end of ["B", "I"] as const) {
      const { write, line, mark, outputs } = terminal();
      write("old\r\n".repeat(3));
      line(end);
      write("cmd\r\n");
      if (end === "B") mark("C");
      write(printed);
      line(end);
      expect(outputs().at(-1)).toBe(text);
    }
  });

  it("leave the lines out by which a command goes on", () => {
    const { write, line, mark, outputs, mark133 } = terminal();
    line("I");
    for (const typed of ["for i in 1; do", "echo $i", "done"]) {
      write(`${typed}\r\n`);
      if (typed === "done") break;
      write("> ");
      mark("P;k=s");
      expect(mark133()?.more).toMatchObject({ col: 2 });
    }
    write("1\r\n");
    line("I");
    expect(outputs()).toEqual(["", "1"]);
  });

  it("stay at their rows when these are wrapped anew", () => {
    const { screen, write, line, mark, outputs } = terminal();
    write(`${"w".repeat(70)}\r\n`.repeat(3));
    line();
    write("cmd\r\n");
    mark("C");
    write("one\r\ntwo\r\n");
    screen.resize(60, 10);
    write("three\r\n");
    line();
    expect(outputs().at(-1)).toBe("one\ntwo\nthree");
  });
});
