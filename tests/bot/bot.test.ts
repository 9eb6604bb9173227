import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DeliveryError } from "../../src/adapters/adapter.ts";
import { Bot } from "../../src/bot/bot.ts";
import { ShardbridgeError } from "../../src/errors.ts";
import { channel, FakeAdapter, textOf } from "../fakes/fake-adapter.ts";
import { access, operator, secret, Stage } from "./stage.ts";

let stage: Stage;
beforeEach(async () => {
  stage = await new Stage().open();
});
afterEach(() => stage.dispose());

describe("a message", () => {
  it("goes to the orchestrator, whose answer is in a thread that was opened from it", async () => {
    await stage.adapter.say("what is up?");
    const { thread, title } = stage.adapter.opened[0]!;
    expect(title).toBe("what is up?");
    await stage.shows(thread, "You said: what is up?");
    expect(stage.adapter.in(thread)[0]!.post).toEqual({ kind: "answer", markdown: "You said: what is up?" });
  });

  it("needs no mention in a known thread, and is none of ours elsewhere", async () => {
    const thread = await stage.thread();
    await stage.adapter.say("go on", thread);
    await stage.shows(thread, "You said: go on");
    await stage.adapter.say("people talking", { ...thread, thread: "T99" });
    await stage.adapter.emit({ type: "message", text: "people talking", toBot: false });
    expect(stage.orchestrator.asked.map(({ text }) => text)).toEqual(["hello", "go on"]);
  });

  it("is handled once, however often it comes", async () => {
    const thread = await stage.thread();
    const say = () => stage.adapter.say("once", thread, { id: "same" });
    await Promise.all([say(), say(), say()]);
    await say();
    await stage.shows(thread, "You said: once");
    expect(stage.orchestrator.asked).toHaveLength(2);
  });

  it("waits for the one before it in its thread, and for no other thread", async () => {
    const [one, two] = [await stage.thread(), await stage.thread()];
    const first = Promise.withResolvers<string>();
    stage.orchestrator.reply = async ({ text }) => (text === "first" ? first.promise : `done ${text}`);
    const slow = stage.adapter.say("first", one);
    const next = stage.adapter.say("second", one);
    await stage.adapter.say("other", two);
    await stage.shows(two, "done other");
    expect(stage.orchestrator.asked.map(({ text }) => text)).not.toContain("second");
    first.resolve("done first");
    await Promise.all([slow, next]);
    await stage.shows(one, "done second");
    expect(stage.adapter.texts(one).slice(-2)).toEqual(["done first", "done second"]);
  });

  it("is told each time that there is no orchestrator", async () => {
    stage.withOrchestrator = false;
    await stage.killAndStart();
    const thread = await stage.thread();
    await stage.adapter.say("still nobody?", thread);
    await stage.adapter.say("!list", thread);
    await stage.shows(thread, "No shards yet");
    expect(
      stage.adapter
        .texts(thread)
        .join("\n")
        .match(/No orchestrator: set ANTHROPIC_API_KEY/g),
    ).toHaveLength(2);
  });

  it("shows the orchestrator's errors as sentences and bugs as ids", async () => {
    stage.orchestrator.reply = async () => {
      throw new ShardbridgeError("unavailable", "The model is overloaded: try again.");
    };
    const thread = await stage.thread();
    await stage.shows(thread, "The model is overloaded: try again.");
    stage.orchestrator.reply = async () => {
      throw new TypeError(`cannot read ${secret}`);
    };
    await stage.adapter.say("again", thread);
    await expect
      .poll(() => stage.adapter.texts(thread).at(-1))
      .toMatch(/^Something went wrong here \(bug [0-9a-f]{8}\); the log has more\.$/);
    const id = /bug (\w+)/.exec(stage.adapter.texts(thread).at(-1)!)![1]!;
    expect(stage.log.some((line) => line.includes(id) && line.includes("TypeError"))).toBe(true);
  });

  it("is stopped by the stop command and by the stop button of the platform", async () => {
    const thread = await stage.thread();
    stage.orchestrator.reply = ({ signal }) =>
      new Promise((_resolve, reject) => signal!.addEventListener("abort", () => reject(new Error("aborted"))));
    const asked = () => expect.poll(() => stage.orchestrator.asked.at(-1)?.text);
    const one = stage.adapter.say("long one", thread);
    await asked().toBe("long one");
    await stage.adapter.say("!stop", thread);
    await one;
    const two = stage.adapter.say("long two", thread);
    await asked().toBe("long two");
    await stage.adapter.emit({ type: "stop" }, { place: thread });
    await two;
    await stage.shows(thread, "Stopped.", 3);
  });
});

