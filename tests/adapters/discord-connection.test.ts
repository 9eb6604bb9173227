import { existsSync, readFileSync } from "node:fs";
import { createServer, type AddressInfo, type Socket } from "node:net";
import nock from "nock";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { ChatEvent } from "../../src/adapters/adapter.ts";
import { DiscordAdapter } from "../../src/adapters/discord/adapter.ts";
import { FakeGateway, messagePayload, world } from "../fakes/discord-gateway.ts";
import { DiscordProxy } from "../fakes/discord-proxy.ts";
import { EventLog } from "./contract.ts";
import { commands } from "./discord-fixture.ts";

let gateway: FakeGateway;
let proxy: DiscordProxy;
let adapters: DiscordAdapter[];

beforeEach(async () => {
  gateway = new FakeGateway();
  proxy = await DiscordProxy.start();
  proxy.gatewayUrl = gateway.url;
  adapters = [];
});

afterEach(async () => {
  for (const adapter of adapters) await adapter.stop();
  await gateway.stop();
  await proxy.stop();
});

function make(options: { apiUrl?: string | undefined; startWithin?: number; token?: string } = {}): DiscordAdapter {
  const adapter = new DiscordAdapter({
    token: "a-token",
    apiUrl: proxy.url,
    channels: [world.channel],
    commands,
    ...options,
  });
  adapters.push(adapter);
  return adapter;
}

async function started(): Promise<{ adapter: DiscordAdapter; log: EventLog }> {
  const log = new EventLog();
  const adapter = make();
  await adapter.start(log.take);
  return { adapter, log };
}

const byText = (a: string | boolean, b: string | boolean) => String(a).localeCompare(String(b));
const said = (text: string) => (event: ChatEvent) => event.type === "message" && event.text === text;

