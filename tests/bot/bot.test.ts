import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeliveryError } from "../../src/adapters/adapter.ts";
import { Bot } from "../../src/bot/bot.ts";
import { ShardbridgeError } from "../../src/errors.ts";
import { channel, FakeAdapter, textOf } from "../fakes/fake-adapter.ts";
import { access, operator, secret, TestBot } from "./test-bot.ts";

let testBot: TestBot;
beforeEach(async () => {
  testBot = await new TestBot().open();
});
afterEach(() => testBot.dispose());

describe("a message", () => {
  it("goes to the orchestrator, whose answer is in a thread that was opened from it", async () => {
    await testBot.adapter.say("what is up?");
    const { thread, title } = testBot.adapter.opened[0]!;
    expect(title).toBe("what is up?");
    await testBot.shows(thread, "You said: what is up?");
    expect(testBot.adapter.in(thread)[0]!.post).toEqual({ kind: "answer", markdown: "You said: what is up?" });
  });

  it("needs no mention in a known thread, and is none of ours elsewhere", async () => {
    const thread = await testBot.thread();
    await testBot.adapter.say("go on", thread);
    await testBot.shows(thread, "You said: go on");
    await testBot.adapter.say("people talking", { ...thread, thread: "T99" });
    await testBot.adapter.emit({ type: "message", text: "people talking", toBot: false });
    expect(testBot.orchestrator.asked.map(({ text }) => text)).toEqual(["hello", "go on"]);
  });

  it("is handled once, however often it comes", async () => {
    const thread = await testBot.thread();
    const say = () => testBot.adapter.say("once", thread, { id: "same" });
    await Promise.all([say(), say(), say()]);
    await say();
    await testBot.shows(thread, "You said: once");
    expect(testBot.orchestrator.asked).toHaveLength(2);
  });

  it("waits for the one before it in its thread, and for no other thread", async () => {
    const [one, two] = [await testBot.thread(), await testBot.thread()];
    const first = Promise.withResolvers<string>();
    testBot.orchestrator.reply = async ({ text }) => (text === "first" ? first.promise : `done ${text}`);
    const slow = testBot.adapter.say("first", one);
    const next = testBot.adapter.say("second", one);
    await testBot.adapter.say("other", two);
    await testBot.shows(two, "done other");
    expect(testBot.orchestrator.asked.map(({ text }) => text)).not.toContain("second");
    first.resolve("done first");
    await Promise.all([slow, next]);
    await testBot.shows(one, "done second");
    expect(testBot.adapter.texts(one).slice(-2)).toEqual(["done first", "done second"]);
  });

  it("is told each time that there is no orchestrator", async () => {
    testBot.withOrchestrator = false;
    await testBot.killAndStart();
    const thread = await testBot.thread();
    await testBot.adapter.say("still nobody?", thread);
    await testBot.adapter.say("!list", thread);
    await testBot.shows(thread, "No shards yet");
    expect(
      testBot.adapter
        .texts(thread)
        .join("\n")
        .match(/No orchestrator: set ANTHROPIC_API_KEY/g),
    ).toHaveLength(2);
  });

  it("shows the orchestrator's errors as sentences and bugs as ids", async () => {
    testBot.orchestrator.reply = async () => {
      throw new ShardbridgeError("unavailable", "The model is overloaded: try again.");
    };
    const thread = await testBot.thread();
    await testBot.shows(thread, "The model is overloaded: try again.");
    testBot.orchestrator.reply = async () => {
      throw new TypeError(`cannot read ${secret}`);
    };
    await testBot.adapter.say("again", thread);
    await expect
      .poll(() => testBot.adapter.texts(thread).at(-1))
      .toMatch(/^Something went wrong here \(bug [0-9a-f]{8}\); the log has more\.$/);
    const id = /bug (\w+)/.exec(testBot.adapter.texts(thread).at(-1)!)![1]!;
    expect(testBot.log.some((line) => line.includes(id) && line.includes("TypeError"))).toBe(true);
  });

  it("is stopped by the stop command and by the stop button of the platform", async () => {
    const thread = await testBot.thread();
    testBot.orchestrator.reply = ({ signal }) =>
      new Promise((_resolve, reject) => signal!.addEventListener("abort", () => reject(new Error("aborted"))));
    const asked = () => expect.poll(() => testBot.orchestrator.asked.at(-1)?.text);
    const one = testBot.adapter.say("long one", thread);
    await asked().toBe("long one");
    await testBot.adapter.say("!stop", thread);
    await one;
    const two = testBot.adapter.say("long two", thread);
    await asked().toBe("long two");
    await testBot.adapter.emit({ type: "stop" }, { place: thread });
    await two;
    await testBot.shows(thread, "Stopped.", 3);
  });
});

