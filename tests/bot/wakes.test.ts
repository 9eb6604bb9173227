import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ShardbridgeError } from "../../src/errors.ts";
import type { WakeEvent } from "../../src/orchestrator/orchestrator.ts";
import { ann } from "../fakes/fake-adapter.ts";
import { access, operator } from "./test-bot.ts";
import { TestTurns, whats } from "./test-turns.ts";

let testBot: TestTurns;
beforeEach(async () => {
  testBot = await new TestTurns().open();
});
afterEach(() => testBot.dispose());

describe("a shard that the orchestrator has started", () => {
  it("wakes it with its answer, in the thread that asked, for the person who asked, told of what people know", async () => {
    const thread = await testBot.withShard();
    testBot.orchestrator.react = async () => "`auth` is done.";
    testBot.host.finish("auth", "All tests pass.");
    const { events, by, shard, thread: key } = await testBot.woken(1);
    expect(events).toEqual([
      {
        id: expect.any(String) as string,
        at: expect.any(String) as string,
        what: "shard auth has finished turn 1",
        told: "elsewhere",
        output: { shard: "auth", part: "answer", text: "All tests pass." },
      },
    ]);
    expect([by, shard, key]).toEqual([{ id: ann.id, name: "Ann" }, undefined, "chat:team:C1:" + thread.thread]);
    await testBot.shows(thread, "`auth` is done.");
  });

  it("wakes it in vain where there is nothing to say: nothing is posted", async () => {
    const thread = await testBot.withShard();
    const posts = testBot.adapter.in(thread).length;
    testBot.host.finish("auth", "Fine.");
    await testBot.woken(1);
    testBot.orchestrator.react = async () => "Look at it.";
    await testBot.nothingElse(1);
    await testBot.shows(thread, "Look at it.");
    expect(testBot.adapter.in(thread)).toHaveLength(posts + 1);
  });

  it("shows what its tools did, also when it says nothing", async () => {
    const thread = await testBot.withShard();
    testBot.orchestrator.react = async () => ({ text: "", calls: ["asked api: rebase · submitted"] });
    testBot.host.finish("auth", "Fine.");
    await expect
      .poll(() => testBot.adapter.in(thread).at(-1)?.post)
      .toEqual({ kind: "answer", markdown: "", calls: ["asked api: rebase · submitted"] });
  });

  it.each<[string, string, () => unknown, Partial<WakeEvent>]>([
    ["asks", "ask rm -r build", () => {}, { what: "shard auth waits for an approval" }],
    ["crashes", "crash", () => {}, { what: "shard auth has ended: its agent has crashed (code 1)" }],
    [
      "can't be read",
      "puzzle What now?",
      () => {},
      { what: expect.stringContaining("a person has to look") as string },
    ],
    [
      "is lost",
      "hang",
      () =>
        testBot.host.deliver("auth", {
          type: "state",
          was: "working",
          status: { state: "lost", since: "2026-12-24T08:00:00Z", why: "gone" },
        }),
      { what: "shard auth is lost: its holder is gone" },
    ],
  ])("wakes it when it %s", async (_name, prompt, then, expected) => {
    await testBot.withShard("auth", prompt);
    await then();
    const { events } = await testBot.woken(1);
    expect(events[0]).toMatchObject({ ...expected, told: "elsewhere" });
  });

  it("wakes it once for what comes together, and once for each event however often it comes", async () => {
    testBot.wakes = { window: 200 };
    await testBot.killAndStart();
    await testBot.asked(async (actions) => {
      for (const name of ["auth", "api", "docs"]) await actions.spawn({ name, prompt: "hang" });
    });
    const answer = { type: "answer" as const, turn: 1, text: "x", form: "markdown" as const, truncated: false };
    for (let times = 0; times < 3; times += 1)
      await testBot.host.deliver("auth", { ...answer, id: "the same", by: "Ann (orchestrator)" });
    testBot.host.finish("api", "a");
    testBot.host.finish("docs", "b");
    const { events } = await testBot.woken(1);
    expect(new Set(events.map(({ output }) => output?.shard))).toEqual(new Set(["api", "auth", "docs"]));
    expect(events).toHaveLength(3);
    await testBot.killAndStart(() => void 0);
    await testBot.host.deliver("auth", { ...answer, id: "the same", by: "Ann (orchestrator)" });
    testBot.host.finish("auth", "later");
    const next = await testBot.woken(2);
    expect(next.events.map(({ output }) => output?.text)).toEqual(["later"]);
    expect(testBot.orchestrator.woken).toHaveLength(2);
  });

  it("does not wake it while a person drives it", async () => {
    await testBot.withShard();
    testBot.host.finish("auth", "for the orchestrator");
    await testBot.woken(1);
    await testBot.command("send auth say for a person");
    await testBot.host.deliver("auth", {
      type: "question",
      id: "q",
      by: "Ann",
      question: { id: "x", kind: "approval", text: "May I?", detail: "", options: [] },
    });
    await testBot.shows(testBot.adapter.opened.at(-1)!.thread, "for a person");
    await testBot.nothingElse(1);
    expect(testBot.orchestrator.woken).toHaveLength(2);
  });

  it("wakes nobody when a person has started it, until the orchestrator prompts it", async () => {
    const thread = await testBot.shard("demo");
    await testBot.command("send demo say first");
    await testBot.asked(async (actions) => actions.send({ name: "demo", text: "say second" }), ann, thread);
    const { events, thread: key } = await testBot.woken(1);
    expect(events.map(({ output }) => output?.text)).toEqual(["second"]);
    expect(key).toContain(thread.thread);
    await testBot.nothingElse(1, "demo");
  });
});

