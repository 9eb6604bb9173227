import { setImmediate } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { ChatEvent, OnEvent, ThreadRef } from "../../src/adapters/adapter.ts";
import type { SlackAdapter } from "../../src/adapters/slack/adapter.ts";
import { CatchUp } from "../../src/adapters/slack/catch-up.ts";
import { InOrder } from "../../src/adapters/slack/in-order.ts";
import { NotSavedError } from "../../src/errors.ts";
import { configureLog } from "../../src/log.ts";
import { SlackFront } from "../fakes/slack-front.ts";
import { EventLog } from "./contract.ts";
import { adapterFor } from "./slack-fixture.ts";

let front: SlackFront;
let adapter: SlackAdapter;
let log: EventLog;
let warned: string[];

beforeEach(async () => {
  warned = [];
  configureLog({ write: (line) => warned.push((JSON.parse(line) as { message: string }).message) });
  front = await SlackFront.start();
  adapter = adapterFor(front, {}, { outage: 0 });
  log = new EventLog();
});
afterEach(async () => {
  vi.useRealTimers();
  await adapter.stop();
  await front.stop();
  configureLog({ write: () => undefined });
});

const texts = (events: ChatEvent[] = log.events) => events.map((event) => event.type === "message" && event.text);
const said = (text: string) => (event: ChatEvent) => event.type === "message" && event.text === text;
const threadAt = (ts: string): ThreadRef => ({
  platform: "slack",
  space: front.team,
  channel: front.channel,
  thread: ts,
});
/** From now on, after all that was written before: the timestamps of the double tell seconds apart, and no less. */
async function nextSecond(): Promise<string> {
  const next = Math.floor(Date.now() / 1_000 + 1) * 1_000;
  // A timer may be a millisecond early.
  while (Date.now() < next) await new Promise((resolve) => setTimeout(resolve, next - Date.now()));
  return new Date(next).toISOString();
}
const settled = () => expect.poll(() => adapter.hears).toBe(true);

describe("messages of a thread", () => {
  it("are given in the order in which they were written", async () => {
    adapter = adapterFor(front, {}, { hold: 1_000 });
    await adapter.start(log.take);
    const root = await front.write("root");
    const [one, two, three] = [
      await front.write("one", root.ts),
      await front.write("two", root.ts),
      await front.write("three", root.ts),
    ];
    await Promise.all([front.event(two), front.event(three), front.event(one)]);
    expect(texts()).toEqual(["one", "two", "three"]);
  });

  it("wait for each other, and for no other thread; a failure of one is not that of the next", async () => {
    const order = new InOrder(0);
    const first = Promise.withResolvers<string>();
    const done: string[] = [];
    const note = (name: string) => () => void done.push(name);
    const slow = order.run("a", "1", () => first.promise).then(note("slow"), note("failed"));
    const next = order.run("a", "2", async () => "next").then(note("next"));
    await order.run("b", "1", async () => "other").then(note("other"));
    expect(done).toEqual(["other"]);
    first.reject(new Error("no"));
    await Promise.all([slow, next]);
    expect(done).toEqual(["other", "failed", "next"]);
  });
});

