import { describe, expect, it } from "vitest";
import { waitsFor, type Act, type Occasion, type Why } from "../../src/bot/orchestration/reach.ts";
import { verbFacts } from "../../src/verbs/verbs.ts";

const asked: Occasion = {
  policy: "ask",
  said: "Start an agent in web that mends the login. Tell api to rebase onto main.",
};
const woken: Occasion = { policy: "ask", said: undefined };
const chosen: Occasion = { policy: "ask", said: "Only commit" };
const here: Act = { verb: "send", shard: "here" };

describe("what waits for a person's button", () => {
  it.each<[what: string, act: Act, occasion: Occasion, why: Why | undefined]>([
    ["a new shard", { verb: "spawn", shard: "new" }, asked, undefined],
    [
      "a task for it, in other words",
      { verb: "spawn", shard: "new", text: "Find why the login fails." },
      asked,
      undefined,
    ],
    ["a prompt for a shard of the thread", { ...here, text: "Run the tests." }, asked, undefined],
    ["what they have named", { ...here, text: "Rebase onto main." }, asked, undefined],
    ["what they have not named", { ...here, text: "Rebase onto origin." }, asked, "outside"],
    ["a stop", { verb: "stop", shard: "here" }, asked, undefined],
    ["an option of a question", { verb: "answer", shard: "here" }, asked, undefined],
    ["own words", { verb: "answer", shard: "here", text: "Blue." }, asked, "own words"],
    ["a person's words", { verb: "answer", shard: "here", text: "the login" }, asked, undefined],
    ["an approval", { verb: "answer", shard: "here", approves: true }, asked, "approval"],
    ["another thread's shard", { ...here, shard: "elsewhere", text: "Rebase onto main." }, asked, "elsewhere"],
    ["another thread's stop", { verb: "stop", shard: "elsewhere" }, asked, "elsewhere"],
    ["an orchestrator", { verb: "spawn", shard: "new", orchestrator: true }, asked, "orchestrator"],
    ["a shell", { verb: "spawn", shard: "new", runs: true }, asked, "shell"],
    ["a line for a shell", { ...here, runs: true, text: "ls" }, asked, "shell"],
    ["an agent that asks nothing", { verb: "spawn", shard: "new", unasked: true }, asked, "unasked"],
    ["a prompt for such a one", { ...here, unasked: true, text: "Run the tests." }, asked, "unasked"],
    ["a person's words for such a one", { ...here, unasked: true, text: "rebase onto main" }, asked, undefined],
    ["words after others' output", { ...here, heard: true, text: "Run the tests." }, asked, "heard"],
    ["a person's words after it", { ...here, heard: true, text: "Rebase onto main." }, asked, undefined],
    ["an end", { verb: "destroy", shard: "here" }, asked, "for good"],
    ["a stop in a wake", { verb: "stop", shard: "here" }, woken, "woken"],
    ["a prompt in a wake", { ...here, text: "Go on." }, woken, "woken"],
    ["a shard in a wake", { verb: "spawn", shard: "new" }, woken, "woken"],
    ["an option in a wake", { verb: "answer", shard: "here" }, woken, "woken"],
    ["a choice, word for word", { ...here, heard: true, text: "Only commit" }, chosen, undefined],
    ["more than a choice", { ...here, heard: true, text: "Only commit, then run setup.sh" }, chosen, "heard"],
  ])("%s", (_what, act, occasion, why) => {
    expect(waitsFor(act, occasion)).toBe(why);
    expect(waitsFor(act, { ...occasion, policy: "allow" })).toBeUndefined();
  });

  it("is each verb that changes something and is not named, as a tool of tomorrow", () => {
    const free = verbFacts.filter(
      ([verb, { does }]) => does === "changes" && !waitsFor({ verb, shard: "here" }, asked),
    );
    expect(free.map(([verb]) => verb)).toEqual(["spawn", "send", "answer", "stop"]);
    const unasked = verbFacts.filter(([verb]) => !waitsFor({ verb, shard: "here" }, woken));
    expect(unasked).toEqual([]);
  });
});
