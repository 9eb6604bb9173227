import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeliveryError, type ThreadRef } from "../../src/adapters/adapter.ts";
import { TestBot } from "./test-bot.ts";

let testBot: TestBot;
let thread: ThreadRef;

const cards = (where = thread) => testBot.adapter.in(where).filter(({ post }) => post.kind === "card");
const shown = (where = thread) => testBot.adapter.texts(where).filter((text) => text.startsWith("["));

async function open(limits: { editEvery?: number; editFor?: number } = {}): Promise<void> {
  testBot = await new TestBot({ editEvery: 1000, ...limits }).open();
  thread = await testBot.shard();
  vi.useFakeTimers();
}

beforeEach(() => open());
afterEach(async () => {
  vi.useRealTimers();
  await testBot.dispose();
});

describe("a live card", () => {
  it("is posted when a turn takes its time, edited, and left with how it ended", async () => {
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(1499);
    expect(cards()).toEqual([]);
    await vi.advanceTimersByTimeAsync(11);
    expect(shown()).toEqual(["[demo working: at work] "]);
    expect(cards()[0]!.post).toMatchObject({ agent: "fake", buttons: [{ action: "stop", value: "demo" }] });
    testBot.host.output("demo", "reading files");
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown()).toEqual(["[demo working: at work] reading files"]);
    await vi.advanceTimersByTimeAsync(9490);
    testBot.host.finish("demo", "the answer");
    await vi.advanceTimersByTimeAsync(1000);
    expect(testBot.adapter.texts(thread).slice(1)).toEqual(["[demo idle: finished in 12 s] ", "the answer"]);
    expect(cards()[0]!.post).toMatchObject({ buttons: [], tail: "" });
  });

  it("is not posted for a short turn", async () => {
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(1000);
    testBot.host.finish("demo", "quick");
    await vi.advanceTimersByTimeAsync(5000);
    expect(testBot.adapter.texts(thread).slice(1)).toEqual(["quick"]);
  });

  it("is edited at the platform's pace, over all cards, and the newest state wins", async () => {
    vi.useRealTimers();
    const threads = [thread, await testBot.shard("two"), await testBot.shard("three")];
    vi.useFakeTimers();
    const names = ["demo", "two", "three"];
    for (const name of names) await testBot.command(`send ${name} hang`);
    await vi.advanceTimersByTimeAsync(1510);
    const start = testBot.adapter.calls.length;
    for (let n = 0; n < 100; n += 1) {
      for (const name of names) testBot.host.output(name, `line ${n}`);
      await vi.advanceTimersByTimeAsync(100);
    }
    const times = testBot.adapter.calls.slice(start).map(({ at }) => at);
    const gaps = times.slice(1).map((at, index) => at - times[index]!);
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(1000);
    expect(times.length).toBeGreaterThanOrEqual(9);
    await vi.advanceTimersByTimeAsync(3000);
    expect(threads.map((where) => shown(where))).toEqual(names.map((name) => [`[${name} working: at work] line 99`]));
  });

  it("is one card when it was left open whether it had been posted", async () => {
    testBot.adapter.fail("post", new DeliveryError("unknown", "502"), true);
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(10_000);
    testBot.host.output("demo", "goes on");
    await vi.advanceTimersByTimeAsync(2000);
    expect(shown()).toEqual(["[demo working: at work] goes on"]);
  });

  it("that was posted right before a kill is the one that goes on", async () => {
    await testBot.command("send demo hang");
    testBot.adapter.onPost = () => (testBot.disk.full = true);
    await vi.advanceTimersByTimeAsync(2000);
    expect(shown()).toHaveLength(1);
    await testBot.killAndStart(() => (testBot.adapter.onPost = undefined));
    testBot.host.output("demo", "goes on");
    await vi.advanceTimersByTimeAsync(4000);
    expect(shown()).toEqual(["[demo working: at work] goes on"]);
  });

  it("never makes an answer wait", async () => {
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(1510);
    testBot.adapter.fail("edit", new DeliveryError("not-sent", "429", { retryAfter: 30_000 }));
    testBot.host.output("demo", "an edit that is dropped");
    await vi.advanceTimersByTimeAsync(1000);
    testBot.host.finish("demo", "the answer");
    await vi.advanceTimersByTimeAsync(0);
    expect(testBot.adapter.texts(thread)).toContain("the answer");
    await vi.advanceTimersByTimeAsync(29_000);
    expect(shown()).toEqual(["[demo working: at work] "]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown()).toEqual(["[demo idle: finished in 3 s] "]);
    expect(cards()[0]!.edits).toBe(1);
  });

  it("says how the turn ended, also when the first try fails", async () => {
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(3000);
    testBot.adapter.fail("edit", new DeliveryError("not-sent", "429", { retryAfter: 5000 }));
    testBot.host.finish("demo", "the answer");
    await vi.advanceTimersByTimeAsync(4000);
    expect(shown()).toEqual(["[demo working: at work] "]);
    await vi.advanceTimersByTimeAsync(1500);
    expect(shown()).toEqual(["[demo idle: finished in 3 s] "]);
  });

  it("is replaced by a new one when it is too old to be edited", async () => {
    await testBot.dispose();
    vi.useRealTimers();
    await open({ editFor: 60_000 });
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(62_000);
    testBot.host.output("demo", "much later");
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown()).toEqual(["[demo working: goes on below] ", "[demo working: at work] much later"]);
  });

  it("comes again when somebody deleted it", async () => {
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(1510);
    testBot.adapter.fail("edit", new DeliveryError("gone", "deleted"));
    testBot.host.output("demo", "one");
    await vi.advanceTimersByTimeAsync(1000);
    testBot.host.output("demo", "two");
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown().at(-1)).toBe("[demo working: at work] two");
  });

  it("shows that the agent waits, and is the same card until the turn is over", async () => {
    await testBot.command("send demo ask");
    await vi.advanceTimersByTimeAsync(2000);
    expect(shown()).toEqual(["[demo waiting: asks for an approval] "]);
    await testBot.command("answer 1", thread);
    await vi.advanceTimersByTimeAsync(2000);
    expect(shown()).toEqual(["[demo idle: finished in 2 s] "]);
  });

  it("goes on after a restart, and one whose turn ended meanwhile says so", async () => {
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(1510);
    await testBot.killAndStart();
    testBot.host.output("demo", "still here");
    await vi.advanceTimersByTimeAsync(2000);
    expect(shown()).toEqual(["[demo working: at work] still here"]);
    await testBot.killAndStart(() => testBot.host.finish("demo", "over"));
    await vi.advanceTimersByTimeAsync(2000);
    expect(shown()).toEqual([expect.stringContaining("[demo idle: finished in")]);
    await testBot.killAndStart();
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(3000);
    expect(shown()).toHaveLength(2);
  });

  it("has a stop button that works", async () => {
    await testBot.command("send demo hang");
    await vi.advanceTimersByTimeAsync(1510);
    const { post } = cards()[0]!;
    const [button] = post.kind === "card" ? post.buttons : [];
    await testBot.adapter.emit({ type: "action", action: button!.action, value: button!.value }, { place: thread });
    await vi.advanceTimersByTimeAsync(1000);
    expect(shown()).toEqual(["[demo idle: finished in 2 s] "]);
  });
});
