import { createHmac } from "node:crypto";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import type { OnEvent } from "../../src/adapters/adapter.ts";
import type { SlackAdapter } from "../../src/adapters/slack/adapter.ts";
import { configureLog } from "../../src/log.ts";
import { SlackFront } from "../fakes/slack-front.ts";
import { EventLog } from "./contract.ts";
import { adapterFor, closedPort } from "./slack-fixture.ts";

let front: SlackFront;
let adapter: SlackAdapter;
let log: EventLog;

beforeAll(() => configureLog({ write: () => undefined }));

beforeEach(async () => {
  front = await SlackFront.start();
  adapter = adapterFor(front);
  log = new EventLog();
});

afterEach(async () => {
  await adapter.stop();
  await front.stop();
});

/** An event has come all the way, and was acknowledged. */
async function works(text: string): Promise<void> {
  await front.event(await front.write(text));
  expect(log.events.at(-1)).toMatchObject({ type: "message", text });
}

describe("acknowledging", () => {
  it("comes after an event is recorded", async () => {
    const order: string[] = [];
    const recorded = Promise.withResolvers<void>();
    const arrived = Promise.withResolvers<void>();
    await adapter.start(async () => {
      arrived.resolve();
      await recorded.promise;
      order.push("recorded");
      return { reply: Promise.resolve({}) };
    });
    const ack = front.event(await front.write("hello")).then(() => order.push("acknowledged"));
    await arrived.promise;
    expect(order).toEqual([]);
    recorded.resolve();
    await ack;
    expect(order).toEqual(["recorded", "acknowledged"]);
  });

  it.each(["event", "command", "action"])("does not come for an %s that could not be recorded", async (kind) => {
    let broken = true;
    let acknowledged = false;
    const failed = Promise.withResolvers<void>();
    const onEvent: OnEvent = async (event) => {
      if (!broken) return log.take(event);
      failed.resolve();
      throw new Error("the disk is full");
    };
    await adapter.start(onEvent);
    const message = await front.write("<@BOT> hello");
    const thread = { platform: "slack", space: front.team, channel: front.channel, thread: message.ts };
    const buttons = [{ label: "Stop", action: "stop", value: "demo" }];
    const { id } = await adapter.post(thread, { kind: "notice", text: "here", buttons }, "k");
    const deliver = (): Promise<unknown> => {
      if (kind === "event") return front.event(message, {}, { retry_attempt: broken ? 0 : 1 });
      return kind === "action" ? front.press(message.ts, id, "Stop") : front.envelope("slash_commands", slash());
    };
    const slash = () => ({
      command: "/shard",
      text: "list",
      team_id: front.team,
      channel_id: front.channel,
      user_id: front.person,
      trigger_id: "t",
    });
    void deliver().then(() => (acknowledged = true));
    await failed.promise;
    broken = false;
    await deliver();
    // Acknowledgements come in order over the one socket: the first would have been here by now.
    expect(acknowledged).toBe(false);
    expect(log.events).toHaveLength(1);
  });

  it("is told apart from handling: a slow reply holds nothing back", async () => {
    const reply = Promise.withResolvers<{ post: { kind: "notice"; text: string } }>();
    await adapter.start(async () => ({ reply: reply.promise }));
    const { url, shown } = front.replyUrl();
    await front.envelope("slash_commands", {
      command: "/shard",
      text: "list",
      team_id: front.team,
      channel_id: front.channel,
      user_id: front.person,
      trigger_id: "t",
      response_url: url,
    });
    reply.resolve({ post: { kind: "notice", text: "two shards" } });
    expect(await shown).toContain("two shards");
  });
});

describe("replies for one person", () => {
  it("come where they wrote, to nobody else", async () => {
    log.reply = { post: { kind: "notice", tone: "error", text: "You may not do this." } };
    await adapter.start(log.take);
    const root = await front.write("root");
    await front.event(await front.write("in the thread", root.ts));
    await vi.waitFor(() => expect(front.callsOf("chat.postEphemeral")).toHaveLength(1));
    expect(front.callsOf("chat.postEphemeral")[0]?.args).toMatchObject({
      channel: front.channel,
      user: front.person,
      thread_ts: root.ts,
    });
  });

  it("come after a button as well", async () => {
    await adapter.start(log.take);
    const root = await front.write("root");
    const thread = { platform: "slack", space: front.team, channel: front.channel, thread: root.ts };
    const ref = await adapter.post(
      thread,
      { kind: "notice", text: "here", buttons: [{ label: "Stop", action: "stop", value: "demo" }] },
      "k",
    );
    log.reply = { post: { kind: "notice", text: "Stopped." } };
    const { url, shown } = front.replyUrl();
    await front.press(root.ts, ref.id, "Stop", url);
    expect(await shown).toContain("Stopped.");
    expect(log.events).toMatchObject([{ type: "action", post: { thread, id: ref.id } }]);
  });
});

