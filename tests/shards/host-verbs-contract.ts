import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ShardHost } from "../../src/shards/host.ts";
import type { HostFixture } from "./host-contract.ts";
import { destroyAll, EventLog, reaches } from "./test-host.ts";

export interface VerbsFixture extends HostFixture {
  prompts: HostFixture["prompts"] & {
    /** It asks for leave to do something, with an option that takes a reason, and ends its turn when that is chosen. */
    approve: string;
    /** It asks a question with an option that takes an answer, and ends its turn when that is given. */
    own: string;
  };
  /** A command of the agent that does no harm. */
  command: string;
}

/** The suite on the verbs that type, which every host passes too. */
export function hostVerbsContract(name: string, setUp: () => Promise<VerbsFixture>): void {
  // Each test has a shard of its own.
  describe.concurrent(`${name} as a host that types`, () => {
    let fixture: VerbsFixture;
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

    async function ready(shard: string): Promise<void> {
      await host.spawn({ name: shard, by: "ann" });
      await reaches(host, shard, "idle");
    }

    const send = (shard: string, text: string, when?: "steer" | "interrupt") =>
      host.send({ name: shard, text, by: "ann", when });
    const say = (shard: string, text: string, when?: "steer" | "interrupt") =>
      send(shard, fixture.prompts.say(text), when);

    /** A shard whose agent has asked. */
    async function asked(shard: string, prompt: string) {
      await ready(shard);
      await send(shard, prompt);
      const { question } = await log.next("question", shard);
      return question;
    }

    it.each(["steer", "interrupt"] as const)(
      "types a prompt that is to %s an idle agent like any other",
      async (when) => {
        const shard = `idle-${when}`;
        await ready(shard);
        const receipt = await say(shard, "hello", when);
        expect(receipt).toEqual({ outcome: "submitted", turn: expect.any(Number) });
        expect(await log.next("answer", shard)).toMatchObject({ text: "hello", by: "ann" });
      },
    );

    it("steers a turn, which stays one turn with one answer", async () => {
      await ready("steered");
      const running = await send("steered", fixture.prompts.slow);
      expect(running).toMatchObject({ outcome: "submitted" });
      expect(await say("steered", "and this", "steer")).toEqual(running);
      await log.next("answer", "steered");
      await reaches(host, "steered", "idle");
      expect(await say("steered", "after it")).toMatchObject({ outcome: "submitted" });
      expect(await log.next("answer", "steered", 2)).toMatchObject({ text: "after it" });
      const turns = log.of("answer", "steered").map(({ turn }) => turn);
      expect(turns).toEqual([running.outcome === "submitted" && running.turn, expect.any(Number)]);
      expect(log.of("receipt", "steered")).toEqual([]);
    });

    it("interrupts a turn for a prompt, which goes before those that wait", async () => {
      await ready("urgent");
      await send("urgent", fixture.prompts.slow);
      expect(await say("urgent", "patient")).toMatchObject({ outcome: "queued", position: 1 });
      const receipt = await say("urgent", "now", "interrupt");
      expect(receipt).toEqual({ outcome: "submitted", turn: expect.any(Number) });
      expect((await log.next("answer", "urgent", 3)).text).toBe("patient");
      const [, second] = log.of("answer", "urgent");
      expect(second).toMatchObject({ text: "now", ...(receipt.outcome === "submitted" && { turn: receipt.turn }) });
      expect(log.of("receipt", "urgent")).toHaveLength(1);
    });

    it.each(["steer", "interrupt"] as const)(
      "refuses a prompt that is to %s while a question is open",
      async (when) => {
        const shard = `open-${when}`;
        const { id } = await asked(shard, fixture.prompts.ask);
        expect(await say(shard, "hello", when)).toMatchObject({ outcome: "refused", question: { id } });
        await reaches(host, shard, "waiting");
        expect((await host.read({ name: shard })).question?.id).toBe(id);
      },
    );

    it("lists what waits, and takes one away", async () => {
      await ready("queue");
      expect(await host.queue({ name: "queue" })).toEqual([]);
      await send("queue", fixture.prompts.slow);
      for (const text of ["one", "two", "three"]) await say("queue", text);
      const waiting = await host.queue({ name: "queue" });
      expect(waiting).toMatchObject(
        ["one", "two", "three"].map((text, index) => ({
          position: index + 1,
          text: fixture.prompts.say(text),
          by: "ann",
        })),
      );
      const second = waiting[1]!;
      expect(await host.unqueue({ name: "queue", id: second.id, by: "bob" })).toEqual(second);
      const left = await host.queue({ name: "queue" });
      expect(left).toEqual([waiting[0], { ...waiting[2]!, position: 2 }]);
      await expect(host.unqueue({ name: "queue", id: second.id })).rejects.toMatchObject({ code: "not_found" });
      await log.next("answer", "queue", 3);
      expect(log.of("answer", "queue").slice(1)).toMatchObject([{ text: "one" }, { text: "three" }]);
      await expect(host.unqueue({ name: "queue", id: waiting[0]!.id })).rejects.toMatchObject({ code: "not_found" });
      expect(await host.queue({ name: "queue" })).toEqual([]);
    });

    it("types a command of the agent as it is, when it is idle", async () => {
      await ready("command");
      expect(await host.command({ name: "command", text: fixture.command, by: "ann" })).toMatchObject({
        outcome: "submitted",
      });
      await log.next("answer", "command");
      await reaches(host, "command", "idle");
      await send("command", fixture.prompts.slow);
      const busy = await host.command({ name: "command", text: fixture.command });
      expect(busy).toEqual({ outcome: "refused", reason: expect.stringMatching(/working.*idle/) });
      expect(await host.queue({ name: "command" })).toEqual([]);
    });

    it("takes no command while a question is open", async () => {
      const { id } = await asked("asks-first", fixture.prompts.ask);
      const receipt = await host.command({ name: "asks-first", text: fixture.command });
      expect(receipt).toMatchObject({ outcome: "refused", question: { id } });
    });

    it("takes nothing else for a command", async () => {
      await ready("no-command");
      for (const text of ["", "hello", "!ls", "/", "//", "/etc/passwd", "/one\n/two", "say /help"]) {
        await expect(host.command({ name: "no-command", text })).rejects.toMatchObject({ code: "usage" });
      }
    });

    it("shows the screen", async () => {
      await ready("screen");
      await say("screen", "to be seen");
      await log.next("answer", "screen");
      expect(await host.screen({ name: "screen" })).toEqual({
        name: "screen",
        text: expect.stringContaining("to be seen"),
      });
    });

    it("presses keys, which may close a question that nobody has answered then", async () => {
      await asked("keys", fixture.prompts.ask);
      const { name, text } = await host.press({ name: "keys", keys: ["1"], by: "ann" });
      expect({ name, text: typeof text }).toEqual({ name: "keys", text: "string" });
      const closed = await log.next("question-closed", "keys");
      expect(closed.answer).toBeUndefined();
      await log.next("answer", "keys");
    });

    it("knows no other keys, and presses none of them then", async () => {
      await asked("no-keys", fixture.prompts.ask);
      for (const keys of [["1", "nothing"], ["12"], ["ä"], [""], []]) {
        await expect(host.press({ name: "no-keys", keys })).rejects.toMatchObject({ code: "usage" });
      }
      await expect(host.press({ name: "no-keys", keys: ["nothing"] })).rejects.toThrow(/enter.*esc.*ctrl-c/);
      await reaches(host, "no-keys", "waiting");
    });

    it("tells the agent next why something was denied", async () => {
      const question = await asked("denied", fixture.prompts.approve);
      const { key, label } = question.options.find(({ takes }) => takes === "reason")!;
      const text = fixture.prompts.say("another way");
      await host.answer({ name: "denied", question: question.id, option: key, text, by: "bob" });
      expect(await log.next("question-closed", "denied")).toMatchObject({ answer: label, by: "bob" });
      expect(await log.next("receipt", "denied")).toMatchObject({ text, by: "bob", receipt: { outcome: "submitted" } });
      expect(await log.next("answer", "denied", 2)).toMatchObject({ text: "another way", by: "bob" });
    });

    it("answers in words of one's own, which an option that takes them needs and no other takes", async () => {
      const question = await asked("own", fixture.prompts.own);
      const own = question.options.find(({ takes }) => takes === "answer")!;
      const plain = question.options.find(({ takes }) => takes === undefined)!;
      const answer = (option: string, text?: string) =>
        host.answer({ name: "own", question: question.id, option, text, by: "bob" });
      await expect(answer(own.key)).rejects.toMatchObject({ code: "usage" });
      await expect(answer(own.key, " \n")).rejects.toMatchObject({ code: "usage" });
      await expect(answer(plain.key, "words")).rejects.toMatchObject({ code: "usage" });
      await answer(own.key, "Rather purple");
      expect(await log.next("question-closed", "own")).toMatchObject({ answer: "Rather purple", by: "bob" });
      expect((await log.next("answer", "own")).text).toContain("Rather purple");
    });

    it("knows no other shards", async () => {
      const name = "nobody";
      const calls = [
        host.command({ name, text: fixture.command }),
        host.queue({ name }),
        host.unqueue({ name, id: 1 }),
        host.screen({ name }),
        host.press({ name, keys: ["enter"] }),
      ];
      for (const result of await Promise.allSettled(calls)) {
        expect(result).toMatchObject({ status: "rejected", reason: { code: "not_found" } });
      }
    });
  });
}
