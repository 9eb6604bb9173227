import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stranger, TestBot, viewer } from "./test-bot.ts";

let testBot: TestBot;
beforeEach(async () => {
  testBot = await new TestBot().open();
});
afterEach(async () => {
  vi.useRealTimers();
  await testBot.dispose();
});

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const missed = (minutes: number) => ({ at: ago(minutes), missed: true });
const asked = () => testBot.orchestrator.asked.map(({ text }) => text);

describe("what was said while the bot was away", () => {
  it("is handled when it was some minutes ago, once", async () => {
    const thread = await testBot.thread();
    await testBot.adapter.say("just missed", thread, { id: "m1", ...missed(14) });
    await testBot.shows(thread, "You said: just missed");
    await testBot.adapter.say("just missed", thread, { id: "m1" });
    expect(asked()).toEqual(["hello", "just missed"]);
  });

  it("is named when it is old, in one post for each thread, and not done", async () => {
    // On a busy machine five messages may take more than the usual second.
    testBot.pace.gather = 2_000;
    const [one, two] = [await testBot.thread(), await testBot.thread()];
    for (const text of ["first", "second", "third"]) await testBot.adapter.say(text, one, missed(20));
    await testBot.adapter.say("only", two, missed(20));
    await testBot.adapter.say("a mention in the channel", undefined, missed(60 * 24));
    await testBot.shows(
      one,
      "While the bot was away 3 messages came here, first: first. Nothing was done about them: send again what still matters.",
    );
    await testBot.shows(two, "While the bot was away this message came: only. Nothing was done about it");
    const outside = testBot.adapter.opened.at(-1)!;
    expect(outside.title).toBe("a mention in the channel");
    await testBot.shows(outside.thread, "this message came: a mention in the channel");
    expect(asked()).toEqual(["hello", "hello"]);
  });

  it("is named after a kill as well, when that had not been done yet", async () => {
    const thread = await testBot.thread();
    await testBot.adapter.say("old", thread, missed(20));
    await testBot.killAndStart();
    await testBot.shows(thread, "this message came: old");
    await testBot.adapter.say("new", thread);
    await testBot.shows(thread, "You said: new");
    expect(asked()).toEqual(["hello", "new"]);
  });

  it("is named once, also when days later the bot starts again", async () => {
    testBot.pace.gather = 100;
    const thread = await testBot.thread();
    await testBot.adapter.say("old", thread, missed(20));
    await testBot.shows(thread, "this message came: old");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * 24 * 3_600_000 });
    // The post is forgotten by now.
    await testBot.adapter.say("prune", thread);
    await testBot.shows(thread, "You said: prune");
    await testBot.killAndStart();
    await testBot.adapter.say("older", thread, missed(20));
    await testBot.shows(thread, "this message came: older");
    expect(testBot.adapter.texts(thread).filter((text) => text.includes("came: old."))).toHaveLength(1);
  });

  it("is handled after a kill when it was taken in time, however long the bot was away then", async () => {
    const thread = await testBot.thread();
    testBot.orchestrator.reply = async ({ text }) => (text === "busy" ? new Promise(() => {}) : `You said: ${text}`);
    await testBot.adapter.give({ type: "message", text: "busy", toBot: false }, { place: thread });
    await expect.poll(asked).toContain("busy");
    await testBot.adapter.give({ type: "message", text: "in time", toBot: false }, { place: thread, ...missed(14) });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    await testBot.killAndStart();
    await testBot.shows(thread, "You said: in time");
  });

  it("is no message of a stranger, nor one between others", async () => {
    const thread = await testBot.thread();
    await testBot.adapter.say("let me in", thread, { by: stranger, toBot: true, ...missed(20) });
    await testBot.adapter.emit(
      { type: "message", text: "chatter", toBot: false },
      { place: { ...thread, thread: "T99" }, ...missed(20) },
    );
    await testBot.adapter.say("mine", thread, missed(20));
    await testBot.shows(thread, "While the bot was away this message came: mine");
    expect(testBot.adapter.texts()).toEqual(["You said: hello", expect.stringContaining("this message came: mine")]);
    expect(asked()).toEqual(["hello"]);
  });

  it("is handled whatever the clock says when it comes in time", async () => {
    const thread = await testBot.thread();
    await testBot.adapter.say("the clock is wrong", thread, { at: ago(600) });
    await testBot.shows(thread, "You said: the clock is wrong");
    expect(testBot.adapter.texts(thread).join()).not.toContain("While the bot was away");
  });
});

