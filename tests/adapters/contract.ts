import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Adapter, ChatEvent, Place, Post, PostRef, Reply, ThreadRef } from "../../src/adapters/adapter.ts";
import { threadOf } from "../../src/adapters/adapter.ts";

/** A platform with people in it, for the contract suite: how a person acts there, and what a person sees. */
export interface AdapterFixture {
  /** Made, not started. */
  adapter: Adapter;
  /** Say something as a person: in the listed channel, or in a thread of it. `mention` addresses the bot. */
  say(text: string, where: { thread?: ThreadRef; mention?: boolean; as?: "person" | "bot" }): Promise<void>;
  /** Use the slash command with this line after it; resolves with the text that the person is shown in reply. */
  command(line: string): Promise<string>;
  /** Press the button with this label under a post. */
  press(ref: PostRef, label: string): Promise<void>;
  /** Press such a button which asks for words, and give them; resolves with the heading that they were asked for under. */
  fill(ref: PostRef, label: string, words: string): Promise<string>;
  /** Texts that a person reads in a thread, oldest first, formatting resolved as far as the platform's double allows. */
  shown(thread: ThreadRef): Promise<string[]>;
  /** Take down what `adapter` talks to. */
  stop(): Promise<void>;
}

/** Events as they arrive, and a way to wait for one. */
export class EventLog {
  readonly events: ChatEvent[] = [];
  reply: Reply = {};
  readonly #waiting = new Set<() => void>();

