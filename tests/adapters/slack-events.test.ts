import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { OnEvent, PostRef, ThreadRef } from "../../src/adapters/adapter.ts";
import { readEvent } from "../../src/adapters/slack/events.ts";
import type { Identity } from "../../src/adapters/slack/origin.ts";
import { readAsking } from "../../src/adapters/slack/presses.ts";
import type { SlackAdapter } from "../../src/adapters/slack/adapter.ts";
import { configureLog } from "../../src/log.ts";
import { SlackFront } from "../fakes/slack-front.ts";
import { EventLog } from "./contract.ts";
import { adapterFor } from "./slack-fixture.ts";

const self: Identity = { team: "T1", user: "UBOT", bot: "B1", url: "https://team.slack.com/" };
const said = { type: "message", user: "U1", text: "hi", ts: "1767224888.280449", channel: "C1", team: "T1" };
const callback = (event: object, more: object = {}) => ({
  type: "event_callback",
  team_id: "T1",
  event_id: "Ev1",
  event,
  ...more,
});

describe("reading messages", () => {
  it("gives address, time and text", () => {
    expect(readEvent(callback(said), self)).toEqual({
      event: {
        type: "message",
        id: "message/C1/1767224888.280449",
        at: "2025-12-31T23:48:08.280Z",
        place: { platform: "slack", space: "T1", channel: "C1", message: "1767224888.280449" },
        text: "hi",
        toBot: false,
      },
      user: "U1",
      external: false,
    });
  });

  it("gives a mention that comes twice the same id and text", () => {
    const text = "<@UBOT> do it";
    const message = readEvent(callback({ ...said, text, channel_type: "channel" }), self);
    const mention = readEvent(callback({ ...said, text, type: "app_mention" }, { event_id: "Ev2" }), self);
    expect(mention).toEqual(message);
    expect(mention?.event).toMatchObject({ text: "do it", toBot: true });
  });

  it.each<[string, object, object]>([
    ["in a thread", { thread_ts: "1767224000.000100" }, { place: { thread: "1767224000.000100" } }],
    ["sent to the channel as well", { thread_ts: "1767224000.000100", subtype: "thread_broadcast" }, { text: "hi" }],
    ["with a file", { subtype: "file_share" }, { text: "hi" }],
    ["in a direct message", { channel: "D1", channel_type: "im" }, { toBot: true, place: { direct: true } }],
    ["in a group message", { channel: "C9", channel_type: "mpim" }, { toBot: true, place: { direct: true } }],
    [
      "that mention in the middle",
      { text: "ask <@UBOT|shardbridge> again" },
      { toBot: true, text: "ask @shardbridge again" },
    ],
    ["that mention twice in front", { text: "<@UBOT> <@UBOT>: go" }, { toBot: true, text: "go" }],
    ["that mention another", { text: "<@UOTHER> go" }, { toBot: false, text: "@UOTHER go" }],
    [
      "with null where nothing is",
      { subtype: null, thread_ts: null, bot_id: null, edited: null, user_team: null },
      { text: "hi" },
    ],
  ])("%s", (_name, change, expected) => {
    expect(readEvent(callback({ ...said, ...change }), self)?.event).toMatchObject(expected);
  });

  it.each<[string, object]>([
    ["another bot", { bot_id: "B2" }],
    ["a bot by its old name", { subtype: "bot_message" }],
    ["an app in a person's name", { app_id: "A2" }],
    ["ourselves", { user: "UBOT" }],
    ["an edit", { subtype: "message_changed", user: undefined, message: said }],
    ["a deletion", { subtype: "message_deleted", user: undefined }],
    ["somebody who joined", { subtype: "channel_join" }],
    ["a mention that was edited in", { type: "app_mention", edited: { user: "U1", ts: "1767224889.000000" } }],
    ["nobody", { user: undefined }],
  ])("drops %s", (_name, change) => {
    expect(readEvent(callback({ ...said, ...change }), self)).toBeUndefined();
  });

  it("drops what is older than it should look back", () => {
    expect(readEvent(callback(said), self, 1_767_224_888_000)).toBeDefined();
    expect(readEvent(callback(said), self, 1_767_224_889_000)).toBeUndefined();
  });

  it.each<[string, object, object]>([
    ["a shared channel", {}, { is_ext_shared_channel: true }],
    ["another team's user", { user_team: "T2" }, {}],
    ["another team's message", { team: "T2" }, {}],
    ["another source", { source_team: "T2" }, {}],
    ["another workspace", {}, { team_id: "T2" }],
  ])("knows %s as external", (_name, change, more) => {
    expect(readEvent(callback({ ...said, ...change }, more), self)?.external).toBe(true);
  });

  it("gives Slack's stop button", () => {
    const stop = {
      type: "agent_session_stopped",
      channel: "C1",
      thread_ts: "1767224000.000100",
      event_ts: "1767224888.000000",
      user: "U1",
      streaming_message_ts: [],
    };
    expect(readEvent(callback(stop), self)).toMatchObject({
      event: { type: "stop", place: { thread: "1767224000.000100" } },
      user: "U1",
    });
  });

  it.each([
    undefined,
    {},
    "x",
    callback({ type: "reaction_added", user: "U1" }),
    callback({ type: "message" }),
    { type: "view_submission" },
  ])("drops %j", (body) => {
    expect(readEvent(body, self)).toBeUndefined();
  });
});

