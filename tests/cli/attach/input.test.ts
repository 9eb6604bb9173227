import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Input, InputReader } from "../../../src/cli/attach/input.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What is read from these chunks, in short: the type, and what it has. */
function read(...chunks: string[]): string[] {
  const inputs: Input[] = [];
  const reader = new InputReader((input) => inputs.push(input));
  for (const chunk of chunks) reader.push(Buffer.from(chunk));
  vi.runAllTimers();
  return inputs.map((input) => {
    if (input.type === "mouse") return `mouse ${input.code} ${input.col},${input.row}${input.released ? " up" : ""}`;
    const data = input.data.toString().replaceAll("\u001B", "^[");
    return input.type === "paste" ? `${input.bracket ? "bracket" : "paste"} ${data}` : `${input.type} ${data}`;
  });
}

describe("input of a terminal", () => {
  it.each<[string, string[], string[]]>([
    ["letters", ["grüße\r"], ["text grüße\r"]],
    ["keys between letters", ["a\u001B[Ab\u001BOPc"], ["text a", "key ^[[A", "text b", "key ^[OP", "text c"]],
    ["keys with modifiers", ["\u001B[1;5C\u001B[3~\u001B[1;2R"], ["key ^[[1;5C", "key ^[[3~", "key ^[[1;2R"]],
    ["Escape alone", ["\u001B"], ["text ^["]],
    ["Escape twice, then a key", ["\u001B\u001B[A"], ["text ^[", "key ^[[A"]],
    ["Alt with a letter", ["\u001Bx"], ["key ^[x"]],
    ["Alt with a bracket", ["\u001B]"], ["text ^[]"]],
    ["Alt with [", ["\u001B["], ["text ^[["]],
    ["a key in pieces", ["\u001B", "[1;", "5A"], ["key ^[[1;5A"]],
    ["a letter of two bytes in pieces", ["x"], ["text x"]],
    [
      "a paste",
      ["\u001B[200~a\u001B[Ab\u001B[201~c"],
      ["bracket ^[[200~", "paste a^[[Ab", "bracket ^[[201~", "text c"],
    ],
    [
      "a paste in pieces",
      ["\u001B[20", "0~ab", "c\u001B[2", "01", "~d"],
      ["bracket ^[[200~", "paste ab", "paste c", "bracket ^[[201~", "text d"],
    ],
    [
      "a paste with what looks like its end",
      ["\u001B[200~a\u001B[20", "x\u001B[201~"],
      ["bracket ^[[200~", "paste a", "paste ^[[20x", "bracket ^[[201~"],
    ],
    ["the mouse", ["\u001B[<0;10;5M\u001B[<0;10;5m\u001B[<65;1;1M"], ["mouse 0 9,4", "mouse 0 9,4 up", "mouse 65 0,0"]],
    ["the focus", ["\u001B[I\u001B[O"], ["focus ^[[I", "focus ^[[O"]],
  ])("is taken apart: %s", (_, chunks, expected) => {
    expect(read(...chunks)).toEqual(expected);
  });

  it.each([
    ["device attributes", "\u001B[?62;22c"],
    ["secondary device attributes", "\u001B[>0;276;0c"],
    ["the place of the cursor", "\u001B[24;80R"],
    ["status", "\u001B[0n"],
    ["a mode", "\u001B[?2026;2$y"],
    ["a colour", "\u001B]11;rgb:0000/0000/0000\u001B\\"],
    ["a colour, ended by a bell", "\u001B]11;rgb:0000/0000/0000\u0007"],
    ["a version", "\u001BP>|tmux 3.4\u001B\\"],
    ["keyboard flags", "\u001B[?1u"],
    ["the window's size", "\u001B[8;24;80t"],
    ["the theme", "\u001B[?997;1n"],
  ])("leaves out what the terminal answers: %s", (_, reply) => {
    expect(read(`a${reply}b`)).toEqual(["text a", "text b"]);
    expect(read(`a${reply.slice(0, -1)}`, `${reply.slice(-1)}b`)).toEqual(["text a", "text b"]);
    expect(read(...`a${reply}b`.split(""))).toEqual(["text a", "text b"]);
  });

  it("leaves out an answer that never ends", () => {
    expect(read(`\u001B]11;rgb:0000`)).toEqual([]);
    expect(read(`\u001B]${"x".repeat(200_000)}`, "a")).toEqual(["text a"]);
  });

  it("keeps bytes that are no text", () => {
    const inputs: Buffer[] = [];
    const reader = new InputReader((input) => input.type === "text" && inputs.push(input.data));
    const bytes = Buffer.from([0xff, 0xc3, 0x80, 0x00, 0x7f]);
    reader.push(bytes);
    expect(Buffer.concat(inputs)).toEqual(bytes);
  });
});
