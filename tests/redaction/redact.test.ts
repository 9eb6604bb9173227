import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { KnownValues } from "../../src/redaction/known.ts";
import { Pieces } from "../../src/redaction/pieces.ts";
import { findSecrets, redact } from "../../src/redaction/redact.ts";
import { innocent } from "./innocent.ts";
import { samples } from "./secrets.ts";

const none = new KnownValues([]);

/** How a terminal breaks a text up. */
const broken: [name: string, breakUp: (secret: string) => string][] = [
  ["as it is", (secret) => secret],
  ["wrapped at 20", (secret) => secret.replaceAll(/[^\n]{20}/g, "$&\n")],
  ["wrapped at 12", (secret) => secret.replaceAll(/[^\n]{12}/g, "$&\n")],
  ["wrapped in the middle", (secret) => `${secret.slice(0, secret.length / 2)}\n${secret.slice(secret.length / 2)}`],
  ["wrapped after a third", (secret) => `${secret.slice(0, secret.length / 3)}\r\n${secret.slice(secret.length / 3)}`],
  ["in a box", (secret) => secret.replaceAll(/[^\n]{16}(?=[^\n])/g, "$&   │\n│ ")],
  ["in colours", (secret) => secret.replaceAll(/[^\n]{5}/g, "\u001b[1;31m$&\u001b[0m")],
  ["with colours written out", (secret) => secret.replaceAll(/[^\n]{5}/g, String.raw`$&\u001b[31m`)],
  ["with invisible characters told of", (secret) => secret.replaceAll(/[^\n]{3}/g, "$&<U+200B>")],
  ["with invisible characters", (secret) => secret.replaceAll(/[^\n]{3}/g, "$&\u200b\u{e0100}\u2060")],
];

/** A row of six characters of the secret that can still be read. */
function left(clean: string, secret: string): string | undefined {
  const bare = (text: string) =>
    text.replaceAll(/\[redacted[^\]]*\]|\u001b\[[\d;]*m|\\u001b\[31m|<U\+200B>|[\s│\u200b\u2060]|\u{e0100}/gu, "");
  const [all, searched] = [bare(secret), bare(clean)];
  return Array.from({ length: Math.max(1, all.length - 5) }, (_, index) => all.slice(index, index + 6)).find((part) =>
    searched.includes(part),
  );
}

describe.each(broken)("secrets by what they look like, %s", (_name, breakUp) => {
  it.each(samples.map((sample) => [sample.name, sample] as const))("%s", (_kind, { text, secret }) => {
    const shown = text.replace(secret, () => breakUp(secret));
    const { text: clean, spans } = redact(shown, none);
    expect(left(clean, secret)).toBeUndefined();
    expect(clean).toMatch(/\[redacted: [\w -]+\]/);
    expect(spans.length).toBeGreaterThan(0);
    expect(redact(clean, none).text).toBe(clean);
  });
});

it("asks the recommended rules of secretlint for what no shape of ours finds, whatever a text says about them", () => {
  const token = `npm_${"aB3_".repeat(9)}`;
  expect(redact(`token ${token} secretlint-disable-line`, none).text).toBe(
    "token [redacted: npm secret] secretlint-disable-line",
  );
});

describe("what is no secret", () => {
  it("is told by two hundred texts", () => {
    expect(innocent.length).toBeGreaterThanOrEqual(200);
    expect(samples.length).toBeGreaterThanOrEqual(97);
  });

  it.each(innocent)("stays whole: %s", (text) => {
    expect(redact(text, none)).toEqual({ text, spans: [] });
  });
});

const value = 'Qz7/"kü\\T+x9=Lm%4&vb';
const known = new KnownValues([
  { value, kind: "DB_SECRET" },
  { value: "violet kestrel harbor", kind: "PHRASE" },
]);
const inBase64 = (before: string) => Buffer.from(`${before}${value}-and-more`).toString("base64");
const hex = Buffer.from(value).toString("hex");

describe("known values", () => {
  it.each<[string, string]>([
    ["as they are", value],
    ["in JSON", JSON.stringify({ a: value })],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ a: value }))],
    ["in JSON of ASCII alone", JSON.stringify(value).replace("ü", String.raw`\u00fc`)],
    ["in an address", encodeURIComponent(value)],
    [
      "in an address, in small letters",
      encodeURIComponent(value).toLowerCase().replace("qz7", "Qz7").replace("lm", "Lm").replace("t%2bx", "T%2bx"),
    ],
    ["in a form", new URLSearchParams({ a: value }).toString()],
    ["in hexadecimal digits", hex],
    ["in large ones", hex.toUpperCase()],
    ["in bytes with colons", hex.replaceAll(/..(?!$)/g, "$&:")],
    ["in base64", inBase64("")],
    ["in base64 behind one byte", inBase64("a")],
    ["in base64 behind two", inBase64("ab")],
    ["in base64 for addresses", Buffer.from(`x${value}`).toString("base64url")],
    ["in base64 with line ends", inBase64("abc").replaceAll(/.{9}/g, "$&\n")],
    ["in hexadecimal digits with line ends", hex.replaceAll(/.{10}/g, "$&\n")],
    ["in colours", value.replaceAll(/.{4}/gs, "\u001b[32m$&\u001b[0m")],
    ["in a box", `│ ${value.slice(0, 9)}  │\n│ ${value.slice(9)} │`],
    ["with invisible characters", Array.from(value).join("\u200d\u00ad")],
    ["wrapped everywhere", Array.from(value).join("\n")],
    ["of several words over lines", "violet\n  kestrel harbor"],
  ])("are found %s", (_name, shown) => {
    const { text } = redact(`before ${shown} after`, known);
    expect(text).toMatch(/^before .*\[redacted: (?:DB_SECRET|PHRASE)\].* after$/s);
    expect(left(text, value)).toBeUndefined();
    expect(left(text, hex.slice(4, -4))).toBeUndefined();
  });

  it.each(["…", "...", ""])("are found where the text was cut in the middle of one: %j", (sign) => {
    expect(redact(`a ${value.slice(0, 10)}${sign}`, known).text).toBe(`a [redacted: DB_SECRET]${sign}`);
    expect(redact(`a ${value.slice(0, 10)} b`, known).spans).toEqual([]);
  });

  it("are not found in words that one begins or ends with", () => {
    const address = new KnownValues([{ value: "postgres://app:x9Kd0mQ2@db.example.org:5432/app", kind: "DB" }]);
    for (const text of ["we use postgres", "postgres://app...", "example.org:5432/app is where"])
      expect(redact(text, address).spans).toEqual([]);
  });

  it("are found where the text begins in the middle of one", () => {
    expect(redact(`${value.slice(9)} b`, known).text).toBe("[redacted: DB_SECRET] b");
    expect(redact(`│ ${value.slice(7, 14)}  │\n│ ${value.slice(14)} │`, known).text).toBe("│ [redacted: DB_SECRET] │");
    expect(redact(value.slice(-5), known).spans).toEqual([]);
  });

  it("are found wherever terminals break them", () => {
    const noise = fc.constantFrom("\u001b[0m", "\n", "  │\n│ ", "\u200b", "\u2028", "\u00ad", "\u001b]8;;\u0007", "\t");
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(value.length), noise), { maxLength: 6 }), (breaks) => {
        let shown = value;
        for (const [place, what] of breaks.toSorted(([one], [other]) => other - one))
          shown = shown.slice(0, place) + what + shown.slice(place);
        const text = `a ${shown} b`;
        const { spans } = redact(text, known);
        expect(spans.map(({ kind }) => kind)).toEqual(["DB_SECRET"]);
      }),
    );
  });
});

