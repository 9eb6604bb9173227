import { afterEach, beforeEach, describe, vi } from "vitest";
import type { Person } from "../../src/adapters/adapter.ts";
import { access, operator } from "../bot/test-bot.ts";
import { TestTurns } from "../bot/test-turns.ts";
import { blocked, through } from "./attempt.ts";

/** An operator by a role alone, and the same person without it. */
const byRole: Person = { id: "X9", name: "Rolf", roles: ["R-OPS"] };
const without: Person = { ...byRole, roles: [] };

describe("somebody whose right is gone when the thing is done", () => {
  let bot: TestTurns;
  beforeEach(async () => {
    bot = new TestTurns();
    await bot.open();
  });
  afterEach(async () => {
    vi.restoreAllMocks();
    await bot.dispose();
  });

  through(16, "has a command run that waited while the role was taken away", async () => {
    await bot.shard();
    const thread = await bot.thread();
    const busy = Promise.withResolvers<string>();
    bot.orchestrator.reply = () => busy.promise;
    const slow = await bot.adapter.give({ type: "message", text: "slow", toBot: true }, { place: thread });
    const given = { type: "message" as const, text: "!send demo say queued", toBot: true };
    const queued = await bot.adapter.give(given, { place: thread, by: byRole });
    // The bot sees that they have no role any more.
    await bot.adapter.emit({ type: "message", text: "hi", toBot: true }, { place: thread, by: without });
    busy.resolve("done");
    await slow.reply;
    await queued.reply;
    return bot.host.sent.some(({ text }) => text === "say queued");
  });

  /** A task of theirs comes due after a restart, at which nothing has been heard of them since. */
  async function due(): Promise<void> {
    await bot.asked(async (actions) => actions.schedule({ when: { in: 1 }, instruction: "push everything" }), byRole);
    const [now, before] = [Date.now(), bot.adapter.shown.length];
    await bot.bot.stop();
    vi.spyOn(Date, "now").mockReturnValue(now + 120_000);
    await bot.restart();
    await vi.waitFor(() => {
      if (bot.adapter.shown.length === before) throw new Error("nothing came of the task");
    });
  }

  through(16, "has a standing task run, since nothing was heard of them", async () => {
    bot.orchestrator.react = async () => "I go.";
    await due();
    return bot.orchestrator.woken.some(({ by }) => by.id === byRole.id);
  });

  blocked("has a shard started by a standing task", async () => {
    bot.orchestrator.react = async ({ actions }) => {
      await actions.spawn({ name: "late", prompt: "hang" }).catch(() => {});
      return "I have tried.";
    };
    await due();
    return bot.host.started.some(({ name }) => name === "late");
  });

  through(16, "has a prompt typed that waited in the shard while they were taken off the list", async () => {
    await bot.shard();
    await bot.command("send demo hang");
    await bot.command("send demo say from an operator", undefined, operator);
    bot.access = { ...access, operators: [] };
    await bot.bot.stop();
    await bot.restart();
    bot.host.finish("demo", "over");
    await vi.waitFor(() => {
      if (!bot.adapter.texts().some((text) => text.includes("over"))) throw new Error("not told");
    });
    return (await bot.host.read({ name: "demo" })).text.includes("> say from an operator");
  });
});
