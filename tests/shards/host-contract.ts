import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShardHost } from "../../src/shards/host.ts";
import { destroyAll, EventLog, reaches } from "./test-host.ts";

/** A host for the contract suite: fresh, with one known repo, and nobody listening yet. */
export interface HostFixture {
  host: ShardHost;
  /** The one repo, and an agent kind that is installed. */
  repo: string;
  agent: string;
  /** Prompts that make its agent do something. */
  prompts: {
    /** It answers with just this text, at once. */
    say(text: string): string;
    /** It works for some seconds, unless it is interrupted. */
    slow: string;
    /** It asks a question with options of the keys 1, 2, …, and ends its turn when one is chosen. */
    ask: string;
  };
  stop(): Promise<void>;
}

/** The suite that every host passes. */
export function hostContract(name: string, setUp: () => Promise<HostFixture>): void {
  // Each test has a shard of its own.
  describe.concurrent(`${name} as a host`, () => {
    let fixture: HostFixture;
    let host: ShardHost;
    const log = new EventLog();

    beforeAll(async () => {
      fixture = await setUp();
      host = fixture.host;
      host.subscribe(log.take);
      await host.spawn({ name: "made", repo: fixture.repo, agent: fixture.agent, by: "ann" });
    });

    afterAll(async () => {
      await destroyAll(host);
      await host.release();
      await fixture.stop();
    });

    /** A shard that is ready for a prompt. */
    async function ready(shard: string): Promise<void> {
      await host.spawn({ name: shard, by: "ann" });
      await reaches(host, shard, "idle");
    }

    const say = (shard: string, text: string) => host.send({ name: shard, text: fixture.prompts.say(text), by: "ann" });

    it("names what a spawn can use", async () => {
      const choices = await host.spawnOptions();
      expect(choices.repos).toEqual([fixture.repo]);
      expect(choices.agents).toContain(fixture.agent);
      expect(choices.defaultAgent).toBe(fixture.agent);
    });

    it("spawns a shard that is listed", async () => {
      const spawned = await host.spawn({ name: "new", repo: fixture.repo, agent: fixture.agent, by: "ann" });
      expect(spawned).toMatchObject({ name: "new", repo: fixture.repo, agent: fixture.agent, alive: true, queued: 0 });
      expect(spawned).toMatchObject({ createdBy: "ann", branch: expect.stringMatching(/./) });
      await reaches(host, "new", "idle");
      const listed = (await host.list()).find((shard) => shard.name === "new");
      expect(listed).toMatchObject({ ...spawned, status: { state: "idle", why: expect.stringMatching(/./) } });
    });

    it("answers a prompt with a receipt, then with exactly one answer", async () => {
      await ready("one");
      const receipt = await say("one", "hello there");
      expect(receipt).toEqual({ outcome: "submitted", turn: expect.any(Number) });
      const answer = await log.next("answer", "one");
      expect(answer).toMatchObject({ text: "hello there", by: "ann", truncated: false });
      expect(answer).toMatchObject(receipt.outcome === "submitted" ? { turn: receipt.turn } : {});
      await say("one", "and again");
      expect(await log.next("answer", "one", 2)).toMatchObject({ text: "and again" });
      const states = log.of("state", "one").map(({ status }) => status.state);
      expect(states.join(" ")).toMatch(/idle working idle working/);
    });

    it("numbers the events of a shard", async () => {
      await ready("numbers");
      await say("numbers", "x");
      await log.next("answer", "numbers");
      const seqs = log.events.filter(({ shard }) => shard === "numbers").map(({ seq }) => seq);
      expect(seqs.length).toBeGreaterThan(2);
      expect(seqs).toEqual(seqs.map((_, index) => (seqs[0] ?? 0) + index));
    });

    it("keeps prompts for a busy agent, and types them in order", async () => {
      await ready("busy");
      await host.send({ name: "busy", text: fixture.prompts.slow, by: "ann" });
      const text = fixture.prompts.say("second");
      expect(await host.send({ name: "busy", text, by: "bob" })).toMatchObject({ outcome: "queued", position: 1 });
      expect(await say("busy", "third")).toMatchObject({ outcome: "queued", position: 2 });
      expect((await host.list()).find(({ name }) => name === "busy")).toMatchObject({ queued: 2 });
      await log.next("answer", "busy", 3);
      const [, second, third] = log.of("answer", "busy");
      expect([second, third]).toMatchObject([
        { text: "second", by: "bob" },
        { text: "third", by: "ann" },
      ]);
      const receipts = log.of("receipt", "busy");
      expect(receipts).toMatchObject([
        { text, by: "bob", receipt: { outcome: "submitted", turn: second?.turn } },
        { receipt: { outcome: "submitted", turn: third?.turn } },
      ]);
      expect((await host.list()).find(({ name }) => name === "busy")).toMatchObject({ queued: 0 });
    });

    it("types a first prompt as soon as the agent is ready", async () => {
      await host.spawn({ name: "first", prompt: fixture.prompts.say("good morning"), by: "ann" });
      expect(await log.next("receipt", "first")).toMatchObject({ receipt: { outcome: "submitted" }, by: "ann" });
      expect(await log.next("answer", "first")).toMatchObject({ text: "good morning", by: "ann" });
    });

    it("interrupts a turn", async () => {
      await ready("stopped");
      await expect(host.stop({ name: "stopped" })).rejects.toMatchObject({ code: "refused" });
      await host.send({ name: "stopped", text: fixture.prompts.slow });
      await reaches(host, "stopped", "working");
      await host.stop({ name: "stopped" });
      expect((await host.read({ name: "stopped" })).status.state).not.toBe("working");
      await log.next("answer", "stopped");
      await reaches(host, "stopped", "idle");
    });

    it("asks, refuses prompts meanwhile, and takes one answer", async () => {
      await ready("asks");
      await host.send({ name: "asks", text: fixture.prompts.ask, by: "ann" });
      const { question } = await log.next("question", "asks");
      expect(question.options.length).toBeGreaterThan(1);
      const refused = await say("asks", "hello");
      expect(refused).toMatchObject({ outcome: "refused", question: { id: question.id } });
      const { status, question: shown } = await host.read({ name: "asks" });
      expect(status).toMatchObject({ state: "waiting", waitingFor: question.kind });
      expect(shown).toEqual(question);

      const answer = (id: string, option: string) => host.answer({ name: "asks", question: id, option, by: "bob" });
      await expect(answer("another", "1")).rejects.toMatchObject({ code: "refused" });
      await expect(answer(question.id, "none")).rejects.toMatchObject({ code: "usage" });
      await answer(question.id, question.options[1]!.key);
      const closed = await log.next("question-closed", "asks");
      expect(closed).toMatchObject({ answer: question.options[1]!.label, by: "bob" });
      expect(await log.next("answer", "asks")).toMatchObject({ by: "ann" });
      await expect(answer(question.id, "1")).rejects.toMatchObject({ code: "refused" });
      expect(log.of("question", "asks")).toHaveLength(1);
    });

    it("reads the last lines", async () => {
      await ready("reads");
      await say("reads", "line of old");
      await log.next("answer", "reads");
      await say("reads", "line of today");
      await log.next("answer", "reads", 2);
      const { text } = await host.read({ name: "reads" });
      expect(text).toMatch(/line of old[^]*line of today$/);
      const one = await host.read({ name: "reads", lines: 1 });
      expect(one).toMatchObject({ name: "reads", text: "line of today", truncated: true, status: { state: "idle" } });
      await host.destroy({ name: "reads" });
    });

    const wrong: [string, Parameters<ShardHost["spawn"]>[0], string, RegExp?][] = [
      ["a name in use", { name: "made" }, "exists"],
      ["a name that can't be one", { name: "Not A Name" }, "usage"],
      ["a path for a name", { name: "../made" }, "usage"],
      ["an unknown repo", { name: "never", repo: "nowhere" }, "not_found"],
      ["an unknown agent", { name: "never", agent: "nobody" }, "not_found"],
      ["an agent by the name of a property", { name: "never", agent: "constructor" }, "not_found"],
    ];
    it.each(wrong)("does not spawn with %s", async (_, request, code) => {
      await expect(host.spawn(request)).rejects.toMatchObject({ code });
      expect((await host.list()).map(({ name }) => name)).not.toContain("never");
    });

    it("names what there is when something is unknown", async () => {
      await expect(host.spawn({ name: "never", repo: "nowhere" })).rejects.toThrow(fixture.repo);
      await expect(host.spawn({ name: "never", agent: "nobody" })).rejects.toThrow(fixture.agent);
      await expect(host.read({ name: "nobody" })).rejects.toThrow("made");
    });

    it("knows no other shards", async () => {
      const name = "nobody";
      const calls = [
        host.send({ name, text: "x" }),
        host.read({ name }),
        host.destroy({ name }),
        host.stop({ name }),
        host.answer({ name, question: "q", option: "1" }),
      ];
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: "rejected", reason: { code: "not_found" } });
      }
    });

    it("makes one shard of two spawns at once", async () => {
      const both = await Promise.allSettled([host.spawn({ name: "twice" }), host.spawn({ name: "twice" })]);
      expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
      expect(both.find(({ status }) => status === "rejected")).toMatchObject({ reason: { code: "exists" } });
      await host.destroy({ name: "twice" });
    });

    describe("a wait", () => {
      it("gives the answer of a turn, whether it is over or not, also while others follow", async () => {
        await ready("awaited");
        const first = await say("awaited", "the first");
        const turn = first.outcome === "submitted" ? first.turn : -1;
        const answered = { outcome: "done", turn, text: "the first", truncated: false };
        expect(await host.wait({ name: "awaited", turn, seconds: 20 })).toEqual(answered);
        await say("awaited", "the second");
        expect(await host.wait({ name: "awaited", seconds: 20 })).toMatchObject({
          outcome: "done",
          text: "the second",
        });
        expect(await host.wait({ name: "awaited", turn, seconds: 0 })).toEqual(answered);
      });

      it("is over when the time is, and goes on with the same turn", async () => {
        await ready("long");
        const receipt = await host.send({ name: "long", text: fixture.prompts.slow });
        const turn = receipt.outcome === "submitted" ? receipt.turn : -1;
        expect(await host.wait({ name: "long", seconds: 0 })).toMatchObject({
          outcome: "timeout",
          turn,
          status: { state: "working" },
        });
        const waits = host.wait({ name: "long", turn, seconds: 20 });
        await host.stop({ name: "long" });
        expect(await waits).toMatchObject({ outcome: "done", turn });
      });

      it("gives the question that is open", async () => {
        await ready("asking");
        await host.send({ name: "asking", text: fixture.prompts.ask });
        const outcome = await host.wait({ name: "asking", seconds: 20 });
        expect(outcome).toMatchObject({ outcome: "asks", question: { options: expect.any(Array) as unknown[] } });
      });

      it("tells that the agent has ended, and that there is nothing to wait for", async () => {
        await host.spawn({ name: "quiet" });
        expect(await host.wait({ name: "quiet", seconds: 20 })).toEqual({
          outcome: "done",
          text: "",
          truncated: false,
        });
        await host.close({ name: "quiet" });
        expect(await host.wait({ name: "quiet", seconds: 0 })).toMatchObject({ outcome: "ended", how: "closed" });
        await expect(host.wait({ name: "nobody", seconds: 0 })).rejects.toMatchObject({ code: "not_found" });
      });
    });

    it("refuses a prompt that says nothing", async () => {
      await expect(host.send({ name: "made", text: " \n" })).rejects.toMatchObject({ code: "usage" });
    });

    it("destroys a shard, whose name is free then", async () => {
      await ready("gone");
      expect(await host.destroy({ name: "gone" })).toEqual({ name: "gone", survivors: [] });
      await log.next("destroyed", "gone");
      expect((await host.list()).map(({ name }) => name)).not.toContain("gone");
      await expect(host.send({ name: "gone", text: "x" })).rejects.toMatchObject({ code: "not_found" });
      await ready("gone");
      await say("gone", "back again");
      expect(await log.next("answer", "gone")).toMatchObject({ text: "back again" });
      const ids = log.events
        .filter(({ shard }) => shard === "gone")
        .flatMap((event) => ("id" in event ? [event.id] : []));
      expect(new Set(ids).size).toBe(ids.length);
    });
  });
}
