import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openRecords } from "../../src/shards/saved/records.ts";
import { Store } from "../../src/store/store.ts";
import { corpus } from "../../tests/fakes/hostile.ts";
import { type TestFolders, makeFolders } from "../../tests/shards/test-host.ts";
import { BotProcess, environment, main } from "./bot-process.ts";
import { lightHolder } from "./light-holders.ts";
import { below, median, type Row } from "./table.ts";

const root = join(import.meta.dirname, "../..");

/** A bot over many shards, each with a holder that is none: see light-holders.ts. */
export async function manyShards(quick: boolean): Promise<Row[]> {
  const count = quick ? 50 : 500;
  const folders = makeFolders();
  const sockets = join(folders.home, "run");
  mkdirSync(sockets, { recursive: true, mode: 0o700 });
  await saveShards(folders, count, sockets);
  const names = Array.from({ length: count }, (_, n) => `s${n}`);
  const holders = await Promise.all(names.map(async (name) => lightHolder(name, join(sockets, `${name}.sock`))));
  const at = performance.now();
  const bot = new BotProcess(folders, { env: { SHARDBRIDGE_MAX_SHARDS: String(count) } });
  try {
    bot.type("/list");
    await bot.prints(`${count} shards`);
    const started = performance.now() - at;
    const times: number[] = [];
    for (let n = 0; n < 20; n++) {
      const asked = performance.now();
      const found = (await bot.list()).length;
      times.push(performance.now() - asked);
      if (found !== count) throw new Error(`${found} shards were listed.`);
    }
    const of = `with ${count} shards`;
    return [
      {
        name: `list ${of}`,
        unit: "ms",
        ours: median(times),
        note: "at the control socket; light holders, without agents",
      },
      {
        name: `\`shardbridge list\` ${of}`,
        unit: "ms",
        ours: await commandLine(folders),
        note: "a process of its own",
      },
      { name: `start of the bot ${of}`, unit: "ms", ours: started, note: "until it has listed them" },
    ];
  } finally {
    await bot.stop();
    for (const holder of holders) holder.close();
    folders.remove();
  }
}

async function commandLine(folders: TestFolders): Promise<number | undefined> {
  const times: number[] = [];
  for (let n = 0; n < 3; n++) {
    const at = performance.now();
    const child = spawn(process.execPath, [main, "list"], {
      cwd: folders.repo,
      env: environment(folders),
      stdio: ["ignore", "pipe", "inherit"],
    });
    child.stdout.resume();
    await once(child, "close");
    times.push(performance.now() - at);
  }
  return median(times);
}

async function saveShards(folders: TestFolders, count: number, sockets: string): Promise<void> {
  const store = await Store.open(folders.home);
  const { shards } = openRecords(store);
  for (let n = 0; n < count; n++) {
    const name = `s${n}`;
    const worktree = join(folders.home, "worktrees/app", name);
    mkdirSync(worktree, { recursive: true });
    await shards.set(name, {
      name,
      repo: "app",
      repoPath: folders.repo,
      worktree,
      branch: `shard/${name}`,
      base: "main",
      commit: "0".repeat(40),
      agent: "shell",
      folder: join(folders.home, "shards", name),
      socket: join(sockets, `${name}.sock`),
      secret: "none",
      marker: `00000000-0000-0000-0000-${String(n).padStart(12, "0")}`,
      conversation: "none",
      phase: "ready",
      createdAt: new Date(n).toISOString(),
      createdBy: "ann",
      turns: 1,
      questions: 0,
      ended: false,
    });
  }
  await store.close();
}

/** How late the bot's event loop is while a shard prints what is meant to harm it, and another one is talked to. */
export async function lag(quick: boolean): Promise<Row[]> {
  const folders = makeFolders();
  const file = join(folders.home, "lag.json");
  const monitor = join(import.meta.dirname, "lag-monitor.ts");
  const bot = new BotProcess(folders, { node: ["--import", monitor], env: { BENCH_LAG: file } });
  const found: { name: string; p99: number; max: number }[] = [];
  try {
    bot.type("/spawn calm --agent shell");
    await bot.prints("Shard calm");
    await bot.idle("calm");
    for (const { name } of corpus.slice(0, quick ? 2 : undefined)) {
      const shard = `hostile-${found.length}`;
      bot.type(`/spawn ${shard} --agent shell`);
      await bot.prints(`Shard ${shard}`);
      await bot.idle(shard);
      await lagOf(bot, file);
      bot.type(`/send ${shard} ${process.execPath} ${join(root, "tests/fakes/hostile.ts")} '${name}'`);
      for (let n = 0; n < (quick ? 2 : 4); n++) {
        await sleep(1000);
        bot.type(`/send calm echo $((${n} + 1))`);
      }
      found.push({ name, ...(await lagOf(bot, file)) });
      await bot.destroy(shard);
    }
    const worst = found.toSorted((a, b) => b.p99 - a.p99)[0];
    const maximum = Math.max(...found.map(({ max }) => max));
    const note = `the worst of ${found.length} hostile programs: ${worst?.name}; maximum ${maximum.toFixed(0)} ms`;
    const row = {
      name: "event-loop lag of the bot, p99, while a shard floods",
      unit: "ms" as const,
      ours: worst?.p99,
      note,
    };
    return [{ ...row, bar: below(50, "ms", worst?.p99) }];
  } finally {
    for (const { name } of await bot.list()) await bot.destroy(name);
    await bot.stop();
    folders.remove();
  }
}

/** Since it was asked last. */
async function lagOf(bot: BotProcess, file: string): Promise<{ p99: number; max: number }> {
  rmSync(file, { force: true });
  bot.signal("SIGUSR2");
  for (let tries = 0; tries < 500; tries++) {
    await sleep(10);
    const text = existsSync(file) ? readFileSync(file, "utf8") : "";
    if (text !== "") return JSON.parse(text) as { p99: number; max: number };
  }
  throw new Error("The bot does not tell its lag.");
}