describe("spans", () => {
  it("are in order and apart, and the text is what they leave", () => {
    const bit = fc.oneof(
      fc.constantFrom(
        value,
        hex,
        "password=",
        "\n",
        "│ ",
        "\u001b[31m",
        "hello ",
        "-----BEGIN PRIVATE KEY-----",
        "://a:b1c2d3@h",
      ),
      fc.constantFrom(...samples.map(({ text }) => text)),
      fc.string(),
    );
    fc.assert(
      fc.property(fc.array(bit, { maxLength: 8 }), (bits) => {
        const text = bits.join("");
        const { text: clean, spans } = redact(text, known);
        let at = 0;
        let rest = "";
        for (const { start, end, kind } of spans) {
          expect(start).toBeGreaterThanOrEqual(at);
          expect(end).toBeGreaterThan(start);
          rest += `${text.slice(at, start)}${kind === "" ? "[redacted]" : `[redacted: ${kind}]`}`;
          at = end;
        }
        expect(rest + text.slice(at)).toBe(clean);
      }),
    );
  });
});

describe("pieces", () => {
  const texts = [...samples.map(({ text, secret }) => ({ text, secret })), { text: `a ${value} b`, secret: value }];

  it("show no half of a secret, and lose nothing", () => {
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.array(fc.nat(400), { maxLength: 5 }), ({ text, secret }, cuts) => {
        const whole = `It begins.\n${text}\nIt ends, with words.`;
        const places = [...new Set([0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length])].sort(
          (a, b) => a - b,
        );
        const pieces = new Pieces(known);
        let shown = "";
        for (const [index, place] of places.entries()) {
          shown += pieces.push(whole.slice(places[index - 1] ?? 0, place));
          expect(left(shown, secret)).toBeUndefined();
        }
        shown += pieces.end();
        expect(left(shown, secret)).toBeUndefined();
        expect(shown.startsWith("It begins.\n")).toBe(true);
        expect(shown.endsWith("with words.")).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("give an innocent text whole", () => {
    fc.assert(
      fc.property(fc.constantFrom(...innocent), fc.nat(300), (text, cut) => {
        const pieces = new Pieces(known);
        expect(pieces.push(text.slice(0, cut)) + pieces.push(text.slice(cut)) + pieces.end()).toBe(text);
      }),
    );
  });
});

describe("time", () => {
  const bits = [
    "sk-",
    "eyJ-",
    "ghs_",
    "SG.",
    "password=",
    'PASSWORD="',
    "token: ",
    "://a:b@",
    "cookie: a=",
    "a\n",
    "│ a │\n",
    "\u001b[31m",
    "\u001b]8;;",
    "-----BEGIN PRIVATE KEY-----\n",
    "Private-Lines: 1\n",
    "login a password ",
    "AKIA",
    value.slice(0, -1),
  ];

  it.each(bits)("grows with the text: %j", { timeout: 60_000 }, (bit) => {
    const cost = (count: number, runs: number) => {
      const text = bit.repeat(count / bit.length);
      const costs = Array.from({ length: runs }, () => {
        const begun = process.cpuUsage();
        findSecrets(text, known);
        const { user, system } = process.cpuUsage(begun);
        return user + system;
      });
      return Math.min(...costs);
    };
    cost(20_000, 1);
    // Sixteen times the text: 256 times the time if it were quadratic. Much room, as garbage is collected and others use the processor.
    expect(cost(320_000, 2)).toBeLessThan(100 * Math.max(cost(20_000, 3), 5000));
  });
});
