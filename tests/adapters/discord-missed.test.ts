import { SnowflakeUtil } from "discord.js";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChatEvent, Gap } from "../../src/adapters/adapter.ts";
import { DiscordAdapter } from "../../src/adapters/discord/adapter.ts";
import { NotSavedError } from "../../src/errors.ts";
import { configureLog } from "../../src/log.ts";
import { FakeGateway, messagePayload, world } from "../fakes/discord-gateway.ts";
import { DiscordProxy } from "../fakes/discord-proxy.ts";
import { EventLog } from "./contract.ts";
import { commands } from "./discord-fixture.ts";

let gateway: FakeGateway;
let proxy: DiscordProxy;
let adapter: DiscordAdapter;
let log: EventLog;
let warned: string[];

beforeEach(async () => {
  warned = [];
  configureLog({ write: (line) => warned.push((JSON.parse(line) as { message: string }).message) });
  gateway = new FakeGateway();
  proxy = await DiscordProxy.start();
  proxy.gatewayUrl = gateway.url;
  proxy.plant("GET", new RegExp(`/members/${world.alice}$`), { status: 200, body: alice }, 99);
  adapter = new DiscordAdapter({ token: "a-token", apiUrl: proxy.url, channels: [world.channel], commands });
  log = new EventLog();
});

afterEach(async () => {
  await adapter.stop();
  await gateway.stop();
  await proxy.stop();
  configureLog({ write: () => {} });
});

const alice = {
  user: { id: world.alice, username: "alice", global_name: "Alice", discriminator: "0" },
  roles: [world.ops],
};
const messagesOf = (channel: string) => new RegExp(`^/channels/${channel}/messages$`);
const said = (text: string) => (event: ChatEvent) => event.type === "message" && event.text === text;
const texts = () => log.events.map((event) => event.type === "message" && event.text);

/** The time right before the newest message that Discord tells of: only what is there since is asked for. */
const gap = (threads: Gap["threads"] = []): Gap => ({
  since: new Date(SnowflakeUtil.timestampFrom("599999999999999999") - 1).toISOString(),
  threads,
});

const missed = (content: string, fields: object = {}) => ({ ...messagePayload(content, fields), member: undefined });

describe("after an absence of the bot", () => {
  it("what was said is given, marked as missed, before what is said now", async () => {
    const answer = Promise.withResolvers<{ status: number; body: unknown }>();
    proxy.plant("GET", messagesOf(world.thread), answer.promise);
    const [one, two] = [missed("one", { channel_id: world.thread }), missed("two", { channel_id: world.thread })];
    await adapter.start(log.take, gap());
    expect(adapter.hears).toBe(false);
    gateway.say("now", { channel_id: world.thread });
    await expect.poll(() => proxy.seen("GET", messagesOf(world.thread))).toHaveLength(1);
    // Newest first, as Discord gives them.
    answer.resolve({ status: 200, body: [two, one] });
    await log.next(said("now"));
    expect(texts()).toEqual(["one", "two", "now"]);
    expect(log.events.map((event) => event.missed)).toEqual([true, true, undefined]);
    expect(log.events[0]).toMatchObject({ id: one.id, by: { id: world.alice, roles: [world.ops] } });
    await expect.poll(() => adapter.hears).toBe(true);
  });

  it("only what has something new is read, and threads that Discord does not tell of", async () => {
    const archived = "300000000000000009";
    const known = [world.thread, archived].map((thread) => ({
      platform: "discord",
      space: world.guild,
      channel: world.channel,
      thread,
    }));
    await adapter.start(log.take, { ...gap(known), since: new Date().toISOString() });
    await expect.poll(() => adapter.hears).toBe(true);
    expect(proxy.seen("GET", /^\/channels\/\d+(\/messages)?$/).map(({ path }) => path)).toEqual([
      `/channels/${archived}`,
    ]);
  });

  it("what can't be read at once is read later, and goes on where it was", async () => {
    const page = Array.from({ length: 100 }, (_, n) => missed(`m${n}`, { channel_id: world.thread }));
    proxy.plant("GET", messagesOf(world.thread), { status: 200, body: page.toReversed() });
    proxy.plant("GET", messagesOf(world.thread), { status: 503 }, 2);
    proxy.plant("GET", messagesOf(world.thread), {
      status: 200,
      body: [missed("the last", { channel_id: world.thread })],
    });
    await adapter.start(log.take, gap());
    await log.next(said("m99"));
    // Nobody waits longer than the first round takes.
    gateway.say("now");
    await log.next(said("now"));
    expect(adapter.hears).toBe(false);
    await log.next(said("the last"));
    expect(texts().filter((text) => text !== "now")).toEqual([...page.map(({ content }) => content), "the last"]);
    await expect.poll(() => adapter.hears).toBe(true);
    expect(warned).toContain("what was said in a channel during an absence could not be read yet");
    const queries = proxy.seen("GET", messagesOf(world.thread)).map(({ query }) => query);
    expect(queries.slice(1).every((query) => query.includes(`after=${page.at(-1)?.id}`))).toBe(true);
  });

  it("a long one is read whole, in order", async () => {
    const all = Array.from({ length: 1_150 }, (_, n) => missed(`m${n}`, { channel_id: world.thread }));
    for (let start = 0; start < all.length; start += 100) {
      const body = all.slice(start, start + 100).toReversed();
      proxy.plant("GET", messagesOf(world.thread), { status: 200, body });
    }
    await adapter.start(log.take, gap());
    await log.next(said("m1149"));
    expect(texts()).toEqual(all.map(({ content }) => content));
    await expect.poll(() => adapter.hears).toBe(true);
  });

  it("what may not be read is named in the log, and is no reason to wait", async () => {
    proxy.plant("GET", messagesOf(world.thread), {
      status: 403,
      body: { code: 50001, message: "Missing Access" },
    });
    await adapter.start(log.take, gap());
    await expect.poll(() => adapter.hears).toBe(true);
    expect(warned).toContain("what was said in a channel during an absence may not be read");
  });
});

describe("events that can't be saved", () => {
  it("are no bug, and what comes after them is heard", async () => {
    await adapter.start(async (event) => {
      if (said("lost?")(event)) throw new NotSavedError("database or disk is full");
      return log.take(event);
    });
    gateway.say("lost?");
    gateway.say("next");
    await log.next(said("next"));
    expect(warned).toContain("a message of Discord's was not taken");
    expect(warned).not.toContain("an event of Discord was not taken");
  });

  it("are not heard while the connection is away", async () => {
    await adapter.start(log.take);
    expect(adapter.hears).toBe(true);
    gateway.break();
    await expect.poll(() => adapter.hears).toBe(false);
    await expect.poll(() => adapter.hears).toBe(true);
  });
});
