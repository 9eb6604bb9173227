import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Person } from "../../src/adapters/adapter.ts";
import { ann, channel, textOf } from "../fakes/fake-adapter.ts";
import { operator, viewer } from "./test-bot.ts";
import { TestTurns, whats } from "./test-turns.ts";

let testBot: TestTurns;
beforeEach(async () => {
  testBot = await new TestTurns().open();
});
afterEach(() => testBot.dispose());

const names = async () => (await testBot.host.list()).map(({ name }) => name);

describe("a step that can't be undone", () => {
  it("waits for a person's button, which does it and wakes the orchestrator with what came of it", async () => {
    const thread = await testBot.withShard();
    let asked: unknown;
    await testBot.asked(
      async (actions) => {
        asked = await actions.destroy({ name: "auth" });
        await actions.destroy({ name: "auth" });
      },
      operator,
      thread,
    );
    const question = "The orchestrator would destroy auth for Oda: its agent, worktree and branch. Shall it?";
    expect(asked).toEqual({ outcome: "asked_human", question });
    await testBot.shows(thread, question, 1);
    expect(await names()).toEqual(["auth"]);
    expect(await testBot.pressUnder(question, "Destroy auth", viewer)).toContain("You may not do that here");
    await testBot.pressUnder(question, "Destroy auth");
    expect(await names()).toEqual([]);
    const { events, by } = await testBot.woken(1);
    expect(by.name).toBe("Oda");
    expect(events.map(({ what, told }) => [what, told])).toEqual([
      ["Ann has pressed the button for it: destroy auth: Destroyed auth: its worktree and branch are gone.", "here"],
    ]);
    await testBot.shows(thread, `${question}\n✓ Ann`);
    expect(
      testBot.adapter
        .in(thread)
        .some(({ post }) => textOf(post).includes("✓ Ann") && "buttons" in post && post.buttons?.length),
    ).toBe(false);
  });

  it("is not done when they say no, or when it would lose work", async () => {
    const thread = await testBot.withShard();
    await testBot.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    await testBot.pressUnder("Shall it?", "Don't");
    expect(whats(await testBot.woken(1))).toEqual(["Ann has said no to it: destroy auth"]);
    testBot.host.unsaved.add("auth");
    await testBot.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    expect(await testBot.pressUnder("Shall it?", "Destroy auth")).toContain("Shard auth has uncommitted work");
    expect(whats(await testBot.woken(2))[0]).toMatch(
      /pressed the button for it: destroy auth: Shard auth has uncommitted work/,
    );
    expect(await names()).toEqual(["auth"]);
    expect(await testBot.pressUnder("Shall it?", "Destroy auth").catch(String)).toContain("no button");
  });

  it("is done once, however often and by however many its button is pressed", async () => {
    const thread = await testBot.withShard();
    await testBot.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    await testBot.shows(thread, "Shall it?");
    const press = (by: Person) => testBot.pressUnder("Shall it?", "Destroy auth", by);
    const said = await Promise.all([press(operator), press(operator), press(ann)]);
    const refused = expect.stringMatching(/done already|settled already/);
    expect(said.toSorted()).toEqual(["", refused, refused]);
    const by = said.indexOf("") === 2 ? "Ann" : "Oda";
    expect(whats(await testBot.woken(1))).toEqual([
      `${by} has pressed the button for it: destroy auth: Destroyed auth: its worktree and branch are gone.`,
    ]);
    expect(await names()).toEqual([]);
  });

  it("needs no button where an admin has said so, in that thread alone", async () => {
    const thread = await testBot.withShard();
    await testBot.withShard("api");
    expect(await testBot.command("policy", thread, viewer)).toContain("asks with a button");
    expect(await testBot.command("policy allow", thread, operator)).toContain("You may not do that here");
    expect(await testBot.command("policy allow", channel)).toContain("in the thread that it is for");
    expect(await testBot.command("policy allow", thread)).toContain("may destroy shards");
    await testBot.killAndStart();
    await testBot.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    expect(await names()).toEqual(["api"]);
    await testBot.asked(async (actions) => actions.destroy({ name: "api" }), operator);
    expect(await names()).toEqual(["api"]);
  });
});

