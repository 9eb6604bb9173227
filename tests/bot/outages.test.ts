import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeliveryError, type ThreadRef } from "../../src/adapters/adapter.ts";
import { NotSavedError, ShardbridgeError } from "../../src/errors.ts";
import { channel } from "../fakes/fake-adapter.ts";
import { TestBot } from "./test-bot.ts";

let testBot: TestBot;
beforeEach(async () => {
  testBot = await new TestBot().open();
});
afterEach(async () => {
  vi.useRealTimers();
  testBot.disk.full = false;
  await testBot.dispose();
});

const answers = (thread: ThreadRef) =>
  testBot.adapter.in(thread).flatMap(({ post }) => (post.kind === "answer" ? [post.markdown] : []));

describe("a full disk", () => {
  it("refuses messages and says so, once in a thread; they are handled in order when it has room", async () => {
    const thread = await testBot.thread();
    testBot.disk.full = true;
    for (const text of ["one", "two"])
      await expect(testBot.adapter.give({ type: "message", text, toBot: false }, { place: thread })).rejects.toThrow(
        NotSavedError,
      );
    await testBot.shows(thread, "Nothing can be saved (database or disk is full)");
    expect(testBot.orchestrator.asked.map(({ text }) => text)).toEqual(["hello"]);
    testBot.disk.full = false;
    // This one comes before the next try, and not before the two.
    await testBot.adapter.say("three", thread);
    await testBot.shows(thread, "You said: three");
    await testBot.shows(thread, "It can be saved again");
    expect(answers(thread).slice(1)).toEqual(["You said: one", "You said: two", "You said: three"]);
  });

  it("is tried again with no help from a platform that delivers nothing twice", async () => {
    const thread = await testBot.thread();
    testBot.disk.full = true;
    await expect(testBot.adapter.say("one", thread, { id: "m1" })).rejects.toThrow(NotSavedError);
    testBot.disk.full = false;
    await testBot.shows(thread, "You said: one");
    // The other kind of platform.
    await testBot.adapter.say("one", thread, { id: "m1" });
    await testBot.adapter.say("next", thread);
    await testBot.shows(thread, "You said: next");
    expect(answers(thread).filter((text) => text === "You said: one")).toHaveLength(1);
  });

  it("keeps what comes at once in a thread, all of it and in order", async () => {
    const thread = await testBot.thread();
    testBot.disk.full = true;
    const texts = ["one", "two", "three"];
    const given = await Promise.allSettled(texts.map((text) => testBot.adapter.say(text, thread)));
    expect(given.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    testBot.disk.full = false;
    await testBot.shows(thread, "You said: three");
    expect(answers(thread).slice(1)).toEqual(texts.map((text) => `You said: ${text}`));
  });

  it("is told again when it comes again, and each end of it once", async () => {
    const thread = await testBot.thread();
    const said = (words: string) => testBot.adapter.texts(thread).filter((text) => text.includes(words)).length;
    for (const time of [1, 2]) {
      testBot.disk.full = true;
      await expect(testBot.adapter.say(`${time}`, thread)).rejects.toThrow(NotSavedError);
      await expect.poll(() => said("Nothing can be saved")).toBe(time);
      testBot.disk.full = false;
      await testBot.shows(thread, `You said: ${time}`);
      await expect.poll(() => said("It can be saved again")).toBe(time);
    }
  });

  it("is told in fifty threads and no more", async () => {
    const threads = Array.from({ length: 52 }, (_, index) => ({ ...channel, thread: `T${index}` }));
    for (const thread of threads) await testBot.adapter.say("hello", thread, { toBot: true });
    for (const thread of threads) await testBot.shows(thread, "You said: hello");
    testBot.disk.full = true;
    for (const thread of threads) await expect(testBot.adapter.say("more", thread)).rejects.toThrow(NotSavedError);
    testBot.disk.full = false;
    for (const thread of threads) await testBot.shows(thread, "You said: more");
    const told = threads.filter((thread) => testBot.adapter.texts(thread).join().includes("Nothing can be saved"));
    expect(told).toHaveLength(50);
  });

  it("is told to who begins in a channel, in the thread of that message", async () => {
    testBot.disk.full = true;
    await expect(testBot.adapter.say("hello?")).rejects.toThrow(NotSavedError);
    const { thread, title } = await vi.waitFor(() => testBot.adapter.opened[0]!);
    expect(title).toBe("hello?");
    await testBot.shows(thread, "Nothing can be saved");
    testBot.disk.full = false;
    await testBot.shows(thread, "You said: hello?");
  });

  it("is answered to commands and buttons in a sentence, and nothing of them is done later", async () => {
    await testBot.shard();
    testBot.disk.full = true;
    await expect(testBot.command("send demo say hi")).rejects.toMatchObject({ code: "failed" });
    const local = testBot.bot.actionsFor({ person: { id: "local", name: "Ada", roles: [] }, right: "admin" });
    expect(await local.list()).toHaveLength(1);
    await expect(local.spawn({ name: "two" })).rejects.toThrow(NotSavedError);
    testBot.disk.full = false;
    await testBot.command("send demo say later");
    expect(testBot.host.sent.map(({ text }) => text)).toEqual(["say later"]);
  });

  it("holds an agent's answer back, tells its thread why, and loses nothing of it", async () => {
    testBot.pace.alert = 100;
    const thread = await testBot.shard();
    await testBot.command("send demo hang");
    testBot.host.output("demo", "working");
    testBot.disk.full = true;
    testBot.host.finish("demo", "the answer");
    await testBot.shows(thread, "answers wait, too");
    expect(testBot.adapter.texts(thread)).not.toContain("the answer");
    testBot.disk.full = false;
    await testBot.shows(thread, "the answer");
    await testBot.shows(thread, "It can be saved again: what waited goes on.");
  });

  it("is told to nobody who waits for an answer when it is over in a moment", async () => {
    const thread = await testBot.shard();
    await testBot.command("send demo hang");
    vi.useFakeTimers();
    testBot.disk.full = true;
    testBot.host.finish("demo", "the answer");
    await expect.poll(() => testBot.store.fault).toBeDefined();
    testBot.disk.full = false;
    await expect.poll(() => testBot.store.fault).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10_000);
    await expect.poll(() => testBot.adapter.texts(thread)).toContain("the answer");
    expect(testBot.adapter.texts(thread).join()).not.toContain("saved");
  });

  it("does not make a post twice that could not be written down as posted", async () => {
    const thread = await testBot.shard();
    testBot.adapter.findable = false;
    testBot.adapter.onPost = () => (testBot.disk.full = true);
    await testBot.command("send demo say once");
    await testBot.shows(thread, "once");
    await expect.poll(() => testBot.store.fault).toBeDefined();
    testBot.adapter.onPost = undefined;
    testBot.disk.full = false;
    await expect.poll(() => testBot.store.fault).toBeUndefined();
    await testBot.command("send demo say twice");
    await testBot.shows(thread, "twice");
    await testBot.shows(thread, "once");
  });

  it("does not keep the bot from stopping", async () => {
    const thread = await testBot.shard();
    await testBot.command("send demo hang");
    testBot.disk.full = true;
    testBot.host.finish("demo", "said before the stop");
    await expect.poll(() => testBot.store.fault).toBeDefined();
    await testBot.bot.stop();
    testBot.disk.full = false;
    await testBot.restart();
    await testBot.shows(thread, "said before the stop");
  });
});

