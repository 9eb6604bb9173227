import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Entry } from "../../../src/shards/agents/agent.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";
import { toolDetail, toolLine } from "../../../src/shards/agents/cleaning/tool-line.ts";

/*
 * tests/fixtures/journals/<kind>/*.jsonl   what the real CLI wrote in these turns: an answer, 60 paragraphs, a command that was allowed, an
 *                                          answer that was interrupted, an error of the API, an answer
 *                        <file>.told.json  the entries that must be read from it
 */
const folder = join(import.meta.dirname, "../../fixtures/journals");
const files = readdirSync(folder).flatMap((kind) =>
  readdirSync(join(folder, kind))
    .filter((name) => name.endsWith(".jsonl"))
    .map((name) => ({ kind, path: join(folder, kind, name), name: `${kind}/${name}` })),
);

const linesOf = (path: string) =>
  readFileSync(path, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as unknown);

describe.each(files)("$name", ({ kind, path }) => {
  const entries = linesOf(path).flatMap((line) => kinds[kind]!.journal!.read(line));

  test("is read", () => {
    expect(entries).toEqual(JSON.parse(readFileSync(`${path}.told.json`, "utf8")) as Entry[]);
  });
});

test("every kind with a journal has its lines", () => {
  for (const { name, journal } of Object.values(kinds))
    expect(existsSync(join(folder, name))).toBe(journal !== undefined);
});

test.each(Object.values(kinds).filter(({ journal }) => journal !== undefined))(
  "$name reads nothing from other lines",
  ({ journal }) => {
    for (const line of [null, 1, "x", [], {}, { type: "user" }, { type: "assistant", message: null }, { payload: 1 }]) {
      expect(journal!.read(line)).toEqual([]);
    }
  },
);

test.for<[string, unknown, string]>([
  ["Bash", { command: "npm  test\n--all", description: "Test" }, "Bash: npm test --all"],
  ["Read", { file_path: "/a/b.ts" }, "Read: /a/b.ts"],
  ["Task", {}, "Task"],
  ["Bash", { command: "x".repeat(300) }, `Bash: ${"x".repeat(153)}…`],
])("a call of %s in one line", ([name, input, line]) => {
  expect(toolLine(name, input)).toBe(line);
});

test.for<[string, unknown, string]>([
  ["a command", { command: "rm -rf x\nls" }, "rm -rf x\nls"],
  ["an edit", { file_path: "a", old_string: "1\n2", new_string: "3" }, "a\n- 1\n- 2\n+ 3"],
  ["a new file", { file_path: "a", content: "1" }, "a\n+ 1"],
  ["a question, which the dialog shows", { questions: [] }, ""],
  ["anything else", { x: 1 }, '{"x":1}'],
])("what is asked about: %s", ([, input, detail]) => {
  expect(toolDetail(input)).toBe(detail);
});