describe("a prompt that goes outside", () => {
  it("waits for a person's button, and its answer wakes the orchestrator", async () => {
    const thread = await testBot.withShard("auth", "say ready");
    await testBot.woken(1);
    let asked: unknown;
    await testBot.asked(
      async (actions) => {
        asked = await actions.send({ name: "auth", text: "say git push" });
        expect(await actions.spawn({ name: "api", prompt: "say git push" })).toMatchObject({ outcome: "asked_human" });
      },
      operator,
      thread,
    );
    expect(asked).toMatchObject({ outcome: "asked_human" });
    const question = "The orchestrator would tell auth, for Oda, something that may go outside";
    await testBot.shows(thread, question);
    expect(testBot.host.sent).toEqual([]);
    await testBot.pressUnder(question, "Send it");
    expect(testBot.host.sent).toEqual([{ name: "auth", text: "say git push", by: "Ann (orchestrator)" }]);
    await testBot.woken(2);
    const answers = () => testBot.orchestrator.woken.flatMap(({ events }) => events.map(({ output }) => output?.text));
    await expect.poll(answers).toContain("git push");
    await testBot.command("policy allow", thread);
    await testBot.asked(async (actions) => actions.send({ name: "auth", text: "say git push" }), operator, thread);
    expect(testBot.host.sent).toHaveLength(2);
  });
});

describe("a question of an agent", () => {
  it("is a person's to answer when it is an approval: by the button that the orchestrator asks with", async () => {
    const thread = await testBot.withShard("auth", "ask rm -r build");
    await testBot.woken(1);
    let asked: unknown;
    await testBot.asked(
      async (actions) => {
        asked = await actions.answer({ name: "auth", option: "yes" });
        await expect(actions.answer({ name: "auth", option: "maybe" })).rejects.toMatchObject({ code: "usage" });
      },
      operator,
      thread,
    );
    const question = "Do you want to proceed? (the orchestrator would answer: Yes)";
    expect(asked).toEqual({ outcome: "asked_human", question });
    await testBot.shows(thread, `${question}\nrm -r build`);
    await testBot.pressUnder(question, "Yes");
    await testBot.shows(thread, `${question}\nrm -r build\n✓ Ann`);
    expect((await testBot.woken(2)).events.map(({ what }) => what)).toContain(
      'Ann has pressed the button for it: answer auth with "Yes": done',
    );
  });

  it("that is answered elsewhere leaves no button behind", async () => {
    const thread = await testBot.withShard("auth", "ask rm -r build");
    await testBot.woken(1);
    await testBot.asked(async (actions) => actions.answer({ name: "auth", option: "1" }), operator, thread);
    await testBot.shows(thread, "(the orchestrator would answer: Yes)");
    await testBot.command("answer auth 2");
    await testBot.shows(thread, "answered elsewhere, or gone");
    expect(testBot.adapter.in(thread).filter(({ post }) => "buttons" in post && post.buttons?.length)).toEqual([]);
  });

  it("is the orchestrator's to answer when it is no approval, or where that is allowed", async () => {
    const thread = await testBot.withShard("auth", "choose a name");
    await testBot.woken(1);
    await testBot.asked(
      async (actions) => {
        const [first] = (await actions.read({ name: "auth" })).question!.options;
        expect(await actions.answer({ name: "auth", option: first!.key })).toEqual({
          outcome: "answered",
          option: first!.label,
        });
      },
      operator,
      thread,
    );
    await testBot.command("policy allow", thread);
    await testBot.asked(async (actions) => actions.spawn({ name: "api", prompt: "ask rm" }), operator, thread);
    await testBot.asked(
      async (actions) => {
        expect(await actions.answer({ name: "api", option: "Yes" })).toEqual({ outcome: "answered", option: "Yes" });
        await expect(actions.answer({ name: "api", option: "Yes" })).rejects.toMatchObject({ code: "refused" });
      },
      operator,
      thread,
    );
  });
});