describe("reading commands and buttons", () => {
  it("undoes the escaping of a command", () => {
    const command = {
      command: "/shard",
      text: " send demo a &lt; b &amp;&amp; ask <@U2|bob> in <#C2|dev> ",
      team_id: "T1",
      channel_id: "C1",
      user_id: "U1",
      trigger_id: "t1",
    };
    expect(readEvent(command, self)).toMatchObject({
      event: {
        type: "command",
        id: "command/t1",
        place: { channel: "C1" },
        command: "send demo a < b && ask @bob in #dev",
      },
      user: "U1",
      external: false,
    });
    expect(readEvent({ ...command, team_id: "T2" }, self)?.external).toBe(true);
  });

  it("takes a message with no thread as the root of one", () => {
    const press = {
      type: "block_actions",
      team: { id: "T1" },
      user: { id: "U1", team_id: "T1" },
      container: { type: "message", message_ts: "1767224000.000100", channel_id: "C1" },
      actions: [{ action_id: "answer#12", value: "demo/q1/2", action_ts: "1767224888.000000" }],
    };
    expect(readEvent(press, self)?.event).toMatchObject({
      type: "action",
      action: "answer",
      value: "demo/q1/2",
      place: { thread: "1767224000.000100" },
    });
    expect(readEvent({ ...press, user: { id: "U1", team_id: "T2" } }, self)?.external).toBe(true);
  });
});

const recordings = join(import.meta.dirname, "../../../shared/specs/slack-events");
if (!existsSync(recordings)) console.warn("Recorded Slack payloads are not beside the project: skipped.");

describe.skipIf(!existsSync(recordings))("recorded payloads", () => {
  const recorded = (file: string) =>
    JSON.parse(readFileSync(join(recordings, file), "utf8")) as Record<
      string,
      { team_id?: string; team?: { id: string } }
    > & { botUserId: string };

  it.each<[string, string, object]>([
    ["slack.json", "mention", { type: "message", text: "Hey", toBot: true, place: { message: "1767224888.280449" } }],
    ["slack.json", "followUp", { type: "message", text: "Hi", toBot: false, place: { thread: "1767224888.280449" } }],
    ["channel-slack.json", "mention", { type: "message", text: "Hey", toBot: true }],
    [
      "channel-slack.json",
      "channel_post_action",
      { type: "action", action: "channel-post", value: "", place: { thread: "1771287144.743569" } },
    ],
    [
      "channel-mention-slack.json",
      "mention",
      { type: "message", text: "Can you see the name of this channel: #C00FAKECHAN2?" },
    ],
    ["slash-commands-slack.json", "slashCommand", { type: "command", command: "" }],
    ["slash-commands-slack.json", "slashCommandWithArgs", { type: "command", command: "some arguments here" }],
    ["actions-reactions-slack.json", "action", { type: "action", action: "info", post: { id: "1767326126.896109" } }],
    ["actions-reactions-slack.json", "staticSelectAction", { type: "action" }],
  ])("%s: %s", (file, name, expected) => {
    const all = recorded(file);
    const body = all[name];
    const team = body?.team_id ?? body?.team?.id ?? "";
    const incoming = readEvent(body, { ...self, team, user: all.botUserId });
    expect(incoming?.event).toMatchObject(expected);
    expect(incoming?.external).toBe(false);
  });

  it("gives nothing for a reaction or a modal", () => {
    expect(readEvent(recorded("actions-reactions-slack.json")["reaction"], self)).toBeUndefined();
    expect(readEvent(recorded("slash-commands-slack.json")["viewSubmission"], self)).toBeUndefined();
  });
});