describe("spawn", () => {
  it("opens a thread of its own, and links it in the reply", async () => {
    const asking = await stage.thread();
    const { post } = await stage.adapter.emit(
      { type: "command", command: 'spawn demo --agent shell "say hi"' },
      { place: asking },
    );
    const { thread, title, place } = stage.adapter.opened[1]!;
    expect(title).toBe("demo · say hi");
    expect(place).toEqual(channel);
    expect(post).toMatchObject({ kind: "notice", threads: [{ label: "demo", thread }] });
    expect(textOf(post!)).toBe("Started shard demo: shell in web, on branch shard/demo from main.");
    await stage.shows(thread, "submitted to demo: say hi");
    await expect.poll(() => stage.adapter.texts(thread).at(-1)).toBe("hi");
    expect(stage.adapter.in(thread)[0]!.post).toMatchObject({ threads: [{ thread: asking }] });
  });

  it("by the orchestrator links the thread in the one that asked", async () => {
    stage.orchestrator.reply = async ({ actions }) => {
      const [auth, api] = await Promise.all([
        actions.spawn({ name: "auth" }),
        actions.spawn({ name: "api-refactor", repo: "api" }),
      ]);
      return `Started ${auth.name} and ${api.name}.`;
    };
    const asking = await stage.thread();
    await stage.shows(asking, "Started auth and api-refactor.");
    await stage.shows(asking, "Started shard auth");
    await stage.shows(asking, "Started shard api-refactor");
    const titles = stage.adapter.opened.slice(1).map(({ title }) => title);
    expect(titles.sort()).toEqual(["api-refactor", "auth"]);
  });

  it("here binds the asking thread, which can have only one shard", async () => {
    const thread = await stage.thread();
    await stage.adapter.say("!spawn demo --here", thread);
    await stage.shows(thread, "Started shard demo");
    expect(stage.adapter.opened).toHaveLength(1);
    await stage.adapter.say("!send say bound", thread);
    await stage.shows(thread, "submitted to demo");
    await stage.shows(thread, "bound");
    await stage.adapter.say("!spawn other --here", thread);
    await stage.shows(thread, "This thread belongs to shard demo");
    await stage.adapter.say("how is it going?", thread);
    await expect.poll(() => stage.orchestrator.asked.at(-1)).toMatchObject({ text: "how is it going?", shard: "demo" });
  });

  it("keeps the shard when its thread can't be opened", async () => {
    stage.adapter.fail("openThread", new DeliveryError("refused", "the permission is missing"));
    expect(await stage.command("spawn demo")).toContain(
      "Shard demo runs, but its thread could not be opened (the permission is missing)",
    );
    expect(await stage.command("list")).toContain("demo");
  });

  it("says what is wrong", async () => {
    await stage.shard();
    expect(await stage.command("spawn demo")).toBe("There is a shard demo already.");
    expect(await stage.command("spawn Demo!")).toContain("is no name for a shard");
    expect(await stage.command("spawn other --repo nothing")).toContain("There is no repo nothing");
    expect(await stage.command("sned demo x")).toContain("did you mean send");
    // What failed has left nothing: the name is free, and the first shard has its thread.
    expect(await stage.command("spawn other")).toContain("Started shard other");
    expect(stage.adapter.opened.map(({ title }) => title)).toEqual(["demo", "other"]);
  });

  it("from the command line has no thread, until it is attached to one", async () => {
    const actions = stage.bot.actionsFor({ person: { id: "local", name: "me", roles: [] }, right: "admin" });
    expect(await actions.spawn({ name: "demo", prompt: "say unheard" })).toMatchObject({ createdBy: "me" });
    expect(stage.adapter.opened).toEqual([]);
    const thread = await stage.thread();
    expect(await stage.command("attach demo", thread)).toContain("go straight to demo");
    await stage.adapter.say("say heard", thread);
    await stage.shows(thread, "heard");
  });
});