describe("a question of the orchestrator", () => {
  it("has a button for each answer, and the choice is what it hears next, from whoever chose", async () => {
    const thread = await testBot.asked(async (actions) =>
      actions.askHuman({ question: "Push it?", options: ["Push", "Only commit"] }),
    );
    await testBot.shows(thread, "Push it?");
    expect(await testBot.pressUnder("Push it?", "Push", viewer)).toContain("You may not do that here");
    testBot.orchestrator.react = async () => "Committed.";
    await testBot.pressUnder("Push it?", "Only commit", operator);
    const { events, by } = await testBot.woken(1);
    expect(by).toEqual({ id: operator.id, name: "Oda" });
    expect(events).toMatchObject([
      { told: "here", instruction: "Your question was: Push it?\nOda has answered: Only commit" },
    ]);
    await testBot.shows(thread, "Push it?\n✓ Only commit · Oda");
    await testBot.shows(thread, "Committed.");
  });

  it("hears one choice, when two people choose at once", async () => {
    const thread = await testBot.asked(async (actions) =>
      actions.askHuman({ question: "Push it?", options: ["Push", "Only commit"] }),
    );
    await testBot.shows(thread, "Push it?");
    const [push, commit] = await Promise.all([
      testBot.pressUnder("Push it?", "Push", operator),
      testBot.pressUnder("Push it?", "Only commit"),
    ]);
    const won = push === "" ? "Push · Oda" : "Only commit · Ann";
    expect([push, commit].toSorted()).toEqual(["", expect.stringMatching(/answered already|done already/)]);
    await testBot.shows(thread, `Push it?\n✓ ${won}`);
    const [label, name] = won.split(" · ");
    const { events } = await testBot.woken(1);
    expect(events).toMatchObject([{ instruction: `Your question was: Push it?\n${name} has answered: ${label}` }]);
  });

  it("is over when they write instead", async () => {
    const thread = await testBot.asked(async (actions) =>
      actions.askHuman({ question: "Push it?", options: ["a", "b"] }),
    );
    await testBot.shows(thread, "Push it?");
    await testBot.asked(async () => {}, operator, thread);
    await testBot.shows(thread, "Push it?\nanswered in words");
    expect(testBot.orchestrator.woken).toEqual([]);
  });
});

it("shows what the model has used", async () => {
  const thread = await testBot.thread();
  const shown = await testBot.command("usage", thread, viewer);
  expect(
    shown
      .split("\n")
      .slice(2)
      .map((line) => line.split(/\s{2,}/)[0]),
  ).toEqual(["this thread", "you, today", "all, today", "all, ever"]);
  expect(shown).toMatch(/all, ever +2 +4,000 +2,800 \(70 %\) +50 +\$1\.50/);
  expect((await testBot.command("usage", channel)).split("\n")).toHaveLength(5);
});

it("lets an admin, and nobody else, go on with a used-up budget from a person's own message too", async () => {
  const thread = await testBot.thread();
  testBot.orchestrator.over = { of: "person", person: "O1", day: "2026-12-24" };
  await testBot.adapter.say("more", thread, { by: operator });
  await testBot.shows(thread, "The budget is used up.");
  expect(await testBot.pressUnder("The budget is used up.", "Go on", operator)).toContain("You may not do that here");
  expect(await testBot.pressUnder("The budget is used up.", "Go on")).toContain("extended once");
  expect(await testBot.pressUnder("The budget is used up.", "Go on")).toBe("It has room.");
  await testBot.adapter.say("more!", thread, { by: operator });
  await testBot.shows(thread, "You said: more!");
});
