import type { Actions } from "../../src/bot/commands/actions.ts";
import { resumeShard } from "../../src/bot/commands/commands-shards.ts";
import type { ShardInfo } from "../../src/shards/host.ts";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Button, Person, Post, ThreadRef } from "../../src/adapters/adapter.ts";
import { ann, channel, textOf } from "../fakes/fake-adapter.ts";
import { operator, secret, TestBot, viewer } from "./test-bot.ts";

let testBot: TestBot;
let thread: ThreadRef;
beforeEach(async () => {
  testBot = await new TestBot().open();
  thread = await testBot.shard();
});
afterEach(() => testBot.dispose());

/** The post that the slash command is answered with. */
async function reply(command: string, by: Person = operator): Promise<Post> {
  const { post } = await testBot.adapter.emit({ type: "command", command }, { place: thread, by });
  if (!post) throw new Error(`no reply to ${command}`);
  return post;
}

function buttonsOf(post: Post): Button[] {
  return "buttons" in post ? (post.buttons ?? []) : [];
}

/** The last post in the thread that has this button, and the button. */
function buttonIn(label: string): Button {
  const found = testBot.adapter
    .in(thread)
    .flatMap(({ post }) => buttonsOf(post).filter((one) => one.label.replace(/^\d+\. /, "") === label));
  const last = found.at(-1);
  if (!last) throw new Error(`no button ${label}`);
  return last;
}

/** Press a button; resolves with what the person is shown. */
async function press(button: Button, text?: string, by: Person = operator): Promise<string> {
  const { action, value } = button;
  const pressed = { type: "action" as const, action, value, ...(text !== undefined && { text }) };
  const { post } = await testBot.adapter.emit(pressed, { place: thread, by });
  return post ? textOf(post) : "";
}

describe("send", () => {
  it("waits, steers or interrupts as it is told", async () => {
    await testBot.command("send demo hang");
    expect(textOf(await reply("send --steer use yarn"))).toBe("submitted to demo");
    expect(testBot.host.sent.at(-1)).toMatchObject({ text: "use yarn", when: "steer" });
    expect(textOf(await reply("send --interrupt say instead"))).toBe("submitted to demo");
    await testBot.shows(thread, "instead");
    expect(textOf(await reply("send --steer --interrupt x"))).toBe("Use one of --steer, --interrupt and --anyway.");
    expect(testBot.host.sent).toHaveLength(3);
  });

  it("shows the screen of a program that may not take it, and types it anyway for who has looked", async () => {
    await testBot.command("send demo puzzle");
    const text = "say typed\nanyway";
    const post = await reply(`send ${text}`);
    expect(post).toMatchObject({ kind: "question", question: "refused: Nothing shows where it goes." });
    expect(post).toHaveProperty("detail", expect.stringContaining("Odd dialog"));
    const [anyway] = buttonsOf(post);
    expect(anyway).toMatchObject({ label: "Type anyway" });
    expect(await press(anyway!, undefined, viewer)).toContain("You may not");
    expect(await press(anyway!)).toBe("submitted to demo");
    expect(testBot.host.sent.at(-1)).toMatchObject({ name: "demo", text, anyway: true });
    expect(await press(anyway!)).toContain("too old");
    expect(testBot.host.sent.filter((sent) => sent.anyway)).toHaveLength(1);
    await testBot.command("send demo puzzle");
    expect(textOf(await reply("send --anyway say so"))).toBe("submitted to demo");
    expect(testBot.host.sent.at(-1)).toMatchObject({ text: "say so", anyway: true });
  });

  it("has the same button where a prompt had waited", async () => {
    const receipt = { outcome: "refused", reason: "Nothing shows where it goes.", screen: "Approve?" } as const;
    await testBot.host.deliver("demo", { type: "receipt", id: "receipt:demo:9", text: "say late", receipt });
    await testBot.shows(thread, "This prompt had waited: say late");
    expect(await press(buttonIn("Type anyway"))).toBe("submitted to demo");
    expect(testBot.host.sent.at(-1)).toMatchObject({ text: "say late", anyway: true });
  });

  it("that has to wait can be taken away again by a button, once", async () => {
    await testBot.command("send demo hang");
    const post = await reply("send say later");
    expect(textOf(post)).toBe("🟡 queued as #1: demo is busy");
    const [remove, now] = buttonsOf(post);
    expect([remove, now]).toMatchObject([{ label: "Remove" }, { label: "Send now" }]);
    expect(await press(remove!)).toBe("Removed from the queue of demo: say later");
    expect(await press(remove!)).toContain("waits for demo: it was typed, or removed");
    expect(await press(now!)).toContain("it was typed, or removed");
    expect(await press(remove!, undefined, viewer)).toContain("You may not");
    testBot.host.finish("demo", "over");
    await testBot.shows(thread, "over");
    expect(testBot.adapter.texts(thread)).not.toContain("later");
  });

  it("that has to wait can be sent at once, in the name of its author", async () => {
    await testBot.command("send demo hang");
    await reply("send say first in line");
    const [, now] = buttonsOf(await reply("send say jumped the queue", ann));
    expect(await press(now!)).toBe("submitted to demo");
    expect(testBot.host.sent.at(-1)).toEqual({
      name: "demo",
      text: "say jumped the queue",
      by: "Ann",
      when: "interrupt",
    });
    await testBot.shows(thread, "first in line", 2);
    const texts = testBot.adapter.texts(thread);
    expect(texts.indexOf("jumped the queue")).toBeLessThan(texts.indexOf("first in line"));
  });

  it("at once is not lost when the agent does not take it", async () => {
    await testBot.command("send demo hang");
    const [, now] = buttonsOf(await reply("send say later"));
    testBot.host.finish("demo", "over");
    // It was typed as soon as the turn was over.
    expect(await press(now!)).toContain("it was typed, or removed");
    await testBot.command("send demo hang");
    const [, again] = buttonsOf(await reply("send say once more"));
    testBot.host.send = async () => ({ outcome: "refused", reason: "A dialog is open." });
    expect(await press(again!)).toBe("A dialog is open. It waits no longer, so send it again: say once more");
  });

  it("in an attached thread has the same buttons", async () => {
    await testBot.command("attach", thread);
    await testBot.adapter.say("hang", thread);
    await testBot.adapter.say("say later", thread);
    await testBot.shows(thread, "🟡 queued as #1");
    expect(await press(buttonIn("Remove"))).toBe("Removed from the queue of demo: say later");
  });

  it("finds the waiting prompt that it was by its words, also those that are hidden", async () => {
    await testBot.command("send demo hang");
    await reply("send say a");
    const [remove] = buttonsOf(await reply(`send say ${secret}`));
    expect(await press(remove!)).toBe("Removed from the queue of demo: say [redacted]");
    expect(await testBot.host.queue({ name: "demo" })).toMatchObject([{ text: "say a" }]);
  });
});

