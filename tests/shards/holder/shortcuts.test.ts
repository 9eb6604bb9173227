import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { harden } from "../../../src/shards/holder/clamp.ts";
import { coreOf } from "../../../src/shards/holder/core.ts";
import { random } from "../../random.ts";
import { takeShortcuts } from "../../../src/shards/holder/shortcuts.ts";

type Emulator = InstanceType<typeof xterm.Terminal>;

function emulator(cols: number, rows: number): Emulator {
  const terminal = new xterm.Terminal({ cols, rows, scrollback: 20, allowProposedApi: true, logLevel: "off" });
  harden(terminal, (error) => expect.fail(String(error)));
  return terminal;
}

/** All that an emulator knows of its screen: every number of every cell, the cursor, and what joins the next character. */
function stateOf(terminal: Emulator) {
  const { buffer, cols } = terminal;
  const { _inputHandler: handler } = coreOf(terminal);
  const rows = Array.from({ length: buffer.active.length }, (_, index) => {
    const line = handler._activeBuffer.lines.get(index);
    const text = buffer.active.getLine(index)?.translateToString();
    const underlines = Object.entries(
      (line as unknown as { _extendedAttrs: Record<number, { ext: number }> })._extendedAttrs,
    );
    const shown = underlines.map(([column, { ext }]) => [column, ext]);
    return [index, line.isWrapped, text, line._data.subarray(0, 3 * cols).join(" "), shown];
  });
  const { cursorX, cursorY, baseY } = buffer.active;
  return { rows, cursor: [cursorX, cursorY, baseY], joins: handler._parser.precedingJoinState };
}

const pieces: ((roll: (sides: number) => number) => string)[] = [
  (roll) => "some text that is on the row, sixty characters, or more of them".slice(0, 1 + roll(60)),
  (roll) => "~!@ {|}".slice(roll(6)),
  (roll) => `\r${"abcde".slice(0, 1 + roll(5))}`,
  () => "\r\n",
  () => "\u001B[K",
  (roll) => `\u001B[${roll(3)}K`,
  (roll) => `\u001B[?${roll(3)}K`,
  (roll) => `\u001B[${1 + roll(9)};${1 + roll(30)}H`,
  (roll) => `\u001B[${["0", "1", "7", "31", "48;5;200", "38;2;1;2;3", "4:3", "58;5;3"][roll(8)]}m`,
  (roll) => "漢".repeat(1 + roll(4)),
  (roll) => ["漢字", "ab漢", "👩‍👩‍👧", "é", "e\u0301", "\u0301", "ﬃ", "\u00A0", "\u200D", "🇩🇪"][roll(10)]!,
  (roll) => `\u001B[4${"hl"[roll(2)]}`,
  (roll) => `\u001B[?7${"hl"[roll(2)]}`,
  (roll) => `\u001B(${"0B"[roll(2)]}`,
  (roll) => `\u001B[${roll(3)}"q`,
  (roll) => `\u001B[${roll(4)}${"PX@JLMSTb"[roll(9)]}`,
  (roll) => `\u001B[?1049${"hl"[roll(2)]}`,
  (roll) => `\u001B[${1 + roll(3)};${4 + roll(4)}r`,
  () => "\u001B]8;;https://example.com\u0007",
  () => "\u007F\b",
  () => "\u001Bc",
];

test.each(Array.from({ length: 300 }, (_, seed) => seed))(
  "leave the same cells as the emulator does, in stream %i",
  (seed) => {
    const roll = random(seed);
    const size = [7 + roll(30), 3 + roll(6)] as const;
    const [quick, plain] = [emulator(...size), emulator(...size)];
    takeShortcuts(quick);
    const said: string[] = [];
    for (let count = 0; count < 120; count++) {
      // Half of it is what the shortcuts are for.
      const piece = pieces[roll(2) === 0 ? roll(6) : roll(pieces.length)]!;
      said.push(piece(roll));
      const bytes = new TextEncoder().encode(said.at(-1));
      for (const terminal of [quick, plain]) coreOf(terminal).writeSync(bytes);
      expect(stateOf(quick), `after ${JSON.stringify(said)}`).toEqual(stateOf(plain));
    }
  },
);
