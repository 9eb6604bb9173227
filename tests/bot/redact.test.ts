import { describe, expect, it } from "vitest";
import { redactor } from "../../src/bot/delivery/redact.ts";

const token = "tok-0123456789abcdefghij";
const redact = redactor([token, "short-1", "", "a.b*c(d"]);

/** Shapes are put together here, so that no scanner of repositories takes them for real ones. */
const shaped = (...parts: string[]) => parts.join("");

describe("redaction", () => {
  it.each<[string, string, string]>([
    ["a known secret", `use ${token} now`, "use [redacted] now"],
    ["a known secret twice", `${token}${token}`, "[redacted][redacted]"],
    ["a short one", "is short-1 ok", "is [redacted] ok"],
    ["one with special characters", "x a.b*c(d y", "x [redacted] y"],
    ["one that a terminal wrapped", `${token.slice(0, 9)}\n${token.slice(9)}`, "[redacted]"],
    ["one in a box", `│ ${token.slice(0, 9)}   │\n│ ${token.slice(9)} │`, "│ [redacted] │"],
    ["a bot token", shaped("xox", "b-123456789012-abcdefGHIJKL"), "[redacted: chat token]"],
    ["a refresh token", shaped("xoxe.", "xoxp-1-Mi0yLTk4NzY1NDMyMTA"), "[redacted: chat token]"],
    ["an app token", shaped("xapp", "-1-A0123456789-1234567890123-0123456789abcdef"), "[redacted: chat token]"],
    [
      "a dotted bot token",
      shaped("MTAxMDEwMTAxMDEwMTAxMDEw", ".GaBcDe.", "abcdefghijklmnopqrstuvwxyz0123456789AB"),
      "[redacted: chat token]",
    ],
    ["a model key", shaped("sk-", "ant-api03-abcdefghij0123456789"), "[redacted: model API key]"],
    ["another model key", shaped("sk-", "proj-abcdefghij0123456789xyz"), "[redacted: model API key]"],
    ["a cloud's model key", shaped("AIza", "SyA0123456789abcdefghijklmnopqrstuv"), "[redacted: cloud API key]"],
    ["a code host's token", shaped("gh", "p_0123456789abcdefghij0123456789abcdef"), "[redacted: code host token]"],
    ["its fine-grained one", shaped("github_", "pat_11ABCDEFG0123456789_abcdefghij"), "[redacted: code host token]"],
    ["a cloud's key id", shaped("AKIA", "IOSFODNN7EXAMPLE"), "[redacted: cloud key id]"],
    [
      "a web token",
      shaped("eyJhbGciOiJIUzI1NiJ9", ".eyJzdWIiOiIxMjM0NTY3ODkwIn0.", "dozjgNryP4J3jVmNHl0w5N"),
      "[redacted: web token]",
    ],
    [
      "a bearer header",
      "authorization: Bearer abcdef0123456789ABCDEF",
      "authorization: Bearer [redacted: bearer token]",
    ],
    [
      "a password in an address",
      "https://me:hunter2hunter2@example.org/x",
      "https://me:[redacted: password in an address]@example.org/x",
    ],
    [
      "a private key",
      `a\n${shaped("-----BEGIN RSA ", "PRIVATE KEY-----")}\n${"M".repeat(64)}\n${"I".repeat(64)}\nabc=\n-----END RSA PRIVATE KEY-----\nb`,
      "a\n[redacted: private key]\nb",
    ],
    [
      "one whose end is missing",
      `${shaped("-----BEGIN ", "PRIVATE KEY-----")}\n${"M".repeat(64)}\n`,
      "[redacted: private key]\n",
    ],
    [
      "one on a single line",
      `"${shaped("-----BEGIN ", "PRIVATE KEY-----")}\\n${"M".repeat(64)}\\nabc=\\n-----END PRIVATE KEY-----"`,
      '"[redacted: private key]"',
    ],
  ])("takes out %s", (_name, text, clean) => {
    expect(redact(text)).toBe(clean);
    expect(redact(clean)).toBe(clean);
  });

  it.each([
    "a task-force of many-many-many-words with sk-learn",
    "commit 0123456789abcdef0123456789abcdef01234567",
    "import { a } from './b.ts'; // xoxo",
    "https://example.org/path:1234@x",
    "Bearer of bad news",
    "version 1.2.3-beta.15+build.7",
    "-----BEGIN CERTIFICATE-----",
    "eyJust a word",
  ])("leaves %s alone", (text) => {
    expect(redact(text)).toBe(text);
  });

  it.each([
    "sk-",
    "eyJ-",
    "eyJaaaaaaaa.",
    "xoxb-",
    "a.b.c.",
    "-----BEGIN PRIVATE KEY-----\n",
    "://a:",
    "tok-0123456789abcdefghi",
    "t   ",
    "\n\n\n",
    "Bearer ",
    "AAAAAAAAAAAAAAAAAAAAAAAAA.",
    "AIza",
    "\\n",
  ])("comes to an end on 3 MB of repeated %j, where a quadratic pattern would not within the test's time", (bit) => {
    const text = bit.repeat(Math.ceil(3_000_000 / bit.length));
    expect(redact(text).length).toBeGreaterThan(0);
  });
});