describe("starting", () => {
  const failure = async (adapter: DiscordAdapter) => {
    const error: unknown = await adapter.start(new EventLog().take).catch((reason: unknown) => reason);
    await expect.poll(() => gateway.connections).toBe(0);
    return error;
  };

  it("says that the token is bad, for Discord itself", async () => {
    const discord = nock("https://discord.com")
      .get("/api/v10/applications/@me")
      .reply(401, { message: "401: Unauthorized", code: 0 });
    const error = await failure(make({ apiUrl: undefined }));
    expect(error).toMatchObject({
      code: "config",
      message: expect.stringMatching(/^Discord has refused DISCORD_TOKEN: copy the token anew/),
    });
    expect(discord.isDone()).toBe(true);
    nock.cleanAll();
    nock.restore();
  });

  it("says that the token is bad when the gateway says so", async () => {
    gateway.refusal = 4004;
    expect(await failure(make())).toMatchObject({
      code: "config",
      message: expect.stringContaining("refused DISCORD_TOKEN"),
    });
  });

  it("says where to switch on the intent that the application lacks", async () => {
    proxy.plant("GET", /^\/applications\/@me$/, { status: 200, body: { id: world.bot, flags: 0 } });
    expect(await failure(make())).toMatchObject({
      code: "config",
      message: `The bot may not read what people write: switch on "Message Content Intent" at https://discord.com/developers/applications/${world.bot}/bot, then start again.`,
    });
  });

  it("says the same when the gateway closes with 4014", async () => {
    gateway.refusal = 4014;
    expect(await failure(make())).toMatchObject({
      code: "config",
      message: expect.stringContaining('switch on "Message Content Intent"'),
    });
  });

  it("says that there is no network", async () => {
    const error = await failure(make({ apiUrl: "http://127.0.0.1:9/api" }));
    expect(error).toMatchObject({
      code: "unavailable",
      message: expect.stringMatching(
        /^Discord at http:\/\/127.0.0.1:9\/api can't be reached \(\w+\): check the network/,
      ),
    });
  });

  it("says that what answers is not Discord", async () => {
    expect(await failure(make({ apiUrl: `${proxy.url}/elsewhere` }))).toMatchObject({
      code: "config",
      message: expect.stringContaining("check DISCORD_API_URL"),
    });
    proxy.violations.length = 0;
  });

  it("says that Discord is out of order", async () => {
    proxy.plant("GET", /^\/applications\/@me$/, { status: 503 }, 2);
    expect(await failure(make())).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("answered 503"),
    });
  });

  it.each([["a REST interface", "hang"] as const, ["a gateway", "silent"] as const])(
    "does not wait for ever for %s that says nothing",
    async (_name, how) => {
      if (how === "hang") proxy.plant("GET", /^\/applications\/@me$/, "hang", 9);
      else gateway.manner = "silent";
      const start = performance.now();
      const error = await failure(make({ startWithin: 1_000 }));
      expect(error).toMatchObject({
        code: "unavailable",
        message: expect.stringContaining("did not let the bot in within 1 seconds"),
      });
      expect(performance.now() - start).toBeLessThan(3_000);
    },
  );

  it("leaves no socket behind when the gateway does not even shake hands", async () => {
    const open = new Set<Socket>();
    const mute = createServer((socket) => void open.add(socket.on("close", () => open.delete(socket)).resume()));
    await new Promise<void>((resolve) => mute.listen(0, "127.0.0.1", resolve));
    proxy.gatewayUrl = `ws://127.0.0.1:${(mute.address() as AddressInfo).port}`;
    expect(await failure(make({ startWithin: 1_000 }))).toMatchObject({ code: "unavailable" });
    await expect.poll(() => open.size).toBe(0);
    await new Promise((resolve) => mute.close(resolve));
  });

  it.each([
    ["GET", /^\/applications\/@me$/, { id: world.bot, flags: 1 << 18 }] as const,
    ["GET", /^\/gateway\/bot$/, undefined] as const,
  ])("connects no more when an answer comes after it has given up: %s %s", async (method, path, body) => {
    const late = Promise.withResolvers<{ status: number; body: object }>();
    proxy.plant(method, path, late.promise);
    expect(await failure(make({ startWithin: 300 }))).toMatchObject({ code: "unavailable" });
    const session_start_limit = { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 };
    late.resolve({ status: 200, body: body ?? { url: gateway.url, shards: 1, session_start_limit } });
    // Another one gets through the same steps, and stands alone.
    await started();
    expect(gateway.connections).toBe(1);
    expect(gateway.heard.filter(({ op }) => op === 2)).toHaveLength(1);
  });

  it("gives up when every connection is closed at once", async () => {
    gateway.manner = 4000;
    expect(await failure(make())).toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("closed the gateway connection 10 times within a minute (last with 4000)"),
    });
  });
});

