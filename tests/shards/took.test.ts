import { expect, it } from "vitest";
import type { AgentKind, Entry } from "../../src/shards/agents/agent.ts";
import { textAt } from "../../src/shards/agents/json.ts";
import { receiptPost } from "../../src/bot/posts/receipts.ts";
import { present } from "../../src/cli/present.ts";
import { receiptText } from "../../src/orchestrator/tool-results.ts";
import { textOf } from "../fakes/fake-adapter.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { withShard } from "./shard-fixture.ts";

/** The fake agent with its conversation for a journal, in which it writes a prompt down as `wrote` has it. */
function writing(wrote: (prompt: string) => string): AgentKind {
  const read = (line: unknown): Entry[] => {
    const prompt = textAt(line, "prompt");
    return prompt === undefined ? [] : [{ type: "prompt", text: wrote(prompt) }];
  };
  const places = ({ folder }: { folder: string }) => [{ folder, depth: 0, file: /\.jsonl$/, owns: () => true }];
  return { ...fakeKind, encode: (text) => text, journal: { tells: "begins", places, read } };
}

const completing = writing((prompt) => prompt.replace(/@not\b/, "notes.txt"));

it.concurrent(
  "A receipt tells of a prompt that the agent took as something else",
  withShard(async (fixture) => {
    await fixture.startShard(completing);
    expect(await fixture.send("look at @not")).toEqual({ outcome: "submitted", turn: 1, took: "look at notes.txt" });
    await fixture.answer(1);
    expect(await fixture.send("look at it")).toEqual({ outcome: "submitted", turn: 2 });
    await fixture.answer(2);
    expect(await fixture.send("SLOW 20 @not")).toMatchObject({ took: "SLOW 20 notes.txt" });
    expect(await fixture.send("and @not", "steer")).toMatchObject({ outcome: "submitted", took: "and notes.txt" });
  }),
);

it.concurrent(
  "A receipt says the same of a prompt that had waited",
  withShard(async (fixture) => {
    const { log } = await fixture.startShard(completing);
    await fixture.send("SLOW 10");
    expect(await fixture.send("look at @not")).toMatchObject({ outcome: "queued" });
    const { receipt } = await log.next("receipt", "demo");
    expect(receipt).toMatchObject({ outcome: "submitted", took: "look at notes.txt" });
  }),
);

it.concurrent(
  "A receipt says nothing of what agents do to any text, nor of their own commands, nor where nothing is written",
  withShard(async (fixture) => {
    const { host } = await fixture.startShard(
      writing((prompt) => (prompt.startsWith("/") ? "other" : `${prompt.trim()} \n`)),
    );
    expect(await fixture.send("SAY a\tb ENDSAY")).toEqual({ outcome: "submitted", turn: 1 });
    await fixture.answer(1);
    expect(await host.command({ name: "demo", text: "/compact" })).toEqual({ outcome: "submitted", turn: 2 });
  }),
);

it.concurrent(
  "A receipt is given although the agent never writes of its prompts",
  withShard(async (fixture) => {
    await fixture.startShard(writing(() => ""));
    for (const turn of [1, 2]) {
      expect(await fixture.send("SAY hi ENDSAY")).toEqual({ outcome: "submitted", turn });
      await fixture.answer(turn);
    }
  }),
);

it("People and the orchestrator are told what it took", () => {
  const receipt = { outcome: "submitted", turn: 3, took: "look at <b>notes.txt" } as const;
  expect(receiptPost("demo", receipt)).toMatchObject({ kind: "notice", tone: "error" });
  expect(textOf(receiptPost("demo", receipt))).toBe(
    "submitted to demo, but it took something else: look at <b>notes.txt",
  );
  expect(present("send", receipt)).toBe("submitted, but the agent took something else:\nlook at <b>notes.txt");
  const text = receiptText("demo", receipt);
  expect(text).toMatch(/^{"outcome":"submitted","turn":3,"differs":true}\n/);
  expect(text).toContain("notes.txt");
  expect(receiptText("demo", { outcome: "submitted", turn: 3 })).toBe('{"outcome":"submitted","turn":3}');
});
