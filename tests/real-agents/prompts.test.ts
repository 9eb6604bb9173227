import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Machine } from "./machine.ts";
import type { AgentName } from "./seeds.ts";
import { asTaken, promptNumber } from "./shapes.ts";

/*
 * Many prompts of all shapes to each real CLI: every one must end in the right receipt, arrive as it was sent, and be answered once, in
 * the model's own Markdown. `PROMPTS=50 npm run test:agents -- prompts` is the long run.
 */
const count = Number(process.env["PROMPTS"] ?? 15);
const names: AgentName[] = ["claude", "codex", "gemini", "opencode"];

describe.each(names)("%s", (name) => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.open(name);
    await machine.ready();
  });
  afterAll(() => machine?.close());

  it(`answers ${count} prompts, each with one right receipt`, { timeout: count * 20_000 }, async () => {
    const wrong: string[] = [];
    for (let index = 0; index < count; index++) {
      const { text, said } = promptNumber(index);
      const { receipt, answer } = await machine.ask(text);
      const arrived = asTaken(machine.api.requests.at(-1)?.prompt ?? "");
      const right =
        receipt.outcome === "submitted" &&
        receipt.took === undefined &&
        receipt.turn === answer.turn &&
        arrived === asTaken(machine.kind.encode(text, "anna")) &&
        answer.text === said &&
        !answer.truncated;
      if (!right)
        wrong.push(
          `${index}: ${JSON.stringify({ receipt, text: answer.text.slice(0, 200), arrived: arrived.slice(-200) })}`,
        );
    }
    expect(wrong).toEqual([]);
    expect(machine.events("answer")).toHaveLength(count);
    expect(machine.api.requests).toHaveLength(count);
  });
});
