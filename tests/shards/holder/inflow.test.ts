import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Inflow } from "../../../src/shards/holder/inflow.ts";
import { Screen } from "../../../src/shards/holder/screen.ts";
import { random } from "../../random.ts";

const size = { cols: 20, rows: 8, scrollback: 50 };

class Way {
  readonly faults: unknown[] = [];
  readonly screen = new Screen({ ...size, reply: () => undefined, fault: (error) => this.faults.push(error) });
  parsed = 0;
  skipped = 0;

  constructor() {
    const skip = this.screen.skip.bind(this.screen);
    this.screen.skip = (text) => {
      const bytes = skip(text);
      this.skipped += bytes;
      return bytes;
    };
  }

  get all(): unknown {
    return { view: this.screen.view(), rows: this.screen.rows(0) };
  }
}

/** The same bytes through an inflow, in these pieces, and right into a screen. */
async function both(bytes: Buffer, pieces: number[]) {
  const [way, control] = [new Way(), new Way()];
  const inflow = new Inflow(way.screen, () => way.parsed++);
  let at = 0;
  for (const length of pieces) {
    inflow.take(bytes.subarray(at, at + length));
    at += length;
    // Now and then the emulator gets its time, and somebody looks.
    if (at % 7 === 0) await setImmediate();
    if (at % 5 === 0) inflow.settle(() => undefined);
    if (at % 2 === 0) await settled(inflow);
  }
  inflow.take(bytes.subarray(at));
  await settled(inflow);
  control.screen.write(bytes);
  expect(inflow.unparsed).toBe(0);
  expect(way.faults).toEqual([]);
  return { way, control };
}

async function settled(inflow: Inflow): Promise<void> {
  await new Promise<void>((resolve) => inflow.settle(resolve));
}

function randomness(seed: number) {
  const below = random(seed);
  return { below, pick: <T>(values: readonly T[]): T => values[below(values.length)]! };
}

function lines(count: number, line: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => `${line(index)}\r\n`).join("");
}

