import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { gitEnvironment } from "../../src/shards/process/environment.ts";
import type { Repo, Worktree } from "../../src/shards/worktree/base.ts";
import { branchPrefix, Worktrees } from "../../src/shards/worktree/worktree.ts";

const token = "xoxb-planted-token";

let template: string;
let folder: string;
let root: string;
let repo: Repo;
let trees: Worktrees;
let env: Record<string, string>;

/** git as the user runs it, in the repo unless told otherwise. */
function git(args: string[], cwd = repo.path): string {
  return execFileSync("git", args, { cwd, env, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}

function commit(subject: string, cwd = repo.path): string {
  git(["commit", "--quiet", "--allow-empty", "-m", subject], cwd);
  return git(["rev-parse", "HEAD"], cwd);
}

function initialise(path: string): void {
  mkdirSync(path, { recursive: true });
  git(["init", "--quiet", "--initial-branch=main"], path);
}

function script(path: string, lines: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${lines}\n`);
  chmodSync(path, 0o755);
  return path;
}

/** All that a shard leaves in a repo and on the disk. */
function traces() {
  const registry = join(repo.path, ".git", "worktrees");
  return {
    worktrees: git(["worktree", "list"]).split("\n").length,
    branches: git(["for-each-ref", "--format=%(refname:short)", "refs/heads/shard/"]).split("\n").filter(Boolean),
    registrations: existsSync(registry) ? readdirSync(registry) : [],
    folder: existsSync(join(root, repo.name)),
  };
}

const none = { worktrees: 1, branches: [], registrations: [], folder: false };

function stand(place: string): void {
  folder = place;
  root = join(folder, "state", "worktrees");
  env = gitEnvironment({ PATH: process.env["PATH"], HOME: join(folder, "home"), LANG: "de_DE.UTF-8" });
  repo = { name: "proj", path: join(folder, "proj") };
}

beforeAll(() => {
  template = realpathSync(mkdtempSync(join(tmpdir(), "worktree-")));
  stand(template);
  mkdirSync(join(folder, "home"));
  writeFileSync(join(folder, "home", ".gitconfig"), "[user]\n\tname = Ada\n\temail = ada@example.com\n");
  initialise(repo.path);
  writeFileSync(join(repo.path, "a.txt"), "one\n");
  git(["add", "."]);
  commit("First");
});

afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(() => {
  stand(realpathSync(mkdtempSync(join(tmpdir(), "worktree-"))));
  cpSync(template, folder, { recursive: true });
  trees = new Worktrees({ root, env });
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("create", () => {
  it("makes a locked worktree on a branch of its own", async () => {
    const tree = await trees.create(repo, "demo");
    expect(tree).toEqual({
      path: join(root, "proj", "demo"),
      remarks: [],
      branch: "shard/demo",
      base: "main",
      commit: git(["rev-parse", "main"]),
    });
    expect(tree.branch.startsWith(branchPrefix)).toBe(true);
    expect(readFileSync(join(tree.path, "a.txt"), "utf8")).toBe("one\n");
    expect(git(["branch", "--show-current"], tree.path)).toBe("shard/demo");
    expect(git(["worktree", "list", "--porcelain"])).toContain("locked in use by the shard demo");
    expect(await trees.present(repo)).toEqual([{ path: tree.path, branch: "shard/demo" }]);
  });

  it("runs no hook, no file system monitor, no filter of the repo's, and shows git no variable but its own", async () => {
    const proof = join(folder, "proof");
    const spy = `env > "${proof}-$(basename "$0")"`;
    for (const hook of ["post-checkout", "reference-transaction", "post-index-change"])
      script(join(repo.path, ".git", "hooks", hook), spy);
    git(["config", "core.fsmonitor", script(join(folder, "monitor"), spy)]);
    git(["config", "filter.spy.smudge", `${script(join(folder, "smudge"), spy)} && cat`]);
    writeFileSync(join(repo.path, ".git", "info", "attributes"), "*.txt filter=spy\n");
    // The one program that git must run shows what git has.
    script(join(folder, "bin", "git-lfs"), `${spy}; exit 1`);
    trees = new Worktrees({ root, env: { ...env, PATH: `${join(folder, "bin")}:${env["PATH"]}` } });
    process.env["SLACK_BOT_TOKEN"] = token;
    try {
      const tree = await trees.create(repo, "demo");
      await trees.unsaved(repo, tree);
      writeFileSync(join(repo.path, ".git", "info", "attributes"), "*.txt filter=lfs\n");
      await expect(trees.create(repo, "large")).rejects.toMatchObject({ code: "failed" });
    } finally {
      delete process.env["SLACK_BOT_TOKEN"];
    }
    const programs = ["post-checkout", "reference-transaction", "post-index-change", "monitor", "smudge", "git-lfs"];
    expect(programs.filter((name) => existsSync(`${proof}-${name}`))).toEqual(["git-lfs"]);
    const seen = readFileSync(`${proof}-git-lfs`, "utf8");
    expect(seen).not.toContain(token);
    expect(seen).toMatch(/^GIT_TERMINAL_PROMPT=0$/m);
    expect(seen).toMatch(/^LC_ALL=C$/m);
    const names = seen
      .match(/^\w+(?==)/gm)!
      .filter((name) => !/^(GIT|SSH_ASKPASS)/.test(name) && !["PWD", "OLDPWD", "SHLVL", "_"].includes(name));
    expect(names.sort()).toEqual(["HOME", "LANG", "LC_ALL", "PATH"]);
  });

  it("makes several at once", async () => {
    const names = Array.from({ length: 8 }, (_, index) => `shard-${index}`);
    const made = await Promise.all(names.map((name) => trees.create(repo, name)));
    expect(made.map(({ branch }) => branch)).toEqual(names.map((name) => `shard/${name}`));
    expect((await trees.present(repo)).map(({ branch }) => branch).sort()).toEqual(
      names.map((name) => `shard/${name}`),
    );
    await Promise.all(made.map((tree) => trees.remove(repo, tree)));
    expect(traces()).toEqual(none);
  });

  it("of two with one name makes one, whole", async () => {
    const outcomes = await Promise.allSettled([
      trees.create(repo, "demo"),
      trees.create(repo, "demo"),
      trees.create(repo, "other"),
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(outcomes[1]).toMatchObject({ reason: { code: "exists" } });
    expect(traces()).toMatchObject({ worktrees: 3, branches: ["shard/demo", "shard/other"] });
  });

  it("says that submodules are not there, and removes a worktree into which they were brought", async () => {
    const part = join(folder, "part");
    initialise(part);
    commit("Part", part);
    const allowed = ["-c", "protocol.file.allow=always"];
    git([...allowed, "submodule", "--quiet", "add", part, "part"]);
    commit("With a part");
    const tree = await trees.create(repo, "demo");
    expect(tree.remarks).toEqual([expect.stringContaining("git submodule update --init")]);
    git([...allowed, "submodule", "--quiet", "update", "--init"], tree.path);
    expect(await trees.unsaved(repo, tree)).toEqual([]);
    await trees.remove(repo, tree);
    expect(traces()).toEqual(none);
  });

  it("serves a bare repo", async () => {
    const bare = { name: "bare", path: join(folder, "bare.git") };
    git(["clone", "--quiet", "--bare", repo.path, bare.path]);
    const tree = await trees.create(bare, "demo");
    expect(existsSync(join(tree.path, "a.txt"))).toBe(true);
    expect(tree.remarks).toEqual([expect.stringMatching(/^bare is a bare repository: .*\.$/)]);
    await trees.remove(bare, tree);
    expect(git(["branch", "--list", "shard/*"], bare.path)).toBe("");
  });

  it.each(["", "Demo", "-x", "a b", "../up", "a/b", "x".repeat(41), "$(id)", "demo\n"])(
    "refuses the name %j",
    async (name) => {
      await expect(trees.create(repo, name)).rejects.toMatchObject({ code: "usage" });
      expect(traces()).toEqual(none);
    },
  );

  it.each(["", "..", "a/b", "-x"])("refuses the repo name %j", async (name) => {
    await expect(trees.create({ ...repo, name }, "demo")).rejects.toMatchObject({ code: "config" });
  });

  it("refuses a folder that a link leads out of", async () => {
    mkdirSync(root, { recursive: true });
    mkdirSync(join(folder, "elsewhere"));
    symlinkSync(join(folder, "elsewhere"), join(root, "proj"));
    await expect(trees.create(repo, "demo")).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("link"),
    });
    await expect(
      trees.remove(repo, { path: join(root, "proj", "demo"), branch: "shard/demo", base: "", commit: "" }),
    ).rejects.toThrow("link");
  });
});

describe("a base", () => {
  it("is a branch, a tag, a commit or a branch that only origin has", async () => {
    const first = git(["rev-parse", "HEAD"]);
    git(["tag", "v1"]);
    git(["branch", "old"]);
    const second = commit("Second");
    git(["update-ref", "refs/remotes/origin/theirs", first]);
    const cases = {
      old: first,
      v1: first,
      [second.slice(0, 10)]: second,
      theirs: first,
      "origin/theirs": first,
      main: second,
      "HEAD~1": first,
    };
    let n = 0;
    for (const [base, hash] of Object.entries(cases)) {
      expect(await trees.create(repo, `b${n++}`, base)).toMatchObject({ base, commit: hash });
    }
  });

  it("is a branch rather than a tag of the same name", async () => {
    const first = git(["rev-parse", "HEAD"]);
    git(["tag", "both", commit("Second")]);
    git(["branch", "both", first]);
    expect((await trees.create(repo, "demo", "both")).commit).toBe(first);
  });

  it.each(["--detach", "-", "", "a\nb", "a\0b"])("can't be %j", async (base) => {
    await expect(trees.create(repo, "demo", base)).rejects.toMatchObject({ code: "usage" });
    expect(traces()).toEqual(none);
  });

  it("that is not there is answered with those that are", async () => {
    git(["branch", "develop"]);
    git(["update-ref", "refs/remotes/origin/theirs", "HEAD"]);
    const refused = trees.create(repo, "demo", "mian");
    await expect(refused).rejects.toMatchObject({ code: "not_found" });
    await expect(refused).rejects.toThrow(
      'proj has no branch or commit "mian". Branches there: develop, main, theirs.',
    );
    expect(traces()).toEqual(none);
  });
});

describe("the default base", () => {
  const base = async () => (await trees.create(repo, "demo")).base;
  const originHead = () => git(["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk"]);

  it("is the branch that is checked out", async () => {
    git(["switch", "--quiet", "-c", "feature"]);
    expect(await base()).toBe("feature");
  });

  it("is origin's before that", async () => {
    git(["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
    originHead();
    commit("Only here");
    expect(await base()).toBe("origin/trunk");
  });

  it("has the commits of origin's that are not pushed yet", async () => {
    git(["update-ref", "refs/remotes/origin/trunk", "HEAD"]);
    originHead();
    git(["branch", "trunk", commit("Not pushed")]);
    expect(await base()).toBe("trunk");
  });

  it("is not a local branch that was left behind", async () => {
    git(["branch", "trunk"]);
    git(["update-ref", "refs/remotes/origin/trunk", commit("Fetched")]);
    originHead();
    expect(await base()).toBe("origin/trunk");
  });

  it("is not origin's when that is gone", async () => {
    originHead();
    expect(await base()).toBe("main");
  });

  it("is main when HEAD is detached", async () => {
    git(["switch", "--quiet", "--detach"]);
    commit("Loose");
    expect(await trees.create(repo, "demo")).toMatchObject({
      base: "main",
      remarks: ["HEAD of proj is detached: shard/demo starts from main all the same."],
    });
    expect(await trees.create(repo, "asked", "main")).toMatchObject({ remarks: [] });
  });

  it("is a commit when HEAD is detached and there is no main", async () => {
    git(["branch", "--move", "main", "work"]);
    git(["switch", "--quiet", "--detach"]);
    const loose = commit("Loose");
    expect(await trees.create(repo, "demo")).toMatchObject({
      base: loose,
      commit: loose,
      remarks: [`HEAD of proj is detached: shard/demo starts from that commit, ${loose.slice(0, 10)}.`],
    });
  });
});

describe("a failed attempt", () => {
  it("leaves a branch that was there before", async () => {
    git(["branch", "shard/demo"]);
    await expect(trees.create(repo, "demo")).rejects.toMatchObject({
      code: "exists",
      message: expect.stringContaining("The branch shard/demo exists"),
    });
    expect(traces()).toEqual({ ...none, branches: ["shard/demo"] });
  });

  it("leaves a folder that was there before, and no branch", async () => {
    const path = join(root, "proj", "demo");
    mkdirSync(path, { recursive: true });
    writeFileSync(join(path, "mine"), "");
    await expect(trees.create(repo, "demo")).rejects.toMatchObject({
      code: "exists",
      message: expect.stringContaining(path),
    });
    expect(traces()).toEqual({ ...none, folder: true });
    expect(existsSync(join(path, "mine"))).toBe(true);
  });

  it("in the middle of the checkout leaves nothing", async () => {
    const blob = git(["rev-parse", "HEAD:a.txt"]);
    rmSync(join(repo.path, ".git", "objects", blob.slice(0, 2), blob.slice(2)));
    await expect(trees.create(repo, "demo")).rejects.toMatchObject({
      code: "failed",
      message: expect.stringContaining("proj"),
    });
    expect(traces()).toEqual(none);
  });

  it("names the branch that is in the way", async () => {
    git(["branch", "shard"]);
    await expect(trees.create(repo, "demo")).rejects.toMatchObject({
      code: "exists",
      message: expect.stringContaining("The branch shard in proj"),
    });
    git(["branch", "-D", "shard"]);
    expect(traces()).toEqual(none);
  });

  it("does not stop the next", async () => {
    await Promise.allSettled([trees.create(repo, "demo", "nowhere")]);
    expect((await trees.create(repo, "demo")).branch).toBe("shard/demo");
  });
});

describe("unsaved", () => {
  const commits = (phrases: string[]) =>
    phrases.filter((phrase) => phrase.includes("commit") && !phrase.includes("uncommitted"));
  let tree: Worktree;

  beforeEach(async () => {
    tree = await trees.create(repo, "demo");
  });

  it("is nothing in a fresh worktree, also in one of another base", async () => {
    expect(await trees.unsaved(repo, tree)).toEqual([]);
  });

  it("counts and names files", async () => {
    writeFileSync(join(tree.path, "a.txt"), "two\n");
    expect(await trees.unsaved(repo, tree)).toEqual(["1 uncommitted file (a.txt)"]);
    mkdirSync(join(tree.path, "sub folder"));
    for (const name of ["b", "c", "d\nx", "ü"]) writeFileSync(join(tree.path, "sub folder", name), "");
    expect(await trees.unsaved(repo, tree)).toEqual([
      "5 uncommitted files (a.txt, sub folder/b, sub folder/c and 2 more)",
    ]);
    git(["config", "status.showUntrackedFiles", "no"]);
    expect(await trees.unsaved(repo, tree)).toEqual([
      "5 uncommitted files (a.txt, sub folder/b, sub folder/c and 2 more)",
    ]);
  });

  it("counts a rename once on each side and no name twice", async () => {
    git(["mv", "a.txt", "z.txt"], tree.path);
    expect(await trees.unsaved(repo, tree)).toEqual(["2 uncommitted files (a.txt, z.txt)"]);
  });

  it("leaves out what git ignores", async () => {
    writeFileSync(join(repo.path, ".git", "info", "exclude"), "ignored\n");
    writeFileSync(join(tree.path, "ignored"), "");
    expect(await trees.unsaved(repo, tree)).toEqual([]);
  });

  it("counts commits and names the newest", async () => {
    commit("Add a", tree.path);
    expect(await trees.unsaved(repo, tree)).toEqual(["1 commit that is nowhere else (newest: Add a)"]);
    commit("Add b", tree.path);
    git(["config", "log.showSignature", "true"]);
    expect(await trees.unsaved(repo, tree)).toEqual(["2 commits that are nowhere else (newest: Add b)"]);
  });

  it.each(["refs/heads/mine", "refs/remotes/origin/x", "refs/tags/v1", "refs/heads/shard/demo2"])(
    "counts no commit that %s has",
    async (ref) => {
      git(["update-ref", ref, commit("Add a", tree.path)]);
      expect(await trees.unsaved(repo, tree)).toEqual([]);
    },
  );

  it("does not take a stash for a place", async () => {
    commit("Add a", tree.path);
    writeFileSync(join(tree.path, "a.txt"), "two\n");
    git(["stash"], tree.path);
    expect(await trees.unsaved(repo, tree)).toHaveLength(1);
  });

  it("counts what is on a detached HEAD of the shard", async () => {
    git(["switch", "--quiet", "--detach"], tree.path);
    commit("Loose", tree.path);
    expect(await trees.unsaved(repo, tree)).toEqual(["1 commit that is nowhere else (newest: Loose)"]);
  });

  it("counts no commit of the base that is on the repo's detached HEAD alone", async () => {
    git(["switch", "--quiet", "--detach"]);
    const other = await trees.create(repo, "other", commit("Loose"));
    expect(await trees.unsaved(repo, other)).toEqual([]);
  });

  it("tells files and commits", async () => {
    commit("Add a", tree.path);
    writeFileSync(join(tree.path, "new"), "");
    expect(await trees.unsaved(repo, tree)).toHaveLength(2);
  });

  it("is about the branch alone when the folder is gone, and nothing when both are", async () => {
    commit("Add a", tree.path);
    rmSync(tree.path, { recursive: true });
    expect(commits(await trees.unsaved(repo, tree))).toHaveLength(1);
    await trees.remove(repo, tree);
    expect(await trees.unsaved(repo, tree)).toEqual([]);
  });

  it("tells of files that git can't compare any more", async () => {
    rmSync(join(tree.path, ".git"));
    expect(await trees.unsaved(repo, tree)).toEqual([`the files in ${tree.path}, which is no git worktree any more`]);
  });

  it("tells of the files when the repo is gone", async () => {
    rmSync(repo.path, { recursive: true });
    expect(await trees.unsaved(repo, tree)).toHaveLength(1);
    await trees.remove(repo, tree);
    expect(existsSync(tree.path)).toBe(false);
  });
});

describe("remove", () => {
  let tree: Worktree;

  beforeEach(async () => {
    tree = await trees.create(repo, "demo");
  });

  it("leaves nothing, and can be done again", async () => {
    writeFileSync(join(tree.path, "dirty"), "");
    commit("Add a", tree.path);
    await trees.remove(repo, tree);
    expect(traces()).toEqual(none);
    await trees.remove(repo, tree);
    expect(traces()).toEqual(none);
  });

  it.each([
    ["the folder", () => rmSync(tree.path, { recursive: true })],
    ["the worktree's .git", () => rmSync(join(tree.path, ".git"))],
    ["the registration", () => git(["worktree", "remove", "-f", "-f", tree.path])],
    ["the lock", () => git(["worktree", "unlock", tree.path])],
    ["the branch", () => git(["update-ref", "-d", "refs/heads/shard/demo"])],
  ])("works when %s was removed by hand", async (_, byHand) => {
    byHand();
    await trees.remove(repo, tree);
    expect(traces()).toEqual(none);
  });

  it("makes way for the name also when folder and branch were removed by hand", async () => {
    rmSync(tree.path, { recursive: true });
    git(["update-ref", "-d", "refs/heads/shard/demo"]);
    expect(await trees.create(repo, "demo")).toEqual(tree);
  });

  it("keeps what another worktree of the user has lost for a while", async () => {
    const theirs = join(folder, "unmounted");
    git(["worktree", "add", "--quiet", "-b", "theirs", theirs]);
    rmSync(theirs, { recursive: true });
    await trees.remove(repo, tree);
    await trees.create(repo, "next");
    expect(git(["worktree", "list"])).toContain(theirs);
  });

  it("keeps a branch that is not ours", async () => {
    git(["switch", "--quiet", "-c", "feature"], tree.path);
    expect(await trees.present(repo)).toEqual([{ path: tree.path, branch: "feature" }]);
    await trees.remove(repo, { ...tree, branch: "feature" });
    expect(git(["branch", "--list", "feature"])).toContain("feature");
  });

  it("removes nothing when the branch is checked out elsewhere", async () => {
    git(["switch", "--quiet", "--detach"], tree.path);
    git(["switch", "--quiet", "shard/demo"]);
    await expect(trees.remove(repo, tree)).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(repo.path),
    });
    expect(existsSync(join(tree.path, "a.txt"))).toBe(true);
  });

  it.each(["/etc/demo", "state/worktrees/other/demo", "state/worktrees/proj/../../demo"])(
    "does not touch %s",
    async (path) => {
      const place = join(folder, path);
      mkdirSync(place, { recursive: true });
      await expect(trees.remove(repo, { ...tree, path: place })).rejects.toMatchObject({ code: "failed" });
      expect(existsSync(place)).toBe(true);
    },
  );

  it("does not follow a link", async () => {
    const precious = join(folder, "precious");
    mkdirSync(precious);
    writeFileSync(join(precious, "file"), "");
    rmSync(tree.path, { recursive: true });
    symlinkSync(precious, tree.path);
    await trees.remove(repo, tree);
    expect(existsSync(join(precious, "file"))).toBe(true);
    expect(traces()).toEqual(none);
  });
});

describe("check", () => {
  it("is content with a repo that has a commit", async () => {
    await expect(trees.check(repo)).resolves.toBeUndefined();
  });

  it.each([
    ["is not there", () => {}, /does not exist/],
    ["is no repo", (path: string) => mkdirSync(path), /is no git repository/],
    ["has no commit", initialise, /has no commit yet/],
  ])("tells of a folder that %s", async (_, prepare, sentence) => {
    const other = { name: "other", path: join(folder, "other") };
    prepare(other.path);
    await expect(trees.check(other)).rejects.toMatchObject({
      code: "config",
      message: expect.stringMatching(sentence),
    });
    await expect(trees.create(other, "demo")).rejects.toMatchObject({ code: "config" });
  });

  it("tells that git is missing", async () => {
    const without = new Worktrees({ root, env: { ...env, PATH: folder } });
    await expect(without.check(repo)).rejects.toMatchObject({
      code: "config",
      message: expect.stringContaining("install git"),
    });
  });
});