describe("after an absence of the bot", () => {
  it("what was said is given, marked as missed, with the ids of events; and before what is said now", async () => {
    const [root, unknown] = [await front.write("from before"), await front.write("of other people")];
    await front.write("old", root.ts);
    const since = await nextSecond();
    const inThread = await front.write("in the thread", root.ts);
    const mention = await front.write("<@BOT> in the channel");
    await front.write("<@BOT> in an old thread", unknown.ts);
    const reply = await front.write("in a new thread", mention.ts);
    const history = Promise.withResolvers<undefined>();
    const end = front.fault(async ({ method }) => (method === "conversations.history" ? history.promise : undefined));
    await adapter.start(log.take, { since, threads: [threadAt(root.ts)] });
    expect(adapter.hears).toBe(false);
    const now = front.event(await front.write("now", root.ts));
    end();
    history.resolve(undefined);
    await now;
    await settled();
    expect(texts().at(-1)).toBe("now");
    expect(new Set(texts())).toEqual(
      new Set(["in the channel", "in the thread", "in an old thread", "in a new thread", "now"]),
    );
    const found = log.events.find(said("in the thread"));
    expect(found).toMatchObject({
      id: `message/${front.channel}/${inThread.ts}`,
      missed: true,
      place: threadAt(root.ts),
      toBot: false,
      by: { id: front.person, name: expect.any(String) as string },
    });
    expect(found?.by.outsider).toBeUndefined();
    expect(log.events.find(said("in the channel"))).toMatchObject({ toBot: true, place: { message: mention.ts } });
    expect(log.events.find(said("in a new thread"))?.id).toBe(`message/${front.channel}/${reply.ts}`);
    expect(log.events.at(-1)?.missed).toBeUndefined();
  });

  it("history is read when Slack has room for that, and what may not be read is named in the log", async () => {
    const root = await front.write("from before");
    const since = await nextSecond();
    await front.write("missed", root.ts);
    front.faultOnce("conversations.history", { status: 429, headers: { "retry-after": "2" } });
    const gone = threadAt("1700000000.000100");
    front.fault(({ method, args }) =>
      method === "conversations.replies" && args["ts"] === gone.thread
        ? { json: { ok: false, error: "thread_not_found" } }
        : undefined,
    );
    await adapter.start(log.take, { since, threads: [gone, threadAt(root.ts)] });
    await log.next(said("missed"));
    await settled();
    const calls = front.calls.map(({ method }) => method).filter((method) => method.startsWith("conversations."));
    expect(calls.slice(0, 2)).toEqual(["conversations.history", "conversations.history"]);
    expect(warned).toContain("what was said during an absence of the bot may not be read");
  });

  it("a long one is read whole, and goes on with the page that failed", async () => {
    const person = { type: "message", user: front.person, team: front.team };
    const all = Array.from({ length: 1_250 }, (_, n) => ({
      ...person,
      ts: `${1_700_000_000 + n}.000100`,
      text: `<@${front.bot}> m${n}`,
    })).toReversed();
    front.fault(({ method, args }) => {
      if (method !== "conversations.history") return undefined;
      const [start, length] = [Number(args["cursor"] ?? 0), Number(args["limit"])];
      const more = start + length < all.length && { response_metadata: { next_cursor: String(start + length) } };
      return { json: { ok: true, messages: all.slice(start, start + length), ...more } };
    });
    front.fault(({ method, args }) =>
      method === "conversations.history" && args["cursor"] === "800" && front.callsOf(method).length === 5
        ? { status: 429, headers: { "retry-after": "1" } }
        : undefined,
    );
    await adapter.start(log.take, { since: "2023-11-14T22:13:20.000Z", threads: [] });
    await log.next(said("m1249"));
    expect(texts()).toEqual(all.map((_, n) => `m${n}`));
    const cursors = front.callsOf("conversations.history").map(({ args }) => args["cursor"]);
    expect(cursors).toEqual([undefined, "200", "400", "600", "800", "800", "1000", "1200"]);
  });

  it("only the threads that are likely to be talked in hold up what is said now", async () => {
    const threads = Array.from({ length: 60 }, (_, n) => threadAt(`${1_700_000_000 + n}.000100`));
    const read: string[] = [];
    const [first, late] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const catchUp = new CatchUp({
      channels: [front.channel],
      read: async ({ thread = "" }) => {
        read.push(thread);
        if (read.length === 1) await first.promise;
        if (read.length === 42) await late.promise;
        return {};
      },
      give: async () => undefined,
    });
    const free = async () => {
      let is = false;
      void catchUp.before().then(() => (is = true));
      await setImmediate();
      return is;
    };
    catchUp.expect(threads);
    const all = catchUp.read(0);
    expect(await free()).toBe(false);
    first.resolve();
    await expect.poll(() => read).toHaveLength(42);
    expect(await free()).toBe(true);
    expect(catchUp.behind).toBe(true);
    late.resolve();
    await all;
    expect(read).toEqual(["", ...threads.map(({ thread }) => thread)]);
  });

  it("all threads are read, the likeliest first", async () => {
    front.fault(({ method }) =>
      method === "conversations.replies" ? { json: { ok: true, messages: [] } } : undefined,
    );
    const threads = Array.from({ length: 60 }, (_, n) => threadAt(`17000000${String(n + 10)}.000100`));
    const elsewhere = { ...threadAt("1600000000.000100"), channel: "C0ELSEWHERE" };
    await adapter.start(log.take, {
      since: "2023-11-14T22:13:20.000Z",
      threads: [elsewhere, ...threads],
    });
    await settled();
    const read = front.callsOf("conversations.replies").map(({ args }) => args["ts"]);
    expect(read).toEqual(threads.map(({ thread }) => thread));
  });

  it("what can't be saved then is no reason to stop", async () => {
    const since = await nextSecond();
    await front.write("<@BOT> one");
    await front.write("<@BOT> two");
    const onEvent: OnEvent = async (event) => {
      if (said("one")(event)) throw new NotSavedError("database or disk is full");
      return log.take(event);
    };
    await adapter.start(onEvent, { since, threads: [] });
    await log.next(said("two"));
    await settled();
    expect(warned).toContain("a message that was missed could not be taken");
  });
});

describe("after an outage", () => {
  it("what was said meanwhile is read, also in threads that the bot has posted in", async () => {
    await adapter.start(log.take);
    const root = await front.write("root");
    await adapter.post(threadAt(root.ts), { kind: "notice", text: "hello" }, "k");
    const end = front.fault(({ method }) => (method === "apps.connections.open" ? { status: 503 } : undefined));
    for (const socket of front.connections) socket.terminate();
    await expect.poll(() => adapter.hears).toBe(false);
    await front.write("meanwhile", root.ts);
    await front.write("<@BOT> and here");
    end();
    expect(await log.next(said("meanwhile"))).toMatchObject({ missed: true });
    await log.next(said("and here"));
    await settled();
    await vi.waitFor(async () => {
      await front.event(await front.write("again", root.ts));
      expect(texts()).toContain("again");
    });
  });

  it("that was short nothing is read: Slack delivers that", async () => {
    adapter = adapterFor(front);
    await adapter.start(log.take);
    for (const socket of front.connections) socket.terminate();
    await vi.waitFor(() => expect(front.opened).toBe(2));
    await settled();
    expect(front.callsOf("conversations.history")).toEqual([]);
  });

  it("that began when the machine fell asleep is as long as that, though nobody noticed before it woke", async () => {
    adapter = adapterFor(front);
    await adapter.start(log.take);
    await front.write("<@BOT> while it slept");
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 600_000 });
    for (const socket of front.connections) socket.terminate();
    expect(await log.next(said("while it slept"))).toMatchObject({ missed: true });
    await settled();
  });
});
