import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeliveryError, type ThreadRef } from "../../src/adapters/adapter.ts";
import { channel } from "../fakes/fake-adapter.ts";
import { Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await new Stage().open();
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.dispose();
});

/** Make the bot say something in a shard's thread. */
async function say(text: string): Promise<void> {
  await stage.host.deliver("demo", {
    type: "answer",
    id: `say/${text}`,
    turn: 1,
    text,
    form: "markdown",
    truncated: false,
  });
}

const answers = (thread: ThreadRef) =>
  stage.adapter.in(thread).flatMap(({ post }) => (post.kind === "answer" ? [post.markdown] : []));

describe("posts", () => {
  it("wait as long as the platform says, in order, and no other thread waits with them", async () => {
    const thread = await stage.shard();
    vi.useFakeTimers();
    stage.adapter.fail("post", new DeliveryError("not-sent", "429", { retryAfter: 7000 }));
    for (const text of ["one", "two", "three"]) await say(text);
    await vi.advanceTimersByTimeAsync(6999);
    expect(answers(thread)).toEqual([]);
    const other = await stage.adapter.say("meanwhile").then(() => stage.adapter.opened.at(-1)!.thread);
    await vi.advanceTimersByTimeAsync(0);
    expect(stage.adapter.texts(other)).toEqual(["You said: meanwhile"]);
    await vi.advanceTimersByTimeAsync(1);
    expect(answers(thread)).toEqual(["one", "two", "three"]);
  });

  it("come through an outage of a minute, all and once", async () => {
    const thread = await stage.shard();
    vi.useFakeTimers();
    for (let n = 0; n < 6; n += 1) stage.adapter.fail("post", new DeliveryError("not-sent", "no network"));
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
    const thread = await stage.shard();
    vi.useFakeTimers();
    stage.adapter.findable = findable;
    stage.adapter.fail("post", new DeliveryError("unknown", "timeout"), happened);
    await say("once");
    await vi.advanceTimersByTimeAsync(1000);
    expect(answers(thread)).toEqual(Array.from({ length: times }, () => "once"));
    expect(
      new Set(
        stage.adapter
          .in(thread)
          .slice(1)
          .map(({ key }) => key),
      ).size,
    ).toBe(1);
  });

  it.each<DeliveryError["outcome"]>(["not-sent", "unknown"])(
    "whose answer was lost are looked for until the platform can tell: %s",
    async (outcome) => {
      const thread = await stage.shard();
      vi.useFakeTimers();
      stage.adapter.fail("post", new DeliveryError("unknown", "502"), true);
      for (let n = 0; n < 3; n += 1) stage.adapter.fail("find", new DeliveryError(outcome, "429"));
      for (const text of ["once", "next"]) await say(text);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(answers(thread)).toEqual(["once", "next"]);
    },
  );

  it("that are refused make room for the next", async () => {
    const thread = await stage.shard();
    stage.adapter.fail("post", new DeliveryError("refused", "no permission"));
    await say("one");
    await say("two");
    await expect.poll(() => answers(thread)).toEqual(["two"]);
    expect(stage.log.some((line) => line.includes("a post was refused") && line.includes("no permission"))).toBe(true);
  });

  it("stop when the thread is gone, and go on when somebody speaks there again", async () => {
    const thread = await stage.shard();
    stage.adapter.fail("post", new DeliveryError("gone", "no such thread"));
    await say("one");
    await expect.poll(() => stage.log.some((line) => line.includes("no such thread"))).toBe(true);
    await say("two");
    await stage.adapter.say("I am here", thread);
    await stage.shows(thread, "You said: I am here");
    await say("three");
    await expect.poll(() => answers(thread)).toEqual(["You said: I am here", "three"]);
  });

  it("are the same post when the host tells the same event again", async () => {
    const thread = await stage.shard();
    await say("same");
    await say("same");
    await say("other");
    await expect.poll(() => answers(thread)).toEqual(["same", "other"]);
  });

  it("are not made again when the host tells an event again whose post is there already", async () => {
    const thread = await stage.shard();
    const again = { type: "answer", id: "answer:demo:1", turn: 1, form: "markdown", truncated: false } as const;
    await stage.host.deliver("demo", { ...again, text: "once" });
    await stage.shows(thread, "once");
    await stage.host.deliver("demo", { ...again, text: "once" });
    await say("next");
    await stage.shows(thread, "next");
    expect(answers(thread)).toEqual(["once", "next"]);
  });

  it("tell of a worktree that somebody removed, and of a shard that is not lost after all, once", async () => {
    const thread = await stage.shard();
    const gone = { type: "missing", id: "missing:demo:1", worktree: "/work/demo", branch: "shard/demo" } as const;
    const back = { type: "found", id: "found:demo:2" } as const;
    for (const event of [gone, gone, back, back]) await stage.host.deliver("demo", event);
    await say("next");
    await stage.shows(thread, "next");
    expect(stage.adapter.texts(thread).slice(1)).toEqual([
      "The worktree of demo is gone: somebody removed /work/demo. Commits are still on the branch shard/demo; destroy demo removes the rest.",
      "demo is not lost: its holder answers again, and it goes on.",
      "next",
    ]);
  });

  it("that are long are cut, and longer ones become a file", async () => {
    const thread = await stage.shard();
    await say("line of text\n".repeat(200));
    await expect.poll(() => answers(thread).map((text) => text.length <= 2000)).toEqual([true, true]);
    await say("line of text\n".repeat(2000));
    await stage.shows(thread, "the whole text is in this file");
    expect(answers(thread)).toHaveLength(3);
  });
});

