import { expect, it } from "vitest";
import { lost, namedAfter } from "../scripts/lost-names.ts";

const named = (...names: string[]) => names.map((name) => ({ name, file: `tests/${name}.test.ts` }));

it("a test that has moved to another file is not lost", () => {
  expect(lost(named("a", "b"), [{ name: "b", file: "tests/elsewhere.test.ts" }, ...named("a", "c")])).toEqual([]);
});

it("one that is gone or has another name is", () => {
  expect(lost(named("a", "b", "c"), named("a", "b!"))).toEqual(named("b", "c"));
});

it("of several with one name as many must be there as there were", () => {
  expect(lost(named("a", "a", "a"), named("a", "a"))).toEqual(named("a"));
  expect(lost(named("a", "a"), named("a", "a", "a"))).toEqual([]);
});

it.each([
  ["the layers > bot/keys.ts imports only what its folder may", true],
  ["the layers > bot/commands/keys.ts imports only what its folder may", false],
  ["keys are pressed", false],
  ["links to bot/keys.ts, and more", true],
])("%s: named after a file is %s", (name, is) => {
  expect(namedAfter({ name, file: "tests/layers.test.ts" }, ["bot/keys.ts", "bot/other.ts"])).toBe(is);
});