describe("rights", () => {
  it("are those of the person at the time of the wake: whoever was taken off the lists has none", async () => {
    const thread = await testBot.asked(async (actions) => actions.spawn({ name: "auth", prompt: "hang" }), operator);
    await testBot.asked(
      async (actions) =>
        actions.waitFor({ conditions: [{ shard: "auth", until: "done" }], instruction: "Tell api to rebase." }),
      operator,
      thread,
    );
    access.operators.splice(access.operators.indexOf(operator.id), 1);
    try {
      testBot.host.finish("auth", "Fine.");
      await testBot.shows(thread, "Not done, because Oda has no right to it any more: Tell api to rebase.");
      expect(testBot.orchestrator.woken).toEqual([]);
    } finally {
      access.operators.push(operator.id);
    }
  });

  it("are an operator's for what an operator has set off", async () => {
    await testBot.asked(async (actions) => actions.spawn({ name: "auth", prompt: "hang" }), operator);
    let refused: unknown;
    testBot.orchestrator.react = async ({ actions }) => {
      refused = await actions.spawn({ name: "wild", mode: "all" }).catch((error: unknown) => error);
      return "";
    };
    testBot.host.finish("auth", "Fine.");
    expect((await testBot.woken(1)).by).toEqual({ id: operator.id, name: "Oda" });
    await vi.waitFor(() => expect(refused).toMatchObject({ code: "not_allowed" }));
  });
});

describe("a restart", () => {
  it("goes on with the turn that it was in, and forgets no event", async () => {
    const thread = await testBot.withShard();
    testBot.orchestrator.react = () => new Promise<never>(() => {});
    testBot.host.finish("auth", "Fine.");
    const first = await testBot.woken(1);
    await testBot.killAndStart(() => {
      testBot.orchestrator.react = async () => "Here I am again.";
    });
    const again = await testBot.woken(2);
    expect(again.id).toBe(first.id);
    expect(again.events).toEqual(first.events);
    await testBot.shows(thread, "Here I am again.");
    await testBot.nothingElse(2);
  });

  it("goes on with a person's message too, rather than say that it was cut off", async () => {
    const thread = await testBot.thread();
    testBot.orchestrator.reply = () => new Promise<never>(() => {});
    void testBot.adapter.say("do it", thread);
    await vi.waitFor(() => expect(testBot.orchestrator.asked).toHaveLength(2));
    await testBot.killAndStart(() => {
      testBot.orchestrator.left.add(testBot.orchestrator.asked[1]!.id);
      testBot.orchestrator.reply = async () => "Done after all.";
    });
    await testBot.shows(thread, "Done after all.");
    expect(testBot.orchestrator.asked[2]?.id).toBe(testBot.orchestrator.asked[1]?.id);
    expect(testBot.adapter.texts(thread).join()).not.toContain("was restarted");
  });

  it("loses nothing that waited for its turn", async () => {
    testBot.wakes = { window: 60_000 };
    await testBot.killAndStart();
    await testBot.withShard();
    testBot.host.finish("auth", "Fine.");
    await testBot.host.deliver("auth", { type: "output", tail: "", status: (await testBot.host.list())[0]!.status });
    await testBot.killAndStart(() => {
      testBot.wakes = { window: 10 };
    });
    expect(whats(await testBot.woken(1))).toEqual(["shard auth has finished turn 1"]);
  });
});

