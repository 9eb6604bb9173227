import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NotSavedError } from "../../src/errors.ts";
import type { VerbFacts } from "../../src/verbs/facts.ts";
import type { LineVerb } from "../../src/verbs/types.ts";

/** A verb that nothing of the source knows: an entry of the table, and a method of the host. */
const nudge: VerbFacts = {
  right: "operator",
  does: "changes",
  raised: { flag: "hard", right: "admin", option: "hard", is: "true" },
  by: "asker",
  takes: { name: "text", id: "id", how: ["softly", "firmly"], why: "text", "hard?": "flag", "times?": "number" },
  // A method that there is not yet, either.
  host: "nudge" as "stop",
  line: { help: [["nudge NAME ID HOW WHY…", "push a prompt a little"]], wants: "the id of a prompt", done: "nudged" },
};

vi.mock(import("../../src/verbs/verbs.ts"), async (original) => {
  const real = await original();
  const verbs = { ...real.verbs, nudge };
  return { ...real, verbs, verbFacts: Object.entries(verbs) as unknown as typeof real.verbFacts };
});

const { isVerb, readCall } = await import("../../src/cli/arguments.ts");
const { complete } = await import("../../src/cli/completion.ts");
const { present } = await import("../../src/cli/present.ts");
const { helpOf } = await import("../../src/cli/usage.ts");
const { callControl } = await import("../../src/control/client.ts");
const { hostVerbs } = await import("../../src/control/local.ts");
const { controlSocket } = await import("../../src/control/protocol.ts");
const { runVerb, serveControl } = await import("../../src/control/server.ts");
const { demand, needOf, onlyLooks } = await import("../../src/bot/access/access.ts");
const { TestBot, operator, viewer } = await import("../bot/test-bot.ts");

const verb = "nudge" as LineVerb;
const typed = ["demo", "7", "firmly", "it", "sleeps"];
const request = { name: "demo", id: 7, how: "firmly", why: "it sleeps" };

describe("a verb that is in the table and in the host", () => {
  let testBot: InstanceType<typeof TestBot>;
  let home: string;
  const asked: unknown[] = [];

  beforeEach(async () => {
    home = mkdtempSync(join(tmpdir(), "nudge-"));
    testBot = await new TestBot().open();
    asked.length = 0;
    Object.assign(testBot.host, {
      nudge: async (given: unknown) => {
        asked.push(given);
        return { name: "demo", text: "up with very-secret-token-0123456789" };
      },
    });
  });
  afterEach(async () => {
    await testBot.dispose();
    rmSync(home, { recursive: true });
  });

  it("has its rights", () => {
    const need = needOf(verb, {});
    expect(need).toBe("nudge");
    expect(onlyLooks(need)).toBe(false);
    expect(() => demand("viewer", need)).toThrow("nudge is for those with the operator right");
    expect(() => demand("operator", needOf(verb, { hard: true }))).toThrow(
      "nudge --hard is for those with the admin right",
    );
  });

  it("is typed, helped with and completed", async () => {
    expect(isVerb("nudge")).toBe(true);
    expect(await readCall(verb, typed)).toEqual({ request, json: false });
    expect(await readCall(verb, ["--hard", "--times=2", ...typed])).toMatchObject({
      request: { ...request, hard: true, times: 2 },
    });
    expect(helpOf("nudge")).toContain("  shardbridge nudge NAME ID HOW WHY…       push a prompt a little\n");
    expect(await complete(["nud"], async () => [])).toEqual(["nudge"]);
    expect(await complete(["nudge", ""], async () => ["demo"])).toEqual(["demo"]);
    expect(await complete(["nudge", "demo", "--h"], async () => [])).toEqual(["--hard"]);
  });

  it.each([
    [["demo"], "nudge needs the id of a prompt"],
    [["demo", "soon", "softly", "x"], "nudge takes an id as queue shows it"],
    [["demo", "7", "loudly", "x"], "nudge takes softly, firmly"],
    [["demo", "7", "softly"], "nudge needs WHY"],
    [["demo", "7", "softly", "x", "--times", "few"], "--times takes a whole number"],
    [["demo", "7", "softly", "x", "--force"], "nudge takes no --force"],
  ])("says what is wrong with %j", async (args, sentence) => {
    await expect(readCall(verb, args)).rejects.toMatchObject({
      code: "usage",
      message: expect.stringContaining(sentence) as string,
    });
  });

  it("is done over the control socket, in the asker's name, with the asker's right, and redacted", async () => {
    const path = controlSocket(home);
    const actions = testBot.bot.actionsFor({ person: operator, right: "operator" });
    const server = await serveControl(path, actions, () => expect.fail("no verb goes to a holder by itself"));
    try {
      const { result } = (await callControl(path, verb, request))!;
      expect(present(verb, result)).toMatch(/^nudged: up with (?!very-secret)/);
      expect(asked).toEqual([{ ...request, by: operator.name }]);
      await expect(callControl(path, verb, { ...request, by: "somebody else" })).rejects.toMatchObject({
        code: "usage",
      });
      await expect(callControl(path, verb, { ...request, id: "7" })).rejects.toMatchObject({ code: "usage" });
      await expect(callControl(path, verb, { ...request, hard: true })).rejects.toMatchObject({ code: "not_allowed" });
    } finally {
      server.close();
    }
    const fewer = testBot.bot.actionsFor({ person: viewer, right: "viewer" });
    await expect(runVerb(fewer, verb, request)).rejects.toMatchObject({ code: "not_allowed" });
    expect(asked).toHaveLength(1);
  });

  it("waits for the disk like all that changes something", async () => {
    vi.spyOn(testBot.store, "fault", "get").mockReturnValue(new NotSavedError("the disk is full"));
    const actions = testBot.bot.actionsFor({ person: operator, right: "operator" });
    await expect(runVerb(actions, verb, request)).rejects.toThrow("the disk is full");
    expect(asked).toEqual([]);
  });

  it("is done with no bot", async () => {
    const result = await runVerb(hostVerbs(testBot.host), verb, request);
    expect(present(verb, result)).toBe("nudged: up with very-secret-token-0123456789");
    expect(asked).toEqual([{ ...request, by: expect.any(String) as string }]);
  });
});
