import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeliveryError, type ThreadRef } from "../../src/adapters/adapter.ts";
import type { Ask } from "../../src/orchestrator/orchestrator.ts";
import { textOf } from "../fakes/fake-adapter.ts";
import { secret, TestBot } from "./test-bot.ts";

let testBot: TestBot;
let thread: ThreadRef;
/** What the model does to the turn under way. */
let turn: { ask: Ask; end: (text: string) => void };

const posts = (where = thread) => testBot.adapter.in(where).slice(1);
const texts = (where = thread) => posts(where).map(({ post }) => textOf(post));
const show = (text: string, calls: string[] = []) => turn.ask.progress?.({ text, calls });
const pass = async (ms: number) => vi.advanceTimersByTimeAsync(ms);

/** Somebody says something, and the model begins to answer it. */
async function ask(where = thread): Promise<typeof turn> {
  const begun = Promise.withResolvers<typeof turn>();
  testBot.orchestrator.reply = (given) => new Promise((end) => begun.resolve({ ask: given, end }));
  void testBot.adapter.say("please", where);
  turn = await begun.promise;
  return turn;
}

beforeEach(async () => {
  testBot = await new TestBot({ editEvery: 1000 }).open();
  thread = await testBot.thread();
  vi.useFakeTimers();
});
afterEach(async () => {
  vi.useRealTimers();
  await testBot.dispose();
});

describe("an answer", () => {
  it("appears as it is written, at the platform's pace, newest first, and is whole in the end, in the same post", async () => {
    await ask();
    show("One");
    await pass(1400);
    expect(posts()).toEqual([]);
    show("One two thr");
    await pass(200);
    expect(texts()).toEqual(["One two …"]);
    const before = testBot.adapter.calls.length;
    for (let word = 0; word < 100; word += 1) {
      show(`One two three ${Array.from({ length: word }, (_, at) => at).join(" ")} and`);
      await pass(100);
    }
    const times = testBot.adapter.calls.slice(before).map(({ at }) => at);
    expect(Math.min(...times.slice(1).map((at, index) => at - times[index]!))).toBeGreaterThanOrEqual(1000);
    expect(times.length).toBeGreaterThanOrEqual(9);
    await pass(1000);
    expect(texts()).toEqual([expect.stringMatching(/^One two three 0 1 .* 98 …$/)]);
    turn.end("The whole answer.");
    await pass(0);
    expect(texts()).toEqual(["The whole answer."]);
  });

  it("is posted once, whole, when it comes soon", async () => {
    await ask();
    show("Soon");
    await pass(1000);
    turn.end("Soon there.");
    await pass(5000);
    expect(posts().map(({ post, edits }) => [textOf(post), edits])).toEqual([["Soon there.", 0]]);
  });

  it("shows what its tools do, a line each", async () => {
    await ask();
    show("", ["asked auth: add tests · submitted"]);
    await pass(1600);
    expect(posts().map(({ post }) => post)).toEqual([
      { kind: "answer", markdown: "", calls: ["asked auth: add tests · submitted"], live: true },
    ]);
    turn.end("Done.");
  });

  it("that is too long for one post comes below what was shown of it, once", async () => {
    await ask();
    show("One two");
    await pass(1600);
    expect(texts()).toEqual(["One …"]);
    const paragraphs = Array.from({ length: 3 }, (_, at) => `${at} ${"word ".repeat(200)}`.trim());
    turn.end(paragraphs.join("\n\n"));
    await pass(0);
    expect(texts()[0]).toBe("*(The answer is below.)*");
    const words = (parts: string[]) => parts.join(" ").split(/\s+/);
    expect(words(texts().slice(1))).toEqual(words(paragraphs));
  });

  it("does not show the half of a secret", async () => {
    await ask();
    show("The token is very-secret-tok");
    await pass(1600);
    expect(texts()).toEqual(["The token is …"]);
    turn.end("It is long.");
  });

  it("waits for no edit: a 429 holds up live messages for as long as it says, and the answer not at all", async () => {
    const other = await vi.waitFor(() => testBot.thread());
    const first = await ask();
    show("One two");
    await pass(1600);
    const second = await ask(other);
    show("Three four");
    await pass(2600);
    testBot.adapter.fail("edit", new DeliveryError("not-sent", "429", { retryAfter: 30_000 }));
    first.ask.progress?.({ text: "One two three four", calls: [] });
    await pass(1000);
    second.ask.progress?.({ text: "Three four five six", calls: [] });
    first.end("All of it.");
    await pass(100);
    expect(texts()).toEqual(["All of it."]);
    await pass(28_000);
    expect(texts(other)).toEqual(["Three …"]);
    await pass(2000);
    expect(texts(other)).toEqual(["Three four five …"]);
    second.end("That too.");
    await pass(0);
    expect(texts(other)).toEqual(["That too."]);
    // The edit that was held up is not made over the whole answer.
    await pass(30_000);
    expect(texts()).toEqual(["All of it."]);
  });

  it("comes also where the platform does not let it be edited, or somebody has deleted what there was", async () => {
    await ask();
    show("One two");
    await pass(1600);
    testBot.adapter.fail("edit", new DeliveryError("refused", "no edits"));
    show("One two three");
    await pass(1000);
    const edits = testBot.adapter.calls.filter(({ operation }) => operation === "edit").length;
    show("One two three four");
    await pass(3000);
    expect(testBot.adapter.calls.filter(({ operation }) => operation === "edit")).toHaveLength(edits);
    testBot.adapter.fail("edit", new DeliveryError("gone", "deleted"));
    turn.end("All of it.");
    await pass(0);
    expect(texts()).toEqual(["One …", "All of it."]);
  });
});

describe("a kill", () => {
  it("in the middle of an answer leaves one post, which the answer takes when the turn goes on", async () => {
    await ask();
    show("One two");
    await pass(1600);
    testBot.orchestrator.left.add(turn.ask.id);
    await testBot.killAndStart(() => {
      testBot.orchestrator.reply = async () => "All of it.";
    });
    await pass(1000);
    expect(texts()).toEqual(["All of it."]);
  });

  it("between the answer and its post loses and repeats nothing", async () => {
    await ask();
    show("One two");
    await pass(1600);
    testBot.adapter.outage = new DeliveryError("not-sent", "down");
    turn.end("All of it.");
    await pass(100);
    expect(texts()).toEqual(["One …"]);
    await testBot.killAndStart(() => {
      testBot.adapter.outage = undefined;
    });
    await pass(1000);
    expect(texts()).toEqual(["All of it."]);
    await testBot.killAndStart();
    await pass(1000);
    expect(texts()).toEqual(["All of it."]);
  });
});

describe("a secret in an answer that is being written", () => {
  const phrase = secret;
  it("is not shown by half, over a line end either", async () => {
    await ask();
    for (let length = 1; length <= phrase.length; length += 1) {
      const broken = `${phrase.slice(0, 9)}\n${phrase.slice(9)}`.slice(0, length + 1);
      show(`It is ${length > 9 ? broken : phrase.slice(0, length)}`);
      await pass(1600);
      expect(texts().join("")).not.toMatch(/ver|token/);
    }
    show(`It is ${phrase.slice(0, 9)}\n${phrase.slice(9)} and more to come`);
    await pass(1600);
    expect(texts()).toEqual(["It is [redacted] and more to …"]);
    turn.end("Done.");
    await pass(0);
  });
});