describe("spawn", () => {
  it("opens a thread of its own, and links it in the reply", async () => {
    const asking = await testBot.thread();
    const { post } = await testBot.adapter.emit(
      { type: "command", command: 'spawn demo --agent shell "say hi"' },
      { place: asking },
    );
    const { thread, title, place } = testBot.adapter.opened[1]!;
    expect(title).toBe("demo · say hi");
    expect(place).toEqual(channel);
    expect(post).toMatchObject({ kind: "notice", threads: [{ label: "demo", thread }] });
    expect(textOf(post!)).toBe("Started shard demo: shell in web, on branch shard/demo from main.");
    await testBot.shows(thread, "submitted to demo: say hi");
    await expect.poll(() => testBot.adapter.texts(thread).at(-1)).toBe("hi");
    expect(testBot.adapter.in(thread)[0]!.post).toMatchObject({ threads: [{ thread: asking }] });
  });

  it("by the orchestrator links the thread in the one that asked", async () => {
    testBot.orchestrator.reply = async ({ actions }) => {
      const [auth, api] = await Promise.all([
        actions.spawn({ name: "auth" }),
        actions.spawn({ name: "api-refactor", repo: "api" }),
      ]);
      return `Started ${"name" in auth && auth.name} and ${"name" in api && api.name}.`;
    };
    const asking = await testBot.thread();
    await testBot.shows(asking, "Started auth and api-refactor.");
    await testBot.shows(asking, "Started shard auth");
    await testBot.shows(asking, "Started shard api-refactor");
    const titles = testBot.adapter.opened.slice(1).map(({ title }) => title);
    expect(titles.sort()).toEqual(["api-refactor", "auth"]);
  });

  it("here binds the asking thread, which can have only one shard", async () => {
    const thread = await testBot.thread();
    await testBot.adapter.say("!spawn demo --here", thread);
    await testBot.shows(thread, "Started shard demo");
    expect(testBot.adapter.opened).toHaveLength(1);
    await testBot.adapter.say("!send say bound", thread);
    await testBot.shows(thread, "submitted to demo");
    await testBot.shows(thread, "bound");
    await testBot.adapter.say("!spawn other --here", thread);
    await testBot.shows(thread, "This thread belongs to shard demo");
    await testBot.adapter.say("how is it going?", thread);
    await expect
      .poll(() => testBot.orchestrator.asked.at(-1))
      .toMatchObject({ text: "how is it going?", shard: "demo" });
  });

  it("keeps the shard when its thread can't be opened", async () => {
    testBot.adapter.fail("openThread", new DeliveryError("refused", "the permission is missing"));
    expect(await testBot.command("spawn demo")).toContain(
      "Shard demo runs, but its thread could not be opened (the permission is missing)",
    );
    expect(await testBot.command("list")).toContain("demo");
  });

  it("says what is wrong", async () => {
    await testBot.shard();
    expect(await testBot.command("spawn demo")).toBe("There is a shard demo already.");
    expect(await testBot.command("spawn Demo!")).toContain("is no name for a shard");
    expect(await testBot.command("spawn other --repo nothing")).toContain("There is no repo nothing");
    expect(await testBot.command("sned demo x")).toContain("did you mean send");
    // What failed has left nothing: the name is free, and the first shard has its thread.
    expect(await testBot.command("spawn other")).toContain("Started shard other");
    expect(testBot.adapter.opened.map(({ title }) => title)).toEqual(["demo", "other"]);
  });

  it("from the command line has no thread, until it is attached to one", async () => {
    const actions = testBot.bot.actionsFor({ person: { id: "local", name: "me", roles: [] }, right: "admin" });
    expect(await actions.spawn({ name: "demo", prompt: "say unheard" })).toMatchObject({ createdBy: "me" });
    expect(testBot.adapter.opened).toEqual([]);
    const thread = await testBot.thread();
    expect(await testBot.command("attach demo", thread)).toContain("go straight to demo");
    await testBot.adapter.say("say heard", thread);
    await testBot.shows(thread, "heard");
  });
});