describe("people", () => {
  let front: SlackFront;
  let adapter: SlackAdapter;
  const log = new EventLog();
  const ends: (() => void)[] = [];

  beforeAll(async () => {
    configureLog({ write: () => undefined });
    front = await SlackFront.start();
    adapter = adapterFor(front, {}, { person: 300 });
    await adapter.start(log.take);
  });
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });
  afterAll(async () => {
    await adapter.stop();
    await front.stop();
  });

  let later = 0;
  const hear = async (user: string, more: object = {}) => {
    await front.event({ ...(await front.write("hi")), user, ...more });
    return log.events.at(-1)?.by;
  };

  it.each<[string, object, string | undefined]>([
    ["a member", {}, undefined],
    ["a bot", { is_bot: true }, "bot"],
    ["a workflow", { is_workflow_bot: true }, "bot"],
    ["a guest", { is_restricted: true }, "guest"],
    ["a guest of one channel", { is_ultra_restricted: true }, "guest"],
    ["a stranger", { is_stranger: true }, "external"],
    ["a member elsewhere", { team_id: "T0ELSEWHERE" }, "external"],
    ["somebody who left", { deleted: true }, "unknown"],
  ])("%s", async (name, facts, outsider) => {
    const id = `U0${name.toUpperCase().replaceAll(/[^A-Z]/g, "")}`;
    const user = { id, team_id: front.team, profile: { display_name: "Nick" }, ...facts };
    ends.push(front.fault(({ method }) => (method === "users.info" ? { json: { ok: true, user } } : undefined)));
    expect(await hear(id)).toEqual({ id, name: "Nick", roles: [], ...(outsider === undefined ? {} : { outsider }) });
  });

  it("are asked for once", async () => {
    await hear(front.person);
    const before = front.callsOf("users.info").length;
    await hear(front.person);
    expect(front.callsOf("users.info")).toHaveLength(before);
  });

  it.each(["drop", "hang", { status: 500 }, { json: { ok: false, error: "user_not_found" } }] as const)(
    "are unknown, this time, when %j is the answer",
    async (answer) => {
      const id = `U0LATER${(later += 1)}`;
      front.faultOnce("users.info", answer);
      expect(await hear(id)).toMatchObject({ id, outsider: "unknown" });
      ends.push(
        front.fault(({ method }) =>
          method === "users.info"
            ? { json: { ok: true, user: { id, name: "later", team_id: front.team } } }
            : undefined,
        ),
      );
      expect(await hear(id)).toEqual({ id, name: "later", roles: [] });
    },
  );

  it("of another organisation are not even asked for", async () => {
    const before = front.callsOf("users.info").length;
    expect(await hear("U0FAR", { user_team: "T0FAR" })).toMatchObject({ outsider: "external" });
    expect(front.callsOf("users.info")).toHaveLength(before);
  });

  it("are heard late only when Slack delivers again", async () => {
    const old = `${Math.floor(Date.now() / 1_000) - 3_600}.000100`;
    const before = log.events.length;
    const message = await front.write("old");
    await front.event({ ...message, ts: old });
    expect(log.events).toHaveLength(before);
    await front.event({ ...message, ts: old }, {}, { retry_attempt: 1, retry_reason: "timeout" });
    expect(log.events.at(-1)).toMatchObject({ id: `message/${front.channel}/${old}` });
  });

  it("are heard with the same id when an event comes again", async () => {
    const message = await front.write("<@BOT> twice");
    await front.event(message);
    await front.event({ ...message, type: "app_mention" });
    await front.event(message, {}, { retry_attempt: 1 });
    const ids = log.events.slice(-3).map(({ id }) => id);
    expect(new Set(ids)).toEqual(new Set([`message/${front.channel}/${message.ts}`]));
  });

  it("are not heard in edits, nor are we in our own posts", async () => {
    const message = await front.write("edited");
    const before = log.events.length;
    await front.event({
      type: "message",
      subtype: "message_changed",
      channel: front.channel,
      ts: message.ts,
      hidden: true,
      message: { ...message, user: front.bot },
    });
    await front.event({ ...message, user: front.bot, bot_id: "B1" });
    expect(log.events).toHaveLength(before);
  });
});