describe("queue", () => {
  it("lists what waits with ids, and a button for each", async () => {
    expect(textOf(await reply("queue", viewer))).toBe("No prompt waits for demo.");
    await testBot.command("send demo hang");
    await reply("send say one");
    await reply("send say two", ann);
    const [one, two] = (await testBot.host.queue({ name: "demo" })).map(({ id }) => id);
    const post = await reply("queue", viewer);
    expect(textOf(post)).toBe(
      `These wait for demo; unqueue takes the number:\n#${one}: say one (Oda)\n#${two}: say two (Ann)`,
    );
    expect(buttonsOf(post).map(({ label }) => label)).toEqual([`Remove #${one}`, `Remove #${two}`]);
    expect(await press(buttonsOf(post)[1]!)).toBe("Removed from the queue of demo: say two");
    expect(textOf(await reply(`unqueue #${one}`))).toBe("Removed from the queue of demo: say one");
    expect(textOf(await reply("unqueue 999"))).toContain("No prompt 999 waits");
  });
});

describe("cmd", () => {
  it("types the agent's own command, and only such", async () => {
    expect(textOf(await reply("cmd /compact"))).toBe("submitted to demo");
    await testBot.shows(thread, "Compacted.");
    expect(textOf(await reply("cmd compact"))).toContain("is no command of the agent");
    await testBot.command("send demo hang");
    expect(buttonsOf(await reply("cmd /compact")).map(({ label }) => label)).toEqual(["Remove", "Send now"]);
  });
});

