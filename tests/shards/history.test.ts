import { expect, it } from "vitest";
import type { ShardEvent } from "../../src/shards/events.ts";
import { Histories } from "../../src/shards/saved/history.ts";
import { Store } from "../../src/store/store.ts";

const at = "2026-11-22T10:00:00.000Z";
const answer = (shard: string, seq: number, text: string): ShardEvent => ({
  shard,
  seq,
  at,
  type: "answer",
  id: `a${seq}`,
  turn: seq,
  text,
  form: "markdown",
  truncated: false,
  by: "Ann",
});

it("keeps the last fifty of each shard, and gives what comes after a mark", async () => {
  const storage = new Map<string, unknown>();
  const store = await Store.over(storage);
  const histories = new Histories(store);
  const keep = async (event: ShardEvent) => {
    const changes = histories.keep(event);
    if (changes.length > 0) await store.write(changes);
    await histories.prune(event.shard);
  };
  await keep(answer("auth-2", 1, "of another"));
  await keep({
    shard: "auth",
    seq: 2,
    at,
    type: "output",
    tail: "…",
    status: { state: "working", since: at, why: "" },
  });
  for (let seq = 3; seq < 63; seq += 1) await keep(answer("auth", seq, `answer ${seq} ${"x".repeat(5_000)}`));
  const all = histories.read("auth");
  expect(all.entries.map(({ mark }) => mark)).toEqual(Array.from({ length: 50 }, (_, index) => index + 13));
  expect(all).toMatchObject({ mark: 62, gaps: true });
  expect(all.entries[0]?.text).toHaveLength(4_000);
  expect(histories.read("auth", 61).entries.map(({ mark, by }) => [mark, by])).toEqual([[62, "Ann"]]);
  expect(histories.read("auth", 62)).toEqual({ name: "auth", entries: [], mark: 62, gaps: false });
  expect(new Histories(await Store.over(storage)).read("auth-2").entries).toHaveLength(1);
  await histories.prune("auth", 0);
  expect(histories.read("auth").entries).toEqual([]);
  expect(histories.read("auth-2").entries).toHaveLength(1);
});