describe("after a kill", () => {
  it("what was not posted is posted, and what was posted is not posted again", async () => {
    const thread = await stage.shard();
    await say("before");
    await stage.shows(thread, "before");
    stage.adapter.frozen = true;
    await say("one");
    await say("two");
    await stage.killAndStart(() => (stage.adapter.frozen = false));
    await say("three");
    await expect.poll(() => answers(thread)).toEqual(["before", "one", "two", "three"]);
  });

  it("posts of several lives of the bot come in their order", async () => {
    const thread = await stage.shard();
    stage.adapter.frozen = true;
    const texts = ["one", "two", "three", "four"];
    await say("one");
    await say("two");
    await stage.killAndStart();
    await say("three");
    await stage.killAndStart();
    await say("four");
    await stage.killAndStart(() => (stage.adapter.frozen = false));
    await expect.poll(() => answers(thread)).toEqual(texts);
  });

  it("a post that arrived just before is found", async () => {
    const thread = await stage.shard();
    stage.adapter.fail("post", new DeliveryError("unknown", "killed"), true);
    await say("one");
    await expect.poll(() => answers(thread)).toEqual(["one"]);
    await stage.killAndStart();
    await say("two");
    await expect.poll(() => answers(thread)).toEqual(["one", "two"]);
  });

  it("events of the host that nobody heard come in the same thread", async () => {
    const thread = await stage.shard();
    await stage.command("send demo hang");
    await stage.killAndStart(() => stage.host.finish("demo", "said meanwhile"));
    await stage.shows(thread, "said meanwhile");
    expect(stage.adapter.opened).toHaveLength(1);
  });

  it("a message that was only received is handled, and one that was being handled is told of", async () => {
    const thread = await stage.thread();
    stage.orchestrator.reply = async ({ text }) => (text === "half done" ? new Promise(() => {}) : `You said: ${text}`);
    void stage.adapter.say("half done", thread);
    await expect.poll(() => stage.orchestrator.asked.at(-1)?.text).toBe("half done");
    // It waits for the one before it, so it is only received.
    await stage.adapter.give({ type: "message", text: "not begun", toBot: false }, { place: thread });
    await stage.killAndStart();
    await stage.shows(
      thread,
      "The bot was restarted while it handled this message: half done. Look at the shard before you send it again.",
    );
    await stage.shows(thread, "You said: not begun");
    expect(stage.orchestrator.asked.filter(({ text }) => text === "half done")).toHaveLength(1);
    await stage.killAndStart();
    await stage.adapter.say("and now", thread);
    await stage.shows(thread, "You said: and now");
    await stage.shows(thread, "The bot was restarted");
    // Not again either when that post is forgotten.
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * 24 * 3_600_000 });
    await stage.adapter.say("prune", thread);
    await stage.shows(thread, "You said: prune");
    await stage.killAndStart();
    await stage.adapter.say("days later", thread);
    await stage.shows(thread, "You said: days later");
    await stage.shows(thread, "The bot was restarted");
  });

  it("a press that was only received is done once, and one that was being done is told of, and not done again", async () => {
    const thread = await stage.shard();
    const unknown = {
      type: "receipt",
      id: "receipt:demo:7",
      text: "again",
      receipt: { outcome: "stalled", screen: "" },
    };
    await stage.host.deliver("demo", unknown as Parameters<typeof stage.host.deliver>[1]);
    const list = stage.host.list.bind(stage.host);
    const send = stage.host.send.bind(stage.host);
    // It is killed while it starts, so that it has only taken the press.
    await stage.shows(thread, "was this prompt taken?");
    stage.host.list = async () => (stage.adapter.gaps.length < 2 ? list() : new Promise<never>(() => {}));
    void stage.killAndStart();
    await expect.poll(() => stage.adapter.gaps.length).toBe(2);
    const resend = stage.adapter
      .in(thread)
      .flatMap(({ post }) => ("buttons" in post ? (post.buttons ?? []) : []))
      .at(-1)!;
    const press = { type: "action", action: resend.action, value: resend.value } as const;
    await stage.adapter.give(press, { place: thread, id: "press" });
    stage.host.list = list;
    await stage.killAndStart();
    await stage.shows(thread, "submitted to demo");
    expect(await stage.adapter.emit(press, { place: thread, id: "press" })).toEqual({});
    expect(stage.host.sent.map(({ text }) => text)).toEqual(["again"]);

    await stage.host.deliver("demo", { ...unknown, id: "receipt:demo:8" } as Parameters<typeof stage.host.deliver>[1]);
    await stage.shows(thread, "was this prompt taken?", 2);
    const sending = vi.fn(async () => new Promise<never>(() => {}));
    stage.host.send = sending;
    void stage.press(thread, "Resend");
    await expect.poll(() => sending.mock.calls.length).toBe(1);
    stage.host.send = send;
    await stage.killAndStart();
    await stage.shows(thread, "The bot was restarted while it handled this message: the button resend");
    expect(stage.host.sent.map(({ text }) => text)).toEqual(["again"]);
  });

  it("an event that was handled is still known", async () => {
    const thread = await stage.thread();
    await stage.adapter.say("once", thread, { id: "same" });
    await stage.killAndStart();
    await stage.adapter.say("once", thread, { id: "same" });
    await stage.adapter.say("next", thread);
    await stage.shows(thread, "You said: next");
    expect(answers(thread).filter((text) => text === "You said: once")).toHaveLength(1);
  });

  it("a shard that was spawned and had no thread yet gets one", async () => {
    const asking = await stage.thread();
    stage.adapter.fail("openThread", new DeliveryError("not-sent", "429", { retryAfter: 29_000 }));
    void stage.adapter.say("!spawn demo", asking);
    await expect.poll(async () => (await stage.host.list()).length).toBe(1);
    await expect.poll(() => stage.log.some((line) => line.includes("could not be opened yet"))).toBe(true);
    await stage.killAndStart();
    await expect.poll(() => stage.adapter.opened.map(({ title }) => title)).toContain("demo");
    const { thread } = stage.adapter.opened.find(({ title }) => title === "demo")!;
    await stage.command("send demo say at home");
    await stage.shows(thread, "at home");
  });

  it("an open question is settled in the post that asked it", async () => {
    const thread = await stage.shard();
    await stage.command("send demo ask");
    await stage.shows(thread, "Do you want to proceed?");
    await stage.killAndStart();
    await stage.command("answer 1", thread);
    await stage.shows(thread, "Yes · Ann · ");
    expect(stage.adapter.in(thread).filter(({ post }) => post.kind === "question")).toHaveLength(1);
  });
});

