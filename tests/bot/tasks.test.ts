import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Condition } from "../../src/orchestrator/orchestrator.ts";
import { ann, channel } from "../fakes/fake-adapter.ts";
import { operator, viewer } from "./test-bot.ts";
import { TestTurns, whats } from "./test-turns.ts";

let testBot: TestTurns;
beforeEach(async () => {
  // Events alone wake nobody here: what wakes is a task.
  testBot = new TestTurns();
  testBot.wakes = { window: 10, perHour: 0, zone: "Europe/Berlin" };
  await testBot.open();
});
afterEach(async () => {
  vi.useRealTimers();
  await testBot.dispose();
});

const waiting = async (conditions: Condition[], any?: boolean, name = "auth") => {
  let result: unknown;
  const thread = await testBot.asked(async (actions) => {
    await actions.spawn({ name, prompt: "hang" });
    for (const { shard } of conditions) if (shard !== name) await actions.spawn({ name: shard, prompt: "hang" });
    result = await actions.waitFor({ conditions, any, instruction: "Tell api to rebase and run the tests." });
  });
  return { thread, result };
};

describe("a standing task", () => {
  it("runs when its shard is done, and once", async () => {
    const { result } = await waiting([{ shard: "auth", until: "done" }]);
    expect(result).toEqual({
      task: { id: "t1", when: "auth is done", instruction: "Tell api to rebase and run the tests.", by: "Ann" },
    });
    testBot.host.finish("auth", "All done.");
    const { events, by } = await testBot.woken(1);
    expect(by.name).toBe("Ann");
    expect(events).toMatchObject([
      {
        what: "standing task t1 is due: shard auth has finished turn 1",
        instruction: "Tell api to rebase and run the tests.",
        output: { shard: "auth", part: "answer", text: "All done." },
      },
    ]);
    await testBot.command("send auth say again");
    await waiting([{ shard: "other", until: "question" }], false, "other");
    testBot.host.finish("other", "");
    await testBot.command("send other ask rm -r build");
    expect(whats(await testBot.woken(2))).toEqual(["standing task t2 is due: shard other waits for an approval"]);
  });

  it("waits until no prompt is left in the shard's queue", async () => {
    await waiting([{ shard: "auth", until: "done" }]);
    await testBot.command("send auth hang on");
    testBot.host.finish("auth", "first");
    testBot.host.finish("auth", "second");
    expect((await testBot.woken(1)).events[0]?.output?.text).toBe("second");
  });

  it.each<[string, Condition["until"], string, string]>([
    ["answers", "answer", "say The TESTS\n pass now", "finished turn"],
    ["asks", "question", "ask the tests pass?", "waits for an approval"],
  ])("with words waits for what %s with them", async (_name, until, prompt, what) => {
    await waiting([{ shard: "auth", until, says: "tests pass" }]);
    testBot.host.finish("auth", "nothing of it");
    await testBot.command("send auth ask something else");
    await testBot.command("answer auth 1");
    await testBot.command(`send auth ${prompt}`);
    expect(whats(await testBot.woken(1))[0]).toContain(what);
    expect(testBot.orchestrator.woken).toHaveLength(1);
  });

  it.each(["crash", "destroy"])("ends when its shard does, by a %s, so that nobody waits for ever", async (how) => {
    await waiting([{ shard: "auth", until: "answer" }]);
    if (how === "destroy") await testBot.command("destroy auth");
    else
      await testBot.host.deliver("auth", {
        type: "exited",
        id: "x",
        exit: { code: 1 },
        how: "crashed",
        looping: false,
        tail: "",
      });
    expect(whats(await testBot.woken(1))[0]).toMatch(
      /standing task t1 is due: shard auth (was destroyed|has ended: its agent has crashed)/,
    );
  });

  it("can wait for several shards, or for any of them, also over a restart", async () => {
    const { thread } = await waiting([
      { shard: "auth", until: "done" },
      { shard: "api", until: "done" },
    ]);
    testBot.host.finish("auth", "a");
    await expect
      .poll(() => testBot.command("tasks", thread))
      .toContain("t1: (shard auth has finished turn 1) and api is done");
    await testBot.killAndStart();
    testBot.host.finish("api", "b");
    expect(whats(await testBot.woken(1))).toEqual([
      "standing task t1 is due: shard auth has finished turn 1; shard api has finished turn 1",
    ]);
    expect(await testBot.command("tasks", thread)).toBe("No standing tasks here.");
  });

  it("is not saved when it holds already, unless the shard was just prompted", async () => {
    await testBot.asked(async (actions) => {
      await actions.spawn({ name: "auth" });
    });
    await testBot.asked(async (actions) => {
      const conditions: Condition[] = [{ shard: "auth", until: "done" }];
      expect(await actions.waitFor({ conditions, instruction: "x" })).toEqual({ already: ["auth is idle"] });
      const sent = actions.send({ name: "auth", text: "hang" });
      const waits = await actions.waitFor({ conditions, instruction: "x" });
      expect(waits).toMatchObject({ task: { id: "t1" } });
      await sent;
      await expect(
        actions.waitFor({ conditions: [{ shard: "nobody", until: "end" }], instruction: "x" }),
      ).rejects.toMatchObject({
        code: "not_found",
      });
    });
  });
});

