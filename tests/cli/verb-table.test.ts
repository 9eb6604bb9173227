import { describe, expect, expectTypeOf, it } from "vitest";
import { demand, needOf, onlyLooks } from "../../src/bot/access/access.ts";
import { commands } from "../../src/bot/commands/commands.ts";
import type { GuardedActions } from "../../src/bot/commands/host-actions.ts";
import { isVerb, verbs as lineVerbs } from "../../src/cli/arguments.ts";
import { helpOf } from "../../src/cli/usage.ts";
import { hostVerbs } from "../../src/control/local.ts";
import { runVerb } from "../../src/control/server.ts";
import { apartTools, tools } from "../../src/orchestrator/tools.ts";
import type { HostVerb, LineVerb, VerbRequest } from "../../src/verbs/types.ts";
import { verbFacts, verbs, type VerbTable } from "../../src/verbs/verbs.ts";
import { FakeHost } from "../fakes/fake-host.ts";

/** The verbs whose requests, as the table has them, are what their methods take. */
type Fitting = {
  [V in LineVerb & HostVerb]: VerbRequest<V> extends (
    Parameters<GuardedActions[VerbTable[V]["host"]]> extends [infer Request] ? Request : object
  )
    ? V
    : never;
}[LineVerb & HostVerb];

describe.each(verbFacts)("the verb %s of the table", (verb, facts) => {
  it("can be asked for somewhere", () => {
    expect(facts.chat === true || facts.line !== undefined).toBe(true);
  });

  it("takes the right that it says", () => {
    const need = needOf(verb, {});
    expect(need).toBe(facts.as ?? verb);
    expect(onlyLooks(need)).toBe(facts.does === "looks");
    expect(() => demand("none", need)).toThrow(`${need} is for those with the ${facts.right} right.`);
    expect(() => demand(facts.right, need)).not.toThrow();
  });

  it("is in chat, or said not to be", () => {
    expect(commands.has(verb)).toBe(facts.chat === true);
  });

  it("is on the command line and in its help, or said not to be", () => {
    expect(isVerb(verb)).toBe(facts.line !== undefined);
    const [first] = facts.line?.help ?? [];
    expect(first?.[0].split(" ")[0]).toBe(facts.line && verb);
    expect((facts.line?.help ?? []).filter(([, says = ""]) => !helpOf(verb)?.includes(says))).toEqual([]);
  });

  it("is done by a method of the host, where it says so", () => {
    const done = Object.keys(hostVerbs(new FakeHost()));
    expect([facts.host ?? []].flat().filter((method) => !done.includes(method))).toEqual([]);
  });

  it("is a tool, where it says so", () => {
    const names = [...tools, ...apartTools].map(({ name }) => name);
    expect([facts.tool ?? []].flat().filter((tool) => !names.includes(tool))).toEqual([]);
  });
});

describe.each(
  verbFacts.flatMap(([verb, { raised }]) => (raised?.option ? [{ verb, ...raised, option: raised.option }] : [])),
)("$verb --$flag", ({ verb, flag, option, is, not, right }) => {
  it("takes a higher right, and is no look", () => {
    const need = needOf(verb, { [option]: is ?? `not ${not}` });
    expect(need).toBe(`${verb} --${flag}`);
    expect(onlyLooks(need)).toBe(false);
    expect(() => demand(right, need)).not.toThrow();
    expect(() => demand("viewer", need)).toThrow(`${need} is for those with the ${right} right.`);
  });

  it("is not asked for by another value, or by none", () => {
    expect(needOf(verb, {})).toBe(verb);
    expect(needOf(verb, { other: "true" })).toBe(verb);
    expect(
      [is && "other", not].filter((value) => value !== undefined && needOf(verb, { [option]: value }) !== verb),
    ).toEqual([]);
  });
});

it.each(verbFacts.flatMap(([verb, { line }]) => (line ? [verb as LineVerb] : [])))(
  "%s is called over the control socket with what it takes, and with nothing else",
  async (verb) => {
    const call = runVerb(hostVerbs(new FakeHost()), verb, { further: 1 });
    await expect(call).rejects.toThrow('"unrecognized_keys"');
  },
);

describe("the table of verbs", () => {
  it("has the requests of the host's methods", () => {
    expectTypeOf<Fitting>().toEqualTypeOf<LineVerb & HostVerb>();
  });

  it("has every command of the chat, every verb of the command line and every tool that a shard is worked with", () => {
    expect([...commands.keys()].filter((verb) => !Object.hasOwn(verbs, verb))).toEqual([]);
    expect(lineVerbs.filter((verb) => !Object.hasOwn(verbs, verb))).toEqual([]);
    const said = verbFacts.map(([, { tool }]) => tool);
    expect(apartTools.map(({ name }) => name).filter((name) => !said.includes(name))).toEqual([]);
  });
});
