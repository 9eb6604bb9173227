import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { statusLine } from "../src/cli/attach/status.ts";
import { inert, inertJson } from "../src/inert.ts";

const evil = [
  "\u001B]52;c;ZXZpbA==\u0007",
  "\u001B]0;title\u001B\\",
  "\u009B2J",
  "\u009D0;title\u009C",
  "a\u202Eb",
  "\u2066a\u2069",
  "\u200Ea",
  "a\u200Bb",
  "a\u200Db",
  "a\u2060b",
  "\uFEFFa",
  "\u00ADa",
  "\u3164",
  "\u{E0041}",
  "a\rb",
  "a\bb",
  "\u007F",
];
const acts = /(?![\n\t])[\p{Cc}\p{Bidi_Control}]|[\u200B\u2060\uFEFF\u00AD\u3164\u{E0000}-\u{E007F}]/u;

describe("what is printed", () => {
  it.each(evil)("has nothing in it that a terminal acts on or that can't be seen: %j", (text) => {
    expect(inert(text)).not.toMatch(acts);
    expect(inert(text)).toMatch(/<U\+[0-9A-F]{4,6}>/);
    expect(JSON.parse(inertJson({ text }))).toEqual({ text });
    expect(inertJson({ text })).not.toMatch(acts);
  });

  it.each([
    "a\n\tb",
    "👩‍💻 👨‍👩‍👧‍👦 🏳️‍🌈 👍🏽 ❤️ 🇩🇪 1️⃣",
    "naïve café",
    "مرحبا שלום می\u200Cخواهم क्\u200Dष",
    "│─╭ ✻",
    "葛\u{E0100}",
  ])("stays as it is: %j", (text) => {
    expect(inert(text)).toBe(text);
  });

  it("names what it was", () => {
    expect(inert("a\u001B[2J\r\nb\u202E\u{E0041}")).toBe("a<U+001B>[2J\nb<U+202E><U+E0041>");
    expect(inertJson("\u2028\u009b\u{E0041}")).toBe(String.raw`"\u2028\u009b\udb40\udc41"`);
  });

  it("is inert for any text, once and for all, and exact as JSON", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom(...evil))), (parts) => {
        const text = parts.join("");
        expect(inert(text)).not.toMatch(acts);
        expect(inert(inert(text))).toBe(inert(text));
        expect(inertJson(text)).not.toMatch(acts);
        expect(JSON.parse(inertJson(text))).toBe(text);
      }),
    );
  });

  it.each(evil)("is inert in the status line: %j", (text) => {
    const shown = { cols: 10, rows: 5, back: 0 };
    const standing = {
      name: text,
      by: text,
      yours: false,
      viewOnly: false,
      screen: shown,
      shown,
      detach: "d",
      command: "c",
      message: undefined,
      commanding: false,
    };
    for (const line of [statusLine(standing, 300), statusLine({ ...standing, message: `${text}\n\u2028x` }, 300)]) {
      expect(line).toMatch(/^\u001B\[0;7m[^]{300}\u001B\[0m$/);
      expect(line.slice(6, -4)).not.toMatch(acts);
      expect(line).not.toMatch(/[\n\u2028]/);
    }
  });
});

describe("the command line", () => {
  it("writes in one place", () => {
    const folder = join(import.meta.dirname, "../src/cli");
    const writers = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter(
      (file) =>
        file.endsWith(".ts") &&
        /\bstd(out|err)\.write\b|console\.\w+\(|JSON\.stringify\(result\b/.test(
          readFileSync(join(folder, file), "utf8"),
        ),
    );
    // What a terminal is told to do is written beside it: its other screen, the shard's own, a secret's prompt.
    expect(writers.filter((file) => file !== "present.ts").toSorted()).toEqual([
      "attach/tty.ts",
      "print.ts",
      "secret.ts",
      "watch-list.ts",
    ]);
  });
});
