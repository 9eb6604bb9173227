import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Machine } from "./machine.ts";
import { ended, finished } from "./script.ts";
import type { AgentName } from "./seeds.ts";

/*
 * Work besides the turn: a command in the background, whose end begins a turn that nobody has prompted, and a sub-agent. Each turn ends
 * once, and what runs on is told.
 */
const names: AgentName[] = ["claude", "opencode"];

describe.each(names)("%s", (name) => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.open(name);
  });
  afterAll(() => machine?.close());
  beforeEach(() => machine.ready());

  it.runIf(name === "claude")("tells of a command in the background, and of the turn that its end begins", async () => {
    const first = await machine.ask("BEHIND sleep 8 ENDBEHIND");
    expect(first.answer.text).toBe(`I will run it in the background.\n\n${finished}`);
    expect(await machine.status()).toMatchObject({ state: "idle", background: { shells: 1, agents: 0 } });
    expect(await machine.event("answer", 2)).toMatchObject({ text: ended, truncated: false });
    await machine.reaches("idle");
    expect((await machine.status()).background).toBeUndefined();
    const next = await machine.ask("SAY And on. ENDSAY");
    expect(next.answer.text).toBe("And on.");
    expect(machine.events("answer")).toHaveLength(3);
    expect(machine.events("receipt")).toEqual([]);
  });

  it("is working for as long as its sub-agent is, and answers once", async () => {
    // In its auto mode Claude has its maker check each sub-agent.
    await machine.spawn({ mode: "ask" });
    await machine.reaches("idle");
    const slow = Array.from({ length: 20 }, (_, index) => `word${index}`).join(" ");
    const seen = await machine.watched(async () => {
      const { receipt, answer } = await machine.ask(`TASK SAY ${slow} ENDSAY DELAY=200 ENDTASK`);
      expect(receipt).toMatchObject({ outcome: "submitted" });
      expect(answer.text).toContain(finished);
      expect(answer.text).not.toContain("word1 word2");
    });
    expect(seen).toEqual(["working", "idle"]);
    expect(machine.events("answer")).toHaveLength(1);
    expect(machine.events("question")).toEqual([]);
  });
});
