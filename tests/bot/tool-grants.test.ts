import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Asker } from "../../src/bot/access/asker.ts";
import { ann, channel } from "../fakes/fake-adapter.ts";
import { operator, TestBot, viewer } from "./test-bot.ts";

const local: Asker = { person: { id: "local", name: "root", roles: [] }, right: "admin" };

describe("a shard with the orchestrator's tools", () => {
  let testBot: TestBot;
  beforeEach(async () => {
    testBot = await new TestBot().open();
  });
  afterEach(() => testBot.dispose());

  /** Started by somebody from the channel; resolves with its own thread. */
  async function lead(by = operator) {
    await testBot.command("spawn lead --orchestrator", channel, by);
    const { thread } = testBot.adapter.opened.find(({ title }) => title.startsWith("lead"))!;
    await testBot.shows(thread, "Shard lead");
    return thread;
  }
  const tools = (shard = "lead") => testBot.bot.toolsOf(shard, local);

  it("acts in its own thread, in the name of who has started it", async () => {
    const thread = await lead();
    await tools().spawn({ name: "api", prompt: "hang" });
    const { createdBy } = (await testBot.host.list()).find(({ name }) => name === "api")!;
    expect(createdBy).toBe("Oda (orchestrator)");
    await testBot.shows(thread, "Started shard api");
    expect(await tools().destroy({ name: "api" })).toMatchObject({ outcome: "asked_human" });
    await testBot.shows(thread, "The orchestrator would destroy api for Oda");
    expect((await testBot.host.list()).map(({ name }) => name)).toContain("api");
    await testBot.press(thread, "Destroy api");
    expect((await testBot.host.list()).map(({ name }) => name)).not.toContain("api");
  });

  it("is talked to in its thread with no command", async () => {
    const thread = await lead();
    await testBot.adapter.say("start two shards", thread);
    expect(testBot.orchestrator.asked).toEqual([]);
    expect(testBot.host.sent).toMatchObject([{ name: "lead", text: "start two shards" }]);
  });

  it("starts no further orchestrator", async () => {
    await lead();
    await expect(tools().spawn({ name: "b", orchestrator: true })).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining("Only a person") as string,
    });
  });

  it("may do what its person may, no more", async () => {
    await expect(lead(viewer)).rejects.toThrow(/./);
    expect(() => tools()).toThrow("Nobody has given these tools to lead.");
    await lead();
    await expect(tools().spawn({ name: "b", mode: "all" })).rejects.toMatchObject({ code: "not_allowed" });
    await testBot.command("spawn other", channel, ann);
    expect(() => tools("other")).toThrow("Nobody has given these tools to other.");
  });

  it("keeps them for the bot's next run, and nobody gets them by a name that is taken", async () => {
    await lead();
    await testBot.command("spawn lead --orchestrator", channel, ann);
    await testBot.killAndStart();
    await tools().spawn({ name: "api" });
    expect((await testBot.host.list()).find(({ name }) => name === "api")?.createdBy).toBe("Oda (orchestrator)");
  });

  it("acts in no thread where it was started at the machine itself", async () => {
    await testBot.bot.actionsFor(local).spawn({ name: "lead", orchestrator: true });
    const actions = tools();
    expect(await actions.tasks()).toEqual([]);
    await expect(actions.askHuman({ question: "?", options: ["a", "b"] })).rejects.toMatchObject({ code: "refused" });
    await actions.spawn({ name: "api" });
    expect(await actions.destroy({ name: "api" })).toMatchObject({ name: "api" });
  });
});
