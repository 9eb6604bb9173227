import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { kinds } from "../../src/shards/agents/registry.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import {
  clear,
  type TestFolders,
  holdersOf,
  makeFolders,
  openTestHost,
  processesWith,
  reaches,
  type TestHost,
} from "./test-host.ts";

/* Shards are apart from each other, and from what outlives them. */

let folders: TestFolders;
let testHost: TestHost;

beforeEach(async () => {
  folders = makeFolders();
  testHost = await openTestHost(folders, { shell: kinds["shell"]!, fake: fakeKind });
});

afterEach(() => clear(testHost, folders));

/** The agent's last answer to this many prompts. */
async function answerTo(name: string, text: string, nth: number): Promise<string> {
  await testHost.host.send({ name, text });
  return (await testHost.log.next("answer", name, nth)).text;
}

async function spawn(name: string, agent: string): Promise<void> {
  await testHost.host.spawn({ name, agent });
  await reaches(testHost.host, name, "idle");
}

/** What a process has open of terminals. */
function terminalsOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  try {
    const files = readdirSync(folder).flatMap((file) => {
      try {
        return [readlinkSync(join(folder, file))];
      } catch {
        return [];
      }
    });
    return files.filter((path) => /^\/dev\/(ptmx|pts\/)/.test(path));
  } catch {
    return [];
  }
}

it("ends job-control and setsid children with a shard, and lists what it can't know to be the shard's", async () => {
  await spawn("demo", "shell");
  const time = (n: number) => `1000.${n}${process.pid}`;
  const commands = [
    `sleep ${time(1)} &`,
    `setsid sleep ${time(2)} &`,
    `(trap "" HUP TERM INT; exec sleep ${time(3)}) &`,
    `(setsid env -i /bin/sleep ${time(4)} >/dev/null &)`,
  ];
  for (const [index, command] of commands.entries()) await answerTo("demo", command, index + 1);
  const running = () => commands.flatMap((_, index) => processesWith(`sleep ${time(index + 1)}`));
  await expect.poll(running).toHaveLength(4);
  const bare = running()[3]!;
  try {
    const destroyed = await testHost.host.destroy({ name: "demo" });
    // Of a daemon whose parent is gone and that dropped its environment, only the folder tells.
    const strays = process.platform === "linux" ? { strays: [bare] } : {};
    expect(destroyed).toEqual({ name: "demo", survivors: [], ...strays });
    expect(running()).toEqual([bare]);
  } finally {
    process.kill(bare, "SIGKILL");
  }
});

it.runIf(process.platform === "linux")("no process has a terminal of another shard open", async () => {
  for (const [name, agent] of [
    ["one", "shell"],
    ["two", "fake"],
    ["three", "shell"],
  ] as const)
    await spawn(name, agent);
  await answerTo("one", "sleep 1000 & setsid sleep 1000 &", 1);
  await answerTo("three", "sleep 1000 & setsid sleep 1000 &", 1);

  const holders = holdersOf(folders);
  expect(holders).toHaveLength(3);
  for (const holder of holders) expect(terminalsOf(holder)).toEqual(["/dev/ptmx"]);
  const shards = Map.groupBy(processesWith(`HOME=${dirname(folders.home)}`), markerOf);
  shards.delete(undefined);
  expect(shards.size).toBe(3);
  const terminals = [...shards.values()].map((pids) => new Set(pids.flatMap(terminalsOf)));
  for (const open of terminals) expect([...open]).toEqual([expect.stringMatching(/^\/dev\/pts\/\d+$/)]);
  const all = terminals.flatMap((open) => [...open]);
  expect(new Set(all).size).toBe(3);
  expect(terminalsOf(process.pid).filter((path) => path === "/dev/ptmx" || all.includes(path))).toEqual([]);
});

/** The marker of the shard that a process is of. */
function markerOf(pid: number): string | undefined {
  return /\0SHARDBRIDGE_SHARD=([^\0]+)/.exec(`\0${readFileSync(`/proc/${pid}/environ`, "utf8")}`)?.[1];
}
