import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { stranger, Stage, viewer } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await new Stage().open();
});
afterEach(async () => {
  vi.useRealTimers();
  await stage.dispose();
});

const ago = (minutes: number) => new Date(Date.now() - minutes * 60_000).toISOString();
const missed = (minutes: number) => ({ at: ago(minutes), missed: true });
const asked = () => stage.orchestrator.asked.map(({ text }) => text);

describe("what was said while the bot was away", () => {
  it("is handled when it was some minutes ago, once", async () => {
    const thread = await stage.thread();
    await stage.adapter.say("just missed", thread, { id: "m1", ...missed(14) });
    await stage.shows(thread, "You said: just missed");
    await stage.adapter.say("just missed", thread, { id: "m1" });
    expect(asked()).toEqual(["hello", "just missed"]);
  });

  it("is named when it is old, in one post for each thread, and not done", async () => {
    const [one, two] = [await stage.thread(), await stage.thread()];
    for (const text of ["first", "second", "third"]) await stage.adapter.say(text, one, missed(20));
    await stage.adapter.say("only", two, missed(20));
    await stage.adapter.say("a mention in the channel", undefined, missed(60 * 24));
    await stage.shows(
      one,
      "While the bot was away 3 messages came here, first: first. Nothing was done about them: send again what still matters.",
    );
    await stage.shows(two, "While the bot was away this message came: only. Nothing was done about it");
    const outside = stage.adapter.opened.at(-1)!;
    expect(outside.title).toBe("a mention in the channel");
    await stage.shows(outside.thread, "this message came: a mention in the channel");
    expect(asked()).toEqual(["hello", "hello"]);
  });

  it("is named after a kill as well, when that had not been done yet", async () => {
    const thread = await stage.thread();
    await stage.adapter.say("old", thread, missed(20));
    await stage.killAndStart();
    await stage.shows(thread, "this message came: old");
    await stage.adapter.say("new", thread);
    await stage.shows(thread, "You said: new");
    expect(asked()).toEqual(["hello", "new"]);
  });

  it("is named once, also when days later the bot starts again", async () => {
    const thread = await stage.thread();
    await stage.adapter.say("old", thread, missed(20));
    await stage.shows(thread, "this message came: old");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 2 * 24 * 3_600_000 });
    // The post is forgotten by now.
    await stage.adapter.say("prune", thread);
    await stage.shows(thread, "You said: prune");
    await stage.killAndStart();
    await stage.adapter.say("older", thread, missed(20));
    await stage.shows(thread, "this message came: older");
    expect(stage.adapter.texts(thread).filter((text) => text.includes("came: old."))).toHaveLength(1);
  });

  it("is handled after a kill when it was taken in time, however long the bot was away then", async () => {
    const thread = await stage.thread();
    stage.orchestrator.reply = async ({ text }) => (text === "busy" ? new Promise(() => {}) : `You said: ${text}`);
    await stage.adapter.give({ type: "message", text: "busy", toBot: false }, { place: thread });
    await expect.poll(asked).toContain("busy");
    await stage.adapter.give({ type: "message", text: "in time", toBot: false }, { place: thread, ...missed(14) });
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 3_600_000 });
    await stage.killAndStart();
    await stage.shows(thread, "You said: in time");
  });

  it("is no message of a stranger, nor one between others", async () => {
    const thread = await stage.thread();
    await stage.adapter.say("let me in", thread, { by: stranger, toBot: true, ...missed(20) });
    await stage.adapter.emit(
      { type: "message", text: "chatter", toBot: false },
      { place: { ...thread, thread: "T99" }, ...missed(20) },
    );
    await stage.adapter.say("mine", thread, missed(20));
    await stage.shows(thread, "While the bot was away this message came: mine");
    expect(stage.adapter.texts()).toEqual(["You said: hello", expect.stringContaining("this message came: mine")]);
    expect(asked()).toEqual(["hello"]);
  });

  it("is handled whatever the clock says when it comes in time", async () => {
    const thread = await stage.thread();
    await stage.adapter.say("the clock is wrong", thread, { at: ago(600) });
    await stage.shows(thread, "You said: the clock is wrong");
    expect(stage.adapter.texts(thread).join()).not.toContain("While the bot was away");
  });
});

