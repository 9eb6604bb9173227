import { describe, expect, test } from "vitest";
import { hygienic, isSlashCommand, maxPrompt } from "../../../src/shards/agents/encode.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";

const agents = ["claude", "codex", "gemini", "opencode"];
const shell = kinds["shell"]!;

describe.each(agents)("%s", (name) => {
  const { encode } = kinds[name]!;

  test.for([
    "hello",
    "- a list",
    "1. one",
    "what is 2 > 1?",
    "über 日本 👩‍💻 🇩🇪",
    "exiting is fine",
    "a\tb",
    "  indented",
  ])("types %j as it is", (text) => {
    expect(encode(text, "ann")).toBe(text);
  });

  test.for([
    "!rm -rf x",
    " !cmd",
    "\n!cmd",
    "\t !cmd",
    "/exit",
    " /exit now",
    "/unknown x",
    "@file",
    "#note",
    "&task",
    "exit",
    "Exit",
    "exit\n",
    "quit",
    ":q",
    ":wq!",
    ":q!",
    "\u200B!cmd",
    "\uFEFF/exit",
    "\u001B[201~!cmd",
    "\u0000!cmd",
    "\u00A0!cmd",
  ])("puts a line of ours before %j", (text) => {
    const typed = encode(text, "ann");
    expect(typed).toMatch(/^Message from ann:\n/);
    const [, ...rest] = typed.split("\n");
    expect(rest.join("\n").replace(/(?<=\S) $/, "")).toBe(hygienic(text));
  });

  test.for([
    "a\n/exit",
    "fix @READ",
    "npm i @types/node",
    "in $",
    "a skill: $im",
    "see /hel",
    "issue #12",
    "nice :smile",
    "wow!",
    "a \\",
    "two\nlines\\",
    "https://example.com",
  ])("puts a blank behind %j, for Enter not to complete it", (text) => {
    expect(encode(text, "ann")).toBe(`${text} `);
  });

  test.for(["@READ and on", "in $ and on", "done.", "a @x\n", "ends with a blank @x ", "(see a/b) there"])(
    "puts nothing behind %j",
    (text) => {
      expect(encode(text, "ann").replace(/^Message.*\n/, "")).toBe(text);
    },
  );

  test("names the chat when nobody is named, and nobody can break out of the line", () => {
    expect(encode("!x", undefined)).toBe("Message from chat:\n!x ");
    expect(encode("!x", "\u001B[31m")).toBe("Message from chat:\n!x ");
    expect(encode("!x", "ann\n!evil\r")).toBe("Message from ann !evil:\n!x ");
    expect(encode("!x", "a".repeat(500)).length).toBeLessThan(100);
  });

  test("cuts what is too long, and says so", () => {
    const typed = encode("a".repeat(maxPrompt + 5), "ann");
    expect(typed).toHaveLength(maxPrompt);
    expect(typed).toMatch(/\[cut at 100000 characters\]$/);
    expect(encode("😀".repeat(maxPrompt), "ann").isWellFormed()).toBe(true);
  });
});

test.for<[string, string]>([
  ["a\r\nb\rc", "a\nb\nc"],
  ["a\u2028b\u2029c\u0085d", "a\nb\nc\nd"],
  ["\u0000\u0007\u0008\u000B\u000C\u001F\u007F\u0080\u009Fx", "x"],
  ["x\u001B[201~!cmd", "x!cmd"],
  ["x\u001B\u001B[201~[201~!cmd", "x[201~!cmd"],
  ["x\u009B201~!cmd", "x!cmd"],
  ["\u001B]0;title\u0007x", "x"],
  ["\u001B]8;;https://example.com\u001B\\link\u001B]8;;\u001B\\", "link"],
  ["a\u202Eb\u2066c\u2069d\u200Ee\u061Cf", "abcdef"],
  ["a\u200Bb\u2060c\uFEFFd\u00ADe\u200Df", "abcdef"],
  ["hi\u{E0041}\u{E0042}\u{E007F}", "hi"],
  ["x\u{E0100}", "x"],
  ["a\uD800b\uDC00c", "abc"],
  ["👩\u200D💻", "👩\u200D💻"],
  ["❤️\u200D🔥", "❤️\u200D🔥"],
  ["می\u200Cخواهم", "می\u200Cخواهم"],
  ["क\u094D\u200Dष", "क\u094D\u200Dष"],
  ["a\tb\n", "a\tb\n"],
])("cleans %j", ([text, cleaned]) => {
  expect(hygienic(text)).toBe(cleaned);
});

test("no character that a terminal obeys is ever typed", () => {
  const all = Array.from({ length: 0x3000 }, (_, code) => String.fromCodePoint(code)).join("");
  for (const kind of Object.values(kinds)) {
    expect(kind.encode(all, "ann")).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\u200b]/);
  }
});

describe("shell", () => {
  test.for([
    ["git log | head -3\n\n", "git log | head -3"],
    ["!ls", "!ls"],
    ["exit", "exit"],
    ["a\n  b", "a\n  b"],
  ])("types the command %j as it is", ([text, typed]) => {
    expect(shell.encode(text!, "ann")).toBe(typed);
  });

  test("refuses what is too long, since half a command is another one", () => {
    expect(() => shell.encode("a".repeat(maxPrompt + 1), "ann")).toThrow(/at most 100000 characters/);
    expect(shell.encode("a".repeat(maxPrompt), "ann")).toHaveLength(maxPrompt);
  });
});

test.for<[string, boolean]>([
  ["/help", true],
  ["/model opus", true],
  ["/plugin:name with several words", true],
  ["/mcp__server__prompt", true],
  ["/", false],
  ["//", false],
  ["/ help", false],
  ["/1", false],
  ["/etc/passwd", false],
  ["/one\n/two", false],
  [" /help", false],
  ["help", false],
  ["!ls", false],
  ["!/ls", false],
])("%j is a slash command: %s", ([text, expected]) => {
  expect(isSlashCommand(text)).toBe(expected);
});

test("agents have commands, a shell has none", () => {
  expect(agents.filter((name) => kinds[name]!.isCommand("/help"))).toEqual(agents);
  expect(shell.isCommand("/help")).toBe(false);
});
