import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { join } from "node:path";
import type { ShardEvent } from "../../src/shards/events.ts";
import { openRecords, type ShardRecord } from "../../src/shards/saved/records.ts";
import { Store } from "../../src/store/store.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { HostProcess, patient } from "./killed-host.ts";
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

let folders: TestFolders;
let killed: HostProcess;
let testHost: TestHost | undefined;

beforeEach(async () => {
  folders = makeFolders();
  testHost = undefined;
  killed = new HostProcess(folders);
  await killed.ready();
  await killed.spawnDemo();
});

afterEach(async () => {
  await killed.kill();
  await clear(testHost ?? (await again()), folders);
});

async function again(): Promise<TestHost> {
  await testHost?.close();
  testHost = await openTestHost(folders, { fake: fakeKind });
  return testHost;
}

/** Change what a killed host has left. */
async function change(part: (record: ShardRecord) => Partial<ShardRecord>): Promise<void> {
  const store = await Store.open(folders.home);
  const { shards } = openRecords(store);
  const record = shards.get("demo")!;
  await shards.set("demo", { ...record, ...part(record) });
  await store.close();
}

/** All events of a type, each once: one may come again to a second host, when the first was killed before it knew that it was heard. */
function told<T extends ShardEvent["type"]>(type: T): Extract<ShardEvent, { type: T }>[] {
  const all = [...killed.log.of(type), ...testHost!.log.of(type)];
  return [...new Map(all.map((event) => ["id" in event ? event.id : event.seq, event])).values()];
}

async function say(words: string): Promise<void> {
  const { host, log } = testHost!;
  await reaches(host, "demo", "idle");
  const before = log.of("answer").length;
  await host.send({ name: "demo", text: `SAY ${words} ENDSAY` });
  expect(await log.next("answer", "demo", before + 1)).toMatchObject({ text: words });
}

it("finishes a close whose host was killed in the middle", async () => {
  await killed.call("send", { name: "demo", text: "SLOW 200", by: "ann" });
  await killed.log.next("output", "demo");
  void killed.call("close", { name: "demo", by: "bob" });
  await killed.log.next("answer", "demo");
  await killed.kill();
  const { host, log } = await again();
  const status = { state: "exited", why: "closed by bob" };
  expect(await host.list()).toMatchObject([{ name: "demo", alive: false, status }]);
  if (killed.log.of("exited").length === 0) await log.next("exited", "demo");
  expect(told("exited")).toMatchObject([{ how: "closed" }]);
  expect(told("answer")).toMatchObject([{ turn: 1, by: "ann", truncated: true }]);
  expect((await host.read({ name: "demo" })).text).toContain("Line 0001");
  await vi.waitFor(() => expect(processesWith(join(folders.home, "shards"))).toEqual([]), patient);
});

it.each([
  ["alive", "nothing"],
  ["gone", "the holder"],
])("finishes a close that was only begun, with a holder that is %s", async (_, gone) => {
  await killed.kill();
  if (gone === "the holder") process.kill(holdersOf(folders)[0]!, "SIGKILL");
  await change(() => ({ phase: "closing", closedBy: "bob" }));
  const { host, log } = await again();
  expect(await host.list()).toMatchObject([{ alive: false, status: { state: "exited", why: "closed by bob" } }]);
  expect(await log.next("exited", "demo")).toMatchObject({ how: "closed" });
  expect(log.of("exited")).toHaveLength(1);
  expect(log.of("state").filter(({ status }) => status.state === "lost")).toEqual([]);
  await again();
  await testHost!.host.resume({ name: "demo" });
  await say("here");
  expect(testHost!.log.of("exited")).toEqual([]);
});

it("finishes a resume whose agent runs already", async () => {
  await killed.call("send", { name: "demo", text: "SAY before ENDSAY" });
  await killed.log.next("answer", "demo");
  await killed.call("close", { name: "demo", by: "bob" });
  void killed.call("resume", { name: "demo" });
  const starts = () => killed.log.of("state").find(({ status }) => status.state === "starting");
  await vi.waitFor(() => expect(starts()).toBeDefined(), patient);
  await killed.kill();
  const { host } = await again();
  await say("after");
  expect(await host.list()).toMatchObject([{ alive: true }]);
  expect(holdersOf(folders)).toHaveLength(1);
  expect(told("answer").map(({ text }) => text)).toEqual(["before", "after"]);
});

it("undoes a resume whose holder never came up, and keeps what can be read", async () => {
  await killed.call("send", { name: "demo", text: "SAY before ENDSAY" });
  await killed.log.next("answer", "demo");
  await killed.call("close", { name: "demo", by: "bob" });
  await killed.kill();
  await change(({ socket }) => ({ phase: "resuming", socket: `${socket}.new`, resumes: 1 }));
  const { host, log } = await again();
  expect(await host.list()).toMatchObject([{ alive: false, status: { state: "exited", why: "closed by bob" } }]);
  expect((await host.read({ name: "demo" })).text).toMatch(/before$/);
  expect(log.of("exited")).toEqual([]);
  await host.resume({ name: "demo" });
  await say("after all");
});

it("tells an end that came while no host was there, once, and lets the holder go", async () => {
  await killed.call("send", { name: "demo", text: "CRASH 5", by: "ann" });
  await killed.kill();
  const { host, log } = await again();
  if (killed.log.of("exited").length === 0) await log.next("exited", "demo");
  expect(told("exited")).toMatchObject([{ how: "crashed", exit: { code: 5 } }]);
  expect(await host.list()).toMatchObject([{ alive: false, status: { state: "exited", why: "exit code 5" } }]);
  await vi.waitFor(() => expect(holdersOf(folders)).toEqual([]), patient);
});

it("ends a holder that was to be let go", async () => {
  await killed.kill();
  await change(() => ({ ended: true, end: { at: new Date().toISOString(), why: "exit code 0", exit: { code: 0 } } }));
  await again();
  await vi.waitFor(() => expect(holdersOf(folders)).toEqual([]), patient);
});