describe("the time that the bot was away", () => {
  it("begins a minute before the last mark, and names the threads of shards first", async () => {
    expect(testBot.adapter.gaps).toEqual([undefined]);
    const shard = await testBot.shard();
    const talk = await testBot.thread();
    const newer = await testBot.thread();
    const before = Date.now();
    await testBot.bot.stop();
    await testBot.restart();
    const gap = testBot.adapter.gaps.at(-1)!;
    const since = Date.parse(gap.since) + 60_000;
    expect(since).toBeGreaterThanOrEqual(before);
    expect(since).toBeLessThanOrEqual(Date.now());
    expect(gap.threads).toEqual([shard, newer, talk]);
  });

  it("begins where it was last heard, also after a kill, and is looked at for three days at most", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    // Its clock is the test's from here on.
    await testBot.killAndStart();
    testBot.adapter.hears = false;
    const silent = Date.now();
    const tries = testBot.disk.tries;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(testBot.disk.tries).toBe(tries);
    await testBot.killAndStart();
    const [first, second] = [testBot.adapter.gaps.at(-1)!, silent - 60_000];
    expect(Date.parse(first.since)).toBeLessThanOrEqual(second);
    testBot.adapter.hears = true;
    await vi.advanceTimersByTimeAsync(100_000);
    const heard = Date.now();
    await expect.poll(() => testBot.disk.tries).toBeGreaterThan(0);
    vi.setSystemTime(heard + 3_600_000);
    await testBot.killAndStart();
    expect(heard - Date.parse(testBot.adapter.gaps.at(-1)!.since)).toBeLessThanOrEqual(60_000 + 20_000);
    vi.setSystemTime(heard + 30 * 24 * 3_600_000);
    await testBot.killAndStart();
    expect(Date.now() - Date.parse(testBot.adapter.gaps.at(-1)!.since)).toBe(3 * 24 * 3_600_000);
  });

  it("is not over when the machine has just woken: a dead connection is not known yet", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    await testBot.killAndStart();
    await vi.advanceTimersByTimeAsync(40_000);
    const asleep = Date.now();
    vi.setSystemTime(asleep + 3_600_000);
    await vi.advanceTimersByTimeAsync(40_000);
    await testBot.killAndStart();
    expect(Date.parse(testBot.adapter.gaps.at(-1)!.since)).toBeLessThanOrEqual(asleep - 60_000);
  });
});

describe("a prompt whose fate is unknown", () => {
  const unknown = { type: "receipt" as const, id: "receipt:demo:7", text: "say it again\nin two lines" };

  it("is shown with the screen, and sent again by a button, once", async () => {
    const thread = await testBot.shard();
    await testBot.host.deliver("demo", { ...unknown, receipt: { outcome: "stalled", screen: "> half a prom" } });
    await testBot.shows(
      thread,
      "was this prompt taken? It may have been typed or not, so it is not typed again: say it",
    );
    await testBot.shows(thread, "> half a prom");
    const { post } = testBot.adapter.in(thread).at(-1)!;
    expect(JSON.stringify(post)).not.toContain("say it again\\nin two lines");
    expect(await testBot.press(thread, "Resend", viewer)).toContain("You may not");
    const send = testBot.host.send.bind(testBot.host);
    testBot.host.send = async () => ({ outcome: "refused", reason: "A question is open." });
    expect(await testBot.press(thread, "Resend")).toBe("refused: A question is open.");
    testBot.host.send = send;
    const presses = await Promise.all([testBot.press(thread, "Resend"), testBot.press(thread, "Resend")]);
    expect(presses.toSorted()).toEqual(["This is being done already.", "submitted to demo"]);
    expect(await testBot.press(thread, "Resend")).toContain("too old");
    expect(testBot.host.sent).toMatchObject([{ name: "demo", text: unknown.text, by: "Ann" }]);
    await testBot.shows(thread, "it again\nin two lines");
  });

  it("is none when it was submitted after all", async () => {
    const thread = await testBot.shard();
    await testBot.host.deliver("demo", { ...unknown, receipt: { outcome: "submitted", turn: 7 } });
    await testBot.shows(thread, "submitted to demo: say it again");
    expect(testBot.adapter.texts(thread).join()).not.toContain("was this prompt taken");
  });
});
