import { existsSync, globSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { expect, it } from "vitest";
import { linksIn, slugsOf } from "./links.ts";

const root = join(import.meta.dirname, "..", "..");
const pages = globSync("**/*.md", { cwd: root, exclude: ["**/node_modules", "tests/fixtures/markdown", "dist"] });
const texts = new Map(pages.map((page) => [page, readFileSync(join(root, page), "utf8")]));

/** The file that a link of a page leads to, from the root, and the heading in it. */
function targetOf(page: string, link: string): { file: string; anchor: string | undefined } {
  const [path = "", anchor] = link.split("#", 2);
  return { file: path === "" ? page : relative(root, join(root, dirname(page), decodeURI(path))), anchor };
}

const links = pages.flatMap((page) => linksIn(texts.get(page) ?? "").map((link) => [page, link] as const));

it("there are pages with links", () => {
  expect(pages).toEqual(expect.arrayContaining(["README.md", "AGENTS.md", "docs/architecture.md"]));
  expect(links.length).toBeGreaterThan(50);
});

it.each(links.filter(([, link]) => !/^[a-z]+:/.test(link)))("%s: %s leads somewhere", (page, link) => {
  const { file, anchor } = targetOf(page, link);
  const leads =
    existsSync(join(root, file)) && (anchor === undefined || slugsOf(texts.get(file) ?? "").includes(anchor));
  expect(leads ? link : `${link} leads nowhere`).toBe(link);
});

it("every page is reached from the README", () => {
  const reached = new Set(["README.md"]);
  for (const page of reached) {
    for (const link of linksIn(texts.get(page) ?? "")) {
      const { file } = targetOf(page, link);
      if (texts.has(file)) reached.add(file);
    }
  }
  const needed = pages.filter((page) => !page.includes("/") || page.startsWith("docs/"));
  expect(needed.filter((page) => !reached.has(page))).toEqual([]);
});

it("every file that a page names as code is there", () => {
  const named = pages
    .filter((page) => page.startsWith("docs/") && !page.startsWith("docs/adding-"))
    .flatMap((page) => [...(texts.get(page) ?? "").matchAll(/`((?:src|tests|scripts|bin|deploy)\/[\w./-]*\w)`/g)])
    .map(([, path = ""]) => path);
  expect(named.length).toBeGreaterThan(20);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

it("every function that the architecture names is declared in the file that it names with it", () => {
  const page = texts.get("docs/architecture.md") ?? "";
  const named = [...page.matchAll(/\[`([\w.]+)`\]\(\.\.\/(src\/[\w./-]+\.ts)\)/g)].filter(
    ([, name = ""]) => !name.endsWith(".ts"),
  );
  expect(named.length).toBeGreaterThan(15);
  const missing = named.filter(([, name = "", file = ""]) => {
    const text = readFileSync(join(root, file), "utf8");
    return name.split(".").some((part) => !declares(text, part));
  });
  expect(missing.map(([, name, file]) => `${name} in ${file}`)).toEqual([]);
});

/** Whether a source has a class, function or method of this name. */
function declares(source: string, name: string): boolean {
  return new RegExp(
    `^(?:export )?(?:async )?(?:class|function|const) ${name}\\b|^  (?:(?:async|static|readonly) )*#?${name}[(:<]`,
    "m",
  ).test(source);
}

it.each(globSync("docs/pictures/*", { cwd: root }))("%s is shown in the README, and small", (picture) => {
  expect(linksIn(texts.get("README.md") ?? "")).toContain(picture);
  expect(statSync(join(root, picture)).size).toBeLessThan(150_000);
});

it("the README is short", () => {
  expect(texts.get("README.md")?.split("\n").length).toBeLessThan(200);
});

it.each([
  ["[a](b.md) and ![c](d/e.png)", ["b.md", "d/e.png"]],
  ["`[a](b.md)` and\n```\n[c](d.md)\n```\n[e](<f g.md>)", ["f g.md"]],
  ["[a]: b.md\n<https://example.org>", ["b.md"]],
  ['<img src="a.png" width="9"> <a href="b.md#c">', ["a.png", "b.md#c"]],
])("in %j there are these links", (text, expected) => {
  expect(linksIn(text)).toEqual(expected);
});

it("headings have the anchors that GitHub gives them", () => {
  const text = "# One `two`, three!\n## Again\n```sh\n# no heading\n```\n## Again\n### In [the](a.md) repo";
  expect(slugsOf(text)).toEqual(["one-two-three", "again", "again-1", "in-the-repo"]);
});
