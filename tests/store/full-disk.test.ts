import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import type { KeyvStorageAdapter } from "keyv";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { NotSavedError } from "../../src/errors.ts";
import { configureLog } from "../../src/log.ts";
import { findProgram } from "../../src/shards/process/find-program.ts";
import { SqliteStorage } from "../../src/store/sqlite.ts";
import { Store } from "../../src/store/store.ts";
import { Disk } from "../fakes/disk.ts";

let folder: string;
let logged: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "full-disk-"));
  logged = [];
  configureLog({ write: (line) => logged.push((JSON.parse(line) as { message: string }).message) });
});
afterEach(() => {
  configureLog({ write: () => {} });
  rmSync(folder, { recursive: true, force: true });
});

describe("while the disk takes nothing", () => {
  it("writes wait, are made in their order, and nothing reads what is not saved", async () => {
    const { disk, store } = await Disk.open(folder);
    const numbers = store.collection("number", z.number());
    await numbers.set("n", 1);
    disk.full = true;
    const order: string[] = [];
    const writes = [
      numbers.set("n", 2).then(() => order.push("set 2")),
      store.write([numbers.change("n", 3), numbers.change("m", 3)]).then(() => order.push("both 3")),
      numbers.delete("m").then(() => order.push("delete")),
      numbers.set("n", 4).then(() => order.push("set 4")),
    ];
    await expect.poll(() => disk.tries).toBeGreaterThan(2);
    expect([numbers.get("n"), numbers.get("m"), order]).toEqual([1, undefined, []]);
    expect(store.fault?.message).toContain("database or disk is full");
    disk.full = false;
    await Promise.all(writes);
    expect(order).toEqual(["set 2", "both 3", "delete", "set 4"]);
    expect(store.fault).toBeUndefined();
    expect(logged).toEqual(["the state can't be saved; what has to be saved waits", "the state can be saved again"]);
    await store.close();
    const again = await Store.open(folder);
    expect(again.collection("number", z.number()).entries()).toEqual([["n", 4]]);
    await again.close();
  });

  it("what nobody relies on yet is refused at once, also behind what waits", async () => {
    const { disk, store } = await Disk.open(folder);
    const numbers = store.collection("number", z.number());
    disk.full = true;
    await expect(numbers.attempt("a", 1)).rejects.toBeInstanceOf(NotSavedError);
    const waiting = numbers.set("b", 1);
    const behind = numbers.attempt("a", 2);
    await expect(behind).rejects.toBeInstanceOf(NotSavedError);
    await expect(numbers.attempt("a", 3)).rejects.toThrow(/SHARDBRIDGE_HOME/);
    disk.full = false;
    await waiting;
    await numbers.attempt("a", 4);
    expect(numbers.entries()).toEqual([
      ["b", 1],
      ["a", 4],
    ]);
    await store.close();
  });

  it("a stop waits for nothing", async () => {
    const { disk, store } = await Disk.open(folder);
    const numbers = store.collection("number", z.number());
    disk.full = true;
    const waiting = [numbers.set("a", 1), numbers.set("b", 1)];
    const refused = Promise.all(waiting.map(async (write) => expect(write).rejects.toBeInstanceOf(NotSavedError)));
    store.stopWaiting();
    await refused;
    await expect(numbers.set("c", 1)).rejects.toBeInstanceOf(NotSavedError);
    await store.close();
  });

  it("another fault is no reason to wait", async () => {
    const { store } = await Disk.open(folder);
    const numbers = store.collection("number", z.number());
    await store.close();
    await expect(numbers.set("a", 1)).rejects.not.toBeInstanceOf(NotSavedError);
    expect(store.fault).toBeUndefined();
  });

  it("a state file that may not be written is the same, until it may", async () => {
    const storage = new SqliteStorage(join(folder, "state.sqlite"));
    const exec = vi.spyOn(DatabaseSync.prototype, "prepare");
    const store = await Store.over(storage as unknown as KeyvStorageAdapter);
    const numbers = store.collection("number", z.number());
    await numbers.set("a", 1);
    const db = exec.mock.contexts[0] as DatabaseSync;
    // SQLite itself then answers every write with SQLITE_READONLY, as on a disk that has become read-only.
    db.exec("PRAGMA query_only = ON");
    await expect(numbers.attempt("b", 2)).rejects.toThrow(NotSavedError);
    const waits = numbers.set("c", 3);
    await expect.poll(() => store.fault?.message).toContain("attempt to write a readonly database");
    db.exec("PRAGMA query_only = OFF");
    await waits;
    expect([numbers.get("b"), numbers.get("c"), store.fault]).toEqual([undefined, 3, undefined]);
    await store.close();
  });

  const prlimit = findProgram("prlimit", process.env);
  it.skipIf(prlimit === undefined)("is what happens when the system refuses to write, too", async () => {
    const script = join(folder, "writer.mts");
    writeFileSync(
      script,
      `
      import { Store } from ${JSON.stringify(new URL("../../src/store/store.ts", import.meta.url).href)};
      import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
      const store = await Store.open(process.argv[2]);
      const a = store.collection("a", z.number());
      const b = store.collection("b", z.number());
      let n = 0;
      process.stdin.on("data", () => {
        const now = (n += 1);
        const say = (what) => () => console.log(what, now);
        a.attempt("t", now).then(say("tried"), say("refused"));
        store.write([a.change("n", now), b.change("n", now)]).then(say("saved"));
      });
      console.log("ready");`,
    );
    const child = spawn(process.execPath, [script, folder], { stdio: ["pipe", "pipe", "ignore"] });
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => (await lines.next()).value as string;
    const limit = (size: string) => execFileSync("prlimit", [`--fsize=${size}:`, "--pid", String(child.pid)]);
    expect(await next()).toBe("ready");
    child.stdin.write("1");
    expect([await next(), await next()]).toEqual(["tried 1", "saved 1"]);
    limit("0");
    child.stdin.write("2");
    expect(await next()).toBe("refused 2");
    child.stdin.write("3");
    expect(await next()).toBe("refused 3");
    limit("unlimited");
    expect([await next(), await next()]).toEqual(["saved 2", "saved 3"]);
    child.kill("SIGKILL");
    await new Promise((resolve) => child.once("close", resolve));
    const store = await Store.open(folder);
    const read = (kind: string) => store.collection(kind, z.number()).entries();
    expect([read("a"), read("b")]).toEqual([
      [
        ["n", 3],
        ["t", 1],
      ],
      [["n", 3]],
    ]);
    await store.close();
  });
});
