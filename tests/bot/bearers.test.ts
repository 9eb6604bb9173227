import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Asker } from "../../src/bot/commands/actions.ts";
import { ann, channel } from "../fakes/fake-adapter.ts";
import { operator, Stage, viewer } from "./stage.ts";

const local: Asker = { person: { id: "local", name: "root", roles: [] }, right: "admin" };

describe("a shard with the orchestrator's tools", () => {
  let stage: Stage;
  beforeEach(async () => {
    stage = await new Stage().open();
  });
  afterEach(() => stage.dispose());

  /** Started by somebody from the channel; resolves with its own thread. */
  async function lead(by = operator) {
    await stage.command("spawn lead --orchestrator", channel, by);
    const { thread } = stage.adapter.opened.find(({ title }) => title.startsWith("lead"))!;
    await stage.shows(thread, "Shard lead");
    return thread;
  }
  const tools = (shard = "lead") => stage.bot.toolsOf(shard, local);

  it("acts in its own thread, in the name of who has started it", async () => {
    const thread = await lead();
    await tools().spawn({ name: "api", prompt: "hang" });
    const { createdBy } = (await stage.host.list()).find(({ name }) => name === "api")!;
    expect(createdBy).toBe("Oda (orchestrator)");
    await stage.shows(thread, "Started shard api");
    expect(await tools().destroy({ name: "api" })).toMatchObject({ outcome: "asked_human" });
    await stage.shows(thread, "The orchestrator would destroy api for Oda");
    expect((await stage.host.list()).map(({ name }) => name)).toContain("api");
    await stage.press(thread, "Destroy api");
    expect((await stage.host.list()).map(({ name }) => name)).not.toContain("api");
  });

  it("is talked to in its thread with no command", async () => {
    const thread = await lead();
    await stage.adapter.say("start two shards", thread);
    expect(stage.orchestrator.asked).toEqual([]);
    expect(stage.host.sent).toMatchObject([{ name: "lead", text: "start two shards" }]);
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
    await stage.command("spawn other", channel, ann);
    expect(() => tools("other")).toThrow("Nobody has given these tools to other.");
  });

  it("keeps them for the bot's next run, and nobody gets them by a name that is taken", async () => {
    await lead();
    await stage.command("spawn lead --orchestrator", channel, ann);
    await stage.killAndStart();
    await tools().spawn({ name: "api" });
    expect((await stage.host.list()).find(({ name }) => name === "api")?.createdBy).toBe("Oda (orchestrator)");
  });

  it("acts in no thread where it was started at the machine itself", async () => {
    await stage.bot.actionsFor(local).spawn({ name: "lead", orchestrator: true });
    const actions = tools();
    expect(await actions.tasks()).toEqual([]);
    await expect(actions.askHuman({ question: "?", options: ["a", "b"] })).rejects.toMatchObject({ code: "refused" });
    await actions.spawn({ name: "api" });
    expect(await actions.destroy({ name: "api" })).toMatchObject({ name: "api" });
  });
});
