import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { Store } from "../../src/store/store.ts";

const schema = z.object({ n: z.number(), text: z.string() });
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "store-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the store", () => {
  it("keeps records over a restart, each kind apart", async () => {
    const store = await Store.open(folder);
    const one = store.collection("one", schema);
    const two = store.collection("two", schema);
    await one.set("key:with/signs", { n: 1, text: "ünï" });
    await two.set("key:with/signs", { n: 2, text: "" });
    await one.set("gone", { n: 3, text: "" });
    await one.delete("gone");
    await store.close();

    const again = await Store.open(folder);
    expect(again.collection("one", schema).entries()).toEqual([["key:with/signs", { n: 1, text: "ünï" }]]);
    expect(again.collection("two", schema).get("key:with/signs")).toEqual({ n: 2, text: "" });
    await again.close();
  });

  it("forgets what has expired", async () => {
    const store = await Store.open(folder);
    await store.collection("one", schema).set("old", { n: 1, text: "" }, Date.now() - 1);
    await store.collection("one", schema).set("new", { n: 1, text: "" }, Date.now() + 60_000);
    await store.close();
    const again = await Store.open(folder);
    expect(
      again
        .collection("one", schema)
        .entries()
        .map(([key]) => key),
    ).toEqual(["new"]);
    await again.close();
  });

  it("is readable by its owner alone", async () => {
    const store = await Store.open(join(folder, "home"));
    expect(statSync(join(folder, "home")).mode & 0o777).toBe(0o700);
    expect(statSync(join(folder, "home", "state.sqlite")).mode & 0o777).toBe(0o600);
    await store.close();
  });

  it("refuses a second opener, in words", async () => {
    const store = await Store.open(folder);
    await expect(Store.open(folder)).rejects.toMatchObject({
      code: "locked",
      message: expect.stringContaining("Another Shardbridge") as string,
    });
    await store.close();
    await (await Store.open(folder)).close();
  });

  it("refuses a file that is no database", async () => {
    writeFileSync(
      join(folder, "state.sqlite"),
      "this is no database at all, but it is long enough to be one".repeat(100),
    );
    await expect(Store.open(folder)).rejects.toMatchObject({ code: "failed" });
  });

  it("refuses a record of an unknown version or shape, and leaves it as it is", async () => {
    const store = await Store.open(folder);
    await store.collection("one", z.object({ other: z.string() })).set("k", { other: "x" });
    await store.close();
    const again = await Store.open(folder);
    expect(() => again.collection("one", schema)).toThrow(/one\/k/);
    await again.close();
    const third = await Store.open(folder);
    expect(third.collection("one", z.object({ other: z.string() })).get("k")).toEqual({ other: "x" });
    await third.close();
  });

  it("never takes a value that its schema refuses", async () => {
    const store = await Store.open(folder);
    const records = store.collection("one", schema);
    await expect(records.set("k", { n: "no" } as unknown as { n: number; text: string })).rejects.toThrow(z.ZodError);
    expect(records.get("k")).toBeUndefined();
    await store.close();
  });

  it("loses no acknowledged record and tears no pair when its process is killed at any moment", async () => {
    const writer = `
      import { Store } from ${JSON.stringify(new URL("../../src/store/store.ts", import.meta.url).href)};
      import { z } from ${JSON.stringify(import.meta.resolve("zod"))};
      const store = await Store.open(process.argv[2]);
      const a = store.collection("a", z.number());
      const b = store.collection("b", z.number());
      for (let n = (a.get("n") ?? 0) + 1; ; n++) {
        await store.write([a.change("n", n), b.change("n", n)]);
        await a.set("single", n);
        console.log(n);
      }`;
    const script = join(folder, "writer.mts");
    writeFileSync(script, writer);
    const home = join(folder, "home");
    for (let round = 1; round <= 10; round += 1) {
      const child = spawn(process.execPath, [script, home], { stdio: ["ignore", "pipe", "inherit"] });
      let acknowledged = 0;
      for await (const line of createInterface({ input: child.stdout })) {
        acknowledged = Number(line);
        if (acknowledged % 40 === round) child.kill("SIGKILL");
      }
      const store = await Store.open(home);
      const a = store.collection("a", z.number());
      const b = store.collection("b", z.number());
      expect(a.get("n")).toBeGreaterThanOrEqual(acknowledged);
      expect(a.get("single")).toBeGreaterThanOrEqual(acknowledged);
      expect(a.get("n")).toBe(b.get("n"));
      await store.close();
    }
  });
});