describe("output on its way into the screen", () => {
  it("is passed over where it scrolls away, and the screen is the same", async () => {
    const text = Buffer.from(lines(100_000, (index) => `${index % 100}`));
    const { way, control } = await both(text, Array<number>(40).fill(9000));
    expect(way.all).toEqual(control.all);
    expect(way.skipped).toBeGreaterThan(text.length / 2);
  });

  it("may be more than is held back: the end of it is kept, and hardly any of it is parsed", async () => {
    const [way, control] = [new Way(), new Way()];
    const inflow = new Inflow(way.screen, () => undefined);
    const text = Buffer.from(lines(500_000, (index) => `${index}`));
    for (let at = 0; at < text.length; at += 4000) {
      inflow.take(text.subarray(at, at + 4000));
      if (at === 0) await settled(inflow);
    }
    await settled(inflow);
    control.screen.write(text);
    expect(way.all).toEqual(control.all);
    expect(text.length - way.skipped).toBeLessThan(6000);
  });

  it("is parsed when its lines are too long to be passed over", async () => {
    const text = Buffer.from(lines(40, (index) => `${index}`.repeat(30_000)));
    const { way, control } = await both(text, Array<number>(20).fill(99_999));
    expect(way.all).toEqual(control.all);
  });

  it.each([
    ["as it is", "", true],
    ["in the middle of a line", "abc", true],
    ["at the end of a full row", "x".repeat(20), true],
    ["with a colour to erase with", "\u001B[41m", true],
    ["with another character set", "\u001B(0", true],
    ["with half a character before it", "\xc3", false],
    ["in a sequence", "\u001B[3", false],
    ["in a title", "\u001B]0;", false],
    ["with the cursor above the last row", "\u001B[3;7H", false],
    ["below a margin", "\u001B[3r\u001B[99H", false],
    ["above a margin", "\u001B[1;7r\u001B[99H", false],
    ["without wrapping", "\u001B[?7l", false],
    ["on the alternate screen", "\u001B[?1049h\u001B[99H", false],
    ["after a reset", "\u001Bc\u001B[99H", false],
  ])("shows the same %s", async (_, before, passes) => {
    const [way, control] = [new Way(), new Way()];
    const text = Buffer.from(lines(900, (index) => `${index} ${"y".repeat(index % 43)}`));
    for (const { screen } of [way, control]) {
      screen.write(Buffer.from(lines(100, (index) => `${index}`)));
      screen.write(Buffer.from(before, "latin1"));
    }
    const inflow = new Inflow(way.screen, () => undefined);
    inflow.take(text);
    await settled(inflow);
    control.screen.write(text);
    for (const { screen } of [way, control]) screen.write(Buffer.from("\u0018\u001B[?1049l!"));
    expect(way.all).toEqual(control.all);
    expect(way.skipped > 0).toBe(passes);
  });

  it("shows the same whatever it is", async () => {
    let skipped = 0;
    for (let seed = 1; seed <= 150; seed++) {
      const { below, pick } = randomness(seed);
      const bytes = Buffer.from(Array.from({ length: 12 }, () => part(below, pick)).join(""));
      const pieces: number[] = [];
      for (let at = 0; at < bytes.length; at += pieces.at(-1)!) pieces.push(pick([1, 50, 3000, 4096, 9000, 9000]));
      const { way, control } = await both(bytes, pieces);
      expect(way.all, `seed ${seed}`).toEqual(control.all);
      // What can't be seen: the character to repeat, the colour to erase with, the saved cursor.
      for (const { screen } of [way, control]) screen.write(Buffer.from("\u001B[3b!\u001B[K\r\n\u001B8!"));
      expect(way.all, `seed ${seed}, later`).toEqual(control.all);
      if (way.skipped > 0) skipped++;
    }
    expect(skipped).toBeGreaterThan(50);
  });
});

/** Some plain text, or something that makes it less plain than it looks. */
function part(below: (limit: number) => number, pick: <T>(values: readonly T[]) => T): string {
  const plain = [
    () => lines(60 + below(3000), (index) => `${index}`),
    () => lines(200, () => "x".repeat(below(70))),
    () => lines(100 + below(300), () => "y".repeat(pick([0, 1, 19, 20, 21, 39, 40, 41]))),
    () => "\r\n".repeat(3000),
  ];
  const odd = [
    () => "no line feed at the end",
    () => "z".repeat(pick([19, 20, 21, 40])),
    () => lines(500, (index) => (index === 200 ? "one\rtwo" : `${index}`)),
    () => lines(500, (index) => (index === 100 + below(300) ? "tab\there" : "tabs")),
    () => "\n".repeat(2000),
    () => lines(1000, () => "crcr\r"),
    () => `\u001B[4${below(8)};3${below(8)}m`,
    () => "\u001B[K\u001B[0m",
    // Margins, the alternate screen, no wrapping, inserting, the cursor elsewhere.
    () => `\u001B[${1 + below(3)};${4 + below(4)}r\u001B[${1 + below(8)}H`,
    () => pick(["\u001B[?1049h", "\u001B[?7l", "\u001B[4h"]),
    () => `\u001B[${1 + below(9)};${1 + below(20)}H`,
    // A repeated character, half a sequence, half a character, a saved cursor.
    () => "\u001B[5b",
    () => pick(["\u001B[3", "\u001B]0;a title that is never", "\u001BP$q"]),
    () => "ü",
    () => pick(["\u001B7", "\u001B8", "\u001Bc", "\u001B[3J", "\u001B[2J", "\u001B(0lqqk\u001B(B"]),
  ];
  const heal = "\u0018\u001B[r\u001B[?1049l\u001B[?7h\u001B[4l\u001B[99;1H";
  return pick([pick(plain), pick(plain), pick(odd), () => heal])();
}
