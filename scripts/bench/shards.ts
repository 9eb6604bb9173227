import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../../src/shards/agents/registry.ts";
import { openLocalHost } from "../../src/shards/local-host.ts";
import { Store } from "../../src/store/store.ts";
import { makeGround, optionsFor } from "../../tests/shards/stage.ts";
import { below, median, type Row } from "./table.ts";

/** What a shard takes from the request to its first prompt. */
export async function shards(quick: boolean): Promise<Row[]> {
  const ground = makeGround();
  const { shell } = kinds;
  const store = await Store.open(ground.home);
  const host = await openLocalHost(optionsFor(ground, store, shell ? { shell } : {}));
  const becomes = async (name: string, state: string) => {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(2)) {
      if ((await host.list()).find((shard) => shard.name === name)?.status.state === state) return;
    }
    throw new Error(`${name} never became ${state}.`);
  };
  try {
    const starts: number[] = [];
    for (let n = 0; n < (quick ? 2 : 5); n++) {
      const at = performance.now();
      await host.spawn({ name: `s${n}` });
      await becomes(`s${n}`, "idle");
      starts.push(performance.now() - at);
    }
    const took = median(starts);
    return [
      {
        name: "a new shard, until it is ready",
        unit: "ms",
        ours: took,
        bar: below(1000, "ms", took),
        note: "worktree, holder, shell, 700 ms of agreement",
      },
    ];
  } finally {
    for (const { name } of await host.list()) await host.destroy({ name, force: true });
    await host.release();
    await store.close();
    ground.remove();
  }
}
