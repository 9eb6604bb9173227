import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Person } from "../../src/adapters/adapter.ts";
import { ann, channel, textOf } from "../fakes/fake-adapter.ts";
import { operator, viewer } from "./stage.ts";
import { TurnsStage, whats } from "./turns-stage.ts";

let stage: TurnsStage;
beforeEach(async () => {
  stage = await new TurnsStage().open();
});
afterEach(() => stage.dispose());

const names = async () => (await stage.host.list()).map(({ name }) => name);

describe("a step that can't be undone", () => {
  it("waits for a person's button, which does it and wakes the orchestrator with what came of it", async () => {
    const thread = await stage.withShard();
    let asked: unknown;
    await stage.asked(
      async (actions) => {
        asked = await actions.destroy({ name: "auth" });
        await actions.destroy({ name: "auth" });
      },
      operator,
      thread,
    );
    const question = "The orchestrator would destroy auth for Oda: its agent, worktree and branch. Shall it?";
    expect(asked).toEqual({ outcome: "asked_human", question });
    await stage.shows(thread, question, 1);
    expect(await names()).toEqual(["auth"]);
    expect(await stage.pressUnder(question, "Destroy auth", viewer)).toContain("You may not do that here");
    await stage.pressUnder(question, "Destroy auth");
    expect(await names()).toEqual([]);
    const { events, by } = await stage.woken(1);
    expect(by.name).toBe("Oda");
    expect(events.map(({ what, told }) => [what, told])).toEqual([
      ["Ann has pressed the button for it: destroy auth: Destroyed auth: its worktree and branch are gone.", "here"],
    ]);
    await stage.shows(thread, `${question}\n✓ Ann`);
    expect(
      stage.adapter
        .in(thread)
        .some(({ post }) => textOf(post).includes("✓ Ann") && "buttons" in post && post.buttons?.length),
    ).toBe(false);
  });

  it("is not done when they say no, or when it would lose work", async () => {
    const thread = await stage.withShard();
    await stage.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    await stage.pressUnder("Shall it?", "Don't");
    expect(whats(await stage.woken(1))).toEqual(["Ann has said no to it: destroy auth"]);
    stage.host.unsaved.add("auth");
    await stage.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    expect(await stage.pressUnder("Shall it?", "Destroy auth")).toContain("Shard auth has uncommitted work");
    expect(whats(await stage.woken(2))[0]).toMatch(
      /pressed the button for it: destroy auth: Shard auth has uncommitted work/,
    );
    expect(await names()).toEqual(["auth"]);
    expect(await stage.pressUnder("Shall it?", "Destroy auth").catch(String)).toContain("no button");
  });

  it("is done once, however often and by however many its button is pressed", async () => {
    const thread = await stage.withShard();
    await stage.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    await stage.shows(thread, "Shall it?");
    const press = (by: Person) => stage.pressUnder("Shall it?", "Destroy auth", by);
    const said = await Promise.all([press(operator), press(operator), press(ann)]);
    const refused = expect.stringMatching(/done already|settled already/);
    expect(said.toSorted()).toEqual(["", refused, refused]);
    const by = said.indexOf("") === 2 ? "Ann" : "Oda";
    expect(whats(await stage.woken(1))).toEqual([
      `${by} has pressed the button for it: destroy auth: Destroyed auth: its worktree and branch are gone.`,
    ]);
    expect(await names()).toEqual([]);
  });

  it("needs no button where an admin has said so, in that thread alone", async () => {
    const thread = await stage.withShard();
    await stage.withShard("api");
    expect(await stage.command("policy", thread, viewer)).toContain("asks with a button");
    expect(await stage.command("policy allow", thread, operator)).toContain("You may not do that here");
    expect(await stage.command("policy allow", channel)).toContain("in the thread that it is for");
    expect(await stage.command("policy allow", thread)).toContain("may destroy shards");
    await stage.killAndStart();
    await stage.asked(async (actions) => actions.destroy({ name: "auth" }), operator, thread);
    expect(await names()).toEqual(["api"]);
    await stage.asked(async (actions) => actions.destroy({ name: "api" }), operator);
    expect(await names()).toEqual(["api"]);
  });
});

describe("a prompt that goes outside", () => {
  it("waits for a person's button, and its answer wakes the orchestrator", async () => {
    const thread = await stage.withShard("auth", "say ready");
    await stage.woken(1);
    let asked: unknown;
    await stage.asked(
      async (actions) => {
        asked = await actions.send({ name: "auth", text: "say git push" });
        await expect(actions.spawn({ name: "api", prompt: "say git push" })).rejects.toMatchObject({ code: "refused" });
      },
      operator,
      thread,
    );
    expect(asked).toMatchObject({ outcome: "asked_human" });
    const question = "The orchestrator would tell auth, for Oda, something that may go outside";
    await stage.shows(thread, question);
    expect(stage.host.sent).toEqual([]);
    await stage.pressUnder(question, "Send it");
    expect(stage.host.sent).toEqual([{ name: "auth", text: "say git push", by: "Ann (orchestrator)" }]);
    await stage.woken(2);
    const answers = () => stage.orchestrator.woken.flatMap(({ events }) => events.map(({ output }) => output?.text));
    await expect.poll(answers).toContain("git push");
    await stage.command("policy allow", thread);
    await stage.asked(async (actions) => actions.send({ name: "auth", text: "say git push" }), operator, thread);
    expect(stage.host.sent).toHaveLength(2);
  });
});

