import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { Threads } from "../../src/bot/threads/threads.ts";
import { Owners } from "../../src/bot/orchestration/wakes/owners.ts";
import { identityOf, openRecords } from "../../src/shards/saved/records.ts";
import { type Envelope, migrate, version } from "../../src/store/migrations.ts";
import { Store } from "../../src/store/store.ts";

interface Row {
  key: string;
  value: { value: Envelope; expires?: number };
  expires?: number;
}

const left = JSON.parse(readFileSync(join(import.meta.dirname, "../fixtures/stores/version-1.json"), "utf8")) as Row[];
const any = z.unknown();
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "migrations-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A state folder as an older version left it. */
async function leave(rows: readonly Row[]): Promise<void> {
  await (await Store.open(folder)).close();
  const db = new DatabaseSync(join(folder, "state.sqlite"));
  const insert = db.prepare("INSERT INTO records (key, value, expires) VALUES (?, ?, ?)");
  for (const { key, value, expires } of rows) insert.run(key, JSON.stringify(value), expires ?? null);
  db.close();
}

function onDisk(): Row[] {
  const db = new DatabaseSync(join(folder, "state.sqlite"));
  const rows = db.prepare("SELECT key, value, expires FROM records ORDER BY key").all();
  db.close();
  return rows.map(({ key, value, expires }) => ({
    key: String(key),
    value: JSON.parse(String(value)) as Row["value"],
    ...(expires !== null && { expires: Number(expires) }),
  }));
}

/** The markers of the shards that version 1 left, which are their ids from now on. */
const ids = new Map(
  left.flatMap(({ key, value }): [string, string][] =>
    key.startsWith("shard/") ? [[key.slice(6), (value.value.value as { marker: string }).marker]] : [],
  ),
);

describe("a store of version 1", () => {
  it("has an id and a host beside each shard's name, in all that names one, and loses nothing", async () => {
    await leave(left);
    await (await Store.open(folder)).close();
    const rows = onDisk();
    expect(rows.map(({ key }) => key)).toEqual(left.map(({ key }) => key).toSorted());
    for (const { key, value } of rows) {
      const before = left.find((row) => row.key === key)!.value.value.value;
      expect([key, value.value.v]).toEqual([key, version]);
      expect([key, value.value.value]).toMatchObject([key, before]);
    }
    const of = (key: string) => rows.find((row) => row.key === key)?.value.value.value;
    const named = (name: string) => ({ shardId: ids.get(name), host: "local" });
    expect(of("shard/demo")).toMatchObject({ id: ids.get("demo"), host: "local" });
    expect(of("shard-owner/owned")).toMatchObject(named("owned"));
    expect(of("tool-bearer/owned")).toMatchObject(named("owned"));
    expect(of("question/demo")).toMatchObject(named("demo"));
    const all = (kind: string) =>
      rows.flatMap(({ key, value }) => (key.startsWith(`${kind}/`) ? [value.value.value] : []));
    const named1 = all("shard-turn") as { shard: string }[];
    expect(named1.length).toBeGreaterThan(0);
    for (const one of [...named1, ...(all("card") as { shard: string }[]), ...(all("thread") as { shard: string }[])])
      expect(one).toMatchObject(named(one.shard));
    for (const one of all("step") as { step: { name: string } }[]) expect(one).toMatchObject(named(one.step.name));
    const tasks = all("task") as { wait: { conditions: { shard: string }[] } }[];
    for (const one of tasks.flatMap(({ wait }) => wait.conditions)) expect(one).toMatchObject(named(one.shard));
    for (const kind of ["shard-sequence", "shard-history", "shard-answer"]) {
      const entries = rows.filter(({ key }) => key.startsWith(`${kind}/`));
      expect(entries.length).toBeGreaterThan(0);
      for (const { key, value } of entries) expect(value.value.value).toMatchObject(named(key.split("/")[1]!));
    }
  });

  it("is read by what saves such records", async () => {
    await leave(left);
    const store = await Store.open(folder);
    const records = openRecords(store);
    for (const [name, record] of records.shards.entries())
      expect(identityOf(record)).toEqual({ shardId: ids.get(name), host: "local" });
    expect(records.histories.read("demo").entries).toMatchObject([
      { type: "answer", text: "hello" },
      { type: "question" },
    ]);
    expect(records.histories.read("demo").entries[0]).not.toHaveProperty("shardId");
    const threads = new Threads(store);
    expect(threads.of("demo")).toMatchObject([{ shardId: ids.get("demo"), host: "local" }]);
    expect(new Owners(store).of("owned")).toMatchObject({ shardId: ids.get("owned") });
    await store.close();
  });

  it("is migrated once", async () => {
    await leave(left);
    await (await Store.open(folder)).close();
    const first = onDisk();
    await (await Store.open(folder)).close();
    expect(onDisk()).toEqual(first);
  });

  it("keeps when a record is forgotten", async () => {
    const expires = Date.now() + 3_600_000;
    const value = { value: { v: 1, value: "x" }, expires };
    await leave([{ key: "one/k", value, expires }]);
    await (await Store.open(folder)).close();
    expect(onDisk()).toEqual([{ key: "one/k", value: { value: { v: version, value: "x" }, expires }, expires }]);
  });

  it("gives a shard's id to no record of an earlier shard of its name", () => {
    const shard = { name: "demo", marker: "aaaaaaaa-1", createdAt: "2026-12-01T10:00:00.000Z" };
    const event = { shard: "demo", type: "destroyed", at: "2026-12-01T09:00:00.000Z", id: "destroyed:demo:bbbbbbbb" };
    const now = { ...event, id: "exited:demo:aaaaaaaa", at: "2026-12-01T11:00:00.000Z" };
    const thread = { shard: "demo", boundAt: "2026-12-01T09:00:00.000Z" };
    const old = {
      "shard/demo": shard,
      "shard-event/demo/1": { event },
      "shard-event/demo/2": { event: now },
      "thread/t": thread,
    };
    const saved = migrate(new Map(Object.entries(old).map(([key, value]) => [key, { v: 1, value }])));
    expect(saved.get("shard-event/demo/1")?.value).toEqual({ event });
    expect(saved.get("shard-event/demo/2")?.value).toEqual({ event: { ...now, shardId: "aaaaaaaa-1", host: "local" } });
    expect(saved.get("thread/t")?.value).toEqual(thread);
  });

  it("has records of no known shape, which are left as they are", () => {
    const odd = { "shard/odd": {}, "task/t": { wait: null }, "wake/w": [], "thread/x": "text", plain: 1 };
    const saved = migrate(new Map(Object.entries(odd).map(([key, value]) => [key, { v: 1, value }])));
    expect([...saved].map(([key, { value }]) => [key, value])).toEqual(Object.entries(odd));
  });
});

it("is refused where its version is newer, and left as it is", async () => {
  const newer = [{ key: "one/k", value: { value: { v: version + 1, value: "x" } } }];
  await leave(newer);
  const store = await Store.open(folder);
  expect(() => store.collection("one", any)).toThrow(/one\/k is of version 3.*newer version/);
  await store.close();
  expect(onDisk()).toEqual(newer);
});