describe("a shard's thread", () => {
  it("has receipts, answers and screens", async () => {
    const thread = await testBot.shard();
    expect(await testBot.command("send demo hang", thread)).toBe("submitted to demo");
    expect(await testBot.command("send say next", thread)).toBe("🟡 queued as #1: demo is busy");
    testBot.host.finish("demo", "All **done**.");
    await testBot.shows(thread, "All **done**.");
    await testBot.shows(thread, "submitted to demo: say next");
    await expect.poll(() => testBot.adapter.texts(thread)).toContain("next");
    expect(await testBot.command("send ignore me", thread)).toBe(
      "stalled: typed into demo, which did not react\n> ignore me",
    );
    expect(await testBot.command("read 3", thread)).toContain("demo, idle\nAll **done**.\n> say next\nnext");
    await testBot.command("send exit 3", thread);
    await testBot.shows(thread, "The agent of demo crashed with exit code 3");
    await testBot.shows(thread, "last lines of demo");
    expect(await testBot.command("send more", thread)).toBe("refused: The agent has ended.");
  });

  it("says when an answer is empty, and shows terminal text as such", async () => {
    const thread = await testBot.shard();
    await testBot.command("send demo hang");
    testBot.host.finish("demo", "  ");
    await testBot.shows(thread, "demo has finished and said nothing.");
    await testBot.command("send demo hang");
    testBot.host.finish("demo", "$ ls", "terminal");
    await testBot.shows(thread, "$ ls");
    expect(testBot.adapter.in(thread).at(-1)!.post).toEqual({ kind: "terminal", text: "$ ls", title: "demo" });
  });

  it("has no secret in it", async () => {
    const thread = await testBot.shard();
    await testBot.command(`send demo say the token is ${secret}.`);
    await testBot.shows(thread, "the token is [redacted].");
    expect(await testBot.command("read demo")).not.toContain(secret);
    const actions = testBot.bot.actionsFor({ person: operator, right: "operator" });
    expect(JSON.stringify(await actions.read({ name: "demo" }))).not.toContain(secret);
    expect(JSON.stringify(testBot.adapter.shown)).not.toContain(secret);
  });

  it("attached, sends what is said straight to the agent", async () => {
    const thread = await testBot.shard();
    expect(await testBot.command("attach", thread)).toContain("straight to demo");
    await testBot.adapter.say("say straight", thread);
    await testBot.shows(thread, "straight", 1);
    expect(testBot.host.sent.at(-1)).toEqual({ name: "demo", text: "say straight", by: "Ann" });
    expect(testBot.adapter.texts(thread).join("\n")).not.toContain("submitted");
    await testBot.adapter.say("hang", thread);
    await testBot.adapter.say("say later", thread);
    await testBot.shows(thread, "🟡 queued as #");
    testBot.host.finish("demo", "over");
    expect(testBot.orchestrator.asked).toEqual([]);
    expect(await testBot.command("detach", thread)).toBe("Detached from demo.");
    await testBot.adapter.say("who is there?", thread);
    await testBot.shows(thread, "You said: who is there?");
  });

  it("of another shard can't be attached to", async () => {
    const thread = await testBot.shard();
    await testBot.shard("other");
    expect(await testBot.command("attach other", thread)).toContain("This is the thread of shard demo");
    expect(await testBot.command("attach nothing", thread)).toContain('There is no shard "nothing".');
    expect(await testBot.command("attach nothing")).toBe("There is no shard nothing. There are demo, other.");
    expect(await testBot.command("detach", thread)).toBe("No shard is attached to this thread.");
  });
});

describe("a question", () => {
  it("is answered by a button, once, and its post says so", async () => {
    const thread = await testBot.shard();
    await testBot.command("send demo ask rm -rf build");
    await testBot.shows(thread, "Do you want to proceed?\nrm -rf build");
    const { post } = testBot.adapter.in(thread).at(-1)!;
    const [yes, no] = post.kind === "question" ? post.buttons : [];
    const press = (button: typeof yes) =>
      testBot.adapter.emit(
        { type: "action", action: button!.action, value: button!.value },
        { place: thread, by: operator },
      );
    expect(await press(yes)).toEqual({});
    await testBot.shows(thread, "You chose Yes");
    await testBot.shows(thread, "Do you want to proceed?\nrm -rf build\nYes · Oda · ");
    expect(testBot.adapter.shown.find((shown) => shown.post.kind === "question")!.post).toMatchObject({ buttons: [] });
    expect(await press(no)).toMatchObject({
      post: { tone: "error", text: expect.stringContaining("already answered") },
    });
  });

  it("is answered by a command, by number or by words", async () => {
    const thread = await testBot.shard();
    await testBot.command("send demo ask");
    expect(await testBot.command("send demo more")).toContain("refused: A question is open.");
    expect(await testBot.command("answer demo maybe")).toBe("That is none of the options. They are 1 (Yes), 2 (No).");
    expect(await testBot.command("answer no", thread)).toBe("Answered demo.");
    await testBot.shows(thread, "You chose No");
    expect(await testBot.command("answer 1", thread)).toBe("Shard demo asks nothing now.");
  });

  it("with a long id has a short code for a value", async () => {
    const thread = await testBot.shard();
    const question = {
      id: "q".repeat(120),
      kind: "question" as const,
      text: "Which?",
      detail: "",
      options: [{ key: "1", label: "One" }],
    };
    await testBot.host.deliver("demo", { type: "question", id: "long", question });
    await testBot.shows(thread, "Which?");
    const { post } = testBot.adapter.in(thread).at(-1)!;
    const [button] = post.kind === "question" ? post.buttons : [];
    expect(`${button!.action}${button!.value}`.length).toBeLessThanOrEqual(95);
    // The fake host has no such question open: what matters is that the code is understood.
    const reply = await testBot.adapter.emit({ type: "action", action: "answer", value: button!.value });
    expect(textOf(reply.post!)).toContain("already answered");
    const wrong = await testBot.adapter.emit({ type: "action", action: "answer", value: "~unknown" });
    expect(textOf(wrong.post!)).toContain("too old");
  });
});