describe("a connection that stood", () => {
  it.each([
    [4004, "Discord has refused DISCORD_TOKEN"],
    [4013, "update Shardbridge"],
    [4014, "Message Content Intent"],
  ])("ends with a sentence when it is closed with %i", async (code, sentence) => {
    const { adapter } = await started();
    gateway.close(code);
    expect((await adapter.ended).message).toContain(sentence);
    await expect.poll(() => gateway.connections).toBe(0);
  });

  it("ends when it is closed again and again", async () => {
    const { adapter } = await started();
    gateway.manner = 4000;
    gateway.close(4000);
    expect((await adapter.ended).message).toContain("10 times within a minute");
    await expect.poll(() => gateway.connections).toBe(0);
  });

  it("ends when the token is refused by the REST interface", async () => {
    const { adapter } = await started();
    proxy.plant("POST", /messages$/, { status: 401, body: { message: "401: Unauthorized", code: 0 } });
    const thread = { platform: "discord", space: world.guild, channel: world.channel, thread: world.thread };
    await expect(adapter.post(thread, { kind: "notice", text: "x" }, "k")).rejects.toMatchObject({
      outcome: "refused",
    });
    expect((await adapter.ended).message).toContain("refused DISCORD_TOKEN");
  });

  it("goes on after the network broke, with all that was said meanwhile when Discord resumes", async () => {
    const { log } = await started();
    gateway.say("before");
    await log.next(said("before"));
    gateway.break();
    await expect.poll(() => gateway.heard.some(({ op }) => op === 6)).toBe(true);
    gateway.say("after");
    await log.next(said("after"));
    expect(proxy.seen("GET", /\/messages$/)).toEqual([]);
  });

  it("reads again what was said while it was away, when Discord does not resume", async () => {
    const { log } = await started();
    gateway.say("in the channel");
    await log.next(said("in the channel"));
    const newest = log.events.at(-1)?.id;
    const missed = { ...messagePayload("missed"), member: undefined };
    const missedBot = {
      ...messagePayload("missed, by a bot"),
      author: { id: "400000000000000009", username: "robot", bot: true },
    };
    const inThread = {
      ...messagePayload("missed in the thread"),
      channel_id: world.thread,
      member: undefined,
      author: { id: "400000000000000005", username: "left" },
    };
    proxy.plant("GET", new RegExp(`/channels/${world.channel}/messages`), { status: 200, body: [missedBot, missed] });
    proxy.plant("GET", new RegExp(`/channels/${world.thread}/messages`), { status: 200, body: [inThread] });
    const alice = {
      user: { id: world.alice, username: "alice", global_name: "Alice", discriminator: "0" },
      roles: [world.ops],
    };
    proxy.plant("GET", new RegExp(`/members/${world.alice}$`), { status: 200, body: alice });
    gateway.resumes = false;
    gateway.break();
    await log.next(said("missed"));
    const event = await log.next(said("missed in the thread"));
    expect(event).toMatchObject({
      id: inThread.id,
      place: { channel: world.channel, thread: world.thread },
      by: { outsider: "external" },
    });
    expect(log.events.map((one) => one.type === "message" && one.text).toSorted(byText)).toEqual([
      "in the channel",
      "missed",
      "missed in the thread",
    ]);
    expect(log.events.find(said("missed"))?.by).toMatchObject({ id: world.alice, roles: [world.ops] });
    expect(
      proxy
        .seen("GET", /\/messages$/)
        .map(({ path, query }) => path + query)
        .toSorted(byText),
    ).toEqual([
      `/channels/${world.channel}/messages?after=${newest}&limit=100`,
      `/channels/${world.thread}/messages?after=599999999999999999&limit=100`,
    ]);
  });

  it("stays away once it is stopped, in the half second before it would connect anew too", async () => {
    const first = await started();
    await started();
    gateway.close(4000);
    await expect.poll(() => gateway.connections).toBe(0);
    await first.adapter.stop();
    await expect.poll(() => gateway.heard.filter(({ op }) => op === 6)).toHaveLength(1);
    expect(gateway.connections).toBe(1);
  });
});

