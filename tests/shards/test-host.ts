import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { vi } from "vitest";
import type { AgentKind } from "../../src/shards/agents/agent.ts";
import type { HolderAddresses } from "../../src/shards/lifecycle/holder-address.ts";
import type { ShardEvent } from "../../src/shards/events.ts";
import type { ShardHost, ShardState } from "../../src/shards/host.ts";
import { type LocalHostOptions, openLocalHost } from "../../src/shards/local-host.ts";
import type { Watchful } from "../../src/shards/lifecycle/reconcile.ts";
import { Store } from "../../src/store/store.ts";

/** A folder with a git repo in it and a place for a host's state. */
export interface TestFolders {
  home: string;
  repo: string;
  remove(): void;
}

export function makeFolders(): TestFolders {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "shards-")));
  const repo = join(folder, "app");
  mkdirSync(repo);
  writeFileSync(join(repo, "README.md"), "# App\n");
  git(repo, "init", "--quiet", "--initial-branch=main");
  git(repo, "add", "README.md");
  git(repo, "-c", "user.name=Test", "-c", "user.email=test@example.com", "commit", "--quiet", "-m", "First");
  const home = join(folder, "home");
  return { home, repo, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

export function git(folder: string, ...args: string[]): string {
  return execFileSync("git", args, { cwd: folder, encoding: "utf8" }).trim();
}

/** What a host gets of the world: enough for git, a shell and the fake agent. */
function environment(folders: TestFolders): Record<string, string> {
  const path = [dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
  return { PATH: path, HOME: dirname(folders.home), LANG: "C.UTF-8", SHELL: "/bin/bash" };
}

export function optionsFor(
  folders: TestFolders,
  store: Store,
  kinds: Record<string, AgentKind>,
  more: Partial<LocalHostOptions> = {},
): LocalHostOptions {
  return {
    home: folders.home,
    repos: { app: folders.repo },
    defaultAgent: Object.keys(kinds)[0] ?? "",
    maxShards: 5,
    passVariables: [],
    secrets: [],
    kinds,
    store,
    ...more,
    env: { ...environment(folders), ...more.env },
  };
}

export interface TestHost {
  host: ShardHost & HolderAddresses & Watchful;
  log: EventLog;
  store: Store;
  /** Let go of the shards, as a bot that is stopped does. */
  close(): Promise<void>;
}

/** A host over the folders, with a listener that takes every event. */
export async function openTestHost(
  folders: TestFolders,
  kinds: Record<string, AgentKind>,
  more: Partial<LocalHostOptions> = {},
): Promise<TestHost> {
  const store = await Store.open(folders.home);
  const host = await openLocalHost(optionsFor(folders, store, kinds, more));
  const log = new EventLog();
  host.subscribe(log.take);
  let closed = false;
  const close = async () => {
    if (closed) return;
    closed = true;
    await host.release();
    await store.close();
  };
  return { host, log, store, close };
}

/** Destroy all shards, whatever state they are in, and take the folders away. */
export async function clear(testHost: TestHost, folders: TestFolders): Promise<void> {
  await destroyAll(testHost.host);
  await testHost.close();
  folders.remove();
}

export async function destroyAll(host: ShardHost): Promise<void> {
  for (const { name } of await host.list()) await host.destroy({ name, force: true });
}

type EventOf<T extends ShardEvent["type"]> = Extract<ShardEvent, { type: T }>;

/** The events that a listener was given. */
export class EventLog {
  readonly events: ShardEvent[] = [];
  readonly take = async (event: ShardEvent): Promise<void> => void this.events.push(event);

  /** The events of one type, of one shard. */
  of<T extends ShardEvent["type"]>(type: T, shard?: string): EventOf<T>[] {
    const found = this.events.filter((event) => event.type === type && (shard ?? event.shard) === event.shard);
    return found as EventOf<T>[];
  }

  /** The nth event of a type, from 1, once it is there. */
  async next<T extends ShardEvent["type"]>(type: T, shard: string, nth = 1, timeout = 15_000): Promise<EventOf<T>> {
    const find = () => this.of(type, shard)[nth - 1] ?? Promise.reject(new Error(`No ${type} ${nth} of ${shard}.`));
    return vi.waitFor(find, { timeout, interval: 20 });
  }
}

/** Wait until a shard is in this state. */
export async function reaches(host: ShardHost, name: string, state: ShardState): Promise<void> {
  const look = async () => {
    const is = (await host.list()).find((shard) => shard.name === name)?.status;
    if (is?.state !== state) throw new Error(`${name} is ${is?.state} (${is?.why}), not ${state}.`);
  };
  await vi.waitFor(look, { timeout: 15_000, interval: 20 });
}

/** The socket of the one shard that there is. */
export function socketOf(folders: TestFolders): string {
  const [name] = readdirSync(join(folders.home, "run"));
  return join(folders.home, "run", name!);
}

/** The process ids of the holders of this folders's shards, which have the path of their spec as an argument. */
export function holdersOf(folders: TestFolders): number[] {
  return processesWith(join(folders.home, "shards")).filter((pid) => commandOf(pid).includes("holder"));
}

/** Ids of the processes that have this text in their command or, where it may be read, in their environment. */
export function processesWith(text: string): number[] {
  const all = execFileSync("ps", ["axeww", "-o", "pid=,stat=,command="], { encoding: "utf8", maxBuffer: 256_000_000 });
  const found = all.split("\n").flatMap((line) => {
    const [, pid, stat] = /^\s*(\d+)\s+(\S+)/.exec(line) ?? [];
    return pid !== undefined && !stat?.startsWith("Z") && line.includes(text) ? [Number(pid)] : [];
  });
  return found.filter((pid) => pid !== process.pid);
}

function commandOf(pid: number): string {
  return execFileSync("ps", ["ww", "-o", "command=", "-p", `${pid}`], { encoding: "utf8" });
}

/** Keys of all records of a state folder that nobody has open. */
export function savedKeys(home: string): string[] {
  const db = new DatabaseSync(join(home, "state.sqlite"));
  try {
    return db
      .prepare("SELECT key FROM records")
      .all()
      .map((row) => String(row["key"]));
  } finally {
    db.close();
  }
}
