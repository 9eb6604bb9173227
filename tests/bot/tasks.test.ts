import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Condition } from "../../src/orchestrator/orchestrator.ts";
import { ann, channel } from "../fakes/fake-adapter.ts";
import { operator, viewer } from "./stage.ts";
import { TurnsStage, whats } from "./turns-stage.ts";

let stage: TurnsStage;
beforeEach(async () => {
  // Events alone wake nobody here: what wakes is a task.
  stage = new TurnsStage();
  stage.wakes = { window: 10, perHour: 0, zone: "Europe/Berlin" };
  await stage.open();
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.dispose();
});

const waiting = async (conditions: Condition[], any?: boolean, name = "auth") => {
  let result: unknown;
  const thread = await stage.asked(async (actions) => {
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
    stage.host.finish("auth", "All done.");
    const { events, by } = await stage.woken(1);
    expect(by.name).toBe("Ann");
    expect(events).toMatchObject([
      {
        what: "standing task t1 is due: shard auth has finished turn 1",
        instruction: "Tell api to rebase and run the tests.",
        output: { shard: "auth", part: "answer", text: "All done." },
      },
    ]);
    await stage.command("send auth say again");
    await waiting([{ shard: "other", until: "question" }], false, "other");
    stage.host.finish("other", "");
    await stage.command("send other ask rm -r build");
    expect(whats(await stage.woken(2))).toEqual(["standing task t2 is due: shard other waits for an approval"]);
  });

  it("waits until no prompt is left in the shard's queue", async () => {
    await waiting([{ shard: "auth", until: "done" }]);
    await stage.command("send auth hang on");
    stage.host.finish("auth", "first");
    stage.host.finish("auth", "second");
    expect((await stage.woken(1)).events[0]?.output?.text).toBe("second");
  });

  it.each<[string, Condition["until"], string, string]>([
    ["answers", "answer", "say The TESTS\n pass now", "finished turn"],
    ["asks", "question", "ask the tests pass?", "waits for an approval"],
  ])("with words waits for what %s with them", async (_name, until, prompt, what) => {
    await waiting([{ shard: "auth", until, says: "tests pass" }]);
    stage.host.finish("auth", "nothing of it");
    await stage.command("send auth ask something else");
    await stage.command("answer auth 1");
    await stage.command(`send auth ${prompt}`);
    expect(whats(await stage.woken(1))[0]).toContain(what);
    expect(stage.orchestrator.woken).toHaveLength(1);
  });

  it.each(["crash", "destroy"])("ends when its shard does, by a %s, so that nobody waits for ever", async (how) => {
    await waiting([{ shard: "auth", until: "answer" }]);
    if (how === "destroy") await stage.command("destroy auth");
    else
      await stage.host.deliver("auth", {
        type: "exited",
        id: "x",
        exit: { code: 1 },
        how: "crashed",
        looping: false,
        tail: "",
      });
    expect(whats(await stage.woken(1))[0]).toMatch(
      /standing task t1 is due: shard auth (was destroyed|has ended: its agent has crashed)/,
    );
  });

  it("can wait for several shards, or for any of them, also over a restart", async () => {
    const { thread } = await waiting([
      { shard: "auth", until: "done" },
      { shard: "api", until: "done" },
    ]);
    stage.host.finish("auth", "a");
    await expect
      .poll(() => stage.command("tasks", thread))
      .toContain("t1: (shard auth has finished turn 1) and api is done");
    await stage.killAndStart();
    stage.host.finish("api", "b");
    expect(whats(await stage.woken(1))).toEqual([
      "standing task t1 is due: shard auth has finished turn 1; shard api has finished turn 1",
    ]);
    expect(await stage.command("tasks", thread)).toBe("No standing tasks here.");
  });

  it("is not saved when it holds already, unless the shard was just prompted", async () => {
    await stage.asked(async (actions) => {
      await actions.spawn({ name: "auth" });
    });
    await stage.asked(async (actions) => {
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
    const thread = await stage.asked(async (actions) => {
      await actions.schedule({ when: { daily: "08:00" }, instruction: "Say what is open." });
      await actions.schedule({ when: { in: 10 }, instruction: "Look at auth." });
    });
    const [daily, once] = (await stage.command("tasks", thread)).split("\n");
    expect(daily).toBe("t1: every day at 08:00 → Say what is open. (for Ann)");
    expect(once).toMatch(/^t2: at \d{4}-\d\d-\d\d \d\d:\d\d → Look at auth\. \(for Ann\)$/);
    stage.orchestrator.react = async ({ events }) => `done: ${events[0]?.instruction}`;
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 26 * 3_600_000 });
    await stage.killAndStart();
    await stage.shows(thread, "done: Say what is open.");
    await stage.shows(thread, "when the bot was not running; it is done now: Say what is open.");
    await stage.shows(thread, "when the bot was not running; it is done now: Look at auth.");
    expect((await stage.command("tasks", thread)).split("\n")).toHaveLength(1);
    expect(stage.orchestrator.woken.flatMap(({ events }) => events)).toHaveLength(2);
    await stage.killAndStart();
    vi.setSystemTime(Date.now() + 24 * 3_600_000);
    await stage.killAndStart();
    await vi.waitFor(() => expect(stage.orchestrator.woken.flatMap(({ events }) => events)).toHaveLength(3));
  });

  it("wakes by itself while the bot runs", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-12-24T06:59:59.700Z") });
    await stage.asked(async (actions) => actions.schedule({ when: { daily: "08:00" }, instruction: "Good morning." }));
    vi.useRealTimers();
    vi.useFakeTimers({ toFake: ["Date"], now: Date.parse("2026-12-24T07:00:00.100Z"), shouldAdvanceTime: true });
    const { events } = await stage.woken(1);
    expect(events[0]).toMatchObject({
      what: "standing task t1 is due: it was planned for 2026-12-24 08:00",
      instruction: "Good morning.",
    });
  });
});

describe("the tasks command", () => {
  it("shows those of its thread, or all, and cancels", async () => {
    const { thread } = await waiting([{ shard: "auth", until: "done" }]);
    const other = await stage.asked(async (actions) => actions.schedule({ when: { every: 30 }, instruction: "Look." }));
    expect(await stage.command("tasks", other)).toMatch(/^t2: every 30 minutes, next at .* → Look\. \(for Ann\)$/);
    expect((await stage.command("tasks", channel)).split("\n")).toHaveLength(2);
    expect(await stage.command("tasks cancel t1", other)).toBe("There is no standing task t1: there are t2.");
    expect(await stage.command("tasks cancel t1", thread, viewer)).toContain("You may not do that here");
    expect(await stage.command("tasks cancel", thread)).toContain("Which one?");
    expect(await stage.command("tasks cancel t1", thread, operator)).toBe(
      "Cancelled t1: Tell api to rebase and run the tests.",
    );
    stage.host.finish("auth", "Done.");
    await stage.asked(async (actions) => {
      await expect(actions.cancelTask({ id: "t2" })).rejects.toMatchObject({ code: "not_found" });
    });
    await stage.adapter.say("!tasks", thread, { by: ann });
    await stage.shows(thread, "No standing tasks here.");
    expect(stage.orchestrator.woken).toEqual([]);
  });
});
