import nock from "nock";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DeliveryError, type Post, type ThreadRef } from "../../src/adapters/adapter.ts";
import { SlackAdapter } from "../../src/adapters/slack/adapter.ts";
import { deadlines } from "../../src/adapters/slack/settings.ts";
import { configureLog } from "../../src/log.ts";
import { type SlackBlock, textsIn } from "../fakes/slack-blocks.ts";
import { SlackFront } from "../fakes/slack-front.ts";
import { adapterFor, closedPort, read } from "./slack-fixture.ts";

const notice: Post = { kind: "notice", text: "hello" };

describe("posts to Slack", () => {
  let front: SlackFront;
  let adapter: SlackAdapter;
  let thread: ThreadRef;
  const ends: (() => void)[] = [];

  beforeAll(async () => {
    configureLog({ write: () => undefined });
    front = await SlackFront.start();
    adapter = adapterFor(front);
    await adapter.start(async () => ({ reply: Promise.resolve({}) }));
    const { ts } = await front.write("root");
    thread = { platform: "slack", space: front.team, channel: front.channel, thread: ts };
  });
  afterEach(() => {
    for (const end of ends.splice(0)) end();
  });
  afterAll(async () => {
    await adapter.stop();
    await front.stop();
  });

  it("are not held back by a throttled edit, which does not wait", async () => {
    const ref = await adapter.post(thread, notice, "edited");
    front.faultOnce("chat.update", { status: 429, headers: { "retry-after": "60" } });
    const editing = adapter.edit(ref, { kind: "notice", text: "newer" });
    await expect(editing).rejects.toMatchObject({ outcome: "not-sent", retryAfter: 60_000 });
    await adapter.post(thread, notice, "after");
    expect(front.calls.slice(-2).map(({ method }) => method)).toEqual(["chat.update", "chat.postMessage"]);
  });

  it("wait for no edits, however many hang", async () => {
    const ref = await adapter.post(thread, notice, "hanging");
    const hung = Promise.withResolvers<"drop">();
    ends.push(front.fault(({ method }) => (method === "chat.update" ? hung.promise : undefined)));
    let ended = 0;
    // As many calls as a client has under way at most.
    const edits = Array.from({ length: 100 }, () => adapter.edit(ref, notice).catch(() => (ended += 1)));
    await adapter.post(thread, notice, "meanwhile");
    expect(ended).toBe(0);
    hung.resolve("drop");
    await Promise.all(edits);
  });

  it("are sent once, and found when their fate is unknown", async () => {
    ends.push(
      front.fault(async (call) => {
        if (call.method !== "chat.postMessage") return undefined;
        await front.pass(call);
        return { status: 502 };
      }),
    );
    const before = front.callsOf("chat.postMessage").length;
    await expect(adapter.post(thread, { kind: "notice", text: "once" }, "key-502")).rejects.toMatchObject({
      outcome: "unknown",
    });
    expect(front.callsOf("chat.postMessage")).toHaveLength(before + 1);
    const found = await adapter.find(thread, "key-502");
    const message = (await front.messages(thread.thread)).find(({ ts }) => ts === found?.id);
    expect(message && read(message)).toBe("once");
    expect(await adapter.find(thread, "key-none")).toBeUndefined();
  });

  it("are found on a later page", async () => {
    let page = 0;
    ends.push(
      front.fault(({ method }) => {
        if (method !== "conversations.replies") return undefined;
        page += 1;
        const mine = {
          user: front.bot,
          ts: "1700000000.000200",
          metadata: { event_type: "shardbridge_post", event_payload: { key: "late" } },
        };
        const others = { ...mine, user: "U0OTHER", ts: "1700000000.000100" };
        return {
          json: {
            ok: true,
            messages: page === 1 ? [others] : [mine],
            response_metadata: { next_cursor: page === 1 ? "p2" : "" },
          },
        };
      }),
    );
    expect(await adapter.find(thread, "late")).toEqual({
      thread,
      id: "1700000000.000200",
      at: "2023-11-14T22:13:20.000Z",
    });
  });

  it("of files are found as well", async () => {
    const ref = await adapter.post(
      thread,
      { kind: "file", name: "answer.md", text: "long", note: "Here it is." },
      "file-key",
    );
    const found = await adapter.find(thread, "file-key");
    expect(found?.thread).toEqual(ref.thread);
    const message = (await front.messages(thread.thread)).find(({ ts }) => ts === found?.id);
    expect(message && read(message)).toBe("Here it is.\nanswer.md");
  });

  it("of files have shown nothing when the upload fails", async () => {
    const file: Post = { kind: "file", name: "a.md", text: "", note: "n" };
    front.faultOnce("files.getUploadURLExternal", { status: 502 });
    await expect(adapter.post(thread, file, "f1")).rejects.toMatchObject({ outcome: "not-sent" });
    const nowhere = `http://127.0.0.1:${await closedPort()}/upload`;
    front.faultOnce("files.getUploadURLExternal", { json: { ok: true, upload_url: nowhere, file_id: "F1" } });
    await expect(adapter.post(thread, file, "f2")).rejects.toMatchObject({ outcome: "not-sent" });
    front.faultOnce("files.completeUploadExternal", { status: 502 });
    await expect(adapter.post(thread, file, "f3")).rejects.toMatchObject({ outcome: "unknown" });
  });

  it.each([
    ["a line that is cut", "drop", "unknown"],
    ["an answer that never comes", "hang", "unknown"],
    ["a page that is no answer of Slack's", { status: 200, body: "<html>" }, "unknown"],
    ["a proxy that forbids", { status: 403 }, "refused"],
  ] as const)("that meet %s are %s → %s", async (_name, answer, outcome) => {
    const hasty = adapterFor(front, {}, answer === "hang" ? { call: 100 } : {});
    front.faultOnce("chat.postMessage", answer);
    await expect(hasty.post(thread, notice, "k")).rejects.toMatchObject({ outcome });
  });

  it("that reach nobody were not sent", async () => {
    const lonely = adapterFor(front, { apiUrl: `http://127.0.0.1:${await closedPort()}/api/` });
    await expect(lonely.post(thread, notice, "k")).rejects.toMatchObject({ outcome: "not-sent" });
  });

  it("link threads by the workspace's address", async () => {
    const post: Post = {
      kind: "notice",
      text: "Started",
      threads: [
        { label: "demo", thread },
        { label: "far", thread: { ...thread, platform: "other" } },
      ],
    };
    await adapter.post(thread, post, "links");
    const blocks = JSON.parse(front.calls.at(-1)?.args["blocks"] ?? "[]") as SlackBlock[];
    const links = blocks[0]?.elements?.[0]?.elements?.filter(({ type }) => type === "link");
    expect(links).toEqual([
      {
        type: "link",
        text: "demo",
        url: `https://emulate.slack.com/archives/${front.channel}/p${thread.thread.replace(".", "")}`,
      },
    ]);
  });

  const bait =
    "@everyone @here @channel <!channel> <!here> <!everyone> <!subteam^S0123ABCD> <@U0000000001> <#C0000000001> <https://evil.example|docs> & `<!channel>`\n```\n<@U0000000001>\n```";
  const button = { label: bait, action: "answer", value: "demo/q1/1" };
  it.each<Post>([
    { kind: "answer", markdown: bait, shard: bait },
    { kind: "terminal", text: bait, title: bait },
    { kind: "card", shard: bait, agent: bait, state: bait, why: bait, since: bait, tail: bait, buttons: [button] },
    { kind: "question", shard: bait, question: bait, detail: bait, buttons: [button] },
    { kind: "question", shard: bait, question: bait, detail: bait, buttons: [button], settled: bait },
    {
      kind: "notice",
      text: bait,
      tone: "error",
      threads: [{ label: bait, thread: { platform: "x", space: "", channel: "", thread: "" } }],
      buttons: [button],
    },
    { kind: "file", name: "bait.md", text: bait, note: bait },
  ])("mention nobody and preview nothing: $kind", async (post) => {
    const before = front.calls.length;
    const ref = await adapter.post(thread, post, `bait-${before}`);
    if (post.kind !== "file") await adapter.edit(ref, post);
    const calls = front.calls.slice(before);
    const texts = calls.flatMap(({ args }) => textsIn(JSON.parse(args["blocks"] ?? "[]") as SlackBlock[]));
    // In rich text nothing is parsed: what mentions somebody there would be of another type.
    expect(
      [...new Set(texts.map(({ type }) => type))].filter((type) => !["text", "plain_text", "markdown"].includes(type)),
    ).toEqual([]);
    const parsed = texts.filter(({ type }) => type === "markdown").map(({ text }) => text);
    expect(parsed.filter((text) => /<[!@#]|<https?:[^<>]*\|/.test(text))).toEqual([]);
    expect(calls.filter(({ args }) => /[<>]/.test(args["text"] ?? ""))).toEqual([]);
    const chats = calls.filter(({ method }) => method.startsWith("chat."));
    expect(chats.filter(({ args }) => args["parse"] !== "none" || args["link_names"] !== "false")).toEqual([]);
    const posts = calls.filter(({ method }) => method === "chat.postMessage");
    expect(posts.filter(({ args }) => args["unfurl_links"] !== "false" || args["unfurl_media"] !== "false")).toEqual(
      [],
    );
    expect(texts.length).toBeGreaterThan(0);
  });

  const worst = '"\\\n<@&'.repeat(1_000);
  it("take the longest and worst of texts", async () => {
    const text = worst.slice(0, adapter.limits.text);
    const buttons = Array.from({ length: 30 }, (_, n) => ({
      label: "a long label ".repeat(9),
      action: "answer",
      value: `demo/q1/${n}`,
    }));
    await adapter.post(thread, { kind: "answer", markdown: text, shard: "demo" }, "w1");
    await adapter.post(thread, { kind: "terminal", text }, "w2");
    await adapter.post(
      thread,
      { kind: "card", shard: "demo", agent: "claude", state: "working", why: "", since: "", tail: text, buttons },
      "w3",
    );
    await adapter.post(thread, { kind: "question", shard: "demo", question: "?", detail: text, buttons }, "w4");
    await adapter.post(thread, { kind: "notice", text: "" }, "w5");
    expect(front.violations).toEqual([]);
  });
});

describe("Slack's refusals", () => {
  const thread: ThreadRef = { platform: "slack", space: "T1", channel: "C1", thread: "1700000000.000100" };
  const settings = {
    botToken: "xoxb-1",
    receive: { by: "socket", appToken: "xapp-1" },
    channels: [],
    apiUrl: "https://slack.com/api/",
  } as const;

  afterEach(() => nock.cleanAll());

  const failure = async (method: string, status: number, answer: object, headers: Record<string, string> = {}) => {
    const scope = nock("https://slack.com").post(`/api/${method}`).once().reply(status, answer, headers);
    const adapter = new SlackAdapter(settings, deadlines);
    const doing =
      method === "chat.update"
        ? adapter.edit({ thread, id: "1700000000.000200", at: "" }, notice)
        : adapter.post(thread, notice, "k");
    const error: unknown = await doing.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(scope.isDone()).toBe(true);
    expect(error).toBeInstanceOf(DeliveryError);
    return error as DeliveryError;
  };

  it.each([
    ["channel_not_found", "gone"],
    ["not_in_channel", "gone"],
    ["is_archived", "gone"],
    ["thread_not_found", "gone"],
    ["message_not_found", "gone"],
    ["internal_error", "unknown"],
    ["fatal_error", "unknown"],
    ["invalid_blocks", "refused"],
    ["msg_blocks_too_long", "refused"],
    ["invalid_auth", "refused"],
    ["ratelimited", "not-sent"],
  ] as const)("%s: %s", async (error, outcome) => {
    expect((await failure("chat.postMessage", 200, { ok: false, error })).outcome).toBe(outcome);
  });

  it.each(["edit_window_closed", "message_not_found", "block_mismatch", "cant_update_message"])(
    "%s on an edit: gone",
    async (error) => {
      expect((await failure("chat.update", 200, { ok: false, error })).outcome).toBe("gone");
    },
  );

  it("says how long a pause is wanted", async () => {
    const { outcome, retryAfter } = await failure(
      "chat.postMessage",
      429,
      { ok: false, error: "ratelimited" },
      { "retry-after": "7" },
    );
    expect({ outcome, retryAfter }).toEqual({ outcome: "not-sent", retryAfter: 7_000 });
  });

  it("names the missing scope", async () => {
    const { outcome, message } = await failure("chat.postMessage", 200, {
      ok: false,
      error: "missing_scope",
      needed: "chat:write",
    });
    expect({ outcome, message }).toEqual({
      outcome: "refused",
      message: "The Slack app lacks the scope chat:write: add it under OAuth & Permissions and reinstall the app.",
    });
  });

  it("takes no secret into its sentence", async () => {
    const { message } = await failure("chat.postMessage", 200, { ok: false, error: "token_revoked" });
    expect(message).not.toContain("xoxb-1");
  });
});
