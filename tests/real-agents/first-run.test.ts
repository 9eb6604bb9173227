import { afterEach, expect, it } from "vitest";
import { Machine } from "./machine.ts";
import type { AgentName } from "./seeds.ts";

/*
 * The dialogs of an agent that has never been used here: each must be told as a question, and answering them by their options must lead
 * to an agent that works.
 */
let machine: Machine | undefined;
afterEach(async () => {
  await machine?.close();
  machine = undefined;
});

it.each<[AgentName, { asks: RegExp; answer: RegExp }[]]>([
  [
    "claude",
    [
      { asks: /trust/i, answer: /^Yes/ },
      { asks: /API key/i, answer: /^Yes/ },
    ],
  ],
  ["codex", [{ asks: /trust/i, answer: /^Trust/ }]],
  ["gemini", [{ asks: /trust/i, answer: /^Trust folder/ }]],
])("%s asks in the thread before it works", async (name, dialogs) => {
  machine = await Machine.open(name, false);
  await machine.spawn();
  for (const [index, { asks, answer }] of dialogs.entries()) {
    const { question } = await machine.event("question", index + 1);
    expect(`${question.text}\n${question.detail}`).toMatch(asks);
    const chosen = question.options.find(({ label }) => answer.test(label));
    expect(question.options).toContainEqual(chosen);
    expect(await machine.send("Not now")).toMatchObject({ outcome: "refused" });
    await machine.host.answer({ name: machine.shard.name, question: question.id, option: chosen!.key, by: "anna" });
    expect(await machine.event("question-closed", index + 1)).toMatchObject({ answer: chosen!.label, by: "anna" });
  }
  await machine.reaches("idle");
  const { receipt, answer } = await machine.ask("SAY Here I am. ENDSAY");
  expect(receipt).toMatchObject({ outcome: "submitted" });
  expect(answer.text).toBe("Here I am.");
});
