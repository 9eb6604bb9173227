import { PassThrough } from "node:stream";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLines, readObject } from "../src/lines.ts";

/** What is read of chunks, one after the other. */
async function read(chunks: (Buffer | string)[], { limit = 1_000, last = false, tell = true } = {}) {
  const input = new PassThrough();
  const lines: string[] = [];
  const faults: string[] = [];
  const over = new Promise<void>((resolve) => input.once("close", () => resolve()));
  readLines(input, {
    limit: () => limit,
    onLine: (line) => lines.push(line),
    last,
    ...(tell && { onTooLong: () => faults.push("too long") }),
  });
  for (const chunk of chunks) if (!input.destroyed) input.write(chunk);
  input.end();
  await over;
  return { lines, faults, destroyed: input.errored !== null || !input.readableEnded };
}

describe("lines", () => {
  it.each(["\u2028", "\u2029", "\u0085", "\r", "\v", "\f", "\u001C", "\u0000"])(
    "do not end at %j",
    async (character) => {
      const line = JSON.stringify(`a${character}b`) + character;
      expect((await read([`${line}\n${line}\n`])).lines).toEqual([line, line]);
    },
  );

  it("are the same however the bytes come", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: fc.constantFrom("a", "\u2028", "é", "🎉", "\r", "\\"), maxLength: 20 })),
        fc.infiniteStream(fc.integer({ min: 1, max: 9 })),
        async (lines, sizes) => {
          const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(""));
          const chunks: Buffer[] = [];
          for (let from = 0; from < bytes.length;) {
            const to = from + (sizes.next().value ?? 1);
            chunks.push(bytes.subarray(from, to));
            from = to;
          }
          expect((await read(chunks)).lines).toEqual(lines);
        },
      ),
      { numRuns: 50 },
    );
  });

  it("have a limit", async () => {
    const whole = `${"é".repeat(50)}\n`;
    expect(await read([whole, "a\n"], { limit: 50 })).toMatchObject({ lines: ["é".repeat(50), "a"], faults: [] });
    expect(await read(["a\n", whole, "b\n"], { limit: 49 })).toMatchObject({ lines: ["a"], faults: ["too long"] });
    expect(await read(["a".repeat(60), "a".repeat(60), "\nb\n"], { limit: 99 })).toMatchObject({
      lines: [],
      faults: ["too long"],
    });
    expect(await read([whole, "b\n"], { limit: 49, tell: false })).toMatchObject({ lines: [], destroyed: true });
  });

  it("end with the input only where that is asked for", async () => {
    expect((await read(["a\nb"])).lines).toEqual(["a"]);
    expect((await read(["a\nb"], { last: true })).lines).toEqual(["a", "b"]);
    expect((await read(["a\n"], { last: true })).lines).toEqual(["a"]);
  });

  it.each([
    ['{"a":1}', { a: 1 }],
    ["1", undefined],
    ["null", undefined],
    ["{", undefined],
  ])("are objects or none: %s", (line, object) => {
    expect(readObject(line)).toEqual(object);
  });
});