describe("looking", () => {
  it("shows the screen, the tools and the evidence to a viewer", async () => {
    await testBot.command("send demo use Bash(npm test)");
    expect(textOf(await reply("screen", viewer))).toBe("screen of demo\n> use Bash(npm test)\n\n>");
    expect(textOf(await reply("read --tools", viewer))).toBe("demo, working: tools\nBash(npm test)");
    const explained = await reply("explain", viewer);
    expect(explained.kind).toBe("terminal");
    expect(textOf(explained)).toMatch(
      /^demo is working\ndecided by script: it is working\nfor \d+ s: script\n\nscript {2}working, turn 1$/,
    );
    testBot.host.finish("demo", "done");
    await testBot.command("send demo hang");
    expect(textOf(await reply("read --tools", viewer))).toBe("demo, working: no tool calls yet.");
  });

  it("hides secrets on the screen", async () => {
    await testBot.command(`send demo say ${secret}`);
    expect(textOf(await reply("screen"))).not.toContain(secret);
    expect(textOf(await reply("press enter"))).not.toContain(secret);
  });

  it("has a list of commands that is short enough for one post", async () => {
    const help = await reply("help", viewer);
    expect(textOf(help)).toContain("send [SHARD] [--steer] [--interrupt] [--anyway] TEXT\n    Type a prompt");
    expect(textOf(help).length).toBeLessThan(1900);
  });
});

describe("spawn", () => {
  it("takes a mode and any command line", async () => {
    await reply('spawn py --agent "python3 -i" --mode edits');
    await reply("spawn bold --mode all", ann);
    expect(textOf(await reply("spawn bolder --mode all"))).toContain(
      "spawn --mode all is for those with the admin right",
    );
    expect(testBot.host.started.slice(1)).toEqual([
      { name: "py", agent: "python3 -i", mode: "edits" },
      { name: "bold", agent: "fake", mode: "all" },
    ]);
  });
});

describe("a question", () => {
  it("that can be denied has a button for that, and one for that with a reason", async () => {
    await testBot.command("send demo ask rm -rf build");
    await testBot.shows(thread, "Do you want to proceed?");
    const { post } = testBot.adapter.in(thread).at(-1)!;
    const buttons = buttonsOf(post);
    expect(buttons.map(({ label, asks }) => [label, asks])).toEqual([
      ["1. Yes", undefined],
      ["2. No", undefined],
      ["2. No, with a reason…", "The reason"],
    ]);
    expect(await press(buttons[2]!, "use the clean script")).toBe("");
    await testBot.shows(thread, "You chose No: use the clean script");
    const settled = () => testBot.adapter.shown.find((shown) => shown.post.kind === "question")!.post;
    await expect
      .poll(() => textOf(settled()))
      .toMatch(/^Do you want to proceed\?\nrm -rf build\nNo: use the clean script · Oda · \d\d:\d\d$/);
    expect(buttonsOf(settled())).toEqual([]);
    expect(await press(buttons[1]!)).toContain("already answered");
  });

  it("that is denied without a reason is closed at once", async () => {
    await testBot.command("send demo ask");
    await testBot.shows(thread, "Do you want to proceed?");
    await press(buttonIn("No"));
    await testBot.shows(thread, "You chose No");
    await expect.poll(() => testBot.adapter.texts(thread).join("\n")).toMatch(/No · Oda · \d\d:\d\d/);
  });

  it("that takes own words asks for them, and shows no more than 200 characters of them", async () => {
    await testBot.command("send demo choose");
    await testBot.shows(thread, "Which colour?");
    const own = buttonIn("Type something…");
    expect(own.asks).toBe("Your answer");
    expect(await press(own)).toContain("wants words");
    await press(own, `red ${"and blue ".repeat(40)}`);
    await testBot.shows(thread, "You chose Type something.: red");
    await expect
      .poll(() => testBot.adapter.texts(thread).join("\n"))
      .toMatch(/Type something\.: red and .{180,200}… · Oda · \d\d:\d\d/);
  });

  it("is answered by a command with words", async () => {
    await testBot.command("send demo ask");
    expect(textOf(await reply("answer yes please"))).toContain("takes no words");
    expect(textOf(await reply("answer no, use yarn"))).toBe("Answered demo.");
    await testBot.shows(thread, "You chose No: use yarn");
    await testBot.command("send demo choose");
    expect(textOf(await reply("answer 2"))).toContain("wants words of yours");
    expect(textOf(await reply('answer 2 "a warm red"'))).toBe("Answered demo.");
    await testBot.shows(thread, "You chose Type something.: a warm red");
  });

  it("that somebody else closed says so", async () => {
    await testBot.command("send demo ask");
    await testBot.shows(thread, "Do you want to proceed?");
    const no = buttonIn("No");
    testBot.host.answerByHand("demo");
    await testBot.shows(thread, "answered at the keyboard or gone");
    expect(await press(no)).toContain("already answered");
  });

  it("comes with a refused prompt, and can be answered there", async () => {
    await testBot.command("send demo ask");
    const refused = await reply("send more");
    expect(textOf(refused)).toMatch(/^Do you want to proceed\?\nrefused: A question is open\.(?:\n|$)/);
    await press(buttonsOf(refused)[2]!, "not now");
    await testBot.shows(thread, "You chose No: not now");
  });
});

