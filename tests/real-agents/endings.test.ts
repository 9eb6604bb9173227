import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Machine } from "./machine.ts";
import type { AgentName } from "./seeds.ts";

/*
 * What stands before Enter may be something to complete: a file, a skill, a command, an emoji. Every text arrives at the model as it was sent,
 * and its receipt says nothing of another one.
 */
const names: AgentName[] = ["claude", "codex", "gemini", "opencode"];

const texts = [
  "fix the typo in @READ",
  "look at @README.md and @not",
  "tell @anna",
  "add the annotation @Deprecated",
  "npm install @types/node",
  "first @READ, then the rest",
  "two lines\nand @READ",
  "@READ\nin the first line",
  "what does it cost in $",
  "a skill: $im",
  "see /hel",
  "two lines\n/help",
  "issue #12",
  "it ends with \\",
  "a line \\\nthat goes on \\",
  "wow!",
  "nice :smile",
  "nice :smile:",
  "https://example.com/a/b",
  "what?",
  "?",
  "1",
  "y",
  "a\tb @",
  "e\u0301 and \u00e9",
];

describe.each(names)("%s", (name) => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.open(name);
    await machine.ready();
  });
  afterAll(() => machine?.close());

  it("is given each text as it was sent", { timeout: texts.length * 30_000 }, async () => {
    const wrong: string[] = [];
    for (const text of texts) {
      const { requests } = machine.api;
      const before = requests.length;
      const receipt = await machine.send(text);
      if (receipt.outcome === "submitted") await machine.event("answer", machine.events("answer").length + 1);
      await machine.reaches("idle");
      const arrived = requests.slice(before).map(({ prompt }) => prompt);
      const words = machine.kind.encode(text, "anna").trimEnd();
      const plain = (prompt = "") => prompt.replaceAll("\t", "    ").trimEnd().normalize("NFC");
      const right = receipt.outcome === "submitted" && receipt.took === undefined && plain(arrived[0]) === plain(words);
      if (!right) wrong.push(JSON.stringify({ text, receipt, arrived }));
    }
    expect(wrong).toEqual([]);
  });
});
