import { describe, expect, it, vi } from "vitest";
import type { AgentKind, ScreenView, Signs } from "../../src/shards/agents/agent.ts";
import type { ShardState, Trouble } from "../../src/shards/host.ts";
import { troubleDue } from "../../src/shards/state/trouble.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { withShard } from "./shard-fixture.ts";

/** The fake agent, whose screen tells more: by the last thing that it said. */
const telling: AgentKind = { ...fakeKind, inputBox: true, signs };

function signs({ rows }: ScreenView): Signs {
  const said = rows.findLast(({ text }) => text.startsWith("● "))?.text ?? "";
  const shells = /^● (\d) SHELLS/.exec(said)?.[1];
  const until = /^● LIMIT until (.*)$/.exec(said)?.[1];
  return {
    mode: "manual",
    ...(shells !== undefined && { background: { shells: Number(shells), agents: 0 } }),
    ...(until !== undefined && { trouble: { kind: "limit", text: said.slice(2), until } }),
  };
}

it.each<[Trouble["kind"], ShardState, number, number]>([
  ["limit", "working", 200, 800],
  ["login", "idle", 1000, 0],
  ["offline", "idle", 1000, 0],
  // It tries again by itself, and gets through most times.
  ["offline", "working", 1000, 14_000],
  ["retrying", "working", 15_000, 0],
])("%s of an agent that is %s for %d ms is told in %d ms", (kind, state, troubledFor, due) => {
  const shard = { store: { record: {} }, watch: { troubledFor }, status: { state, trouble: { kind, text: "" } } };
  expect(troubleDue(shard as unknown as Parameters<typeof troubleDue>[0])).toBe(due);
});

describe("An agent that can't go on", () => {
  it.concurrent(
    "is told of once, and again after it has worked",
    withShard(async (fixture) => {
      const { log } = await fixture.startShard(telling);
      await fixture.send("SAY LIMIT until 3pm ENDSAY");
      await fixture.answer(1);
      const trouble = { kind: "limit", text: "LIMIT until 3pm", until: "3pm" };
      expect(await log.next("trouble", "demo")).toMatchObject({ trouble });
      await fixture.send("SAY LIMIT until 4pm ENDSAY");
      await fixture.answer(2);
      await fixture.send("SAY fine ENDSAY");
      await fixture.answer(3);
      await fixture.send("SAY LIMIT until 5pm ENDSAY");
      expect(await log.next("trouble", "demo", 2)).toMatchObject({ trouble: { until: "5pm" } });
      expect(log.of("trouble", "demo")).toHaveLength(2);
    }),
  );

  it.concurrent(
    "says so in its status",
    withShard(async (fixture) => {
      const { host } = await fixture.startShard(telling);
      await fixture.send("SAY LIMIT until 3pm ENDSAY");
      await fixture.answer(1);
      const status = async () => (await host.list())[0]?.status;
      await vi.waitFor(async () => expect(await status()).toMatchObject({ mode: "manual", trouble: { until: "3pm" } }));
      await host.close({ name: "demo" });
      expect(await status()).not.toHaveProperty("trouble");
    }),
  );
});

describe("What goes on in the background", () => {
  it.concurrent(
    "is told with the answer, in the status, and to whoever wants to stop it",
    withShard(async (fixture) => {
      const { host, log } = await fixture.startShard(telling);
      await fixture.send("SAY 2 SHELLS ENDSAY");
      await fixture.answer(1);
      const background = { shells: 2, agents: 0 };
      expect(log.of("answer", "demo")).toMatchObject([{ background }]);
      expect((await host.list())[0]?.status).toMatchObject({ state: "idle", background });
      await expect(host.stop({ name: "demo" })).rejects.toThrow("2 of its background tasks go on");
      await fixture.send("SAY done ENDSAY");
      await fixture.answer(2);
      expect(log.of("answer", "demo")[1]).not.toHaveProperty("background");
      await expect(host.stop({ name: "demo" })).rejects.toThrow("there is nothing to stop");
    }),
  );
});
