import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { fakeKind } from "../fakes/fake-kind.ts";
import type { HolderSpec } from "../../src/shards/holder/protocol.ts";
import { HolderClient } from "../../src/shards/holder/client.ts";
import { isAlive } from "../../src/shards/process/processes.ts";
import { openRecords, type ShardRecord } from "../../src/shards/saved/records.ts";
import { markerName } from "../../src/shards/lifecycle/spawn.ts";
import { Store } from "../../src/store/store.ts";
import { clear, git, type TestFolders, makeFolders, openTestHost, reaches, type TestHost } from "./test-host.ts";

const folder = join(import.meta.dirname, "../fixtures/holders");
const holders = readdirSync(folder).filter((name) => name.endsWith(".mjs"));
const silent = { view: () => undefined, exit: () => undefined, closed: () => undefined };
const patient = { timeout: 15_000, interval: 20 };

let folders: TestFolders;
let testHost: TestHost | undefined;

beforeEach(() => {
  folders = makeFolders();
});

afterEach(async () => {
  await clear(testHost ?? (await openTestHost(folders, { fake: fakeKind })), folders);
  testHost = undefined;
});

/** What an older version left: a worktree, a record, and a holder of that version with the agent in it. */
async function leave(holder: string): Promise<ShardRecord> {
  const worktree = join(folders.home, "worktrees/app/demo");
  git(folders.repo, "worktree", "add", "--quiet", "-b", "shard/demo", worktree);
  for (const place of ["run", "shards/demo"]) mkdirSync(join(folders.home, place), { recursive: true });
  const record: ShardRecord = {
    name: "demo",
    repo: "app",
    repoPath: folders.repo,
    worktree,
    branch: "shard/demo",
    base: "main",
    commit: git(folders.repo, "rev-parse", "main"),
    agent: "fake",
    folder: join(folders.home, "shards/demo"),
    socket: join(folders.home, "run/0.sock"),
    secret: "a secret",
    marker: "11111111-2222-3333-4444-555555555555",
    conversation: "c",
    phase: "ready",
    createdAt: new Date().toISOString(),
    createdBy: "ann",
    turns: 0,
    questions: 0,
    ended: false,
  };
  const { child } = await start(holder, record);
  const store = await Store.open(folders.home);
  await openRecords(store).shards.set("demo", { ...record, child });
  await store.close();
  return record;
}

async function start(holder: string, record: ShardRecord): Promise<{ pid: number; child: number }> {
  const { shard, folder: place, worktree, marker, socket, secret } = { ...record, shard: record.name };
  const launch = fakeKind.launch({
    shard,
    worktree,
    repo: record.repoPath,
    folder: place,
    conversation: "c",
    resume: false,
    mode: undefined,
    shell: "sh",
    env: {},
  });
  const spec: HolderSpec = {
    shard,
    secret,
    socket,
    file: launch.file,
    args: launch.args,
    cwd: worktree,
    env: { PATH: process.env["PATH"]!, HOME: folders.home, TERM: "xterm-256color", [markerName]: marker },
    size: fakeKind.size,
    log: join(place, "output.log"),
    logLimit: 1_000_000,
  };
  writeFileSync(join(place, "spec"), JSON.stringify(spec));
  const args = [join(folder, holder), join(place, "spec")];
  spawn(process.execPath, args, { detached: true, stdio: "ignore", cwd: "/" }).unref();
  const client = await vi.waitFor(() => HolderClient.connect({ socket, secret, handlers: silent }), patient);
  client.close();
  return client.welcome;
}

describe.each(holders)("a holder of an older version: %s", (holder) => {
  it("is adopted, prompted, answered, read and ended", async () => {
    await leave(holder);
    testHost = await openTestHost(folders, { fake: fakeKind });
    const { host, log } = testHost;
    await reaches(host, "demo", "idle");
    expect(await host.send({ name: "demo", text: "SAY hello ENDSAY", by: "ann" })).toMatchObject({
      outcome: "submitted",
    });
    expect(await log.next("answer", "demo")).toMatchObject({ text: "hello", by: "ann", truncated: false });
    await host.send({ name: "demo", text: "ASK" });
    const { question } = await log.next("question", "demo");
    await host.answer({ name: "demo", question: question.id, option: "2" });
    expect(await log.next("answer", "demo", 2)).toMatchObject({ text: "You chose Blue." });
    expect((await host.read({ name: "demo" })).text).toMatch(/hello\n[^]*You chose Blue\.$/);
    await reaches(host, "demo", "idle");
    await host.send({ name: "demo", text: "SLOW 200" });
    await reaches(host, "demo", "working");
    await host.stop({ name: "demo" });
    await reaches(host, "demo", "idle");
    expect(await host.destroy({ name: "demo" })).toEqual({ name: "demo", survivors: [] });
  });

  it("goes on with its turn when the bot that is new now is gone again, and brings its log", async () => {
    const { socket, secret } = await leave(holder);
    testHost = await openTestHost(folders, { fake: fakeKind });
    await reaches(testHost.host, "demo", "idle");
    await testHost.host.send({ name: "demo", text: "SLOW 30" });
    await testHost.close();
    const client = await HolderClient.connect({ socket, secret, handlers: silent });
    const { end } = await client.log(0, 10);
    await expect.poll(async () => (await client.log(0, 0)).end).toBeGreaterThan(end);
    const first = await client.log(0, 1000);
    expect(first.offset).toBe(0);
    expect(first.data.toString()).toContain("Fake Agent v1");
    client.close();
    testHost = await openTestHost(folders, { fake: fakeKind });
    const { text } = await testHost.log.next("answer", "demo");
    expect(text.split("\n")).toHaveLength(30);
    expect(testHost.log.of("answer", "demo")).toHaveLength(1);
  });

  it("quits", async () => {
    const { socket, secret } = await leave(holder);
    const client = await HolderClient.connect({ socket, secret, handlers: silent });
    const { pid, child, operations } = client.welcome;
    expect(operations).toEqual(expect.arrayContaining(["view", "watch", "rows", "write", "log", "quit"]));
    await client.quit();
    await expect.poll(() => [isAlive(pid), isAlive(child)]).toEqual([false, false]);
  });
});
