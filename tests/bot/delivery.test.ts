import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeliveryError, type ThreadRef } from "../../src/adapters/adapter.ts";
import { channel } from "../fakes/fake-adapter.ts";
import { TestBot } from "./test-bot.ts";

let testBot: TestBot;
beforeEach(async () => {
  testBot = await new TestBot().open();
});
afterEach(async () => {
  vi.useRealTimers();
  await testBot.dispose();
});

/** Make the bot say something in a shard's thread. */
async function say(text: string): Promise<void> {
  await testBot.host.deliver("demo", {
    type: "answer",
    id: `say/${text}`,
    turn: 1,
    text,
    form: "markdown",
    truncated: false,
  });
}

const answers = (thread: ThreadRef) =>
  testBot.adapter.in(thread).flatMap(({ post }) => (post.kind === "answer" ? [post.markdown] : []));

describe("posts", () => {
  it("wait as long as the platform says, in order, and no other thread waits with them", async () => {
    const thread = await testBot.shard();
    vi.useFakeTimers();
    testBot.adapter.fail("post", new DeliveryError("not-sent", "429", { retryAfter: 7000 }));
    for (const text of ["one", "two", "three"]) await say(text);
    await vi.advanceTimersByTimeAsync(6999);
    expect(answers(thread)).toEqual([]);
    const other = await testBot.adapter.say("meanwhile").then(() => testBot.adapter.opened.at(-1)!.thread);
    await vi.advanceTimersByTimeAsync(0);
    expect(testBot.adapter.texts(other)).toEqual(["You said: meanwhile"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(answers(thread)).toEqual(["one", "two", "three"]);
  });

  it("come through an outage of a minute, all and once", async () => {
    const thread = await testBot.shard();
    vi.useFakeTimers();
    for (let n = 0; n < 6; n += 1) testBot.adapter.fail("post", new DeliveryError("not-sent", "no network"));
    for (const text of ["one", "two", "three"]) await say(text);
    await vi.advanceTimersByTimeAsync(62_999);
    expect(answers(thread)).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(answers(thread)).toEqual(["one", "two", "three"]);
  });

  it.each([
    ["arrived and can be found", true, true, 1],
    ["did not arrive", false, true, 1],
    ["did not arrive, on a platform that can't tell", false, false, 1],
    ["arrived, on a platform that can't tell, with the same key", true, false, 2],
  ])("whose answer was lost: it %s", async (_name, happened, findable, times) => {
    const thread = await testBot.shard();
    vi.useFakeTimers();
    testBot.adapter.findable = findable;
    testBot.adapter.fail("post", new DeliveryError("unknown", "timeout"), happened);
    await say("once");
    await vi.advanceTimersByTimeAsync(1000);
    expect(answers(thread)).toEqual(Array.from({ length: times }, () => "once"));
    expect(
      new Set(
        testBot.adapter
          .in(thread)
          .slice(1)
          .map(({ key }) => key),
      ).size,
    ).toBe(1);
  });

  it.each<DeliveryError["outcome"]>(["not-sent", "unknown"])(
    "whose answer was lost are looked for until the platform can tell: %s",
    async (outcome) => {
      const thread = await testBot.shard();
      vi.useFakeTimers();
      testBot.adapter.fail("post", new DeliveryError("unknown", "502"), true);
      for (let n = 0; n < 3; n += 1) testBot.adapter.fail("find", new DeliveryError(outcome, "429"));
      for (const text of ["once", "next"]) await say(text);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(answers(thread)).toEqual(["once", "next"]);
    },
  );

  it("that are refused make room for the next", async () => {
    const thread = await testBot.shard();
    testBot.adapter.fail("post", new DeliveryError("refused", "no permission"));
    await say("one");
    await say("two");
    await expect.poll(() => answers(thread)).toEqual(["two"]);
    expect(testBot.log.some((line) => line.includes("a post was refused") && line.includes("no permission"))).toBe(
      true,
    );
  });

  it("stop when the thread is gone, and go on when somebody speaks there again", async () => {
    const thread = await testBot.shard();
    testBot.adapter.fail("post", new DeliveryError("gone", "no such thread"));
    await say("one");
    await expect.poll(() => testBot.log.some((line) => line.includes("no such thread"))).toBe(true);
    await say("two");
    await testBot.adapter.say("I am here", thread);
    await testBot.shows(thread, "You said: I am here");
    await say("three");
    await expect.poll(() => answers(thread)).toEqual(["You said: I am here", "three"]);
  });

  it("are the same post when the host tells the same event again", async () => {
    const thread = await testBot.shard();
    await say("same");
    await say("same");
    await say("other");
    await expect.poll(() => answers(thread)).toEqual(["same", "other"]);
  });

  it("are not made again when the host tells an event again whose post is there already", async () => {
    const thread = await testBot.shard();
    const again = { type: "answer", id: "answer:demo:1", turn: 1, form: "markdown", truncated: false } as const;
    await testBot.host.deliver("demo", { ...again, text: "once" });
    await testBot.shows(thread, "once");
    await testBot.host.deliver("demo", { ...again, text: "once" });
    await say("next");
    await testBot.shows(thread, "next");
    expect(answers(thread)).toEqual(["once", "next"]);
  });

  it("tell of a worktree that somebody removed, and of a shard that is not lost after all, once", async () => {
    const thread = await testBot.shard();
    const gone = { type: "missing", id: "missing:demo:1", worktree: "/work/demo", branch: "shard/demo" } as const;
    const back = { type: "found", id: "found:demo:2" } as const;
    for (const event of [gone, gone, back, back]) await testBot.host.deliver("demo", event);
    await say("next");
    await testBot.shows(thread, "next");
    expect(testBot.adapter.texts(thread).slice(1)).toEqual([
      "The worktree of demo is gone: somebody removed /work/demo. Commits are still on the branch shard/demo; destroy demo removes the rest.",
      "demo is not lost: its holder answers again, and it goes on.",
      "next",
    ]);
  });

  it("that are long are cut, and longer ones become a file", async () => {
    const thread = await testBot.shard();
    await say("line of text\n".repeat(200));
    await expect.poll(() => answers(thread).map((text) => text.length <= 2000)).toEqual([true, true]);
    await say("line of text\n".repeat(2000));
    await testBot.shows(thread, "the whole text is in this file");
    expect(answers(thread)).toHaveLength(3);
  });
});

describe("after a kill", () => {
  it("what was not posted is posted, and what was posted is not posted again", async () => {
    const thread = await testBot.shard();
    await say("before");
    await testBot.shows(thread, "before");
    testBot.adapter.frozen = true;
    await say("one");
    await say("two");
    await testBot.killAndStart(() => (testBot.adapter.frozen = false));
    await say("three");
    await expect.poll(() => answers(thread)).toEqual(["before", "one", "two", "three"]);
  });

  it("posts of several lives of the bot come in their order", async () => {
    const thread = await testBot.shard();
    testBot.adapter.frozen = true;
    const texts = ["one", "two", "three", "four"];
    await say("one");
    await say("two");
    await testBot.killAndStart();
    await say("three");
    await testBot.killAndStart();
    await say("four");
    await testBot.killAndStart(() => (testBot.adapter.frozen = false));
    await expect.poll(() => answers(thread)).toEqual(texts);
  });

  it("a post that arrived just before is found", async () => {
    const thread = await testBot.shard();
    testBot.adapter.fail("post", new DeliveryError("unknown", "killed"), true);
    await say("one");
    await expect.poll(() => answers(thread)).toEqual(["one"]);
    await testBot.killAndStart();
    await say("two");
    await expect.poll(() => answers(thread)).toEqual(["one", "two"]);
  });

  it("events of the host that nobody heard come in the same thread", async () => {
    const thread = await testBot.shard();
    await testBot.command("send demo hang");
    await testBot.killAndStart(() => testBot.host.finish("demo", "said meanwhile"));
    await testBot.shows(thread, "said meanwhile");
    expect(testBot.adapter.opened).toHaveLength(1);
  });

  it("a message that was only received is handled, and one that was being handled is told of", async () => {
    const thread = await testBot.thread();
    testBot.orchestrator.reply = async ({ text }) =>
      text === "half done" ? new Promise(() => {}) : `You said: ${text}`;
    void testBot.adapter.say("half done", thread);
    await expect.poll(() => testBot.orchestrator.asked.at(-1)?.text).toBe("half done");
    // It waits for the one before it, so it is only received.
    await testBot.adapter.give({ type: "message", text: "not begun", toBot: false }, { place: thread });
    await testBot.killAndStart();
    await testBot.shows(
      thread,
      "The bot was restarted while it handled this message: half done. Look at the shard before you send it again.",
    );
    await testBot.shows(thread, "You said: not begun");
    expect(testBot.orchestrator.asked.filter(({ text }) => text === "half done")).toHaveLength(1);
    await testBot.killAndStart();
    await testBot.adapter.say("and now", thread);
    await testBot.shows(thread, "You said: and now");
    await testBot.shows(thread, "The bot was restarted");
    // Not again either when that post is forgotten.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * 24 * 3_600_000 });
    await testBot.adapter.say("prune", thread);
    await testBot.shows(thread, "You said: prune");
    await testBot.killAndStart();
    await testBot.adapter.say("days later", thread);
    await testBot.shows(thread, "You said: days later");
    await testBot.shows(thread, "The bot was restarted");
  });

  it("a press that was only received is done once, and one that was being done is told of, and not done again", async () => {
    const thread = await testBot.shard();
    const unknown = {
      type: "receipt",
      id: "receipt:demo:7",
      text: "again",
      receipt: { outcome: "stalled", screen: "" },
    };
    await testBot.host.deliver("demo", unknown as Parameters<typeof testBot.host.deliver>[1]);
    const list = testBot.host.list.bind(testBot.host);
    const send = testBot.host.send.bind(testBot.host);
    // It is killed while it starts, so that it has only taken the press.
    await testBot.shows(thread, "was this prompt taken?");
    testBot.host.list = async () => (testBot.adapter.gaps.length < 2 ? list() : new Promise<never>(() => {}));
    void testBot.killAndStart();
    await expect.poll(() => testBot.adapter.gaps.length).toBe(2);
    const resend = testBot.adapter
      .in(thread)
      .flatMap(({ post }) => ("buttons" in post ? (post.buttons ?? []) : []))
      .at(-1)!;
    const press = { type: "action", action: resend.action, value: resend.value } as const;
    await testBot.adapter.give(press, { place: thread, id: "press" });
    testBot.host.list = list;
    await testBot.killAndStart();
    await testBot.shows(thread, "submitted to demo");
    expect(await testBot.adapter.emit(press, { place: thread, id: "press" })).toEqual({});
    expect(testBot.host.sent.map(({ text }) => text)).toEqual(["again"]);

    await testBot.host.deliver("demo", { ...unknown, id: "receipt:demo:8" } as Parameters<
      typeof testBot.host.deliver
    >[1]);
    await testBot.shows(thread, "was this prompt taken?", 2);
    const sending = vi.fn(async () => new Promise<never>(() => {}));
    testBot.host.send = sending;
    void testBot.press(thread, "Resend");
    await expect.poll(() => sending.mock.calls.length).toBe(1);
    testBot.host.send = send;
    await testBot.killAndStart();
    await testBot.shows(thread, "The bot was restarted while it handled this message: the button resend");
    expect(testBot.host.sent.map(({ text }) => text)).toEqual(["again"]);
  });

  it("an event that was handled is still known", async () => {
    const thread = await testBot.thread();
    await testBot.adapter.say("once", thread, { id: "same" });
    await testBot.killAndStart();
    await testBot.adapter.say("once", thread, { id: "same" });
    await testBot.adapter.say("next", thread);
    await testBot.shows(thread, "You said: next");
    expect(answers(thread).filter((text) => text === "You said: once")).toHaveLength(1);
  });

  it("a shard that was spawned and had no thread yet gets one", async () => {
    const asking = await testBot.thread();
    testBot.adapter.fail("openThread", new DeliveryError("not-sent", "429", { retryAfter: 29_000 }));
    void testBot.adapter.say("!spawn demo", asking);
    await expect.poll(async () => (await testBot.host.list()).length).toBe(1);
    await expect.poll(() => testBot.log.some((line) => line.includes("could not be opened yet"))).toBe(true);
    await testBot.killAndStart();
    await expect.poll(() => testBot.adapter.opened.map(({ title }) => title)).toContain("demo");
    const { thread } = testBot.adapter.opened.find(({ title }) => title === "demo")!;
    await testBot.command("send demo say at home");
    await testBot.shows(thread, "at home");
  });

  it("an open question is settled in the post that asked it", async () => {
    const thread = await testBot.shard();
    await testBot.command("send demo ask");
    await testBot.shows(thread, "Do you want to proceed?");
    await testBot.killAndStart();
    await testBot.command("answer 1", thread);
    await testBot.shows(thread, "Yes · Ann · ");
    expect(testBot.adapter.in(thread).filter(({ post }) => post.kind === "question")).toHaveLength(1);
  });
});

describe("the inbox", () => {
  it("does not take what it can't save", async () => {
    const thread = await testBot.thread();
    await testBot.store.close();
    await expect(testBot.adapter.say("lost?", thread)).rejects.toThrow(/database|open/);
    await testBot.open();
    expect(testBot.orchestrator.asked.map(({ text }) => text)).not.toContain("lost?");
  });

  it("knows what it handled for as long as a platform is asked for what was missed", async () => {
    const thread = await testBot.thread();
    const at = new Date().toISOString();
    await testBot.adapter.say("once", thread, { id: "same", at });
    await testBot.shows(thread, "You said: once");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3 * 24 * 3_600_000 });
    // What is old is forgotten when something new comes.
    await testBot.adapter.say("prune", thread);
    await testBot.shows(thread, "You said: prune");
    await testBot.adapter.say("once", thread, { id: "same", at, missed: true });
    await testBot.adapter.say("other", thread, { at, missed: true });
    await testBot.shows(thread, "While the bot was away this message came: other.");
    expect(testBot.orchestrator.asked.map(({ text }) => text)).toEqual(["hello", "once", "prune"]);
  });

  it("takes commands, buttons and messages, and nothing that is not for the bot", async () => {
    await testBot.shard();
    await testBot.adapter.emit(
      { type: "message", text: "chatter", toBot: false },
      { place: { ...channel, thread: "T77" }, id: "chatter" },
    );
    await testBot.adapter.emit({ type: "completion", field: "shard", typed: "" }, { id: "completion" });
    await testBot.adapter.emit({ type: "action", action: "stop", value: "demo" }, { id: "button" });
    expect(await testBot.command("list")).toContain("demo");
    const again = await testBot.adapter.emit({ type: "action", action: "nonsense", value: "demo" }, { id: "button" });
    expect(again).toEqual({});
    const first = await testBot.adapter.emit({ type: "command", command: "list" }, { id: "chatter" });
    expect(first).toHaveProperty("post");
  });
});
