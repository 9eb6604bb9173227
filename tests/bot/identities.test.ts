import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Button, ThreadRef } from "../../src/adapters/adapter.ts";
import { ShardIdentities } from "../../src/bot/threads/shard-identities.ts";
import { Threads } from "../../src/bot/threads/threads.ts";
import { Store } from "../../src/store/store.ts";
import { TestBot } from "./test-bot.ts";

let bot: TestBot;

beforeEach(async () => {
  bot = await new TestBot().open();
  bot.host.identified = true;
});
afterEach(() => bot.dispose());

/** Another shard of the same name, with a thread of its own. */
async function again(): Promise<ThreadRef> {
  const { length } = bot.adapter.opened;
  await bot.command("spawn demo");
  await expect.poll(() => bot.adapter.opened[length]).toBeDefined();
  return bot.adapter.opened[length]!.thread;
}

/** The last button with this label in a thread. */
async function button(thread: ThreadRef, label: string): Promise<Button> {
  const find = () =>
    bot.adapter
      .in(thread)
      .flatMap(({ post }) => ("buttons" in post ? (post.buttons ?? []) : []))
      .findLast((one) => one.label === label);
  await expect.poll(find).toBeDefined();
  return find()!;
}

async function press({ action, value }: Pick<Button, "action" | "value">, thread: ThreadRef): Promise<string> {
  const { post } = await bot.adapter.emit({ type: "action", action, value }, { place: thread });
  return post && "text" in post ? post.text : "";
}

function audited(what: string): unknown[] {
  const lines = bot.log.map((line) => JSON.parse(line) as Record<string, unknown>);
  return lines.filter((line) => line["message"] === "audit" && line["what"] === what);
}

describe("a button of a shard that is gone", () => {
  it("does nothing to a later shard of its name, and says so; one of before there were ids is good by name", async () => {
    const first = await bot.shard();
    await bot.command("send demo exit 0", first);
    const old = await button(first, "Resume");
    expect(old.value).toMatch(/^demo@local:id-\d+$/);
    await bot.command("destroy demo");
    const second = await again();
    await bot.command("send demo say hello", second);
    await bot.shows(second, "hello");
    await bot.command("close demo", second);
    const count = bot.host.started.length;
    expect(await press(old, second)).toBe(
      "That was for an earlier shard demo, which is gone: the demo of now is another one.",
    );
    expect(bot.host.started).toHaveLength(count);
    expect(await press({ action: "resume", value: "demo" }, second)).toContain("demo");
    expect(bot.host.started).toHaveLength(count + 1);
  });

  it("is refused under a card too", async () => {
    const first = await bot.shard();
    await bot.command("send demo hang", first);
    const stop = await button(first, "Stop");
    expect(stop.value).toMatch(/^demo@local:id-\d+$/);
    await bot.command("destroy demo");
    const second = await again();
    await bot.command("send demo hang", second);
    expect(await press(stop, second)).toContain("an earlier shard demo");
    const [info] = await bot.host.list();
    expect(info?.status.state).toBe("working");
    expect(await press(await button(second, "Stop"), second)).toBe("");
  });
});

it("says in the audit which shard it was", async () => {
  const thread = await bot.shard();
  const [info] = await bot.host.list();
  await bot.command("read demo", thread);
  expect(audited("read demo")).toEqual([expect.objectContaining({ shard: { id: info?.id, host: "local" } })]);
});

it("binds a thread to the very shard, and lets it go with that one only", async () => {
  const store = await Store.over(new Map());
  const identities = new ShardIdentities();
  identities.learn({ name: "demo", id: "two", host: "local" });
  const threads = new Threads(store, identities);
  const thread = { platform: "chat", space: "team", channel: "C1", thread: "T1" };
  await store.write([threads.home(thread, "demo")]);
  expect(threads.of("demo")).toMatchObject([{ shard: "demo", shardId: "two", host: "local" }]);
  const later = new Date(Date.now() + 1000).toISOString();
  expect(threads.release("demo", later, { shardId: "one", host: "local" }).threads).toEqual([]);
  expect(threads.release("demo", later, { shardId: "two", host: "local" }).threads).toEqual([thread]);
  expect(threads.release("demo", later).threads).toEqual([thread]);
  await store.write([threads.attach(thread, "demo")]);
  await threads.detach(thread);
  expect(threads.get(thread)).toMatchObject({ shardId: "two", attached: false });
});

it("asks a person for a step with the very shard that it was wanted for", async () => {
  const thread = await bot.shard();
  bot.orchestrator.reply = async ({ actions }) => {
    await actions.destroy({ name: "demo" });
    return "asked";
  };
  await bot.adapter.say("tidy up", thread);
  const yes = await button(thread, "Destroy demo");
  bot.host.identify("demo", "id-of-another");
  expect(await press(yes, thread)).toContain("an earlier shard demo");
  expect(await bot.host.list()).toHaveLength(1);
});

describe("who has a name", () => {
  const event = { type: "flood", shard: "demo", host: "local" } as const;

  it("is who the host says, whatever late events of an earlier one tell", () => {
    const identities = new ShardIdentities();
    expect(identities.of("demo")).toEqual({});
    identities.take({ ...event, shardId: "one" });
    expect(identities.of("demo")).toEqual({ shardId: "one", host: "local" });
    identities.learn({ name: "demo", id: "two", host: "local" });
    identities.take({ ...event, shardId: "one" });
    identities.take({ ...event, type: "destroyed", shardId: "one" });
    expect(identities.of("demo")).toEqual({ shardId: "two", host: "local" });
    identities.take({ ...event, type: "destroyed", shardId: "two" });
    expect(identities.of("demo")).toEqual({});
  });
});