describe("the time that the bot was away", () => {
  it("begins a minute before the last mark, and names the threads of shards first", async () => {
    expect(stage.adapter.gaps).toEqual([undefined]);
    const shard = await stage.shard();
    const talk = await stage.thread();
    const newer = await stage.thread();
    const before = Date.now();
    await stage.bot.stop();
    await stage.restart();
    const gap = stage.adapter.gaps.at(-1)!;
    const since = Date.parse(gap.since) + 60_000;
    expect(since).toBeGreaterThanOrEqual(before);
    expect(since).toBeLessThanOrEqual(Date.now());
    expect(gap.threads).toEqual([shard, newer, talk]);
  });

  it("begins where it was last heard, also after a kill, and is looked at for three days at most", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    // Its clock is the test's from here on.
    await stage.killAndStart();
    stage.adapter.hears = false;
    const silent = Date.now();
    const tries = stage.disk.tries;
    await vi.advanceTimersByTimeAsync(100_000);
    expect(stage.disk.tries).toBe(tries);
    await stage.killAndStart();
    const [first, second] = [stage.adapter.gaps.at(-1)!, silent - 60_000];
    expect(Date.parse(first.since)).toBeLessThanOrEqual(second);
    stage.adapter.hears = true;
    await vi.advanceTimersByTimeAsync(100_000);
    const heard = Date.now();
    await expect.poll(() => stage.disk.tries).toBeGreaterThan(0);
    vi.setSystemTime(heard + 3_600_000);
    await stage.killAndStart();
    expect(heard - Date.parse(stage.adapter.gaps.at(-1)!.since)).toBeLessThanOrEqual(60_000 + 20_000);
    vi.setSystemTime(heard + 30 * 24 * 3_600_000);
    await stage.killAndStart();
    expect(Date.now() - Date.parse(stage.adapter.gaps.at(-1)!.since)).toBe(3 * 24 * 3_600_000);
  });

  it("is not over when the machine has just woken: a dead connection is not known yet", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "Date"] });
    await stage.killAndStart();
    await vi.advanceTimersByTimeAsync(40_000);
    const asleep = Date.now();
    vi.setSystemTime(asleep + 3_600_000);
    await vi.advanceTimersByTimeAsync(40_000);
    await stage.killAndStart();
    expect(Date.parse(stage.adapter.gaps.at(-1)!.since)).toBeLessThanOrEqual(asleep - 60_000);
  });
});

describe("a prompt whose fate is unknown", () => {
  const unknown = { type: "receipt" as const, id: "receipt:demo:7", text: "say it again\nin two lines" };

  it("is shown with the screen, and sent again by a button, once", async () => {
    const thread = await stage.shard();
    await stage.host.deliver("demo", { ...unknown, receipt: { outcome: "stalled", screen: "> half a prom" } });
    await stage.shows(thread, "was this prompt taken? It may have been typed or not, so it is not typed again: say it");
    await stage.shows(thread, "> half a prom");
    const { post } = stage.adapter.in(thread).at(-1)!;
    expect(JSON.stringify(post)).not.toContain("say it again\\nin two lines");
    expect(await stage.press(thread, "Resend", viewer)).toContain("You may not");
    const send = stage.host.send.bind(stage.host);
    stage.host.send = async () => ({ outcome: "refused", reason: "A question is open." });
    expect(await stage.press(thread, "Resend")).toBe("refused: A question is open.");
    stage.host.send = send;
    const presses = await Promise.all([stage.press(thread, "Resend"), stage.press(thread, "Resend")]);
    expect(presses.toSorted()).toEqual(["This is being done already.", "submitted to demo"]);
    expect(await stage.press(thread, "Resend")).toContain("too old");
    expect(stage.host.sent).toMatchObject([{ name: "demo", text: unknown.text, by: "Ann" }]);
    await stage.shows(thread, "it again\nin two lines");
  });

  it("is none when it was submitted after all", async () => {
    const thread = await stage.shard();
    await stage.host.deliver("demo", { ...unknown, receipt: { outcome: "submitted", turn: 7 } });
    await stage.shows(thread, "submitted to demo: say it again");
    expect(stage.adapter.texts(thread).join()).not.toContain("was this prompt taken");
  });
});
