import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShardHost, ShardInfo } from "../../src/shards/host.ts";
import type { HostFixture } from "./host-contract.ts";
import { destroyAll, EventLog, reaches } from "./test-host.ts";

/** A host for this suite: its one agent can be resumed. */
export interface LifeFixture extends HostFixture {
  prompts: HostFixture["prompts"] & {
    /** It ends with this exit code. */
    exit(code: number): string;
  };
}

/** What every host does when an agent ends, is closed, or is started again. */
export function hostLifeContract(name: string, setUp: () => Promise<LifeFixture>): void {
  // Each test has a shard of its own.
  describe.concurrent(`${name}, at the end of an agent`, () => {
    let fixture: LifeFixture;
    let host: ShardHost;
    const log = new EventLog();

    beforeAll(async () => {
      fixture = await setUp();
      host = fixture.host;
      host.subscribe(log.take);
    });

    afterAll(async () => {
      await destroyAll(host);
      await host.release();
      await fixture.stop();
    });

    /** A shard that is ready for a prompt. */
    async function ready(shard: string): Promise<ShardInfo> {
      const info = await host.spawn({ name: shard, by: "ann" });
      await reaches(host, shard, "idle");
      return info;
    }

    const say = (shard: string, text: string) => host.send({ name: shard, text: fixture.prompts.say(text), by: "ann" });
    const found = async (shard: string) => (await host.list()).find((info) => info.name === shard);

    it("closes an agent, once, and keeps the rest", async () => {
      const { branch, worktree } = await ready("closed");
      expect(await host.close({ name: "closed", by: "bob" })).toEqual({ name: "closed", survivors: [] });
      expect(await log.next("exited", "closed")).toMatchObject({ how: "closed", looping: false });
      const status = { state: "exited", why: "closed by bob" };
      expect(await found("closed")).toMatchObject({ alive: false, branch, worktree, status });
      await expect(host.close({ name: "closed" })).rejects.toMatchObject({ code: "refused" });
      expect(await say("closed", "hello")).toMatchObject({ outcome: "refused" });
      expect(log.of("exited", "closed")).toHaveLength(1);
      expect(log.of("state", "closed").at(-1)).toMatchObject({ status });
    });

    it("tells what was said so far, then the end, and refuses what had to wait", async () => {
      await ready("cut");
      await host.send({ name: "cut", text: fixture.prompts.slow, by: "ann" });
      expect(await say("cut", "later")).toMatchObject({ outcome: "queued" });
      await host.close({ name: "cut", by: "ann" });
      const refused = await log.next("receipt", "cut");
      expect(refused).toMatchObject({ text: fixture.prompts.say("later"), receipt: { outcome: "refused" } });
      const order = log.events.filter(({ shard, type }) => shard === "cut" && type !== "state" && type !== "output");
      expect(order.map(({ type }) => type)).toEqual(["answer", "exited", "receipt"]);
      expect(log.of("answer", "cut")).toMatchObject([{ by: "ann", truncated: true }]);
    });

    it("reads the last lines of a closed one", async () => {
      await ready("lines");
      await say("lines", "line of old");
      await log.next("answer", "lines");
      await say("lines", "line of today");
      await log.next("answer", "lines", 2);
      await host.close({ name: "lines" });
      const { text, status } = await host.read({ name: "lines" });
      expect(status.state).toBe("exited");
      expect(text).toMatch(/line of old[^]*line of today$/);
      const one = await host.read({ name: "lines", lines: 1 });
      expect(one).toMatchObject({ text: "line of today", truncated: true });
      expect((await host.screen({ name: "lines" })).text).toContain("line of today");
    });

    it("resumes a closed one, as what it was", async () => {
      const { branch, worktree } = await ready("again");
      await say("again", "before");
      await log.next("answer", "again");
      await host.close({ name: "again" });
      expect(await host.resume({ name: "again", by: "bob" })).toMatchObject({
        name: "again",
        branch,
        worktree,
        alive: true,
      });
      await reaches(host, "again", "idle");
      await say("again", "after");
      expect(await log.next("answer", "again", 2)).toMatchObject({ text: "after", turn: 2, by: "ann" });
      await host.close({ name: "again" });
      await log.next("exited", "again", 2);
      const ids = log.events.flatMap((event) => (event.shard === "again" && "id" in event ? [event.id] : []));
      expect(new Set(ids).size).toBe(ids.length);
      expect(log.of("answer", "again").map(({ text }) => text)).toEqual(["before", "after"]);
    });

    it("resumes nothing that runs", async () => {
      await ready("runs");
      await expect(host.resume({ name: "runs" })).rejects.toMatchObject({ code: "refused" });
      await say("runs", "still here");
      expect(await log.next("answer", "runs")).toMatchObject({ text: "still here" });
    });

    it("tells one that left from one that crashed", async () => {
      await ready("left");
      await host.send({ name: "left", text: fixture.prompts.exit(0) });
      expect(await log.next("exited", "left")).toMatchObject({ how: "left", exit: { code: 0 }, looping: false });
      await ready("crashed");
      await host.send({ name: "crashed", text: fixture.prompts.exit(3) });
      expect(await log.next("exited", "crashed")).toMatchObject({ how: "crashed", exit: { code: 3 }, looping: false });
      await host.resume({ name: "crashed" });
      await reaches(host, "crashed", "idle");
    });

    it("resumes no agent that crashes again and again", async () => {
      await ready("loops");
      for (const nth of [1, 2, 3]) {
        await host.send({ name: "loops", text: fixture.prompts.exit(1) });
        expect(await log.next("exited", "loops", nth)).toMatchObject({ how: "crashed", looping: nth === 3 });
        if (nth === 3) continue;
        await host.resume({ name: "loops" });
        await reaches(host, "loops", "idle");
      }
      const refused = host.resume({ name: "loops" });
      await expect(refused).rejects.toMatchObject({ code: "refused" });
      await expect(refused).rejects.toThrow(/three times.* s.*read loops/);
    });

    it("knows its modes", async () => {
      const mode = "everything" as never;
      await expect(host.spawn({ name: "never", mode })).rejects.toMatchObject({ code: "usage" });
      await ready("modes");
      await host.close({ name: "modes" });
      await expect(host.resume({ name: "modes", mode })).rejects.toMatchObject({ code: "usage" });
      await host.resume({ name: "modes", mode: "edits" });
      await reaches(host, "modes", "idle");
    });

    it("destroys a closed one", async () => {
      await ready("done");
      await host.close({ name: "done" });
      expect(await host.destroy({ name: "done" })).toEqual({ name: "done", survivors: [] });
      await log.next("destroyed", "done");
      expect(await found("done")).toBeUndefined();
    });

    it("knows no other shards", async () => {
      const calls = [host.close({ name: "nobody" }), host.resume({ name: "nobody" })];
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: "rejected", reason: { code: "not_found" } });
      }
    });
  });
}