describe("the Stop button of a running turn", () => {
  it("stops it, once, for those who may", async () => {
    await testBot.command("send demo hang");
    testBot.host.output("demo", "hard at work");
    await testBot.shows(thread, "hard at work");
    const stop = buttonIn("Stop");
    expect(await press(stop, undefined, viewer)).toContain("You may not");
    expect((await testBot.host.list())[0]?.status.state).toBe("working");
    expect(await press(stop)).toBe("");
    expect((await testBot.host.list())[0]?.status.state).toBe("idle");
    expect(await press(stop)).toContain("demo is not working");
  });
});

describe("the end of an agent", () => {
  it("that was closed is told, with a button that goes on", async () => {
    await testBot.command("send demo say hi");
    expect(textOf(await reply("close"))).toBe("Closed demo: its worktree is kept, and resume goes on with it.");
    await testBot.shows(thread, "The agent of demo was closed; its worktree is kept.");
    expect(testBot.adapter.in(thread).at(-1)!.post).not.toHaveProperty("tone");
    expect(textOf(await reply("close"))).toBe("The agent of demo has ended already.");
    const resume = buttonIn("Resume");
    expect(await press(resume, undefined, viewer)).toContain("You may not");
    expect(await press(resume)).toBe("Resumed demo: fake goes on with its conversation.");
    expect(await press(resume)).toBe("demo can't be resumed: its agent runs.");
    await reply("send say back");
    await testBot.shows(thread, "back");
  });

  it("that leaves processes behind names them", async () => {
    testBot.host.survivors.set("demo", [41, 42]);
    expect(textOf(await reply("close"))).toBe("Closed demo, but these processes of it could not be ended: 41, 42.");
  });

  it("that left by itself is told, and has a sentence when it can't go on", async () => {
    await testBot.host.deliver("demo", {
      type: "exited",
      id: "left",
      exit: { code: 0 },
      how: "left",
      looping: false,
      tail: "bye",
    });
    await testBot.shows(thread, "The agent of demo has ended by itself; its worktree is kept.");
    await reply("close");
    expect(await press(buttonIn("Resume"))).toBe("demo can't be resumed: it has no conversation to go on with.");
  });

  it("by a crash shows its last lines; the third within a minute has no button", async () => {
    await reply("send crash");
    await testBot.shows(thread, "The agent of demo crashed with exit code 1; its worktree is kept.");
    await testBot.shows(thread, "last lines of demo\n> crash");
    expect(await press(buttonIn("Resume"))).toContain("Resumed demo");
    await reply("send crash");
    await testBot.shows(thread, "crashed with exit code 1", 2);
    await reply("resume --mode ask");
    expect(testBot.host.started.at(-1)).toEqual({ name: "demo", agent: "fake", mode: "ask" });
    await reply("send crash");
    await testBot.shows(thread, "has crashed three times within a minute");
    const told = testBot.adapter.in(thread).find(({ post }) => textOf(post).includes("three times"))!.post;
    expect(told).toMatchObject({ tone: "error" });
    expect(buttonsOf(told)).toEqual([]);
    expect(textOf(await reply("resume"))).toContain("it crashes again and again");
  });

  it("by a signal is named", async () => {
    const exit = { code: 137, signal: 9 };
    await testBot.host.deliver("demo", { type: "exited", id: "kill", exit, how: "crashed", looping: false, tail: "" });
    await testBot.shows(thread, "The agent of demo crashed with signal 9; its worktree is kept.");
    expect(testBot.adapter.texts(thread).join("\n")).not.toContain("last lines");
  });

  it("whose holder is gone is told with a button", async () => {
    await reply("send say hi");
    await testBot.shows(thread, "hi");
    testBot.host.lose("demo");
    await testBot.shows(thread, "Shard demo is lost: script. Its worktree is still there: resume it, or remove it");
    expect(await press(buttonIn("Resume"))).toContain("Resumed demo");
  });

  it("is resumed with every right by an admin only", async () => {
    await reply("send say hi");
    await reply("close");
    expect(textOf(await reply("resume --mode all"))).toContain("resume --mode all is for those with the admin right");
    expect(textOf(await reply("resume --mode all", ann))).toContain("Resumed demo");
    expect(testBot.host.started.at(-1)).toMatchObject({ mode: "all" });
    await reply("close");
    // It would go on with every right without a word of that.
    expect(textOf(await reply("resume"))).toContain("resume --mode all is for those with the admin right");
    expect(textOf(await reply("resume --mode ask"))).toContain("Resumed demo");
    await reply("close");
    expect(textOf(await reply("resume"))).toContain("Resumed demo");
  });
});

