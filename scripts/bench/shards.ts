import { existsSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../../src/shards/agents/registry.ts";
import type { ShardHost } from "../../src/shards/host.ts";
import { openLocalHost } from "../../src/shards/local-host.ts";
import { Store } from "../../src/store/store.ts";
import { Machine } from "../../tests/real-agents/machine.ts";
import { programs } from "../../tests/real-agents/seeds.ts";
import { makeFolders, optionsFor } from "../../tests/shards/test-host.ts";
import { below, median, type Row } from "./table.ts";

/** What a shard takes from the request to its first prompt: with a shell, and with the real Claude Code where that is installed. */
export async function shards(quick: boolean): Promise<Row[]> {
  return [await withShell(quick), await withClaude(quick)];
}

async function withShell(quick: boolean): Promise<Row> {
  const folders = makeFolders();
  const { shell } = kinds;
  const store = await Store.open(folders.home);
  const host = await openLocalHost(optionsFor(folders, store, shell ? { shell } : {}));
  try {
    const took = await untilReady(host, quick ? 2 : 5);
    const note = "worktree, holder, shell, 300 ms of agreement";
    return { name: "a new shard, until it is ready", unit: "ms", ours: took, bar: below(1000, "ms", took), note };
  } finally {
    await host.release();
    await store.close();
    folders.remove();
  }
}

async function withClaude(quick: boolean): Promise<Row> {
  const row = { name: "a new shard with Claude Code, until it is ready", unit: "ms" as const };
  if (!existsSync(join(programs, "claude")))
    return { ...row, ours: undefined, note: "not installed: npm run test:agents installs it" };
  const machine = await Machine.open("claude");
  try {
    const took = await untilReady(machine.host, quick ? 2 : 5);
    return { ...row, ours: took, bar: below(2500, "ms", took), note: "the real one; a model on loopback" };
  } finally {
    await machine.close();
  }
}

/** Milliseconds of a spawn, the middle of some, one at a time. */
async function untilReady(host: ShardHost, times: number): Promise<number | undefined> {
  const took: number[] = [];
  for (let n = 0; n < times; n++) {
    const name = `s${n}`;
    const at = performance.now();
    await host.spawn({ name });
    await becomesIdle(host, name);
    took.push(performance.now() - at);
    await host.destroy({ name, force: true });
  }
  return median(took);
}

async function becomesIdle(host: ShardHost, name: string): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(2)) {
    if ((await host.list()).find((shard) => shard.name === name)?.status.state === "idle") return;
  }
  throw new Error(`${name} never became idle.`);
}