describe("limits", () => {
  /** The orchestrator prompts the shard whenever it hears of it. */
  const pingPong = () => {
    testBot.orchestrator.react = async ({ actions }) => {
      await actions.send({ name: "auth", text: "say pong" });
      return "";
    };
  };

  it("hold shards that keep each other busy, until a person lets it go on", async () => {
    pingPong();
    const thread = await testBot.thread();
    await testBot.command("policy allow", thread);
    await testBot.asked(async (actions) => actions.spawn({ name: "auth", prompt: "say ping" }), ann, thread);
    await testBot.shows(thread, "eight times in a row with nobody asking");
    expect(testBot.orchestrator.woken).toHaveLength(8);
    await testBot.killAndStart();
    testBot.orchestrator.react = async () => "Enough.";
    await testBot.adapter.say("are you there?", thread);
    expect(testBot.orchestrator.woken).toHaveLength(8);
    expect(await testBot.command("tasks", thread)).toContain("The orchestrator is held here");
    await testBot.pressUnder("eight times in a row", "Go on");
    expect(whats(await testBot.woken(9))).toEqual(["shard auth has finished turn 9"]);
    await testBot.shows(thread, "Enough.");
  });

  it("open the breaker at nine turns within a minute; it survives a restart and tells once", async () => {
    const thread = await testBot.withShard();
    const deliver = (id: number) =>
      testBot.host.deliver("auth", { type: "attention", id: `a${id}`, why: "odd", screen: "?" });
    for (let id = 1; id <= 9; id += 1) {
      await deliver(id);
      await testBot.woken(id);
    }
    await testBot.shows(thread, "acted nine times within a minute");
    await deliver(10);
    await testBot.killAndStart();
    await deliver(11);
    await testBot.killAndStart();
    expect(testBot.orchestrator.woken).toHaveLength(9);
    await testBot.shows(thread, "acted nine times within a minute", 1);
    expect(await testBot.command("tasks go-on", thread, operator)).toBe("It goes on.");
    expect((await testBot.woken(10)).events.map(({ id }) => id)).toEqual(["a10", "a11"]);
  });

  it("wake a thread so often in an hour and no more; what happens then is kept", async () => {
    testBot.wakes = { window: 10, perHour: 2 };
    await testBot.killAndStart();
    const thread = await testBot.withShard();
    const deliver = (id: number) =>
      testBot.host.deliver("auth", { type: "attention", id: `a${id}`, why: "odd", screen: "?" });
    for (const id of [1, 2]) {
      await deliver(id);
      await testBot.woken(id);
    }
    await deliver(3);
    await testBot.shows(thread, "as often as it may within an hour");
    await deliver(4);
    await testBot.killAndStart();
    expect(testBot.orchestrator.woken).toHaveLength(2);
    await testBot.pressUnder("as often as it may", "Go on");
    expect((await testBot.woken(3)).events.map(({ id }) => id)).toEqual(["a3", "a4"]);
    await testBot.shows(thread, "as often as it may within an hour", 1);
  });

  it("of zero let events wake nobody", async () => {
    testBot.wakes = { window: 10, perHour: 0 };
    await testBot.killAndStart();
    const thread = await testBot.withShard();
    await testBot.asked(
      async (actions) => actions.waitFor({ conditions: [{ shard: "auth", until: "done" }], instruction: "Report." }),
      ann,
      thread,
    );
    await testBot.host.deliver("auth", { type: "attention", id: "a", why: "odd", screen: "?" });
    testBot.host.finish("auth", "Fine.");
    expect((await testBot.woken(1)).events.map(({ instruction }) => instruction)).toEqual(["Report."]);
  });
});

describe("a wake that fails", () => {
  it("for want of the model is told once and tried again", async () => {
    const thread = await testBot.withShard();
    testBot.orchestrator.react = async () => Promise.reject(new ShardbridgeError("unavailable", "It is overloaded."));
    testBot.host.finish("auth", "Fine.");
    await testBot.shows(thread, "could not be woken: It is overloaded.");
    testBot.orchestrator.react = async () => "Now.";
    await testBot.killAndStart();
    await testBot.shows(thread, "Now.");
    await testBot.shows(thread, "could not be woken", 1);
    expect(testBot.orchestrator.woken[1]?.id).toBe(testBot.orchestrator.woken[0]?.id);
  });

  it("for want of budget waits for an admin's button", async () => {
    const thread = await testBot.withShard();
    testBot.orchestrator.over = { of: "thread", thread: "a very long key ".repeat(8) };
    testBot.host.finish("auth", "Fine.");
    await testBot.shows(thread, "The budget is used up.");
    expect(await testBot.pressUnder("The budget is used up.", "Go on", operator)).toContain("may not");
    testBot.orchestrator.react = async () => "Going on.";
    await testBot.pressUnder("The budget is used up.", "Go on");
    await testBot.shows(thread, "Going on.");
  });

  it("for another reason says so, once", async () => {
    const thread = await testBot.withShard();
    testBot.orchestrator.react = async () => Promise.reject(new TypeError("oops"));
    testBot.host.finish("auth", "Fine.");
    await testBot.shows(thread, "Something went wrong when the orchestrator was woken (bug ");
    testBot.orchestrator.react = async () => "";
    await testBot.nothingElse(1);
    expect(testBot.orchestrator.woken).toHaveLength(2);
  });

  it("is stopped by a person like any turn", async () => {
    const thread = await testBot.withShard();
    testBot.orchestrator.react = ({ signal }) =>
      new Promise((_resolve, reject) => signal!.addEventListener("abort", () => reject(new Error("aborted"))));
    testBot.host.finish("auth", "Fine.");
    await testBot.woken(1);
    await testBot.adapter.say("!stop", thread);
    await testBot.shows(thread, "Stopped.", 2);
    testBot.orchestrator.react = async () => "";
    await testBot.nothingElse(1);
    expect(testBot.orchestrator.woken).toHaveLength(2);
  });
});