describe("destroy", () => {
  it("tells of unsaved work, and loses it for an admin only", async () => {
    const thread = await testBot.shard();
    testBot.host.unsaved.add("demo");
    const { post } = await testBot.adapter.emit(
      { type: "command", command: "destroy" },
      { place: thread, by: operator },
    );
    expect(post).toMatchObject({
      tone: "error",
      buttons: [{ label: "Destroy and lose it", action: "destroy-force", value: "demo" }],
    });
    const press = { type: "action", action: "destroy-force", value: "demo" } as const;
    const refused = await testBot.adapter.emit(press, { place: thread, by: operator });
    expect(textOf(refused.post!)).toContain("admin right");
    expect(await testBot.host.list()).toHaveLength(1);
    const done = await testBot.adapter.emit(press, { place: thread });
    expect(textOf(done.post!)).toContain("Destroyed demo");
    expect(await testBot.host.list()).toEqual([]);
  });

  it("lets go of the threads, and the name can be used again", async () => {
    const first = await testBot.shard();
    await testBot.command("send demo hang");
    testBot.host.finish("demo", "before");
    await testBot.shows(first, "before");
    expect(await testBot.command("destroy", first)).toContain("Destroyed demo");
    await testBot.command("spawn demo");
    const second = testBot.adapter.opened.at(-1)!.thread;
    expect(second).not.toEqual(first);
    await testBot.command("send demo say after");
    await testBot.shows(second, "after");
    expect(testBot.adapter.texts(first)).not.toContain("after");
    await testBot.adapter.say("anybody?", first);
    await testBot.shows(first, "You said: anybody?");
    expect(testBot.orchestrator.asked.at(-1)!.shard).toBeUndefined();
  });
});

describe("a start", () => {
  it("collects what is wrong with every platform", async () => {
    const [one, two] = [new FakeAdapter({ platform: "one" }), new FakeAdapter({ platform: "two" })];
    one.startError = new ShardbridgeError("config", "The token of one is wrong.");
    two.startError = new ShardbridgeError("config", "The token of two is wrong.");
    const platforms = [one, two, new FakeAdapter({ platform: "three" })].map((adapter) => ({ adapter, access }));
    const bot = new Bot({
      platforms,
      host: testBot.host,
      orchestrator: undefined,
      store: testBot.store,
      redact: (text) => text,
    });
    const failure = await bot.start().catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(ShardbridgeError);
    expect(failure).toMatchObject({
      code: "config",
      message: "The token of one is wrong.\nThe token of two is wrong.",
    });
    await bot.stop();
  });

  it("is followed by a stop that waits for what is under way and takes nothing more", async () => {
    const thread = await testBot.thread();
    const answer = Promise.withResolvers<string>();
    testBot.orchestrator.reply = async () => answer.promise;
    const said = testBot.adapter.say("the last one", thread);
    await expect.poll(() => testBot.orchestrator.asked.at(-1)?.text).toBe("the last one");
    const stopped = testBot.bot.stop();
    await expect(testBot.adapter.say("too late", thread)).rejects.toThrow("The bot is stopping");
    answer.resolve("the last answer");
    await Promise.all([said, stopped]);
    expect(testBot.adapter.texts(thread).at(-1)).toBe("the last answer");
  });

  it("after a stop refuses nothing that was said before, and takes nothing more", async () => {
    const thread = await testBot.thread();
    const said = testBot.adapter.say("just before", thread);
    await testBot.bot.stop();
    await said;
    await expect(testBot.adapter.say("too late", thread)).rejects.toThrow("nobody listens");
    await testBot.store.close();
    await testBot.open();
    await testBot.shows(thread, "You said: just before");
  });
});
