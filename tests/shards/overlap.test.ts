import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { diffOf } from "../../src/shards/worktree/diff.ts";
import type { HostContext } from "../../src/shards/lifecycle/host-context.ts";
import { overlapOf } from "../../src/shards/worktree/overlap.ts";
import type { ShardRecord } from "../../src/shards/saved/records.ts";
import { Worktrees } from "../../src/shards/worktree/worktree.ts";
import { git, makeFolders, type TestFolders as Place } from "./test-host.ts";

let place: Place;
let context: HostContext;
let trees: Worktrees;

beforeEach(() => {
  place = makeFolders();
  const env = { PATH: process.env["PATH"] ?? "", HOME: join(place.home, "..") };
  trees = new Worktrees({ root: join(place.home, "worktrees"), env });
  context = { options: { env } } as unknown as HostContext;
});
afterEach(() => place.remove());

/** A shard as far as git is concerned, with these files written and, where asked for, committed. */
async function shard(name: string, files: Record<string, string>, committed = true): Promise<ShardRecord> {
  const tree = await trees.create({ name: "app", path: place.repo }, name);
  change(tree.path, files, committed);
  const record = { name, repo: "app", repoPath: place.repo, worktree: tree.path, branch: tree.branch };
  return { ...record, base: tree.base, commit: tree.commit } as ShardRecord;
}

function change(folder: string, files: Record<string, string>, committed: boolean): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  if (committed) commit(folder);
}

function commit(folder: string): void {
  git(folder, "add", "--all");
  git(folder, "-c", "user.name=T", "-c", "user.email=t@example.com", "commit", "--quiet", "-m", "work");
}

/** All that could have been touched: index, status, branches, objects. */
const state = (folder: string) => ({
  status: git(folder, "status", "--porcelain=v2", "--untracked-files=all"),
  index: git(folder, "ls-files", "--stage"),
  refs: git(folder, "for-each-ref"),
  objects: git(folder, "count-objects", "-v"),
});

describe("diff", () => {
  it("has commits, changes that are not committed and new files, and touches nothing", async () => {
    const auth = await shard("auth", { "src/a.ts": "one\n", "gone.txt": "x\n" });
    writeFileSync(join(auth.worktree, "README.md"), "# App, staged\n");
    git(auth.worktree, "add", "README.md");
    writeFileSync(join(auth.worktree, "README.md"), "# App, changed\n");
    rmSync(join(auth.worktree, "gone.txt"));
    writeFileSync(join(auth.worktree, "new file.txt"), "new\n");
    writeFileSync(join(auth.worktree, ".gitignore"), "secret\n");
    writeFileSync(join(auth.worktree, "secret"), "token\n");
    const before = state(auth.worktree);
    const diff = await diffOf(auth, context);
    expect(state(auth.worktree)).toEqual(before);
    expect(diff).toMatchObject({ name: "auth", base: "main", commits: 1, uncommitted: 4, truncated: false });
    expect(diff.stat).toMatch(/README\.md[^]*new file\.txt[^]*src\/a\.ts/);
    expect(diff.stat).not.toMatch(/gone|secret/);
    expect(diff.patch).toContain("+# App, changed");
    expect(diff.patch).toContain("+one");
  });

  it("is of its own work after a rebase, not of what came to its base meanwhile", async () => {
    const auth = await shard("auth", { "a.txt": "a\n" });
    change(place.repo, { "theirs.txt": "b\n" }, true);
    git(auth.worktree, "-c", "user.name=T", "-c", "user.email=t@example.com", "rebase", "--quiet", "main");
    const { stat, commits } = await diffOf(auth, context);
    expect(stat).toContain("a.txt");
    expect(stat).not.toContain("theirs.txt");
    expect(commits).toBe(1);
  });

  it("is cut where it is long", async () => {
    const auth = await shard("auth", { "long.txt": "line\n".repeat(10_000) });
    const { patch, truncated } = await diffOf(auth, context);
    expect(patch).toHaveLength(20_000);
    expect(truncated).toBe(true);
  });

  it("is empty where nothing was done, and refused where the worktree is gone", async () => {
    const auth = await shard("auth", {}, false);
    expect(await diffOf(auth, context)).toMatchObject({ stat: "", patch: "", commits: 0, uncommitted: 0 });
    rmSync(auth.worktree, { recursive: true });
    await expect(diffOf(auth, context)).rejects.toMatchObject({ code: "failed" });
  });
});

describe("overlap", () => {
  it("names the files of both, and the real conflicts of uncommitted work too, and leaves nothing behind", async () => {
    change(place.repo, { "shared.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9\n" }, true);
    const auth = await shard("auth", { "shared.txt": "1 auth\n2\n3\n4\n5\n6\n7\n8\n9\n", "auth.ts": "x\n" });
    const api = await shard("api", { "shared.txt": "1 api\n2\n3\n4\n5\n6\n7\n8\n9\n" }, false);
    const docs = await shard("docs", { "shared.txt": "1\n2\n3\n4\n5\n6\n7\n8\n9 docs\n" });
    const before = [auth, api, docs].map(({ worktree }) => state(worktree));
    const [found, ...others] = await overlapOf([auth, api, docs], undefined, context);
    expect(others).toEqual([]);
    expect(found).toEqual({
      repo: "app",
      shards: ["auth", "api", "docs"],
      files: [{ path: "shared.txt", shards: ["auth", "api", "docs"] }],
      conflicts: [{ shards: ["auth", "api"], files: ["shared.txt"] }],
      problems: [],
    });
    expect([auth, api, docs].map(({ worktree }) => state(worktree))).toEqual(before);
  });

  it("finds a file in the way of a folder", async () => {
    const one = await shard("one", { lib: "a file\n" });
    const two = await shard("two", { "lib/a.ts": "in a folder\n" });
    const [found] = await overlapOf([one, two], "app", context);
    expect(found?.files).toEqual([]);
    expect(found?.conflicts[0]?.files.join()).toContain("lib");
  });

  it("has nothing to say of one shard, of another repo, and says what it could not look at", async () => {
    const one = await shard("one", { "a.txt": "a\n" });
    const two = await shard("two", { "a.txt": "a\n" });
    expect(await overlapOf([one], undefined, context)).toEqual([]);
    expect(await overlapOf([one, two], "other", context)).toEqual([]);
    expect(await overlapOf([one, two], "app", context)).toMatchObject([{ conflicts: [] }]);
    rmSync(two.worktree, { recursive: true });
    const [found] = await overlapOf([one, two], "app", context);
    expect(found?.problems).toEqual(["two could not be looked at: its worktree is gone"]);
    expect(existsSync(one.worktree) && readdirSync(one.worktree)).toContain("a.txt");
  });
});
