import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { EnvFiles } from "../../src/redaction/env-files.ts";

let outside: string;
let repo: string;
let worktree: string;
let now = 0;
let files: EnvFiles;

beforeEach(() => {
  outside = mkdtempSync(join(tmpdir(), "env-files-"));
  repo = join(outside, "repo");
  worktree = join(outside, "worktree");
  mkdirSync(repo);
  mkdirSync(worktree);
  files = new EnvFiles(() => [repo, worktree]);
});
afterEach(() => rmSync(outside, { recursive: true }));

function known(): string[] {
  files.refresh((now += 10_000));
  return files.values.map(({ value }) => value).toSorted();
}

it("knows the secrets of all kinds of .env files, of folders below too, and none of examples", () => {
  mkdirSync(join(repo, "packages/api"), { recursive: true });
  mkdirSync(join(repo, "node_modules/a"), { recursive: true });
  const files_ = [".env", ".env.local", ".envrc", "prod.env", "packages/api/.env"];
  for (const [index, name] of files_.entries()) writeFileSync(join(repo, name), `KEY=Zq81LmNo93k${index}`);
  for (const name of [".env.example", ".env.sample", "env.txt", "node_modules/a/.env"])
    writeFileSync(join(repo, name), "KEY=Xx82LmNo93kA");
  expect(known()).toEqual(files_.map((_, index) => `Zq81LmNo93k${index}`));
});

it("reads a file again that has changed, and forgets no value", () => {
  writeFileSync(join(worktree, ".env"), "KEY=Zq81LmNo93k1");
  expect(known()).toEqual(["Zq81LmNo93k1"]);
  const before = files.values;
  expect(known()).toEqual(["Zq81LmNo93k1"]);
  expect(files.values).toBe(before);
  writeFileSync(join(worktree, ".env"), "KEY=Zq81LmNo93k2");
  expect(known()).toEqual(["Zq81LmNo93k1", "Zq81LmNo93k2"]);
  rmSync(join(worktree, ".env"));
  expect(known()).toEqual(["Zq81LmNo93k1", "Zq81LmNo93k2"]);
});

it("follows a link into a repo and none out of it", () => {
  writeFileSync(join(repo, "secrets"), "KEY=Zq81LmNo93k1");
  writeFileSync(join(outside, "theirs"), "KEY=Zq81LmNo93k2");
  symlinkSync(join(repo, "secrets"), join(worktree, ".env"));
  symlinkSync(join(outside, "theirs"), join(worktree, ".env.local"));
  symlinkSync(join(outside, "nowhere"), join(worktree, ".env.gone"));
  expect(known()).toEqual(["Zq81LmNo93k1"]);
  // A link that is bent elsewhere later on.
  rmSync(join(worktree, ".env"));
  symlinkSync(join(outside, "theirs"), join(worktree, ".env"));
  expect(known()).toEqual(["Zq81LmNo93k1"]);
});

it("waits for no pipe, and reads no file that is too large", () => {
  execFileSync("mkfifo", [join(worktree, ".env")]);
  writeFileSync(join(worktree, ".env.big"), `KEY=Zq81LmNo93k1\n#${"x".repeat(300_000)}`);
  mkdirSync(join(worktree, ".env.folder"));
  expect(known()).toEqual([]);
});

it("looks at a folder that comes later", () => {
  const folders = [repo];
  files = new EnvFiles(() => folders);
  expect(known()).toEqual([]);
  writeFileSync(join(worktree, ".env"), "KEY=Zq81LmNo93k1");
  folders.push(worktree);
  files.refresh(now + 1);
  expect(files.values).toHaveLength(1);
});
