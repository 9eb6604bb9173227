import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { Machine } from "./machine.ts";
import { refusal } from "./model-api.ts";
import type { AgentName } from "./seeds.ts";

/*
 * An API that fails: while the agent tries again it is working and has said nothing, and what it does not get over is told once, with the
 * way out where there is one.
 */
const names: AgentName[] = ["claude", "codex", "gemini", "opencode"];

/** After these each tries again by itself. */
const failures: Record<AgentName, string> = {
  claude: "529,429,500",
  codex: "500,503",
  gemini: "503,429",
  opencode: "529,429,500",
};

describe.each(names)("%s", (name) => {
  let machine: Machine;

  beforeAll(async () => {
    machine = await Machine.open(name);
  });
  afterAll(() => machine?.close());
  beforeEach(() => machine.ready());

  it("is working while it tries again, and answers once", async () => {
    const count = failures[name].split(",").length;
    const seen = await machine.watched(async () => {
      const { receipt, answer } = await machine.ask(`FAILS=${failures[name]} SAY Here at last. ENDSAY`);
      expect(receipt).toMatchObject({ outcome: "submitted" });
      expect(answer).toMatchObject({ text: "Here at last.", truncated: false });
    });
    expect(machine.api.requests.filter(({ again }) => again)).toHaveLength(count);
    expect(seen).toEqual(["working", "idle"]);
    expect(machine.events("answer")).toHaveLength(1);
    expect((await machine.status()).trouble).toBeUndefined();
  });

  it.runIf(name === "claude" || name === "codex")("tells when the plan is used up, and until when", async () => {
    expect(await machine.send("LIMIT")).toMatchObject({ outcome: "submitted" });
    const limit = { kind: "limit", until: expect.stringContaining("2027") as string };
    await expect.poll(async () => (await machine.status()).trouble, { timeout: 60_000 }).toMatchObject(limit);
    expect(await machine.event("trouble")).toMatchObject({ trouble: limit });
    // Claude goes on trying.
    if ((await machine.status()).state === "working") await machine.host.stop({ name: machine.shard.name, by: "anna" });
    await machine.event("answer");
    await machine.reaches("idle");
    const next = await machine.ask("SAY Fine again. ENDSAY");
    expect(next.answer.text).toBe("Fine again.");
    expect((await machine.status()).trouble).toBeUndefined();
  });

  it("tells of an API error, and then goes on", async () => {
    const { receipt, answer } = await machine.ask("ERR400");
    expect(receipt).toMatchObject({ outcome: "submitted" });
    expect(answer.text).toContain(refusal);
    const next = await machine.ask("SAY Fine again. ENDSAY");
    expect(next.answer.text).toBe("Fine again.");
  });
});
