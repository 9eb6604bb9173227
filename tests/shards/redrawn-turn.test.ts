import { expect, it, vi } from "vitest";
import type { AgentKind, Entry } from "../../src/shards/agents/agent.ts";
import { textAt } from "../../src/shards/agents/json.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { withShard } from "./shard-fixture.ts";

const patient = { timeout: 15_000, interval: 20 };
const words = "slow and steady";

/** The fake agent with a journal that has its answer and the turn's end long before the screen has the half of it, which shows work then. */
const drawnLate: AgentKind = {
  ...fakeKind,
  encode: (text) => text,
  journal: {
    tells: "turns",
    places: ({ folder }) => [{ folder, depth: 0, file: /\.jsonl$/, owns: () => true }],
    read: (line): Entry[] => {
      const prompt = textAt(line, "prompt");
      if (prompt !== undefined) return [{ type: "prompt", text: prompt }];
      if (!JSON.stringify(line).includes("Line 0003")) return [];
      return [
        { type: "said", text: words },
        { type: "end", how: "done" },
      ];
    },
  },
  state: (view) => {
    const reading = fakeKind.state(view);
    const early = !view.rows.some(({ text }) => text.includes("Line 0020"));
    return reading?.state === "working" && early ? { state: "idle", rule: "an input box", sure: true } : reading;
  },
};

it.concurrent(
  "What a screen shows of an answer after its turn's end was written is not told again",
  withShard(async (fixture) => {
    const { host, log } = await fixture.startShard(drawnLate);
    await fixture.send("SLOW 40");
    expect(await fixture.answer(1)).toBe(words);
    const seen = () =>
      log
        .of("state", "demo")
        .slice(-2)
        .map(({ status }) => status.state);
    await vi.waitFor(async () => expect((await host.screen({ name: "demo" })).text).toContain("Line 0040"), patient);
    await expect.poll(seen, patient).toEqual(["working", "idle"]);
    await fixture.send("again SLOW 5");
    expect(await fixture.answer(2)).toBe(words);
    expect(log.of("answer", "demo").map(({ by }) => by)).toEqual(["ann", "ann"]);
  }),
);