describe("reading buttons that ask for words", () => {
  const press = {
    type: "block_actions",
    trigger_id: "t1",
    team: { id: "T1" },
    user: { id: "U1", team_id: "T1" },
    container: { type: "message", message_ts: "1767224001.000100", channel_id: "C1", thread_ts: "1767224000.000100" },
    actions: [
      {
        action_id: "answer?Why? #1 reason#12",
        value: "demo/q1/2",
        action_ts: "1767224888.000000",
        text: { type: "plain_text", text: "No, with a reason of any length…" },
      },
    ],
  };
  const submit = (view: object | undefined, more: object = {}) => ({
    type: "view_submission",
    team: { id: "T1" },
    user: { id: "U2", team_id: "T1" },
    view: {
      ...view,
      id: "V1",
      state: { values: { words: { words: { type: "plain_text_input", value: "use <b> & c" } } } },
    },
    ...more,
  });

  it("gives no press, but a modal, and then the press with the words", () => {
    expect(readEvent(press, self)).toBeUndefined();
    const asking = readAsking(press);
    expect(asking).toMatchObject({
      trigger: "t1",
      view: { title: { text: "No, with a reason of an…" }, blocks: [{ label: { text: "Why? #1 reason" } }] },
    });
    expect(readEvent(submit(asking?.view), self)).toMatchObject({
      user: "U2",
      external: false,
      event: {
        type: "action",
        id: "words/V1",
        action: "answer",
        value: "demo/q1/2",
        text: "use <b> & c",
        place: { platform: "slack", space: "T1", channel: "C1", thread: "1767224000.000100" },
        post: { id: "1767224001.000100", thread: { thread: "1767224000.000100" } },
      },
    });
    const other = submit(asking?.view, { user: { id: "U2", team_id: "T2" } });
    expect(readEvent(other, self)?.external).toBe(true);
  });

  it("has no thread for what one person was shown in a channel", () => {
    const container = { type: "message", message_ts: "1767224001.000100", channel_id: "C1", is_ephemeral: true };
    const event = readEvent(submit(readAsking({ ...press, container })?.view), self)?.event;
    expect(event).toMatchObject({ type: "action", place: { channel: "C1" } });
    expect(event?.place).not.toHaveProperty("thread");
    expect(event).not.toHaveProperty("post");
    const posted = readEvent(
      submit(readAsking({ ...press, container: { ...container, is_ephemeral: false } })?.view),
      self,
    );
    expect(posted?.event.place.thread).toBe("1767224001.000100");
  });

  it("takes what is not from a modal of ours for nothing, or for a fault", () => {
    expect(readAsking({ ...press, actions: [{ ...press.actions[0], action_id: "stop#0" }] })).toBeUndefined();
    expect(readEvent(submit({ callback_id: "other", private_metadata: "{}" }), self)).toBeUndefined();
    expect(() => readEvent(submit({ callback_id: "words", private_metadata: "{}" }), self)).toThrow("channel");
  });
});

describe("a modal", () => {
  let front: SlackFront;
  let adapter: SlackAdapter;
  let thread: ThreadRef;
  let log: EventLog;
  let take: OnEvent;
  const button = { label: "No…", action: "answer", value: "demo/q1/2", asks: "The reason" };
  const post = (): Promise<PostRef> => adapter.post(thread, { kind: "notice", text: "May I?", buttons: [button] }, "q");

  beforeAll(async () => {
    configureLog({ write: () => undefined });
    front = await SlackFront.start();
    adapter = adapterFor(front);
    await adapter.start((event) => take(event));
    const { ts } = await front.write("root");
    thread = { platform: "slack", space: front.team, channel: front.channel, thread: ts };
  });
  beforeEach(() => {
    log = new EventLog();
    take = log.take;
    front.calls.length = 0;
  });
  afterAll(async () => {
    await adapter.stop();
    await front.stop();
  });

  it("is closed once its words are recorded, and what comes of them is shown to their author alone", async () => {
    const ref = await post();
    await front.press(thread.thread, ref.id, "No…");
    log.reply = { post: { kind: "notice", text: "You may not do that." } };
    expect(await front.submit(await front.view(), "use yarn")).toEqual({});
    expect(log.events).toMatchObject([
      { type: "action", text: "use yarn", by: { id: front.person, name: "ann" }, post: ref },
    ]);
    await expect.poll(() => front.callsOf("chat.postEphemeral")).toHaveLength(1);
    expect(front.callsOf("chat.postEphemeral")[0]?.args).toMatchObject({
      user: front.person,
      channel: front.channel,
      thread_ts: thread.thread,
      text: "You may not do that.",
    });
  });

  it("that is sent twice has the same id", async () => {
    const ref = await post();
    await front.press(thread.thread, ref.id, "No…");
    const view = await front.view();
    await front.submit(view, "use yarn");
    await front.submit(view, "use yarn");
    expect(new Set(log.events.map(({ id }) => id)).size).toBe(1);
  });

  it("stays open when its words can't be recorded", async () => {
    const ref = await post();
    await front.press(thread.thread, ref.id, "No…");
    const view = await front.view();
    let closed = false;
    const refused = new Promise<void>((resolve) => {
      take = async () => {
        resolve();
        throw new Error("disk full");
      };
    });
    void front.submit(view, "use yarn").then(() => (closed = true));
    await refused;
    take = log.take;
    await front.submit(view, "use yarn, please");
    expect(log.events).toMatchObject([{ text: "use yarn, please" }]);
    expect(closed).toBe(false);
  });

  it("that can't be opened says so to the one who pressed", async () => {
    const ref = await post();
    const end = front.fault(({ method }) =>
      method === "views.open" ? { json: { ok: false, error: "expired_trigger_id" } } : undefined,
    );
    const { url, shown } = front.replyUrl();
    await front.press(thread.thread, ref.id, "No…", url);
    expect(await shown).toContain("(expired_trigger_id). Press the button again.");
    expect(log.events).toEqual([]);
    end();
  });
});
