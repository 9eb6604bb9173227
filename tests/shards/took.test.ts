import { expect, it } from "vitest";
import type { AgentKind, Entry } from "../../src/shards/agents/agent.ts";
import { textAt } from "../../src/shards/agents/json.ts";
import { receiptPost } from "../../src/bot/posts/receipts.ts";
import { present } from "../../src/cli/present.ts";
import { receiptText } from "../../src/orchestrator/tool-results.ts";
import { textOf } from "../fakes/fake-adapter.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { onBench } from "./bench.ts";

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
  onBench(async (bench) => {
    await bench.startShard(completing);
    expect(await bench.send("look at @not")).toEqual({ outcome: "submitted", turn: 1, took: "look at notes.txt" });
    await bench.answer(1);
    expect(await bench.send("look at it")).toEqual({ outcome: "submitted", turn: 2 });
    await bench.answer(2);
    expect(await bench.send("SLOW 20 @not")).toMatchObject({ took: "SLOW 20 notes.txt" });
    expect(await bench.send("and @not", "steer")).toMatchObject({ outcome: "submitted", took: "and notes.txt" });
  }),
);

it.concurrent(
  "A receipt says the same of a prompt that had waited",
  onBench(async (bench) => {
    const { log } = await bench.startShard(completing);
    await bench.send("SLOW 10");
    expect(await bench.send("look at @not")).toMatchObject({ outcome: "queued" });
    const { receipt } = await log.next("receipt", "demo");
    expect(receipt).toMatchObject({ outcome: "submitted", took: "look at notes.txt" });
  }),
);

it.concurrent(
  "A receipt says nothing of what agents do to any text, nor of their own commands, nor where nothing is written",
  onBench(async (bench) => {
    const { host } = await bench.startShard(
      writing((prompt) => (prompt.startsWith("/") ? "other" : `${prompt.trim()} \n`)),
    );
    expect(await bench.send("SAY a\tb ENDSAY")).toEqual({ outcome: "submitted", turn: 1 });
    await bench.answer(1);
    expect(await host.command({ name: "demo", text: "/compact" })).toEqual({ outcome: "submitted", turn: 2 });
  }),
);

it.concurrent(
  "A receipt is given although the agent never writes of its prompts",
  onBench(async (bench) => {
    await bench.startShard(writing(() => ""));
    for (const turn of [1, 2]) {
      expect(await bench.send("SAY hi ENDSAY")).toEqual({ outcome: "submitted", turn });
      await bench.answer(turn);
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
