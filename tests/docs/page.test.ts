import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { follow } from "./page.ts";

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "page-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const block = (above: string, language: string, text: string) => `${above}\n\n\`\`\`${language}\n${text}\n\`\`\`\n`;
const read = (file: string) => readFileSync(join(folder, file), "utf8");

it("writes files, adds to them, changes them, and tells the commands", () => {
  writeFileSync(join(folder, "list"), "one\ntwo\n");
  const page = [
    block("`src/a.ts`:", "ts", "const a = 1;\n\nconst b = 2;"),
    block("`bin/run`:", "js", "#!/usr/bin/env node"),
    block("In `list`:", "diff", "-one\n+eins\n two"),
    block("", "diff", " two\n+three"),
    block("At the end of `list`, more:", "sh", "four"),
    block("Then run it:", "sh", "npx tsc\nnpx vitest run"),
  ].join("\n");
  expect(follow(page, folder)).toEqual(["npx tsc", "npx vitest run"]);
  expect(read("src/a.ts")).toBe("const a = 1;\n\nconst b = 2;\n");
  expect(statSync(join(folder, "bin/run")).mode & 0o111).toBe(0o111);
  expect(read("list")).toBe("eins\ntwo\nthree\nfour\n");
});

it.each([
  ["a change of what is not there", block("In `list`:", "diff", "-nine\n+ten"), "This is not once in"],
  ["a change of what is there twice", block("In `list`:", "diff", " one\n+ten"), "This is not once in"],
  ["a block without a file", block("Look at this:", "ts", "const a = 1;"), "Look at this:"],
])("throws at %s", (_, page, why) => {
  writeFileSync(join(folder, "list"), "one\none\n");
  expect(() => follow(page, folder)).toThrow(why);
});