describe("the connection", () => {
  it("survives app_rate_limited, which is acknowledged", async () => {
    await adapter.start(log.take);
    await front.envelope("events_api", {
      token: "t",
      type: "app_rate_limited",
      team_id: front.team,
      minute_rate_limited: 1_518_467_820,
      api_app_id: "A0",
    });
    await works("still here");
    expect(front.opened).toBe(1);
  });

  it("comes back at once when Slack recycles it", async () => {
    await adapter.start(log.take);
    front.refresh();
    // The client's own pause would be 5 seconds.
    await vi.waitFor(() => expect(front.opened).toBe(2), { timeout: 4_000 });
    await works("after the refresh");
  });

  it("comes back after an outage", async () => {
    await adapter.start(log.take);
    let failures = 0;
    const end = front.fault(({ method }) => {
      if (method !== "apps.connections.open") return undefined;
      failures += 1;
      return failures % 2 === 0 ? "drop" : { status: 503 };
    });
    for (const socket of front.connections) socket.terminate();
    await vi.waitFor(() => expect(failures).toBeGreaterThanOrEqual(4));
    end();
    await vi.waitFor(() => expect(front.connections).toHaveLength(1));
    await works("after the outage");
  });

  it("waits as long as Slack asks", async () => {
    await adapter.start(log.take);
    front.faultOnce("apps.connections.open", { status: 429, headers: { "retry-after": "1" } });
    const lost = performance.now();
    front.refresh();
    await vi.waitFor(() => expect(front.opened).toBe(2));
    expect(performance.now() - lost).toBeGreaterThanOrEqual(950);
  });

  it("ends with a sentence when the app token is revoked", async () => {
    await adapter.start(log.take);
    front.fault(({ method }) =>
      method === "apps.connections.open" ? { json: { ok: false, error: "invalid_auth" } } : undefined,
    );
    front.refresh();
    expect((await adapter.ended).message).toBe(
      "Slack no longer accepts SLACK_APP_TOKEN (invalid_auth): generate a new app-level token with the scope connections:write.",
    );
  });

  it("ends with a sentence when Socket Mode is switched off", async () => {
    await adapter.start(log.take);
    front.connections[0]?.send(JSON.stringify({ type: "disconnect", reason: "link_disabled" }));
    expect((await adapter.ended).message).toContain("Socket Mode was switched off");
  });

  it.each([
    [{ type: "app_uninstalled" }, "was uninstalled"],
    [{ type: "tokens_revoked", tokens: { oauth: [], bot: ["U1"] } }, "revoked the app's bot token"],
  ])("ends with a sentence on %o", async (event, words) => {
    await adapter.start(log.take);
    void front.event(event);
    expect((await adapter.ended).message).toContain(words);
  });

  it("ends with a sentence when a post shows that the bot token is revoked", async () => {
    await adapter.start(log.take);
    front.fault(({ method }) =>
      method === "chat.postMessage" ? { json: { ok: false, error: "token_revoked" } } : undefined,
    );
    const thread = { platform: "slack", space: front.team, channel: front.channel, thread: "1.1" };
    await expect(adapter.post(thread, { kind: "notice", text: "x" }, "k")).rejects.toMatchObject({
      outcome: "refused",
    });
    expect((await adapter.ended).message).toContain("SLACK_BOT_TOKEN (token_revoked)");
  });

  it("is closed by stop, and stays so", async () => {
    await adapter.start(log.take);
    await adapter.stop();
    await vi.waitFor(() => expect(front.connections).toEqual([]));
    expect(front.opened).toBe(1);
  });

  it("lets posts under way finish", async () => {
    await adapter.start(log.take);
    const root = await front.write("root");
    const held = Promise.withResolvers<undefined>();
    front.fault(({ method }) => (method === "chat.postMessage" ? held.promise : undefined));
    const thread = { platform: "slack", space: front.team, channel: front.channel, thread: root.ts };
    const posting = adapter.post(thread, { kind: "notice", text: "late" }, "k");
    const stopping = adapter.stop();
    await vi.waitFor(() => expect(front.connections).toEqual([]));
    held.resolve(undefined);
    await stopping;
    expect(await front.messages(root.ts)).toHaveLength(2);
    await posting;
  });
});

describe("HTTP instead of a socket", () => {
  const signingSecret = "0123456789abcdef";
  let url: string;
  let onEvent: OnEvent;

  beforeEach(async () => {
    const port = await closedPort();
    url = `http://127.0.0.1:${port}/slack/events`;
    onEvent = log.take;
    adapter = adapterFor(front, { receive: { by: "http", signingSecret, port } });
    await adapter.start((event) => onEvent(event));
  });

  const send = (body: string, type: string, secret = signingSecret, age = 0) => {
    const at = String(Math.floor(Date.now() / 1_000) - age);
    const signature = `v0=${createHmac("sha256", secret).update(`v0:${at}:${body}`).digest("hex")}`;
    return fetch(url, {
      method: "POST",
      body,
      headers: { "content-type": type, "x-slack-request-timestamp": at, "x-slack-signature": signature },
    });
  };
  const json = "application/json";

  it("takes signed requests", async () => {
    const answer = await send(JSON.stringify(front.callback(await front.write("over HTTP"))), json);
    expect(answer.status).toBe(200);
    expect(log.events).toMatchObject([{ type: "message", text: "over HTTP" }]);
  });

  it("takes commands, and replies to them", async () => {
    log.reply = { post: { kind: "notice", text: "two shards" } };
    const { url: response_url, shown } = front.replyUrl();
    const ids = { team_id: front.team, channel_id: front.channel, user_id: front.person, trigger_id: "t1" };
    const answer = await send(
      String(new URLSearchParams({ command: "/shard", text: "list", ...ids, response_url })),
      "application/x-www-form-urlencoded",
    );
    expect(answer.status).toBe(200);
    expect(await shown).toContain("two shards");
  });

  it.each([
    ["another secret", "another", 0],
    ["an old signature", signingSecret, 400],
  ])("refuses %s", async (_name, secret, age) => {
    const answer = await send(JSON.stringify(front.callback(await front.write("forged"))), json, secret, age);
    expect(answer.status).toBe(401);
    expect(log.events).toEqual([]);
  });

  it("refuses what could not be recorded, so that it comes again", async () => {
    onEvent = () => Promise.reject(new Error("the disk is full"));
    const answer = await send(JSON.stringify(front.callback(await front.write("lost?"))), json);
    expect(answer.status).toBe(500);
  });

  it("opens no socket", () => {
    expect(front.callsOf("apps.connections.open")).toEqual([]);
  });
});
