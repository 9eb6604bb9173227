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

/**
 * Gemini takes the first file whose name has the word in it, and puts it in, with a blank before it in a line that begins so: then the
 * receipt says so.
 */
const taken: Partial<Record<AgentName, (text: string) => string>> = {
  gemini: (text) => text.replaceAll(/@READ\b/g, "@README.md").replaceAll("\n@README", "\n @README"),
};

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
      const plain = (given = "") => given.replaceAll("\t", "    ").trim().normalize("NFC");
      const sent = plain(machine.kind.encode(text, "anna"));
      const took = taken[name]?.(sent) ?? sent;
      const [asked] = requests.slice(before);
      const arrived = plain(asked?.prompt);
      // What is in a file that was put in comes behind the text.
      const withFile = arrived === "--- End of content ---" && plain(asked?.history).includes(took);
      const right =
        receipt.outcome === "submitted" &&
        (receipt.took === undefined) === (took === sent) &&
        plain(receipt.took ?? sent) === took &&
        (arrived === took || withFile);
      if (!right) wrong.push(JSON.stringify({ text, receipt, arrived }));
    }
    expect(wrong).toEqual([]);
  });
});
