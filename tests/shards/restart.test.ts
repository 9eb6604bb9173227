import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { Receipt } from "../../src/shards/host.ts";
import { openLocalHost } from "../../src/shards/local-host.ts";
import { openRecords, type ShardRecord, type TurnRecord } from "../../src/shards/saved/records.ts";
import { Store } from "../../src/store/store.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { HostProcess, patient } from "./killed-host.ts";
import {
  clear,
  git,
  type TestFolders,
  holdersOf,
  makeFolders,
  openTestHost,
  optionsFor,
  processesWith,
  reaches,
  savedKeys,
  type TestHost,
} from "./test-host.ts";

let folders: TestFolders;
let first: HostProcess | undefined;
let testHost: TestHost | undefined;

beforeEach(() => {
  folders = makeFolders();
});

afterEach(async () => {
  await first?.kill();
  // What a killed or closed host has left is taken over once more, to be removed.
  await testHost?.close();
  await clear(await openTestHost(folders, { fake: fakeKind }), folders);
  first = testHost = undefined;
});

async function killable(stuckOn?: string): Promise<HostProcess> {
  first = new HostProcess(folders, stuckOn);
  await first.ready();
  return first;
}

async function again(): Promise<TestHost> {
  testHost = await openTestHost(folders, { fake: fakeKind });
  return testHost;
}

const slow = (count: number) =>
  Array.from(
    { length: count },
    (_, index) => `Line ${String(index + 1).padStart(4, "0")}: slow and steady wins the race.`,
  ).join("\n");

/** Change what a killed host has left. */
async function change(work: (records: ReturnType<typeof openRecords>) => Promise<void>): Promise<void> {
  const store = await Store.open(folders.home);
  await work(openRecords(store));
  await store.close();
}

it("goes on with a turn whose host was killed in the middle, and brings its answer once and whole", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  expect(await killed.call<Receipt>("send", { name: "demo", text: "SLOW 60", by: "ann" })).toMatchObject({
    outcome: "submitted",
  });
  expect(await killed.call<Receipt>("send", { name: "demo", text: "SAY next ENDSAY", by: "bob" })).toMatchObject({
    outcome: "queued",
  });
  await killed.log.next("output", "demo");
  await killed.kill();

  const { host, log } = await again();
  expect(await host.list()).toMatchObject([{ name: "demo", alive: true, queued: 1, createdBy: "ann" }]);
  expect(await log.next("answer", "demo")).toMatchObject({ turn: 1, text: slow(60), by: "ann", truncated: false });
  expect(await log.next("answer", "demo", 2)).toMatchObject({ turn: 2, text: "next", by: "bob" });
  expect(log.of("receipt", "demo")).toMatchObject([{ receipt: { outcome: "submitted", turn: 2 }, by: "bob" }]);
  expect(log.of("answer", "demo")).toHaveLength(2);
  const before = Math.max(...killed.log.events.map(({ seq }) => seq));
  expect(Math.min(...log.events.map(({ seq }) => seq))).toBeGreaterThan(before);
});

it("brings the answer of a turn that ended while no host was there", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  await killed.call("send", { name: "demo", text: "SLOW 5", by: "ann" });
  await killed.kill();
  const { log } = await again();
  expect(await log.next("answer", "demo")).toMatchObject({ turn: 1, text: slow(5), by: "ann" });
  expect(log.of("answer", "demo")).toHaveLength(1);
});

it("delivers an answer again that the listener had not resolved for, with the same id", async () => {
  const killed = await killable("answer");
  await killed.spawnDemo();
  await killed.call("send", { name: "demo", text: "SAY once more ENDSAY", by: "ann" });
  const told = await killed.log.next("answer", "demo");
  await killed.kill();
  const { host, log } = await again();
  expect(await log.next("answer", "demo")).toEqual(told);
  await reaches(host, "demo", "idle");
  await host.send({ name: "demo", text: "SAY new ENDSAY" });
  expect(await log.next("answer", "demo", 2)).toMatchObject({ text: "new", turn: 2 });
  await testHost!.close();
  const { log: third } = await again();
  await reaches(testHost!.host, "demo", "idle");
  expect(third.of("answer", "demo")).toEqual([]);
});

it("never uses the number of a turn again", async () => {
  const killed = await killable();
  await killed.call("spawn", { name: "demo", prompt: "SAY first ENDSAY" });
  expect(await killed.log.next("answer", "demo")).toMatchObject({ turn: 1 });
  await killed.kill();
  const { host, log } = await again();
  await reaches(host, "demo", "idle");
  expect(await host.send({ name: "demo", text: "SAY second ENDSAY" })).toEqual({ outcome: "submitted", turn: 2 });
  const newest = () => log.of("answer", "demo").at(-1);
  await vi.waitFor(() => expect(newest()).toMatchObject({ turn: 2, text: "second" }), patient);
});

