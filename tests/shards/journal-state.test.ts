import { describe, expect, it } from "vitest";
import type { Entry } from "../../src/shards/agents/agent.ts";
import { journalStateAfter, writtenIn } from "../../src/shards/state/journal-state.ts";

const prompt: Entry = { type: "prompt", text: "do it" };
const done: Entry = { type: "end", how: "done" };
const said = (text: string, id?: string): Entry => ({ type: "said", text, ...(id !== undefined && { id }) });

describe("the state that a journal tells", () => {
  it.each<[string, Entry[], string | undefined]>([
    ["nothing", [], undefined],
    ["a turn", [prompt], "working"],
    ["what is said changes nothing", [prompt, said("x")], "working"],
    ["a question", [prompt, { type: "asking", detail: "rm x" }], "waiting"],
    ["its answer", [prompt, { type: "asking", detail: "" }, { type: "answered" }], "working"],
    ["an answer to no question", [done, { type: "answered" }], "idle"],
    ["the end", [prompt, done], "idle"],
    [
      "an end that was written late",
      [
        { ...prompt, at: "2026-01-01T00:00:02Z" },
        { ...done, at: "2026-01-01T00:00:01Z" },
      ],
      "working",
    ],
  ])("%s", (_, entries, state) => {
    let journalState: ReturnType<typeof journalStateAfter>;
    for (const [index, entry] of entries.entries()) journalState = journalStateAfter(journalState, entry, index);
    expect(journalState?.state).toBe(state);
  });
});

describe("the turn that a journal tells of", () => {
  const tool: Entry = { type: "tool", text: "Ran: ls" };
  it.each<[string, Entry[], number | undefined, true | undefined]>([
    ["has not begun where nothing tells so", [done], undefined, undefined],
    ["has begun at its prompt", [prompt], 0, undefined],
    ["has still begun then when it has ended", [prompt, done], 0, undefined],
    ["or asks, and has got an answer", [prompt, { type: "asking", detail: "" }, { type: "answered" }], 0, undefined],
    ["is the last one", [prompt, done, prompt, done], 2, undefined],
    ["has a message", [prompt, said("x")], 0, true],
    ["goes on behind a message with a tool", [prompt, said("x"), tool], 0, undefined],
    ["has no message of the turn before", [prompt, said("x"), done, prompt], 3, undefined],
  ])("%s", (_, entries, began, spoke) => {
    let journalState: ReturnType<typeof journalStateAfter>;
    for (const [index, entry] of entries.entries()) journalState = journalStateAfter(journalState, entry, index);
    expect([journalState?.began, journalState?.spoke]).toEqual([began, spoke]);
  });
});

describe("what goes on after a turn", () => {
  const background = { shells: 1, agents: 0 };
  it.each<[string, Entry[], typeof background | undefined]>([
    ["is told by its end", [prompt, { ...done, background }], background],
    ["stays when the end is written again with less", [prompt, { ...done, background }, done], background],
    ["is over with the turn that it has begun", [prompt, { ...done, background }, prompt, done], undefined],
  ])("%s", (_, entries, expected) => {
    let journalState: ReturnType<typeof journalStateAfter>;
    for (const [index, entry] of entries.entries()) journalState = journalStateAfter(journalState, entry, index);
    expect(journalState?.background).toEqual(expected);
  });
});

describe("what an agent wrote in a turn", () => {
  it.each<[string, Entry[], string, boolean]>([
    ["messages in their order", [prompt, said("One."), said("Two."), done], "One.\n\nTwo.", true],
    [
      "a message that was written again",
      [prompt, said("One.", "a"), said("Two.", "b"), said("One, whole.", "a")],
      "One, whole.\n\nTwo.",
      true,
    ],
    ["not what came before its prompt", [said("Old."), prompt, said("New.")], "New.", true],
    ["all where no prompt is told of", [said("One."), said("Two.")], "One.\n\nTwo.", true],
    ["the last message from its end", [prompt, said("One."), { ...done, last: "Two." }], "One.\n\nTwo.", false],
    ["not twice", [prompt, said("One. "), { ...done, last: "One." }], "One.", true],
    ["that it was interrupted", [prompt, said("On"), { type: "end", how: "interrupted" }], "On\n\n*Interrupted*", true],
    ["why it failed", [prompt, { type: "end", how: "failed", text: "no" }], "*Failed: no*", true],
    ["why it failed, once", [prompt, said("API: no"), { type: "end", how: "failed", text: "no" }], "API: no", true],
    ["nothing", [prompt, done], "", true],
  ])("%s", (_, entries, text, whole) => {
    expect(writtenIn(entries)).toMatchObject({ text, whole });
  });

  it("lists the calls of tools, each once", () => {
    const tools: Entry[] = [
      { type: "tool", text: "Bash", id: "1" },
      { type: "tool", text: "Read: a", id: "2" },
      { type: "tool", text: "Bash: ls", id: "1" },
    ];
    expect(writtenIn([prompt, ...tools]).tools).toEqual(["Bash: ls", "Read: a"]);
  });
});
