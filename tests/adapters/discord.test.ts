import { randomUUID } from "node:crypto";
import { InteractionType } from "discord.js";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import {
  threadOf,
  type Adapter,
  type ChatEvent,
  type Post,
  type Reply,
  type ThreadRef,
} from "../../src/adapters/adapter.ts";
import { adapterContract, EventLog } from "./contract.ts";
import { discordFixture, type DiscordFixture } from "./discord-fixture.ts";
import { RunningClock } from "./running-clock.ts";

let contractFixture: DiscordFixture | undefined;

adapterContract("Discord", async () => (contractFixture = await discordFixture()));

describe("Discord, after the whole contract", () => {
  it("made no request that Discord's own document, or a rule of the service, has anything against", () => {
    expect(contractFixture?.proxy.requests.length).toBeGreaterThan(40);
    expect(contractFixture?.proxy.violations).toEqual([]);
  });
});

describe("Discord", () => {
  let fixture: DiscordFixture;
  let adapter: Adapter;
  let log: EventLog;
  let take: (event: ChatEvent) => Promise<{ reply: Promise<Reply> }>;
  const messages = /^\/channels\/\d+\/messages$/;
  const oneMessage = /^\/channels\/\d+\/messages\/\d+$/;
  const notice = (text: string): Post => ({ kind: "notice", text });
  const limited = (seconds: number) => ({
    status: 429,
    headers: {
      "retry-after": String(seconds),
      "x-ratelimit-remaining": "0",
      "x-ratelimit-limit": "5",
      "x-ratelimit-reset-after": String(seconds),
    },
    body: { message: "You are being rate limited.", retry_after: seconds, global: false },
  });

  beforeAll(async () => {
    fixture = await discordFixture();
    const { prisma, guildId } = fixture.twin;
    await prisma.role.create({ data: { id: "777777777777777777", guildId, name: "Operators", permissions: "0" } });
    await prisma.guildMember.updateMany({
      where: { userId: fixture.alice },
      data: { roles: '["777777777777777777"]', nick: "Alice" },
    });
    adapter = fixture.adapter;
    await adapter.start((event) => take(event));
  });

  beforeEach(() => {
    log = new EventLog();
    take = log.take;
  });

  afterAll(async () => {
    await adapter.stop();
    await fixture.stop();
  });

  async function aThread(): Promise<ThreadRef> {
    const text = randomUUID();
    await fixture.say(text, { mention: true });
    const event = await log.next((candidate) => candidate.type === "message" && candidate.text === text);
    return adapter.openThread(event.place, text);
  }

  describe("posting", () => {
    it("puts a nonce on every post, so that the same key makes one message", async () => {
      const thread = await aThread();
      const first = await adapter.post(thread, notice("once"), "the-same-key");
      expect(await adapter.post(thread, notice("once"), "the-same-key")).toEqual(first);
      expect((await fixture.shown(thread)).filter((text) => text === "once")).toHaveLength(1);
      expect(
        fixture.proxy.seen("POST", messages).every(({ body }) => body?.enforce_nonce === true && body.nonce !== ""),
      ).toBe(true);
    });

    it("doesn't know the fate of a post whose answer got lost, and makes it no second time", async () => {
      const thread = await aThread();
      fixture.proxy.plant("POST", messages, "lose");
      await expect(adapter.post(thread, notice("once, too"), "lost-1")).rejects.toMatchObject({ outcome: "unknown" });
      expect(await adapter.find(thread, "lost-1")).toBeUndefined();
      await adapter.post(thread, notice("once, too"), "lost-1");
      expect((await fixture.shown(thread)).filter((text) => text === "once, too")).toHaveLength(1);
    });

    it("notifies of answers and questions, and of nothing else", async () => {
      const thread = await aThread();
      const since = "2026-01-02T03:04:05.000Z";
      await adapter.post(thread, { kind: "answer", markdown: "done" }, "n1");
      await adapter.post(
        thread,
        { kind: "question", shard: "demo", question: "Go on?", detail: "", buttons: [] },
        "n2",
      );
      await adapter.post(
        thread,
        { kind: "card", shard: "demo", agent: "shell", state: "idle", why: "", since, tail: "", buttons: [] },
        "n3",
      );
      await adapter.post(thread, notice("Sent."), "n4");
      const flags = fixture.proxy.seen("POST", new RegExp(thread.thread)).map(({ body }) => body?.flags);
      expect(flags).toEqual([4, 4, 4 | 4096, 4 | 4096]);
    });

    it("sends what could mention somebody with all mentions off", async () => {
      const thread = await aThread();
      const corpus =
        "@everyone @here <@&123456789012345678> <@400000000000000001> `@everyone` [innocent](https://evil.example/?q=secret)";
      await adapter.post(thread, { kind: "answer", markdown: corpus }, "m1");
      const ref = await adapter.post(thread, notice(corpus), "m2");
      await adapter.edit(ref, notice(`${corpus} again`));
      await adapter.openThread({ ...thread, thread: "" }, corpus);
      const sent = [
        ...fixture.proxy.seen("POST", messages).slice(-3),
        ...fixture.proxy.seen("PATCH", oneMessage).slice(-1),
      ];
      expect(sent).toHaveLength(4);
      for (const { body } of sent) {
        expect(body?.allowed_mentions).toEqual({ parse: [], replied_user: false });
        expect(body?.content).not.toMatch(/(?<!\\)\[[^\]]*\]\(/);
      }
    });

    it("uploads a file", async () => {
      const thread = await aThread();
      const ref = await adapter.post(
        thread,
        { kind: "file", name: "answer.md", text: "grüße\n".repeat(50_000), note: "Long." },
        "f1",
      );
      expect(fixture.proxy.files.get(ref.id)).toEqual([{ name: "answer.md", text: "grüße\n".repeat(50_000) }]);
    });

    it("gives the thread that a message has already", async () => {
      const text = randomUUID();
      await fixture.say(text, { mention: true });
      const { place } = await log.next((event) => event.type === "message" && event.text === text);
      await adapter.openThread(place, "first");
      expect((await adapter.openThread(place, "second")).thread).toBe(place.message);
    });

    it("finishes posts under way before it stops", async () => {
      const thread = await aThread();
      const other = fixture.another();
      await other.start(new EventLog().take);
      const posting = other.post(thread, notice("the last word"), "last");
      await other.stop();
      await posting;
      expect(await fixture.shown(thread)).toContain("the last word");
      await expect(other.post(thread, notice("too late"), "late")).rejects.toMatchObject({ outcome: "not-sent" });
    });
  });

  describe("rate limits and faults", () => {
    it("does not let a limited edit delay a post, and drops further edits without asking", async () => {
      const thread = await aThread();
      const ref = await adapter.post(thread, notice("live"), "rl1");
      fixture.proxy.plant("PATCH", oneMessage, limited(2), 99);
      const before = fixture.proxy.seen("PATCH", oneMessage).length;
      await expect(adapter.edit(ref, notice("1"))).rejects.toMatchObject({
        outcome: "not-sent",
        retryAfter: expect.closeTo(2_050, -2),
      });
      const start = performance.now();
      const [edit, post] = await Promise.allSettled([
        adapter.edit(ref, notice("2")),
        adapter.post(thread, notice("the answer"), "rl2"),
      ]);
      expect(performance.now() - start).toBeLessThan(1_000);
      expect(edit).toMatchObject({ status: "rejected", reason: { outcome: "not-sent" } });
      expect(post.status).toBe("fulfilled");
      expect(fixture.proxy.seen("PATCH", oneMessage)).toHaveLength(before + 1);
      fixture.proxy.clear();
    });

    it("never has two edits of a thread on their way", async () => {
      const thread = await aThread();
      const ref = await adapter.post(thread, notice("live"), "q1");
      const edits = await Promise.allSettled(["1", "2", "3", "4"].map((text) => adapter.edit(ref, notice(text))));
      expect(edits.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected", "rejected"]);
      await adapter.edit(ref, notice("5"));
      expect(await fixture.shown(thread)).toContain("5");
    });

    it("gives a post back that would have to wait for long", async () => {
      const thread = await aThread();
      fixture.proxy.plant("POST", messages, limited(60));
      await expect(adapter.post(thread, notice("x"), "w1")).rejects.toMatchObject({
        outcome: "not-sent",
        retryAfter: expect.closeTo(60_050, -2),
      });
    });

    it.each<[string, { status: number; body?: unknown } | "reset", object]>([
      ["a fault of the service", { status: 503 }, { outcome: "unknown" }],
      ["a broken connection", "reset", { outcome: "unknown" }],
      [
        "a thread that is gone",
        { status: 404, body: { code: 10003, message: "Unknown Channel" } },
        { outcome: "gone" },
      ],
      [
        "slow mode",
        { ...limited(8), body: { code: 20016, message: "slow" } },
        { outcome: "not-sent", retryAfter: expect.closeTo(8_050, -2) },
      ],
      [
        "too much written",
        { status: 400, body: { code: 20028, message: "slow" } },
        { outcome: "not-sent", retryAfter: 10_000 },
      ],
      [
        "an overload",
        { status: 400, body: { code: 130000, message: "overloaded" } },
        { outcome: "not-sent", retryAfter: 10_000 },
      ],
      [
        "a locked thread",
        { status: 400, body: { code: 160005, message: "Thread is locked" } },
        { outcome: "refused", message: expect.stringContaining("the thread is locked: unlock it") },
      ],
      [
        "a missing permission",
        { status: 403, body: { code: 50013, message: "Missing Permissions" } },
        {
          outcome: "refused",
          message: expect.stringMatching(
            /^Discord could not post in #\S+: the bot lacks ("View Channels", )?"Send Messages in Threads" there; give its role/,
          ),
        },
      ],
      [
        "a malformed request",
        { status: 400, body: { code: 50035, message: "Invalid Form Body" } },
        { outcome: "refused" },
      ],
    ])("tells the fate of a post with %s", async (_name, answer, failure) => {
      const thread = await aThread();
      fixture.proxy.plant("POST", messages, answer, 2);
      await expect(adapter.post(thread, notice("x"), "fate")).rejects.toMatchObject(failure);
      fixture.proxy.clear();
    });

    it("takes a thread out of the archive once, and says so when it is locked too", async () => {
      const archived = { status: 400, body: { code: 50083, message: "Thread is archived" } };
      const thread = await aThread();
      fixture.proxy.plant("POST", messages, archived);
      await adapter.post(thread, notice("awake again"), "a1");
      expect(fixture.proxy.seen("PATCH", new RegExp(`^/channels/${thread.thread}$`)).map(({ body }) => body)).toEqual([
        { archived: false },
      ]);
      fixture.proxy.plant("POST", messages, archived);
      fixture.proxy.plant("PATCH", /^\/channels\/\d+$/, {
        status: 403,
        body: { code: 50013, message: "Missing Permissions" },
      });
      await expect(adapter.post(thread, notice("x"), "a2")).rejects.toMatchObject({
        outcome: "refused",
        message: expect.stringContaining("archived and locked"),
      });
    });

    it("gives up an edit of what is too old or not there", async () => {
      const thread = await aThread();
      const ref = await adapter.post(thread, notice("old"), "o1");
      fixture.proxy.plant("PATCH", oneMessage, { status: 400, body: { code: 30046, message: "Max edits" } });
      await expect(adapter.edit(ref, notice("x"))).rejects.toMatchObject({ outcome: "not-sent", retryAfter: 60_000 });
      await expect(adapter.edit({ ...ref, id: "123456789012345678" }, notice("x"))).rejects.toMatchObject({
        outcome: "gone",
      });
    });
  });

  describe("commands and completion", () => {
    it("tells who, with roles, and what, as Discord parsed it", async () => {
      void fixture.use("spawn", { shard: "demo", here: true });
      const spawn = await log.next((event) => event.type === "command");
      expect(spawn).toMatchObject({
        by: { id: fixture.alice, name: "Alice", roles: ["777777777777777777"] },
        place: { platform: "discord", space: fixture.twin.guildId, channel: fixture.channel },
        command: { verb: "spawn", options: { shard: "demo", here: "true" } },
      });
      expect(spawn.by.outsider).toBeUndefined();
      void fixture.use("read", { shard: "demo", lines: 20 });
      const read = await log.next((event) => event.type === "command" && event.id !== spawn.id);
      expect(read).toMatchObject({ command: { verb: "read", options: { shard: "demo", lines: "20" } } });
    });

    it("acknowledges once the event is recorded, not before, unseen by others", async () => {
      const held = async () => {
        const recorded = Promise.withResolvers<{ reply: Promise<Reply> }>();
        const taken = Promise.withResolvers<number>();
        take = () => {
          taken.resolve(performance.now());
          return recorded.promise;
        };
        const id = await fixture.use("list");
        const since = await taken.promise;
        await aWhile();
        const seen = fixture.proxy.seen("POST", new RegExp(`^/interactions/${id}/`));
        return { id, recorded, seen, took: performance.now() - since };
      };
      let last = await held();
      // After two seconds it acknowledges in any case: a machine that is busy for so long tells nothing.
      while (last.took > 2_000) {
        last.recorded.resolve({ reply: Promise.resolve({ post: notice("too late to tell") }) });
        last = await held();
      }
      const { id, recorded, seen } = last;
      const callback = new RegExp(`^/interactions/${id}/`);
      expect(seen).toEqual([]);
      recorded.resolve({ reply: Promise.resolve({ post: notice("here you are") }) });
      expect(await fixture.replyTo(id)).toBe("here you are");
      expect(fixture.proxy.seen("POST", callback)[0]?.body).toEqual({ type: 5, data: { flags: 64 } });
    });

    it("acknowledges in time even if recording takes long", async () => {
      const recorded = Promise.withResolvers<{ reply: Promise<Reply> }>();
      take = () => recorded.promise;
      using clock = new RunningClock();
      const id = await fixture.use("list");
      await expect.poll(() => fixture.proxy.seen("POST", new RegExp(`^/interactions/${id}/`))).toHaveLength(1);
      expect(clock.now).toBeLessThan(2_500);
      recorded.resolve({ reply: Promise.resolve({ post: notice("at last") }) });
      expect(await fixture.replyTo(id)).toBe("at last");
    });

    it("says when an event could not be taken", async () => {
      take = () => Promise.reject(new Error("disk full, said /secret/path"));
      const shown = await fixture.replyTo(await fixture.use("list"));
      expect(shown).toMatch(/^✗ This was not taken\. It is a bug of ours, with the id \w+/);
      expect(shown).not.toContain("secret");
    });

    it("shows a reply that is too long as a file", async () => {
      log.reply = { post: { kind: "terminal", text: "line\n".repeat(2_000) } };
      const id = await fixture.use("read", { shard: "demo" });
      expect(await fixture.replyTo(id)).toContain("here it is as a file");
      expect(fixture.proxy.seen("PATCH", new RegExp(`${id}/messages`))[0]?.files).toEqual([
        { name: "terminal.txt", text: "line\n".repeat(2_000) },
      ]);
    });

    it("takes its waiting note away when there is nothing to show", async () => {
      fixture.proxy.plant("DELETE", /@original$/, { status: 204 });
      const id = await fixture.use("list");
      await expect.poll(() => fixture.proxy.seen("DELETE", new RegExp(`${id}/messages/@original$`))).toHaveLength(1);
    });

    it("shows the reply to a button to the one who pressed it only", async () => {
      const thread = await aThread();
      const ref = await adapter.post(
        thread,
        { ...notice("choose"), buttons: [{ label: "Stop", action: "stop", value: "demo" }] } as Post,
        "b1",
      );
      log.reply = { post: notice("You may not do that.") };
      await fixture.press(ref, "Stop");
      expect(await log.next((event) => event.type === "action")).toMatchObject({
        post: ref,
        by: { id: fixture.alice },
      });
      await expect
        .poll(() => fixture.proxy.seen("POST", /^\/webhooks\//).at(-1)?.body)
        .toMatchObject({ content: "You may not do that.", flags: 4 | 64 });
    });

    it("asks for words in a modal, at once and with nothing recorded, and shows what comes of them to their author", async () => {
      const thread = await aThread();
      const button = { label: "No, with a reason…", action: "answer", value: "demo/q1/2", asks: "The reason" };
      const ref = await adapter.post(thread, { ...notice("May I?"), buttons: [button] } as Post, "m1");
      const events = log.events.length;
      const opened = await fixture.click(ref, button.label);
      const answers = (id: string) => fixture.proxy.seen("POST", new RegExp(`^/interactions/${id}/`));
      await expect.poll(() => answers(opened)).toHaveLength(1);
      expect(answers(opened)[0]?.body).toMatchObject({
        type: 9,
        data: { custom_id: "answer|demo/q1/2", title: "No, with a reason…", components: [{ label: "The reason" }] },
      });
      expect(log.events).toHaveLength(events);
      log.reply = { post: notice("This question is already answered.") };
      await fixture.fill(ref, button.label, "use yarn");
      const event = await log.next((candidate) => candidate.type === "action");
      expect(event).toMatchObject({ text: "use yarn", post: ref, by: { id: fixture.alice, name: "Alice" } });
      await expect.poll(() => answers(event.id).map(({ body }) => body?.type)).toEqual([6]);
      await expect
        .poll(() => fixture.proxy.seen("POST", /^\/webhooks\//).at(-1)?.body)
        .toMatchObject({ content: "This question is already answered.", flags: 4 | 64 });
    });

    const typing = async (name: string, value: string) => {
      const option = { name, type: 3, value, focused: true };
      const { id } = await fixture.twin.simulateInteraction({
        type: InteractionType.ApplicationCommandAutocomplete,
        channelId: fixture.channel,
        userId: fixture.alice,
        data: { id: "1", name: "shard", type: 1, options: [{ name: "spawn", type: 1, options: [option] }] },
      });
      const answers = () => fixture.proxy.seen("POST", new RegExp(`^/interactions/${id}/`));
      await expect.poll(answers).toHaveLength(1);
      return answers()[0]?.body?.data?.choices?.map((choice) => choice.name);
    };

    it("completes what is being typed with at most 25 choices of at most 100 characters", async () => {
      log.reply = {
        choices: ["x".repeat(101), "", "app", "app", ...Array.from({ length: 40 }, (_, n) => `repo-${n}`)],
      };
      const choices = await typing("repo", "re");
      expect(log.events.at(-1)).toMatchObject({
        type: "completion",
        field: "repo",
        typed: "re",
        by: { id: fixture.alice },
      });
      expect(choices).toHaveLength(25);
      expect(choices?.slice(0, 2)).toEqual(["app", "repo-0"]);
    });

    it("gives no choices when it is not told any, and survives a late answer", async () => {
      expect(await typing("shard", "d")).toEqual([]);
      take = () => Promise.reject(new Error("not recorded"));
      expect(await typing("agent", "c")).toEqual([]);
      fixture.proxy.plant("POST", /\/callback$/, {
        status: 404,
        body: { code: 10062, message: "Unknown interaction" },
      });
      await typing("repo", "x");
    });

    it("registers /shard only when it has changed", async () => {
      const puts = () => fixture.proxy.seen("PUT", /\/commands$/);
      expect(puts()).toHaveLength(1);
      const gets = fixture.proxy.seen("GET", /\/commands$/).length;
      const second = fixture.another();
      await second.start(new EventLog().take);
      await second.stop();
      expect(fixture.proxy.seen("GET", /\/commands$/)).toHaveLength(gets + 1);
      expect(puts()).toHaveLength(1);
    });
  });

  it("gives the same thread for a message in it and for openThread", async () => {
    const thread = await aThread();
    const text = randomUUID();
    await fixture.say(text, { thread });
    const event = await log.next((candidate) => candidate.type === "message" && candidate.text === text);
    expect(threadOf(event.place)).toEqual(thread);
    expect(event.place.message).toBeUndefined();
  });

  /** Long enough for anything that was not held back to have gone out: a request of our own has gone to the twin and back. */
  async function aWhile(): Promise<void> {
    await adapter.openThread(
      { platform: "discord", space: fixture.twin.guildId, channel: fixture.channel },
      "meanwhile",
    );
  }
});