describe("the inbox", () => {
  it("does not take what it can't save", async () => {
    const thread = await stage.thread();
    await stage.store.close();
    await expect(stage.adapter.say("lost?", thread)).rejects.toThrow(/database|open/);
    await stage.open();
    expect(stage.orchestrator.asked.map(({ text }) => text)).not.toContain("lost?");
  });

  it("knows what it handled for as long as a platform is asked for what was missed", async () => {
    const thread = await stage.thread();
    const at = new Date().toISOString();
    await stage.adapter.say("once", thread, { id: "same", at });
    await stage.shows(thread, "You said: once");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3 * 24 * 3_600_000 });
    // What is old is forgotten when something new comes.
    await stage.adapter.say("prune", thread);
    await stage.shows(thread, "You said: prune");
    await stage.adapter.say("once", thread, { id: "same", at, missed: true });
    await stage.adapter.say("other", thread, { at, missed: true });
    await stage.shows(thread, "While the bot was away this message came: other.");
    expect(stage.orchestrator.asked.map(({ text }) => text)).toEqual(["hello", "once", "prune"]);
  });

  it("takes commands, buttons and messages, and nothing that is not for the bot", async () => {
    await stage.shard();
    await stage.adapter.emit(
      { type: "message", text: "chatter", toBot: false },
      { place: { ...channel, thread: "T77" }, id: "chatter" },
    );
    await stage.adapter.emit({ type: "completion", field: "shard", typed: "" }, { id: "completion" });
    await stage.adapter.emit({ type: "action", action: "stop", value: "demo" }, { id: "button" });
    expect(await stage.command("list")).toContain("demo");
    const again = await stage.adapter.emit({ type: "action", action: "nonsense", value: "demo" }, { id: "button" });
    expect(again).toEqual({});
    const first = await stage.adapter.emit({ type: "command", command: "list" }, { id: "chatter" });
    expect(first).toHaveProperty("post");
  });
});
