import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeliveryError, type ThreadRef } from "../../src/adapters/adapter.ts";
import { NotSavedError, ShardbridgeError } from "../../src/errors.ts";
import { channel } from "../fakes/fake-adapter.ts";
import { Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await new Stage().open();
});
afterEach(async () => {
  vi.useRealTimers();
  stage.disk.full = false;
  await stage.dispose();
});

const answers = (thread: ThreadRef) =>
  stage.adapter.in(thread).flatMap(({ post }) => (post.kind === "answer" ? [post.markdown] : []));

describe("a full disk", () => {
  it("refuses messages and says so, once in a thread; they are handled in order when it has room", async () => {
    const thread = await stage.thread();
    stage.disk.full = true;
    for (const text of ["one", "two"])
      await expect(stage.adapter.give({ type: "message", text, toBot: false }, { place: thread })).rejects.toThrow(
        NotSavedError,
      );
    await stage.shows(thread, "Nothing can be saved (database or disk is full)");
    expect(stage.orchestrator.asked.map(({ text }) => text)).toEqual(["hello"]);
    stage.disk.full = false;
    // This one comes before the next try, and not before the two.
    await stage.adapter.say("three", thread);
    await stage.shows(thread, "You said: three");
    await stage.shows(thread, "It can be saved again");
    expect(answers(thread).slice(1)).toEqual(["You said: one", "You said: two", "You said: three"]);
  });

  it("is tried again with no help from a platform that delivers nothing twice", async () => {
    const thread = await stage.thread();
    stage.disk.full = true;
    await expect(stage.adapter.say("one", thread, { id: "m1" })).rejects.toThrow(NotSavedError);
    stage.disk.full = false;
    await stage.shows(thread, "You said: one");
    // The other kind of platform.
    await stage.adapter.say("one", thread, { id: "m1" });
    await stage.adapter.say("next", thread);
    await stage.shows(thread, "You said: next");
    expect(answers(thread).filter((text) => text === "You said: one")).toHaveLength(1);
  });

  it("keeps what comes at once in a thread, all of it and in order", async () => {
    const thread = await stage.thread();
    stage.disk.full = true;
    const texts = ["one", "two", "three"];
    const given = await Promise.allSettled(texts.map((text) => stage.adapter.say(text, thread)));
    expect(given.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
    stage.disk.full = false;
    await stage.shows(thread, "You said: three");
    expect(answers(thread).slice(1)).toEqual(texts.map((text) => `You said: ${text}`));
  });

  it("is told again when it comes again, and each end of it once", async () => {
    const thread = await stage.thread();
    const said = (words: string) => stage.adapter.texts(thread).filter((text) => text.includes(words)).length;
    for (const time of [1, 2]) {
      stage.disk.full = true;
      await expect(stage.adapter.say(`${time}`, thread)).rejects.toThrow(NotSavedError);
      await expect.poll(() => said("Nothing can be saved")).toBe(time);
      stage.disk.full = false;
      await stage.shows(thread, `You said: ${time}`);
      await expect.poll(() => said("It can be saved again")).toBe(time);
    }
  });

  it("is told in fifty threads and no more", async () => {
    const threads = Array.from({ length: 52 }, (_, index) => ({ ...channel, thread: `T${index}` }));
    for (const thread of threads) await stage.adapter.say("hello", thread, { toBot: true });
    for (const thread of threads) await stage.shows(thread, "You said: hello");
    stage.disk.full = true;
    for (const thread of threads) await expect(stage.adapter.say("more", thread)).rejects.toThrow(NotSavedError);
    stage.disk.full = false;
    for (const thread of threads) await stage.shows(thread, "You said: more");
    const told = threads.filter((thread) => stage.adapter.texts(thread).join().includes("Nothing can be saved"));
    expect(told).toHaveLength(50);
  });

  it("is told to who begins in a channel, in the thread of that message", async () => {
    stage.disk.full = true;
    await expect(stage.adapter.say("hello?")).rejects.toThrow(NotSavedError);
    const { thread, title } = await vi.waitFor(() => stage.adapter.opened[0]!);
    expect(title).toBe("hello?");
    await stage.shows(thread, "Nothing can be saved");
    stage.disk.full = false;
    await stage.shows(thread, "You said: hello?");
  });

  it("is answered to commands and buttons in a sentence, and nothing of them is done later", async () => {
    await stage.shard();
    stage.disk.full = true;
    await expect(stage.command("send demo say hi")).rejects.toMatchObject({ code: "failed" });
    const local = stage.bot.actionsFor({ person: { id: "local", name: "Ada", roles: [] }, right: "admin" });
    expect(await local.list()).toHaveLength(1);
    await expect(local.spawn({ name: "two" })).rejects.toThrow(NotSavedError);
    stage.disk.full = false;
    await stage.command("send demo say later");
    expect(stage.host.sent.map(({ text }) => text)).toEqual(["say later"]);
  });

  it("holds an agent's answer back, tells its thread why, and loses nothing of it", async () => {
    const thread = await stage.shard();
    await stage.command("send demo hang");
    stage.host.output("demo", "working");
    stage.disk.full = true;
    stage.host.finish("demo", "the answer");
    await stage.shows(thread, "answers wait, too");
    expect(stage.adapter.texts(thread)).not.toContain("the answer");
    stage.disk.full = false;
    await stage.shows(thread, "the answer");
    await stage.shows(thread, "It can be saved again: what waited goes on.");
  });

  it("is told to nobody who waits for an answer when it is over in a moment", async () => {
    const thread = await stage.shard();
    await stage.command("send demo hang");
    vi.useFakeTimers();
    stage.disk.full = true;
    stage.host.finish("demo", "the answer");
    await expect.poll(() => stage.store.fault).toBeDefined();
    stage.disk.full = false;
    await expect.poll(() => stage.store.fault).toBeUndefined();
    await vi.advanceTimersByTimeAsync(10_000);
    await expect.poll(() => stage.adapter.texts(thread)).toContain("the answer");
    expect(stage.adapter.texts(thread).join()).not.toContain("saved");
  });

  it("does not make a post twice that could not be written down as posted", async () => {
    const thread = await stage.shard();
    stage.adapter.findable = false;
    stage.adapter.onPost = () => (stage.disk.full = true);
    await stage.command("send demo say once");
    await stage.shows(thread, "once");
    await expect.poll(() => stage.store.fault).toBeDefined();
    stage.adapter.onPost = undefined;
    stage.disk.full = false;
    await expect.poll(() => stage.store.fault).toBeUndefined();
    await stage.command("send demo say twice");
    await stage.shows(thread, "twice");
    await stage.shows(thread, "once");
  });

  it("does not keep the bot from stopping", async () => {
    const thread = await stage.shard();
    await stage.command("send demo hang");
    stage.disk.full = true;
    stage.host.finish("demo", "said before the stop");
    await expect.poll(() => stage.store.fault).toBeDefined();
    await stage.bot.stop();
    stage.disk.full = false;
    await stage.restart();
    await stage.shows(thread, "said before the stop");
  });
});

describe("an outage of the model", () => {
  it("is told in one sentence, and the message can be tried again", async () => {
    const thread = await stage.thread();
    const said = "The model at api.example is overloaded: try again in a minute.";
    stage.orchestrator.reply = async () => Promise.reject(new ShardbridgeError("unavailable", said));
    await stage.adapter.say("plan it", thread);
    await stage.shows(thread, said);
    stage.orchestrator.reply = async ({ text }) => `You said: ${text}`;
    expect(await stage.press(thread, "Try again")).toBe("");
    await stage.shows(thread, "You said: plan it");
    expect(await stage.press(thread, "Try again")).toContain("asked again already");
    expect(stage.orchestrator.asked.map(({ text }) => text)).toEqual(["hello", "plan it", "plan it"]);
  });
});

describe("an outage of the platform", () => {
  it("of a minute delays what is posted, in every thread and in order", async () => {
    const threads = [await stage.shard("one"), await stage.shard("two")];
    vi.useFakeTimers();
    stage.adapter.outage = new DeliveryError("not-sent", "ECONNREFUSED");
    for (const text of ["a", "b"]) for (const name of ["one", "two"]) await stage.command(`send ${name} say ${text}`);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stage.adapter.texts(threads[0])).toHaveLength(1);
    stage.adapter.outage = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    for (const thread of threads) expect(stage.adapter.texts(thread).slice(1)).toEqual(["a", "b"]);
  });

  it("that hides whether a post arrived posts it once", async () => {
    const thread = await stage.shard();
    vi.useFakeTimers();
    stage.adapter.fail("post", new DeliveryError("unknown", "502"), true);
    await stage.command("send demo say once");
    stage.adapter.outage = new DeliveryError("not-sent", "ECONNREFUSED");
    await vi.advanceTimersByTimeAsync(30_000);
    stage.adapter.outage = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stage.adapter.texts(thread).filter((text) => text === "once")).toHaveLength(1);
  });

  it("is passed by a thread that could not be opened for a message", async () => {
    vi.useFakeTimers();
    stage.adapter.outage = new DeliveryError("not-sent", "ECONNREFUSED");
    void stage.adapter.emit({ type: "message", text: "hello", toBot: true }, { place: { ...channel, message: "M1" } });
    await vi.advanceTimersByTimeAsync(60_000);
    stage.adapter.outage = undefined;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(stage.adapter.texts()).toEqual(["You said: hello"]);
  });
});