describe("a question of an agent", () => {
  it("is a person's to answer when it is an approval: by the button that the orchestrator asks with", async () => {
    const thread = await stage.withShard("auth", "ask rm -r build");
    await stage.woken(1);
    let asked: unknown;
    await stage.asked(
      async (actions) => {
        asked = await actions.answer({ name: "auth", option: "yes" });
        await expect(actions.answer({ name: "auth", option: "maybe" })).rejects.toMatchObject({ code: "usage" });
      },
      operator,
      thread,
    );
    const question = "Do you want to proceed? (the orchestrator would answer: Yes)";
    expect(asked).toEqual({ outcome: "asked_human", question });
    await stage.shows(thread, `${question}\nrm -r build`);
    await stage.pressUnder(question, "Yes");
    await stage.shows(thread, `${question}\nrm -r build\n✓ Ann`);
    expect((await stage.woken(2)).events.map(({ what }) => what)).toContain(
      'Ann has pressed the button for it: answer auth with "Yes": done',
    );
  });

  it("that is answered elsewhere leaves no button behind", async () => {
    const thread = await stage.withShard("auth", "ask rm -r build");
    await stage.woken(1);
    await stage.asked(async (actions) => actions.answer({ name: "auth", option: "1" }), operator, thread);
    await stage.shows(thread, "(the orchestrator would answer: Yes)");
    await stage.command("answer auth 2");
    await stage.shows(thread, "answered elsewhere, or gone");
    expect(stage.adapter.in(thread).filter(({ post }) => "buttons" in post && post.buttons?.length)).toEqual([]);
  });

  it("is the orchestrator's to answer when it is no approval, or where that is allowed", async () => {
    const thread = await stage.withShard("auth", "choose a name");
    await stage.woken(1);
    await stage.asked(
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
    await stage.command("policy allow", thread);
    await stage.asked(async (actions) => actions.spawn({ name: "api", prompt: "ask rm" }), operator, thread);
    await stage.asked(
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
    const thread = await stage.asked(async (actions) =>
      actions.askHuman({ question: "Push it?", options: ["Push", "Only commit"] }),
    );
    await stage.shows(thread, "Push it?");
    expect(await stage.pressUnder("Push it?", "Push", viewer)).toContain("You may not do that here");
    stage.orchestrator.react = async () => "Committed.";
    await stage.pressUnder("Push it?", "Only commit", operator);
    const { events, by } = await stage.woken(1);
    expect(by).toEqual({ id: operator.id, name: "Oda" });
    expect(events).toMatchObject([
      { told: "here", instruction: "Your question was: Push it?\nOda has answered: Only commit" },
    ]);
    await stage.shows(thread, "Push it?\n✓ Only commit · Oda");
    await stage.shows(thread, "Committed.");
  });

  it("hears one choice, when two people choose at once", async () => {
    const thread = await stage.asked(async (actions) =>
      actions.askHuman({ question: "Push it?", options: ["Push", "Only commit"] }),
    );
    await stage.shows(thread, "Push it?");
    const [push, commit] = await Promise.all([
      stage.pressUnder("Push it?", "Push", operator),
      stage.pressUnder("Push it?", "Only commit"),
    ]);
    const won = push === "" ? "Push · Oda" : "Only commit · Ann";
    expect([push, commit].toSorted()).toEqual(["", expect.stringMatching(/answered already|done already/)]);
    await stage.shows(thread, `Push it?\n✓ ${won}`);
    const [label, name] = won.split(" · ");
    const { events } = await stage.woken(1);
    expect(events).toMatchObject([{ instruction: `Your question was: Push it?\n${name} has answered: ${label}` }]);
  });

  it("is over when they write instead", async () => {
    const thread = await stage.asked(async (actions) =>
      actions.askHuman({ question: "Push it?", options: ["a", "b"] }),
    );
    await stage.shows(thread, "Push it?");
    await stage.asked(async () => {}, operator, thread);
    await stage.shows(thread, "Push it?\nanswered in words");
    expect(stage.orchestrator.woken).toEqual([]);
  });
});

it("shows what the model has used", async () => {
  const thread = await stage.thread();
  const shown = await stage.command("usage", thread, viewer);
  expect(
    shown
      .split("\n")
      .slice(2)
      .map((line) => line.split(/\s{2,}/)[0]),
  ).toEqual(["this thread", "you, today", "all, today", "all, ever"]);
  expect(shown).toMatch(/all, ever +2 +4,000 +2,800 \(70 %\) +50 +\$1\.50/);
  expect((await stage.command("usage", channel)).split("\n")).toHaveLength(5);
});

it("lets an admin, and nobody else, go on with a used-up budget from a person's own message too", async () => {
  const thread = await stage.thread();
  stage.orchestrator.over = { of: "person", person: "O1", day: "2026-12-24" };
  await stage.adapter.say("more", thread, { by: operator });
  await stage.shows(thread, "The budget is used up.");
  expect(await stage.pressUnder("The budget is used up.", "Go on", operator)).toContain("You may not do that here");
  expect(await stage.pressUnder("The budget is used up.", "Go on")).toContain("extended once");
  expect(await stage.pressUnder("The budget is used up.", "Go on")).toBe("It has room.");
  await stage.adapter.say("more!", thread, { by: operator });
  await stage.shows(thread, "You said: more!");
});