it("does not ask a question again that was asked before, and closes it", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  await killed.call("send", { name: "demo", text: "ASK", by: "ann" });
  const { question, id } = await killed.log.next("question", "demo");
  await killed.kill();
  const { host, log } = await again();
  await reaches(host, "demo", "waiting");
  await host.answer({ name: "demo", question: question.id, option: "2", by: "bob" });
  expect(await log.next("answer", "demo")).toMatchObject({ text: "You chose Blue.", by: "ann" });
  // The same event may come again, when the host was killed before it knew that it was heard.
  expect(log.of("question", "demo").filter((event) => event.id !== id)).toEqual([]);
  expect(log.of("question-closed", "demo")).toMatchObject([{ answer: "Blue", by: "bob" }]);
});

it("never types a prompt again that was being typed, and says so", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  await killed.kill();
  const turn: TurnRecord = {
    shard: "demo",
    number: 1,
    text: "SAY lost ENDSAY",
    typed: "SAY lost ENDSAY",
    by: "ann",
    state: "sending",
    baseline: { top: 0, rows: [], alternate: false },
  };
  await change(async ({ turns, shards }) => {
    await turns.set("demo/000000000001", turn);
    await shards.set("demo", { ...shards.get("demo")!, turns: 1 });
  });
  const { host, log } = await again();
  const receipt = await log.next("receipt", "demo");
  expect(receipt).toMatchObject({ text: turn.text, by: "ann", receipt: { outcome: "stalled" } });
  await reaches(host, "demo", "idle");
  await host.send({ name: "demo", text: "SAY other ENDSAY" });
  expect(await log.next("answer", "demo")).toMatchObject({ text: "other", turn: 2 });
  expect((await host.read({ name: "demo" })).text).not.toContain("lost");
});

it("never types a prompt again that was being typed into a turn, and says so; the turn goes on", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  await killed.call("send", { name: "demo", text: "SLOW 60", by: "ann" });
  await killed.kill();
  await change(async ({ turns, shards }) => {
    const steering = { shard: "demo", number: 2, text: "SAY lost ENDSAY", typed: "SAY lost ENDSAY", by: "bob" };
    await turns.set("demo/000000000002", { ...steering, state: "sending", into: 1 });
    await shards.set("demo", { ...shards.get("demo")!, turns: 2 });
  });
  const { host, log } = await again();
  const told = { text: "SAY lost ENDSAY", by: "bob", receipt: { outcome: "stalled" } };
  expect(await log.next("receipt", "demo")).toMatchObject(told);
  expect(await log.next("answer", "demo")).toMatchObject({ turn: 1, text: slow(60), by: "ann" });
  await reaches(host, "demo", "idle");
  expect(await host.send({ name: "demo", text: "SAY next ENDSAY" })).toEqual({ outcome: "submitted", turn: 3 });
  expect(await log.next("answer", "demo", 2)).toMatchObject({ turn: 3, text: "next" });
  expect(log.of("receipt", "demo")).toHaveLength(1);
  expect((await host.read({ name: "demo" })).text).not.toContain("lost");
});

it("has saved that a prompt is being typed before the first byte of it, in each way in which one is typed", async () => {
  const disk = new Map<string, unknown>();
  const store = await Store.over(disk);
  const saved = () => [...disk.values()].map((value) => JSON.stringify(value).replaceAll("\\", "")).join("\n");
  /** What was saved when a prompt first showed. */
  const seen = new Map<string, string>();
  const composer: typeof fakeKind.composer = (view) => {
    const shown = fakeKind.composer(view);
    for (const word of ["direct", "queued", "steered"])
      if (shown?.includes(`SAY ${word}`) && !seen.has(word)) seen.set(word, saved());
    return shown;
  };
  const host = await openLocalHost(optionsFor(folders, store, { fake: { ...fakeKind, composer } }));
  host.subscribe(async () => undefined);
  await host.spawn({ name: "demo" });
  await reaches(host, "demo", "idle");
  await host.send({ name: "demo", text: "SAY direct ENDSAY" });
  await reaches(host, "demo", "idle");
  await host.send({ name: "demo", text: "SLOW 60" });
  await host.send({ name: "demo", text: "SAY queued ENDSAY" });
  await host.send({ name: "demo", text: "SAY steered ENDSAY", when: "steer" });
  await expect.poll(() => [...seen.keys()].toSorted()).toEqual(["direct", "queued", "steered"]);
  for (const [word, then] of seen)
    expect(then).toMatch(new RegExp(`"text":"SAY ${word} ENDSAY"[^\\n]*"state":"sending"`));
  await host.destroy({ name: "demo", force: true });
  await host.release();
});

