import { describe, expect, it, vi } from "vitest";
import { HolderClient } from "../../src/shards/holder/client.ts";
import { fakeKind } from "../fakes/fake-kind.ts";
import { type ShardFixture, withShard } from "./shard-fixture.ts";
import { openTestHost, type TestHost } from "./test-host.ts";

const silent = { view: () => undefined, exit: () => undefined, closed: () => undefined };
const patient = { timeout: 15_000, interval: 20 };

/** Somebody's terminal on the shard, who has the keyboard. */
async function atKeyboard({ host }: TestHost, as: string): Promise<HolderClient> {
  const client = await HolderClient.connect({ ...host.holderAddress("demo"), handlers: silent });
  await client.attach(as);
  await client.keyboard(true, true);
  await vi.waitFor(async () => expect(await host.list()).toMatchObject([{ keyboard: as }]), patient);
  return client;
}

const told = (fixture: ShardFixture) => fixture.testHost.log.of("keyboard", "demo").map(({ by, was }) => ({ by, was }));

describe("While somebody is at the keyboard", () => {
  it.concurrent(
    "prompts wait, whatever they are to do, and commands are refused",
    withShard(async (fixture) => {
      const { host, log } = await fixture.startShard(fakeKind);
      const bob = await atKeyboard(fixture.testHost, "bob");
      const waits = { outcome: "queued", keyboard: "bob" };
      expect(await fixture.send("SAY one ENDSAY")).toEqual({ ...waits, position: 1 });
      await bob.keys(Buffer.from("SLOW 30 \r"));
      await vi.waitFor(
        async () => expect(await host.list()).toMatchObject([{ status: { state: "working" } }]),
        patient,
      );
      expect(await fixture.send("SAY two ENDSAY", "steer")).toEqual({ ...waits, position: 2 });
      expect(await fixture.send("SAY three ENDSAY", "interrupt")).toEqual({ ...waits, position: 3 });
      expect(await host.command({ name: "demo", text: "/help" })).toMatchObject({
        outcome: "refused",
        reason: expect.stringMatching(/^bob is at the keyboard of demo/),
      });
      const typed = await log.next("answer", "demo");
      expect(typed.text).toMatch(/Line 0030: .*$/);
      expect(typed.by).toBeUndefined();
      // The agent is idle, and still nothing of ours is typed.
      await bob.keys(Buffer.from("SAY typed by bob ENDSAY\r"));
      expect(await fixture.answer(2)).toBe("typed by bob");
      expect(log.of("receipt", "demo")).toEqual([]);
      bob.close();
      expect(await fixture.answer(3)).toBe("one");
      expect(await fixture.answer(4)).toBe("two");
      expect(await fixture.answer(5)).toBe("three");
      expect(log.of("receipt", "demo").map(({ receipt }) => receipt.outcome)).toEqual(Array(3).fill("submitted"));
      expect(told(fixture)).toEqual([{ by: "bob" }, { was: "bob" }]);
    }),
  );

  it.concurrent(
    "questions can be answered, and keys pressed",
    withShard(async (fixture) => {
      const { host, log } = await fixture.startShard(fakeKind);
      const bob = await atKeyboard(fixture.testHost, "bob");
      await bob.keys(Buffer.from("ASK \r"));
      const { question } = await log.next("question", "demo");
      await host.answer({ name: "demo", question: question.id, option: "2", by: "ann" });
      expect(await log.next("question-closed", "demo")).toMatchObject({ answer: "Blue", by: "ann" });
      const { text } = await host.press({ name: "demo", keys: ["h", "i"] });
      expect(text).toContain("hi");
      bob.close();
    }),
  );

  it.concurrent(
    "is told who takes over from whom, and nothing of who leaves an agent that has ended",
    withShard(async (fixture) => {
      const { log, host } = await fixture.startShard(fakeKind);
      const bob = await atKeyboard(fixture.testHost, "bob");
      const eve = await atKeyboard(fixture.testHost, "eve");
      bob.close();
      await vi.waitFor(() => expect(told(fixture)).toHaveLength(2), patient);
      await eve.keys(Buffer.from("CRASH 3 \r"));
      await log.next("exited", "demo");
      eve.close();
      expect((await host.list())[0]?.keyboard).toBeUndefined();
      expect(told(fixture)).toEqual([{ by: "bob" }, { by: "eve", was: "bob" }]);
    }),
  );

  it.concurrent(
    "a bot that starts again says nothing twice, and what it has missed",
    withShard(async (fixture) => {
      const { folders } = fixture;
      await fixture.startShard(fakeKind);
      const bob = await atKeyboard(fixture.testHost, "bob");
      await fixture.send("SAY later ENDSAY");
      await vi.waitFor(() => expect(told(fixture)).toEqual([{ by: "bob" }]), patient);
      await fixture.testHost.close();
      const second = await openTestHost(folders, { fake: fakeKind });
      expect(await second.host.list()).toMatchObject([{ keyboard: "bob", queued: 1 }]);
      await second.close();
      expect(second.log.of("keyboard", "demo")).toEqual([]);
      bob.close();
      await fixture.start(fakeKind);
      expect(await fixture.answer(1)).toBe("later");
      expect(told(fixture)).toEqual([{ was: "bob" }]);
    }),
  );
});
