import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const read = (file: string) => readFileSync(join(import.meta.dirname, "..", file), "utf8");
const { version } = JSON.parse(read("package.json")) as { version: string };
const headings = read("CHANGELOG.md")
  .split("\n")
  .filter((line) => line.startsWith("## "));
const releases = headings.slice(1).map((line) => /^## \[(\d+)\.(\d+)\.(\d+)\] - (\d{4}-\d{2}-\d{2})$/.exec(line));

it("each release has a section with its version and day, below what is not released", () => {
  expect(headings[0]).toBe("## [Unreleased]");
  expect(releases).not.toContain(null);
});

it("the version of the package is the last release that is described", () => {
  expect(headings[1]?.startsWith(`## [${version}] - `)).toBe(true);
});

it("releases are in their order, the newest first", () => {
  const sortable = releases.map((parts) => (parts?.slice(1, 4) ?? []).map((part) => part.padStart(6, "0")).join("."));
  expect(sortable).toEqual(sortable.toSorted().toReversed());
  expect(new Set(sortable).size).toBe(sortable.length);
  const days = releases.map((parts) => parts?.[4] ?? "");
  expect(days).toEqual(days.toSorted().toReversed());
});

it("no section is empty but that of what is not released", () => {
  const sections = read("CHANGELOG.md")
    .split(/^## .*$/m)
    .slice(2);
  expect(sections.filter((text) => !/^- \S/m.test(text))).toEqual([]);
});