describe("messages", () => {
  const place = { platform: "discord", space: world.guild, channel: world.channel };

  it.each<[string, string, object, object]>([
    ["a plain message", "hello", {}, { text: "hello", toBot: false, place }],
    ["a mention", `<@${world.bot}> do it`, {}, { text: "do it", toBot: true }],
    ["a mention of old", `<@!${world.bot}>  do it`, {}, { text: "do it", toBot: true }],
    ["a mention by the bot's role", `<@&${world.botRole}> do it`, {}, { text: "do it", toBot: true }],
    ["both mentions", `<@&${world.botRole}> <@${world.bot}>\ndo it`, {}, { text: "do it", toBot: true }],
    ["a mention alone", `<@${world.bot}>`, {}, { text: "", toBot: true }],
    [
      "a mention further on",
      `ask <@${world.bot}> or <@${world.alice}>`,
      {},
      { text: "ask @TestBot or @Alice", toBot: true },
    ],
    [
      "names for ids",
      `<@&${world.ops}> look at <#${world.thread}> <:ship:123456789012345678>`,
      {},
      { text: "@Operators look at #a thread :ship:", toBot: false },
    ],
    [
      "a reply with a ping",
      "thanks",
      { type: 19, mentions: [{ id: world.bot, username: "TestBot", bot: true }] },
      { text: "thanks", toBot: true },
    ],
    ["a message in a thread", "here", { channel_id: world.thread }, { place: { ...place, thread: world.thread } }],
    ["the author", "who", {}, { by: { id: world.alice, name: "Alice", roles: [world.ops] } }],
    [
      "somebody who is no member",
      "who",
      { member: undefined, author: { id: "400000000000000002", username: "ghost" } },
      { by: { outsider: "external" } },
    ],
  ])("gives %s", async (_name, content, fields, expected) => {
    const { log } = await started();
    const message = messagePayload(content, fields);
    gateway.dispatch("MESSAGE_CREATE", message);
    expect(await log.next(() => true)).toMatchObject({ type: "message", id: message.id, ...expected });
  });

  it("offers a message outside of threads as the root of one, and not within", async () => {
    const { log } = await started();
    gateway.say("outside");
    gateway.say("within", { channel_id: world.thread });
    expect((await log.next(said("outside"))).place.message).toBe(log.events.find(said("outside"))?.id);
    expect((await log.next(said("within"))).place.message).toBeUndefined();
  });

  it.each<[string, object]>([
    ["a bot", { author: { id: "400000000000000009", username: "robot", bot: true } }],
    ["a webhook", { webhook_id: "900000000000000001", author: { id: "900000000000000001", username: "hook" } }],
    ["the bot itself", { author: { id: world.bot, username: "TestBot", bot: true } }],
    ["Discord (a pin)", { type: 6 }],
    ["Discord (a new thread)", { type: 18 }],
  ])("drops what %s says", async (_name, fields) => {
    const { log } = await started();
    gateway.say(`<@${world.bot}> hello`, fields);
    gateway.say("a person");
    await log.next(said("a person"));
    expect(log.events).toHaveLength(1);
  });

  it("goes on after an event that the client can't take apart", async () => {
    const { log } = await started();
    gateway.dispatch("INTERACTION_CREATE", { id: "1", type: 3, data: { component_type: 2 } });
    gateway.say("still here");
    expect(await log.next(said("still here"))).toBeDefined();
  });

  it("goes on after an event that could not be recorded", async () => {
    const log = new EventLog();
    let failures = 1;
    await make().start((event) => (failures-- > 0 ? Promise.reject(new Error("disk full")) : log.take(event)));
    gateway.say("lost");
    gateway.say("taken");
    expect(await log.next(() => true)).toMatchObject({ text: "taken" });
  });
});

const recording = new URL("../../../shared/specs/discord-events-channel.json", import.meta.url);
if (!existsSync(recording)) console.warn("SKIPPED: recorded payloads of Discord are not at ../shared/specs");

describe.skipIf(!existsSync(recording))("payloads recorded from Discord", () => {
  interface Recorded {
    mention: { data: Record<string, unknown> };
    channel_post_action: Record<string, unknown> & { data: { custom_id: string } };
  }

  it("are understood", async () => {
    const text = readFileSync(recording, "utf8");
    const ids = JSON.parse(text) as Record<"applicationId" | "guildId" | "channelId" | "threadChannelId", string>;
    const here = text
      .replaceAll(ids.threadChannelId, world.thread)
      .replaceAll(ids.applicationId, world.bot)
      .replaceAll(ids.guildId, world.guild)
      .replaceAll(ids.channelId, world.channel);
    const { mention, channel_post_action: press } = JSON.parse(here) as Recorded;
    const { log } = await started();
    const mentioned = { ...mention.data, id: ids.threadChannelId };
    gateway.dispatch("MESSAGE_CREATE", mentioned);
    expect(await log.next((event) => event.type === "message")).toMatchObject({
      text: "Test",
      toBot: true,
      at: "2026-02-17T00:48:03.193Z",
      by: { id: "1033044521375764530", name: "Test User", roles: [] },
      place: { space: world.guild, channel: world.channel },
    });
    const message = { ...mentioned, id: "1473118771026727144", channel_id: world.thread };
    const left = {
      entitlements: [],
      app_permissions: "0",
      authorizing_integration_owners: {},
      channel: { id: world.thread, type: 11 },
    };
    gateway.dispatch("INTERACTION_CREATE", { ...press, ...left, message });
    expect(await log.next((event) => event.type === "action")).toMatchObject({
      action: "channel-post",
      value: "",
      by: { id: "1033044521375764530", name: "Test User" },
      place: { channel: world.channel, thread: world.thread },
      post: { id: "1473118771026727144" },
    });
  });
});