describe("a shard's thread", () => {
  it("has receipts, answers and screens", async () => {
    const thread = await stage.shard();
    expect(await stage.command("send demo hang", thread)).toBe("submitted to demo");
    expect(await stage.command("send say next", thread)).toBe("🟡 queued as #1: demo is busy");
    stage.host.finish("demo", "All **done**.");
    await stage.shows(thread, "All **done**.");
    await stage.shows(thread, "submitted to demo: say next");
    await expect.poll(() => stage.adapter.texts(thread)).toContain("next");
    expect(await stage.command("send ignore me", thread)).toBe(
      "stalled: typed into demo, which did not react\n> ignore me",
    );
    expect(await stage.command("read 3", thread)).toContain("demo, idle\nAll **done**.\n> say next\nnext");
    await stage.command("send exit 3", thread);
    await stage.shows(thread, "The agent of demo crashed with exit code 3");
    await stage.shows(thread, "last lines of demo");
    expect(await stage.command("send more", thread)).toBe("refused: The agent has ended.");
  });

  it("says when an answer is empty, and shows terminal text as such", async () => {
    const thread = await stage.shard();
    await stage.command("send demo hang");
    stage.host.finish("demo", "  ");
    await stage.shows(thread, "demo has finished and said nothing.");
    await stage.command("send demo hang");
    stage.host.finish("demo", "$ ls", "terminal");
    await stage.shows(thread, "$ ls");
    expect(stage.adapter.in(thread).at(-1)!.post).toEqual({ kind: "terminal", text: "$ ls", title: "demo" });
  });

  it("has no secret in it", async () => {
    const thread = await stage.shard();
    await stage.command(`send demo say the token is ${secret}.`);
    await stage.shows(thread, "the token is [redacted].");
    expect(await stage.command("read demo")).not.toContain(secret);
    const actions = stage.bot.actionsFor({ person: operator, right: "operator" });
    expect(JSON.stringify(await actions.read({ name: "demo" }))).not.toContain(secret);
    expect(JSON.stringify(stage.adapter.shown)).not.toContain(secret);
  });

  it("attached, sends what is said straight to the agent", async () => {
    const thread = await stage.shard();
    expect(await stage.command("attach", thread)).toContain("straight to demo");
    await stage.adapter.say("say straight", thread);
    await stage.shows(thread, "straight", 1);
    expect(stage.host.sent.at(-1)).toEqual({ name: "demo", text: "say straight", by: "Ann" });
    expect(stage.adapter.texts(thread).join("\n")).not.toContain("submitted");
    await stage.adapter.say("hang", thread);
    await stage.adapter.say("say later", thread);
    await stage.shows(thread, "🟡 queued as #");
    stage.host.finish("demo", "over");
    expect(stage.orchestrator.asked).toEqual([]);
    expect(await stage.command("detach", thread)).toBe("Detached from demo.");
    await stage.adapter.say("who is there?", thread);
    await stage.shows(thread, "You said: who is there?");
  });

  it("of another shard can't be attached to", async () => {
    const thread = await stage.shard();
    await stage.shard("other");
    expect(await stage.command("attach other", thread)).toContain("This is the thread of shard demo");
    expect(await stage.command("attach nothing", thread)).toContain('There is no shard "nothing".');
    expect(await stage.command("attach nothing")).toBe("There is no shard nothing. There are demo, other.");
    expect(await stage.command("detach", thread)).toBe("No shard is attached to this thread.");
  });
});