describe("an outage of the model", () => {
  it("is told in one sentence, and the message can be tried again", async () => {
    const thread = await testBot.thread();
    const said = "The model at api.example is overloaded: try again in a minute.";
    testBot.orchestrator.reply = async () => Promise.reject(new ShardbridgeError("unavailable", said));
    await testBot.adapter.say("plan it", thread);
    await testBot.shows(thread, said);
    testBot.orchestrator.reply = async ({ text }) => `You said: ${text}`;
    expect(await testBot.press(thread, "Try again")).toBe("");
    await testBot.shows(thread, "You said: plan it");
    expect(await testBot.press(thread, "Try again")).toContain("asked again already");
    expect(testBot.orchestrator.asked.map(({ text }) => text)).toEqual(["hello", "plan it", "plan it"]);
  });
});

describe("an outage of the platform", () => {
  it("of a minute delays what is posted, in every thread and in order", async () => {
    const threads = [await testBot.shard("one"), await testBot.shard("two")];
    vi.useFakeTimers();
    testBot.adapter.outage = new DeliveryError("not-sent", "ECONNREFUSED");
    for (const text of ["a", "b"]) for (const name of ["one", "two"]) await testBot.command(`send ${name} say ${text}`);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(testBot.adapter.texts(threads[0])).toHaveLength(1);
    testBot.adapter.outage = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    for (const thread of threads) expect(testBot.adapter.texts(thread).slice(1)).toEqual(["a", "b"]);
  });

  it("that hides whether a post arrived posts it once", async () => {
    const thread = await testBot.shard();
    vi.useFakeTimers();
    testBot.adapter.fail("post", new DeliveryError("unknown", "502"), true);
    await testBot.command("send demo say once");
    testBot.adapter.outage = new DeliveryError("not-sent", "ECONNREFUSED");
    await vi.advanceTimersByTimeAsync(30_000);
    testBot.adapter.outage = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(testBot.adapter.texts(thread).filter((text) => text === "once")).toHaveLength(1);
  });

  it("is passed by a thread that could not be opened for a message", async () => {
    vi.useFakeTimers();
    testBot.adapter.outage = new DeliveryError("not-sent", "ECONNREFUSED");
    void testBot.adapter.emit(
      { type: "message", text: "hello", toBot: true },
      { place: { ...channel, message: "M1" } },
    );
    await vi.advanceTimersByTimeAsync(60_000);
    testBot.adapter.outage = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(testBot.adapter.texts()).toEqual(["You said: hello"]);
  });
});
