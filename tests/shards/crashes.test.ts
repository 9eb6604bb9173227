import { describe, expect, test } from "vitest";
import { resumeOf } from "../../src/shards/state/conversation.ts";
import { isLooping, pauseAfter, withCrash } from "../../src/shards/lifecycle/crashes.ts";
import type { ShardRecord } from "../../src/shards/saved/records.ts";
import { fakeKind } from "../fakes/fake-kind.ts";

const start = Date.parse("2026-01-01T00:00:00.000Z");
const at = (...seconds: number[]) => seconds.map((second) => new Date(start + second * 1000).toISOString());

test.for<[string, number[], boolean]>([
  ["none", [], false],
  ["two", [0, 1], false],
  ["three at once", [0, 0, 0], true],
  ["three within a minute", [0, 30, 60], true],
  ["three in more than a minute", [0, 30, 60.001], false],
  ["one long ago, and three now", [-500, 0, 1, 2], true],
])("a loop: %s", ([, seconds, looping]) => {
  expect(isLooping(at(...seconds))).toBe(looping);
});

test("only the last three crashes are kept", () => {
  expect(withCrash(undefined, "a")).toEqual(["a"]);
  expect(withCrash(["a", "b", "c"], "d")).toEqual(["b", "c", "d"]);
});

test.for([
  [2, 60_000],
  [32, 30_000],
  [61.5, 500],
  [62, 0],
  [500, 0],
])("%d s after the first of three crashes in 2 s, it is waited %d ms", ([second, left]) => {
  expect(pauseAfter(at(0, 1, 2), start + second! * 1000)).toBe(left);
  expect(pauseAfter(at(0, 2), start + second! * 1000)).toBe(0);
});

describe("an agent is started again", () => {
  const record = { conversation: "c", turns: 1 } as ShardRecord;

  test.for<["given" | "told" | "none", Partial<ShardRecord>, ReturnType<typeof resumeOf>]>([
    ["given", { begun: true }, "resumed"],
    ["given", { begun: false }, "fresh"],
    ["given", {}, "resumed"],
    ["given", { turns: 0 }, "fresh"],
    ["told", { begun: true }, undefined],
    ["told", { begun: true, told: true }, "resumed"],
    ["told", { begun: false, told: true }, "fresh"],
    ["none", { begun: true }, "fresh"],
  ])("%s %j: %s", ([conversations, part, how]) => {
    expect(resumeOf({ ...record, ...part }, { ...fakeKind, conversations })).toBe(how);
  });
});