describe("a planned task", () => {
  it("runs at its time, and is told late when the bot was not there", async () => {
    const thread = await testBot.asked(async (actions) => {
      await actions.schedule({ when: { daily: "08:00" }, instruction: "Say what is open." });
      await actions.schedule({ when: { in: 10 }, instruction: "Look at auth." });
    });
    const [daily, once] = (await testBot.command("tasks", thread)).split("\n");
    expect(daily).toBe("t1: every day at 08:00 → Say what is open. (for Ann)");
    expect(once).toMatch(/^t2: at \d{4}-\d\d-\d\d \d\d:\d\d → Look at auth\. \(for Ann\)$/);
    testBot.orchestrator.react = async ({ events }) => `done: ${events[0]?.instruction}`;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 26 * 3_600_000 });
    await testBot.killAndStart();
    await testBot.shows(thread, "done: Say what is open.");
    await testBot.shows(thread, "when the bot was not running; it is done now: Say what is open.");
    await testBot.shows(thread, "when the bot was not running; it is done now: Look at auth.");
    expect((await testBot.command("tasks", thread)).split("\n")).toHaveLength(1);
    expect(testBot.orchestrator.woken.flatMap(({ events }) => events)).toHaveLength(2);
    await testBot.killAndStart();
    vi.setSystemTime(Date.now() + 24 * 3_600_000);
    await testBot.killAndStart();
    await vi.waitFor(() => expect(testBot.orchestrator.woken.flatMap(({ events }) => events)).toHaveLength(3));
  });

  it("wakes by itself while the bot runs", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-12-24T06:59:59.700Z") });
    await testBot.asked(async (actions) =>
      actions.schedule({ when: { daily: "08:00" }, instruction: "Good morning." }),
    );
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-12-24T07:00:00.100Z"), shouldAdvanceTime: true });
    const { events } = await testBot.woken(1);
    expect(events[0]).toMatchObject({
      what: "standing task t1 is due: it was planned for 2026-12-24 08:00",
      instruction: "Good morning.",
    });
  });
});

describe("the tasks command", () => {
  it("shows those of its thread, or all, and cancels", async () => {
    const { thread } = await waiting([{ shard: "auth", until: "done" }]);
    const other = await testBot.asked(async (actions) =>
      actions.schedule({ when: { every: 30 }, instruction: "Look." }),
    );
    expect(await testBot.command("tasks", other)).toMatch(/^t2: every 30 minutes, next at .* → Look\. \(for Ann\)$/);
    expect((await testBot.command("tasks", channel)).split("\n")).toHaveLength(2);
    expect(await testBot.command("tasks cancel t1", other)).toBe("There is no standing task t1: there are t2.");
    expect(await testBot.command("tasks cancel t1", thread, viewer)).toContain("You may not do that here");
    expect(await testBot.command("tasks cancel", thread)).toContain("Which one?");
    expect(await testBot.command("tasks cancel t1", thread, operator)).toBe(
      "Cancelled t1: Tell api to rebase and run the tests.",
    );
    testBot.host.finish("auth", "Done.");
    await testBot.asked(async (actions) => {
      await expect(actions.cancelTask({ id: "t2" })).rejects.toMatchObject({ code: "not_found" });
    });
    await testBot.adapter.say("!tasks", thread, { by: ann });
    await testBot.shows(thread, "No standing tasks here.");
    expect(testBot.orchestrator.woken).toEqual([]);
  });
});