  readonly take = async (event: ChatEvent) => {
    this.events.push(event);
    for (const wake of this.#waiting) wake();
    return { reply: Promise.resolve(this.reply) };
  };

  async next<T extends ChatEvent>(matches: (event: ChatEvent) => event is T): Promise<T>;
  async next(matches: (event: ChatEvent) => boolean): Promise<ChatEvent>;
  async next(matches: (event: ChatEvent) => boolean): Promise<ChatEvent> {
    for (;;) {
      const found = this.events.find(matches);
      if (found) return found;
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }
}

type MessageEvent = Extract<ChatEvent, { type: "message" }>;

const isMessage =
  (text: string) =>
  (event: ChatEvent): event is MessageEvent =>
    event.type === "message" && event.text === text;

/** The suite that every adapter passes. */
export function adapterContract(name: string, setUp: () => Promise<AdapterFixture>): void {
  describe(`${name} as an adapter`, () => {
    let fixture: AdapterFixture;
    let adapter: Adapter;
    const log = new EventLog();

    beforeAll(async () => {
      fixture = await setUp();
      adapter = fixture.adapter;
      await adapter.start(log.take);
    }, 60_000);

    afterAll(async () => {
      await adapter.stop();
      await fixture.stop();
    });

    /** A thread that was opened from a person's mention. */
    async function aThread(text: string): Promise<ThreadRef> {
      await fixture.say(text, { mention: true });
      const { place } = await log.next(isMessage(text));
      return threadOf(place) ?? (await adapter.openThread(place, text));
    }

    it("gives a mention as a message to the bot, without the mention", async () => {
      await fixture.say("hello bridge", { mention: true });
      const event = await log.next(isMessage("hello bridge"));
      expect(event).toMatchObject({ toBot: true, place: { platform: adapter.platform } });
      expect(event.by.id).not.toBe("");
      expect(event.by.outsider).toBeUndefined();
      expect(Number.isNaN(Date.parse(event.at))).toBe(false);
      expect(log.events.filter(isMessage("hello bridge"))).toHaveLength(1);
    });

    it("gives plain messages of a thread with its address", async () => {
      const thread = await aThread("open a thread, please");
      await fixture.say("no mention here", { thread });
      const event = await log.next(isMessage("no mention here"));
      expect(threadOf(event.place)).toEqual(thread);
    });

    it("gives text as it was typed", async () => {
      const text = 'a <b> & c > d "q" `code` *stars* ünïcödé 日本語 🎉\nsecond line';
      const thread = await aThread("typed text");
      await fixture.say(text, { thread });
      expect((await log.next(isMessage(text))).text).toBe(text);
    });

    it("drops what bots say", async () => {
      const thread = await aThread("bots are here");
      await fixture.say("I am a bot", { thread, as: "bot" });
      await fixture.say("I am a person", { thread });
      await log.next(isMessage("I am a person"));
      expect(
        log.events.some(
          (event) => event.type === "message" && event.text === "I am a bot" && event.by.outsider !== "bot",
        ),
      ).toBe(false);
    });

    it("gives slash commands and shows their reply", async () => {
      log.reply = { post: { kind: "notice", text: "Three shards are here." } };
      const shown = await fixture.command("list");
      const event = await log.next((candidate) => candidate.type === "command");
      expect(event).toMatchObject({ type: "command" });
      expect(shown).toContain("Three shards are here.");
      log.reply = {};
    });

    it.each<[string, Post, string[]]>([
      [
        "answers",
        { kind: "answer", markdown: "All **done**.\n\n```ts\nconst a = 1;\n```", shard: "demo" },
        ["done", "const a = 1;"],
      ],
      ["terminal text", { kind: "terminal", text: "$ ls\n*a* _b_ <c> & `d`", title: "demo" }, ["*a* _b_ <c> & `d`"]],
      [
        "cards",
        {
          kind: "card",
          shard: "demo",
          agent: "claude",
          state: "working",
          why: "footer",
          since: "2026-01-02T03:04:05.000Z",
          tail: "Reading files",
          buttons: [{ label: "Stop", action: "stop", value: "demo", style: "danger" }],
        },
        ["demo", "working", "Reading files"],
      ],
      [
        "questions",
        {
          kind: "question",
          shard: "demo",
          question: "Do you want to proceed?",
          detail: "rm -rf build",
          buttons: [
            { label: "Yes", action: "answer", value: "demo/q1/1" },
            { label: "No", action: "answer", value: "demo/q1/2" },
          ],
        },
        ["Do you want to proceed?", "rm -rf build"],
      ],
      ["notices", { kind: "notice", text: "Shard demo is ready." }, ["Shard demo is ready."]],
      ["errors", { kind: "notice", text: "There is no shard demo.", tone: "error" }, ["There is no shard demo."]],
      [
        "files",
        { kind: "file", name: "answer.md", text: "a long text", note: "The answer is long: here it is as a file." },
        ["answer.md"],
      ],
    ])("posts %s", async (_name, post, words) => {
      const thread = await aThread(`posting ${_name}`);
      const ref = await adapter.post(thread, post, `key-${_name.replaceAll(" ", "-")}`);
      expect(ref.thread).toEqual(thread);
      const shown = (await fixture.shown(thread)).join("\n");
      for (const word of words) expect(shown).toContain(word);
    });

    it("links threads in notices", async () => {
      const thread = await aThread("linking");
      const ref = await adapter.post(
        thread,
        { kind: "notice", text: "Started demo:", threads: [{ label: "demo", thread }] },
        "link",
      );
      expect(ref.id).not.toBe("");
    });

    it("edits a card in place", async () => {
      const thread = await aThread("a live card");
      const card = (tail: string): Post => ({
        kind: "card",
        shard: "demo",
        agent: "shell",
        state: "working",
        why: "",
        since: "2026-01-02T03:04:05.000Z",
        tail,
        buttons: [],
      });
      const ref = await adapter.post(thread, card("first look"), "card-1");
      await adapter.edit(ref, card("second look"));
      const shown = (await fixture.shown(thread)).join("\n");
      expect(shown).toContain("second look");
      expect(shown).not.toContain("first look");
    });

    it("gives a pressed button with its action and value", async () => {
      const thread = await aThread("a question");
      const ref = await adapter.post(
        thread,
        {
          kind: "question",
          shard: "demo",
          question: "Which colour?",
          detail: "",
          buttons: [{ label: "Blue", action: "answer", value: "demo/q7/2" }],
        },
        "question-1",
      );
      await fixture.press(ref, "Blue");
      const event = await log.next((candidate) => candidate.type === "action");
      expect(event).toMatchObject({ action: "answer", value: "demo/q7/2" });
      expect(threadOf(event.place)).toEqual(thread);
    });

    it("asks for words where a button does, and gives them with it, once", async () => {
      const thread = await aThread("a question that takes a reason");
      const no = { label: "No", action: "answer", value: "demo/q8/2" };
      const why = { ...no, label: "No, with a reason…", asks: "The reason" };
      const post: Post = { kind: "question", shard: "demo", question: "May I?", detail: "", buttons: [no, why] };
      const ref = await adapter.post(thread, post, "question-2");
      const pressed = (event: ChatEvent) => event.type === "action" && event.value === "demo/q8/2";
      const words = 'use "yarn" <b> & not npm ünï 🎉';
      expect(await fixture.fill(ref, why.label, words)).toContain("The reason");
      const event = await log.next((candidate) => pressed(candidate) && "text" in candidate);
      expect(event).toMatchObject({ action: "answer", value: "demo/q8/2", text: words });
      expect(threadOf(event.place)).toEqual(thread);
      expect([undefined, ref.id]).toContain(event.type === "action" ? event.post?.id : "");
      expect(event.by.id).not.toBe("");
      await fixture.press(ref, no.label);
      await log.next((candidate) => pressed(candidate) && !("text" in candidate));
      expect(log.events.filter(pressed)).toHaveLength(2);
    });

    it("asks under a heading as long as may be, for a value as long as may be", async () => {
      const thread = await aThread("long buttons");
      const asks = "H".repeat(45);
      const value = `~${"v".repeat(24)}`;
      const button = { label: "L".repeat(200), action: "a".repeat(95 - asks.length - value.length), value, asks };
      const ref = await adapter.post(thread, { kind: "notice", text: "long", buttons: [button] }, "long-button");
      expect(await fixture.fill(ref, button.label, "short")).toContain(asks);
      expect(await log.next((event) => event.type === "action" && event.value === value)).toMatchObject({
        action: button.action,
        text: "short",
      });
    });

    it("takes a text as long as its limit", async () => {
      const thread = await aThread("long text");
      const text = "0123456789".repeat(Math.ceil(adapter.limits.text / 10)).slice(0, adapter.limits.text);
      await adapter.post(thread, { kind: "terminal", text }, "long-1");
      await adapter.post(thread, { kind: "answer", markdown: text }, "long-2");
      expect((await fixture.shown(thread)).join("\n")).toContain(text.slice(-100));
    });

    it("makes mentions of others inert", async () => {
      const thread = await aThread("mentions");
      const text = "@everyone @here <!channel> <!here> <@U0000000001> <@&123456789012345678>";
      await adapter.post(thread, { kind: "answer", markdown: text }, "mention-1");
      await adapter.post(thread, { kind: "terminal", text }, "mention-2");
      await adapter.post(thread, { kind: "notice", text }, "mention-3");
      expect((await fixture.shown(thread)).length).toBeGreaterThanOrEqual(3);
    });

    it("opens a thread in a channel with no message to start from", async () => {
      const thread = await aThread("where to open");
      const place: Place = { platform: thread.platform, space: thread.space, channel: thread.channel };
      const opened = await adapter.openThread(place, "shard api");
      expect(opened).toMatchObject({ platform: thread.platform, space: thread.space, channel: thread.channel });
      expect(opened.thread).not.toBe(thread.thread);
      const ref = await adapter.post(opened, { kind: "notice", text: "here" }, "opened-1");
      expect(ref.thread).toEqual(opened);
    });

    it("keeps the order of posts", async () => {
      const thread = await aThread("order");
      for (const n of [1, 2, 3, 4])
        await adapter.post(thread, { kind: "notice", text: `post number ${n}` }, `order-${n}`);
      const shown = (await fixture.shown(thread)).join("\n");
      const at = [1, 2, 3, 4].map((n) => shown.indexOf(`post number ${n}`));
      expect(at).toEqual([...at].sort((a, b) => a - b));
      expect(at[0]).toBeGreaterThanOrEqual(0);
    });
  });
}
