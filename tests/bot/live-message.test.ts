import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeliveryError, type Post, type PostRef, type ThreadRef } from "../../src/adapters/adapter.ts";
import { LiveMessage, type LiveSource } from "../../src/bot/delivery/live-message.ts";
import { Pacer } from "../../src/bot/delivery/pacer.ts";
import { FakeAdapter, textOf } from "../fakes/fake-adapter.ts";

const thread: ThreadRef = { platform: "chat", space: "team", channel: "C1", thread: "T1" };
const minute = 60_000;

/** A text that is shown as it changes. */
class Text implements LiveSource {
  readonly id = "text";
  readonly thread = thread;
  readonly began = Date.now();
  text: string | undefined = "one";
  ref: PostRef | "coming" | undefined;
  ended = 0;
  renewal?: NonNullable<LiveSource["renewal"]>;

  look(): Post | undefined {
    return this.text === undefined ? undefined : { kind: "notice", text: this.text };
  }

  place(): PostRef | "coming" | undefined {
    return this.ref;
  }

  async post(post: Post): Promise<void> {
    this.ref = await adapter.post(thread, post, `key ${adapter.calls.length}`);
  }

  async over(): Promise<void> {
    this.ended += 1;
  }

  /** It comes again where its post is gone, or too old. */
  renewed(): this {
    this.renewal = {
      forget: () => (this.ref = undefined),
      closed: () => ({ kind: "notice", text: "closed" }),
    };
    return this;
  }
}

let adapter: FakeAdapter;
let source: Text;

const pass = async (ms: number) => vi.advanceTimersByTimeAsync(ms);
const shown = () => adapter.in(thread).map(({ post }) => textOf(post));
const live = (of = source) =>
  new LiveMessage(
    {
      adapters: new Map([["chat", adapter]]),
      pacers: new Map([["chat", new Pacer(1000)]]),
      redact: (text) => text.replaceAll("secret", "•••"),
    },
    of,
  );

beforeEach(() => {
  vi.useFakeTimers();
  adapter = new FakeAdapter({ limits: { editEvery: 1000, editFor: minute, text: 100 } });
  source = new Text();
});
afterEach(() => vi.useRealTimers());

/** A message that was posted. */
async function posted(): Promise<LiveMessage> {
  const message = live();
  message.update();
  await pass(1510);
  expect(shown()).toEqual(["one"]);
  return message;
}

function change(message: LiveMessage, text: string): void {
  source.text = text;
  message.update();
}

describe("a live message", () => {
  it("is posted once when it is worth one, and edited at the pace, in its newest look, redacted and cut", async () => {
    const message = live();
    message.update();
    await pass(1499);
    expect(shown()).toEqual([]);
    change(message, "the secret");
    await pass(10);
    expect(shown()).toEqual(["the •••"]);
    for (const text of ["two", "three", "x".repeat(200)]) change(message, text);
    await pass(980);
    expect(shown()).toEqual(["the •••"]);
    await pass(20);
    expect(shown()).toEqual([`${"x".repeat(99)}…`]);
    expect(adapter.in(thread)[0]).toMatchObject({ edits: 1 });
  });

  it("is posted at once where what it shows began long ago, and edited at once where it has a post", async () => {
    source = Object.assign(new Text(), { began: Date.now() - 5000 });
    live().update();
    await pass(0);
    expect(shown()).toEqual(["one"]);
    const next = Object.assign(new Text(), { ref: source.ref, text: "two" });
    live(next).update();
    await pass(0);
    expect(shown()).toEqual(["two"]);
  });

  it("is not shown anew while it looks the same, or like nothing", async () => {
    const message = await posted();
    change(message, "one");
    await pass(2000);
    source.text = undefined;
    message.update();
    await pass(2000);
    expect(adapter.calls).toHaveLength(1);
  });

  it("waits for a post that is on its way", async () => {
    source.ref = "coming";
    const message = live();
    message.update();
    await pass(2000);
    expect(adapter.calls).toEqual([]);
    source.ref = await adapter.post(thread, { kind: "notice", text: "come" }, "key");
    message.update();
    await pass(2000);
    expect(shown()).toEqual(["one"]);
  });

  it("that ends unseen is never posted", async () => {
    const message = live();
    message.update();
    await pass(1000);
    message.end();
    message.update();
    await pass(5000);
    expect(adapter.calls).toEqual([]);
    expect(source.ended).toBe(0);
  });

  it("shows its end, once, also when the first try fails, and nothing after it", async () => {
    const message = await posted();
    adapter.fail("edit", new DeliveryError("not-sent", "429", { retryAfter: 5000 }));
    source.text = "the end";
    message.end();
    message.end();
    await pass(4000);
    expect([shown(), source.ended]).toEqual([["one"], 0]);
    await pass(2500);
    expect([shown(), source.ended]).toEqual([["the end"], 1]);
    change(message, "more");
    await pass(5000);
    expect([shown(), source.ended]).toEqual([["the end"], 1]);
  });

  it("is shown no more once it is closed, which waits for the edit under way", async () => {
    const message = await posted();
    const edited = Promise.withResolvers<void>();
    const edit = vi.spyOn(adapter, "edit").mockReturnValue(edited.promise);
    change(message, "two");
    await pass(1000);
    change(message, "three");
    const closed = vi.fn();
    void message.close().then(closed);
    change(message, "four");
    await pass(5000);
    expect(closed).not.toHaveBeenCalled();
    edited.resolve();
    await pass(5000);
    expect(closed).toHaveBeenCalledOnce();
    expect(edit).toHaveBeenCalledOnce();
  });

  it("is over where the platform refuses it", async () => {
    const message = await posted();
    adapter.fail("edit", new DeliveryError("refused", "no edits"));
    change(message, "two");
    await pass(1000);
    const calls = adapter.calls.length;
    change(message, "three");
    await pass(5000);
    expect(adapter.calls).toHaveLength(calls);
  });

  it.each([
    ["is over", false, ["one"]],
    ["comes again, with its next look, where it is renewed", true, ["one", "three"]],
  ])("whose post somebody has deleted %s", async (_what, renewed, wanted) => {
    if (renewed) source.renewed();
    const message = await posted();
    adapter.fail("edit", new DeliveryError("gone", "deleted"));
    change(message, "two");
    await pass(1000);
    change(message, "three");
    await pass(1000);
    expect(shown()).toEqual(wanted);
  });

  it("goes on in a new post when its own is too old to be edited, where it is renewed", async () => {
    source.renewed();
    const message = await posted();
    await pass(minute + 1000);
    change(message, "two");
    await pass(1000);
    expect(shown()).toEqual(["closed", "two"]);
  });

  it("ends in the post that it has, however old that is", async () => {
    source.renewed();
    const message = await posted();
    await pass(minute + 1000);
    source.text = "the end";
    message.end();
    await pass(1000);
    expect(shown()).toEqual(["the end"]);
  });
});