describe("a screen that no rule can read", () => {
  it("is shown once, with keys that show the new screen when they are pressed", async () => {
    await reply("send puzzle");
    await testBot.shows(thread, "what now? Look at its screen (a dialog that no rule knows)\n  ╭ Odd dialog ╮");
    const { post } = testBot.adapter.in(thread).at(-1)!;
    expect(buttonsOf(post).map(({ label }) => label)).toEqual([
      "Esc",
      "Enter: chooses “Go on”",
      "↑",
      "↓",
      "Tab",
      "Keys…",
    ]);
    expect(await press(buttonIn("↓"))).toMatch(/^screen of demo\n {2}╭ Odd dialog/);
    expect(testBot.host.pressed).toEqual([{ name: "demo", keys: ["down"], by: "Oda" }]);
    expect(await press(buttonIn("Keys…"), "Up  tab Q nonsense")).toContain("There is no key nonsense");
    expect(await press(buttonIn("↓"), undefined, viewer)).toContain("You may not");
    const enter = buttonIn("Enter: chooses “Go on”");
    expect(await press(buttonIn("Keys…"), "Up enter")).toContain("The puzzle is solved.");
    expect(testBot.host.pressed.at(-1)).toMatchObject({ keys: ["up", "enter"] });
    // The keys are gone with the dialog: they would do something else now.
    await testBot.shows(thread, "over: it is working");
    expect(testBot.adapter.in(thread).flatMap(({ post: shown }) => buttonsOf(shown))).toEqual([]);
    expect(enter).toMatchObject({ action: "press", value: "demo/enter" });
  });

  it("makes room for the next one", async () => {
    await reply("send puzzle");
    await testBot.host.deliver("demo", { type: "attention", id: "second", why: "still odd", screen: "another one" });
    await testBot.shows(thread, "still odd");
    await testBot.shows(thread, "goes on below");
    expect(textOf(await reply("destroy demo --force", ann))).toContain("Destroyed demo");
    await testBot.shows(thread, "another one\nThe shard is destroyed");
  });

  it("can be typed at by a command", async () => {
    await reply("send puzzle");
    expect(textOf(await reply("press Enter"))).toContain("The puzzle is solved.");
    expect(textOf(await reply("press enter to go on"))).toContain("There is no key to");
  });
});

describe("buttons", () => {
  it.each(["constructor", "unknown", "answer"])("of the kind %s that are not known are too old", async (action) => {
    const reply = await testBot.adapter.emit({ type: "action", action, value: "demo" }, { place: channel });
    expect(textOf(reply.post!)).toContain("too old to be pressed");
  });

  it("are written down with their shard, and without the words", async () => {
    await testBot.command("send demo ask");
    await testBot.shows(thread, "Do you want to proceed?");
    await press(buttonIn("No, with a reason…"), "top secret plans");
    const audited = testBot.log.map((line) => JSON.parse(line)).filter(({ what }) => what === "answer demo");
    expect(audited).toMatchObject([{ who: { id: "O1" }, verdict: "allowed" }]);
    expect(JSON.stringify(testBot.log)).not.toContain("top secret");
  });
});

it.each([
  ["c1", "Resumed demo: fake goes on with its conversation."],
  [undefined, "Resumed demo: fake starts anew in its worktree."],
])("a resume with the conversation %j says what the agent goes on with", async (conversation, said) => {
  const info = { agent: "fake", ...(conversation !== undefined && { conversation }) } as ShardInfo;
  const actions = { resume: async () => info } as Partial<Actions> as Actions;
  expect(textOf(await resumeShard("demo", undefined, actions))).toBe(said);
});
