import { execFileSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { HostContext } from "../../src/shards/lifecycle/host-context.ts";
import { findProgram } from "../../src/shards/process/find-program.ts";
import type { ShardRecord } from "../../src/shards/saved/records.ts";
import { diffOf } from "../../src/shards/worktree/diff.ts";
import { Worktrees } from "../../src/shards/worktree/worktree.ts";
import { git, makeFolders, type TestFolders } from "./test-host.ts";

let folders: TestFolders;
let env: Record<string, string>;
let trees: Worktrees;
const repo = () => ({ name: "app", path: folders.repo });
const content = "a large file\n";

/** What stands in the repo for the content (https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md). */
const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 13\n";

/**
 * A program in git-lfs's place that speaks git's filter protocol (gitprotocol-common, gitattributes "Long Running Filter Process"): what is
 * read becomes the content, what is written the pointer.
 */
const standIn = `#!${process.execPath}
if (process.argv[2] !== "filter-process") process.exit(2);
const write = (text) => process.stdout.write((text.length + 4).toString(16).padStart(4, "0") + text);
const flush = () => process.stdout.write("0000");
let data = "";
let packets = [];
const greet = { 0: () => { write("git-filter-server\\n"); write("version=2\\n"); flush(); }, 1: () => { write("capability=clean\\n"); write("capability=smudge\\n"); flush(); } };
let step = 0;
let command;
const done = () => {
  if (step < 2) greet[step++]();
  else if (!command) command = packets.find((line) => line.startsWith("command=")).trim().slice(8);
  else {
    write("status=success\\n");
    flush();
    write(command === "smudge" ? ${JSON.stringify(content)} : ${JSON.stringify(pointer)});
    flush();
    flush();
    command = undefined;
  }
  packets = [];
};
process.stdin.setEncoding("latin1").on("data", (chunk) => {
  data += chunk;
  while (data.length >= 4) {
    const length = parseInt(data.slice(0, 4), 16);
    if (length === 0) { data = data.slice(4); done(); continue; }
    if (data.length < length) return;
    packets.push(data.slice(4, length));
    data = data.slice(length);
  }
});
`;

beforeEach(() => {
  folders = makeFolders();
  env = { PATH: "/usr/bin:/bin", HOME: dirname(folders.home) };
  trees = new Worktrees({ root: join(folders.home, "worktrees"), env });
  writeFileSync(join(folders.repo, ".gitattributes"), "*.bin filter=lfs diff=lfs merge=lfs -text\n");
  writeFileSync(join(folders.repo, "a.bin"), pointer);
  const none = ["-c", "filter.lfs.clean=cat", "-c", "filter.lfs.process=", "-c", "filter.lfs.required=false"];
  git(folders.repo, ...none, "add", ".");
  git(folders.repo, ...none, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Large");
});
afterEach(() => folders.remove());

function install(): void {
  const bin = join(dirname(folders.home), "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "git-lfs"), standIn);
  chmodSync(join(bin, "git-lfs"), 0o755);
  env["PATH"] = `${bin}:${env["PATH"]}`;
}

describe.skipIf(findProgram("git-lfs", { PATH: "/usr/bin:/bin" }) !== undefined)("without git-lfs on the PATH", () => {
  it("a repo that has large files is refused in a sentence, and nothing is left of it", async () => {
    await expect(trees.create(repo(), "demo")).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(/^app has files in Git LFS, and git-lfs is not on the PATH .* then try again\.$/),
    });
    expect(await trees.present(repo())).toEqual([]);
    expect(git(folders.repo, "branch", "--list", "shard/*")).toBe("");
  });

  it("a repo without any is not", async () => {
    git(folders.repo, "rm", "--quiet", "a.bin");
    git(folders.repo, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Small");
    expect((await trees.create(repo(), "demo")).branch).toBe("shard/demo");
  });
});

describe("with git-lfs on the PATH", () => {
  beforeEach(install);

  it("large files have their content in a new worktree, and are no work of the shard", async () => {
    const tree = await trees.create(repo(), "demo");
    expect(readFileSync(join(tree.path, "a.bin"), "utf8")).toBe(content);
    expect(await trees.unsaved(repo(), tree)).toEqual([]);
    writeFileSync(join(tree.path, "b.bin"), content);
    const record = {
      name: "demo",
      repo: "app",
      repoPath: folders.repo,
      worktree: tree.path,
      ...tree,
    } as unknown as ShardRecord;
    const { patch, stat } = await diffOf(record, { options: { env } } as unknown as HostContext);
    expect(stat).toContain("b.bin");
    expect(patch).not.toContain(content);
    await trees.remove(repo(), tree);
  });
});

describe.skipIf(findProgram("git-lfs", { PATH: process.env["PATH"] ?? "" }) === undefined)(
  "with the real git-lfs",
  () => {
    it("content that the repo has is brought into a new worktree, and put back as a pointer", async () => {
      env["PATH"] = process.env["PATH"] ?? "";
      const run = (...args: string[]) => execFileSync("git", args, { cwd: folders.repo, env, encoding: "utf8" });
      run("lfs", "install", "--local");
      writeFileSync(join(folders.repo, "a.bin"), content);
      run("add", ".");
      run("-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "Real");
      expect(run("show", "HEAD:a.bin")).toContain("oid sha256:");
      const tree = await trees.create(repo(), "demo");
      expect(readFileSync(join(tree.path, "a.bin"), "utf8")).toBe(content);
      writeFileSync(join(tree.path, "a.bin"), "changed\n");
      const record = {
        name: "demo",
        repo: "app",
        repoPath: folders.repo,
        worktree: tree.path,
        ...tree,
      } as unknown as ShardRecord;
      const { patch } = await diffOf(record, { options: { env } } as unknown as HostContext);
      expect(patch).toMatch(/^\+oid sha256:/m);
      expect(existsSync(join(tree.path, "a.bin")) && statSync(join(tree.path, "a.bin")).size).toBe(8);
    });
  },
);
