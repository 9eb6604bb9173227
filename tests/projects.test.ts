import { globSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { parts } from "./projects.ts";

const cwd = join(import.meta.dirname, "..");

it("every test file is in one part", () => {
  const all = globSync("tests/**/*.test.ts", { cwd }).filter((file) => !/node_modules|real-agents/.test(file));
  const found = Object.values(parts).flatMap(({ include, exclude }) => globSync(include, { cwd, exclude }));
  expect(found.toSorted()).toEqual(all.toSorted());
});