describe("a question", () => {
  it("is answered by a button, once, and its post says so", async () => {
    const thread = await stage.shard();
    await stage.command("send demo ask rm -rf build");
    await stage.shows(thread, "Do you want to proceed?\nrm -rf build");
    const { post } = stage.adapter.in(thread).at(-1)!;
    const [yes, no] = post.kind === "question" ? post.buttons : [];
    const press = (button: typeof yes) =>
      stage.adapter.emit(
        { type: "action", action: button!.action, value: button!.value },
        { place: thread, by: operator },
      );
    expect(await press(yes)).toEqual({});
    await stage.shows(thread, "You chose Yes");
    await stage.shows(thread, "Do you want to proceed?\nrm -rf build\nYes · Oda · ");
    expect(stage.adapter.shown.find((shown) => shown.post.kind === "question")!.post).toMatchObject({ buttons: [] });
    expect(await press(no)).toMatchObject({
      post: { tone: "error", text: expect.stringContaining("already answered") },
    });
  });

  it("is answered by a command, by number or by words", async () => {
    const thread = await stage.shard();
    await stage.command("send demo ask");
    expect(await stage.command("send demo more")).toContain("refused: A question is open.");
    expect(await stage.command("answer demo maybe")).toBe("That is none of the options. They are 1 (Yes), 2 (No).");
    expect(await stage.command("answer no", thread)).toBe("Answered demo.");
    await stage.shows(thread, "You chose No");
    expect(await stage.command("answer 1", thread)).toBe("Shard demo asks nothing now.");
  });

  it("with a long id has a short code for a value", async () => {
    const thread = await stage.shard();
    const question = {
      id: "q".repeat(120),
      kind: "question" as const,
      text: "Which?",
      detail: "",
      options: [{ key: "1", label: "One" }],
    };
    await stage.host.deliver("demo", { type: "question", id: "long", question });
    await stage.shows(thread, "Which?");
    const { post } = stage.adapter.in(thread).at(-1)!;
    const [button] = post.kind === "question" ? post.buttons : [];
    expect(`${button!.action}${button!.value}`.length).toBeLessThanOrEqual(95);
    // The fake host has no such question open: what matters is that the code is understood.
    const reply = await stage.adapter.emit({ type: "action", action: "answer", value: button!.value });
    expect(textOf(reply.post!)).toContain("already answered");
    const wrong = await stage.adapter.emit({ type: "action", action: "answer", value: "~unknown" });
    expect(textOf(wrong.post!)).toContain("too old");
  });
});

describe("destroy", () => {
  it("tells of unsaved work, and loses it for an admin only", async () => {
    const thread = await stage.shard();
    stage.host.unsaved.add("demo");
    const { post } = await stage.adapter.emit({ type: "command", command: "destroy" }, { place: thread, by: operator });
    expect(post).toMatchObject({
      tone: "error",
      buttons: [{ label: "Destroy and lose it", action: "destroy-force", value: "demo" }],
    });
    const press = { type: "action", action: "destroy-force", value: "demo" } as const;
    const refused = await stage.adapter.emit(press, { place: thread, by: operator });
    expect(textOf(refused.post!)).toContain("admin right");
    expect(await stage.host.list()).toHaveLength(1);
    const done = await stage.adapter.emit(press, { place: thread });
    expect(textOf(done.post!)).toContain("Destroyed demo");
    expect(await stage.host.list()).toEqual([]);
  });

  it("lets go of the threads, and the name can be used again", async () => {
    const first = await stage.shard();
    await stage.command("send demo hang");
    stage.host.finish("demo", "before");
    await stage.shows(first, "before");
    expect(await stage.command("destroy", first)).toContain("Destroyed demo");
    await stage.command("spawn demo");
    const second = stage.adapter.opened.at(-1)!.thread;
    expect(second).not.toEqual(first);
    await stage.command("send demo say after");
    await stage.shows(second, "after");
    expect(stage.adapter.texts(first)).not.toContain("after");
    await stage.adapter.say("anybody?", first);
    await stage.shows(first, "You said: anybody?");
    expect(stage.orchestrator.asked.at(-1)!.shard).toBeUndefined();
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
      host: stage.host,
      orchestrator: undefined,
      store: stage.store,
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
    const thread = await stage.thread();
    const answer = Promise.withResolvers<string>();
    stage.orchestrator.reply = async () => answer.promise;
    const said = stage.adapter.say("the last one", thread);
    await expect.poll(() => stage.orchestrator.asked.at(-1)?.text).toBe("the last one");
    const stopped = stage.bot.stop();
    await expect(stage.adapter.say("too late", thread)).rejects.toThrow("The bot is stopping");
    answer.resolve("the last answer");
    await Promise.all([said, stopped]);
    expect(stage.adapter.texts(thread).at(-1)).toBe("the last answer");
  });

  it("after a stop refuses nothing that was said before, and takes nothing more", async () => {
    const thread = await stage.thread();
    const said = stage.adapter.say("just before", thread);
    await stage.bot.stop();
    await said;
    await expect(stage.adapter.say("too late", thread)).rejects.toThrow("nobody listens");
    await stage.store.close();
    await stage.open();
    await stage.shows(thread, "You said: just before");
  });
});