it("keeps what waits in its order, and lets it be taken away", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  await killed.call("send", { name: "demo", text: "SLOW 2000", by: "ann" });
  for (const text of ["one", "two"]) await killed.call("send", { name: "demo", text: `SAY ${text} ENDSAY`, by: "bob" });
  await killed.kill();
  await change(async ({ turns, shards }) => {
    const urgent = { shard: "demo", number: 4, text: "SAY urgent ENDSAY", typed: "SAY urgent ENDSAY", by: "ann" };
    await turns.set("demo/000000000004", { ...urgent, state: "queued", ahead: true });
    await shards.set("demo", { ...shards.get("demo")!, turns: 4 });
  });
  const { host } = await again();
  expect(await host.queue({ name: "demo" })).toEqual([
    { id: 4, position: 1, text: "SAY urgent ENDSAY", by: "ann" },
    { id: 2, position: 2, text: "SAY one ENDSAY", by: "bob" },
    { id: 3, position: 3, text: "SAY two ENDSAY", by: "bob" },
  ]);
  await host.unqueue({ name: "demo", id: 2 });
  await testHost!.close();
  const { host: third, log: later } = await again();
  expect(await third.queue({ name: "demo" })).toMatchObject([{ id: 4 }, { id: 3 }]);
  await third.stop({ name: "demo" });
  await later.next("answer", "demo", 3);
  expect(later.of("answer", "demo").map(({ text }) => text)).toEqual([expect.any(String), "urgent", "two"]);
});

it("says once that a shard is lost whose holder has gone, and destroys it", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  await killed.call("send", { name: "demo", text: "SLOW 200", by: "ann" });
  await killed.kill();
  process.kill(holdersOf(folders)[0]!, "SIGKILL");
  const { host, log } = await again();
  expect(await host.list()).toMatchObject([{ alive: false, status: { state: "lost" } }]);
  expect(await log.next("answer", "demo")).toMatchObject({ turn: 1, text: "", truncated: true });
  await expect.poll(() => log.of("state", "demo")).toMatchObject([{ status: { state: "lost" } }]);
  await testHost!.close();
  const { log: second } = await again();
  await testHost!.host.destroy({ name: "demo" });
  await second.next("destroyed", "demo");
  expect(second.of("state", "demo")).toEqual([]);
  expect(git(folders.repo, "branch", "--list", "shard/*")).toBe("");
});

it("goes on with a removal that was interrupted, and says that the shard is gone", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  await killed.kill();
  await change(async ({ shards }) => shards.set("demo", { ...shards.get("demo")!, phase: "destroying" }));
  const { host, log } = await again();
  expect(await host.list()).toEqual([]);
  await log.next("destroyed", "demo");
  expect(processesWith(join(folders.home, "shards"))).toEqual([]);
  expect(git(folders.repo, "branch", "--list", "shard/*")).toBe("");
  await testHost!.close();
  expect(savedKeys(folders.home)).toEqual([]);
});

it("finishes a spawn whose agent runs already", async () => {
  const killed = await killable();
  await killed.spawnDemo();
  await killed.kill();
  await change(async ({ shards }) => shards.set("demo", { ...shards.get("demo")!, phase: "creating" }));
  const { host, log } = await again();
  await reaches(host, "demo", "idle");
  await host.send({ name: "demo", text: "SAY here ENDSAY" });
  expect(await log.next("answer", "demo")).toMatchObject({ text: "here" });
});

/** A spawn that got as far as its worktree, or not even there. */
async function interruptedSpawn(worktree: boolean): Promise<string> {
  mkdirSync(folders.home, { recursive: true });
  const path = join(folders.home, "worktrees/app/demo");
  if (worktree) git(folders.repo, "worktree", "add", "--quiet", "-b", "shard/demo", path);
  const record: ShardRecord = {
    name: "demo",
    repo: "app",
    repoPath: folders.repo,
    worktree: worktree ? path : "",
    branch: worktree ? "shard/demo" : "",
    base: "main",
    commit: worktree ? git(folders.repo, "rev-parse", "main") : "",
    agent: "fake",
    folder: join(folders.home, "shards/demo"),
    socket: join(folders.home, "run/0.sock"),
    secret: "s",
    marker: "11111111-2222-3333-4444-555555555555",
    conversation: "c",
    phase: "creating",
    createdAt: new Date().toISOString(),
    createdBy: "ann",
    turns: 0,
    questions: 0,
    ended: false,
  };
  await change(async ({ shards }) => shards.set("demo", record));
  return path;
}

it.each([true, false])("undoes a spawn that was interrupted before the agent ran (worktree: %s)", async (made) => {
  const path = await interruptedSpawn(made);
  const { host } = await again();
  expect(await host.list()).toEqual([]);
  expect(existsSync(path)).toBe(false);
  expect(git(folders.repo, "branch", "--list", "shard/*")).toBe("");
  await testHost!.close();
  expect(savedKeys(folders.home)).toEqual([]);
  await again();
});

it("keeps work that is in the place of an interrupted spawn", async () => {
  const path = await interruptedSpawn(false);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, "mine.txt"), "x");
  const { host } = await again();
  expect(await host.list()).toEqual([]);
  expect(readdirSync(path)).toEqual(["mine.txt"]);
});

it("keeps the shard of an interrupted spawn that has work in it", async () => {
  const path = await interruptedSpawn(true);
  writeFileSync(join(path, "new.txt"), "x");
  const { host } = await again();
  expect(await host.list()).toMatchObject([{ name: "demo", status: { state: "lost" } }]);
  await expect(host.destroy({ name: "demo" })).rejects.toMatchObject({ code: "unsaved_work" });
});

it("refuses a second host on the same state", async () => {
  await again();
  await expect(openTestHost(folders, { fake: fakeKind })).rejects.toMatchObject({ code: "locked" });
});
