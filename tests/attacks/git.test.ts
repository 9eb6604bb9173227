import { execFileSync } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import type { HostContext } from "../../src/shards/lifecycle/host-context.ts";
import { gitEnvironment } from "../../src/shards/process/environment.ts";
import type { ShardRecord } from "../../src/shards/saved/records.ts";
import { diffOf } from "../../src/shards/worktree/diff.ts";
import { overlapOf } from "../../src/shards/worktree/overlap.ts";
import type { Worktree } from "../../src/shards/worktree/base.ts";
import { Worktrees } from "../../src/shards/worktree/worktree.ts";
import { blocked } from "./attempt.ts";

/** Two shards of a repo, as git knows them. Their agents write files, and run nothing. */
interface Setting {
  top: string;
  repo: string;
  trees: Worktrees;
  context: HostContext;
  one: Worktree;
  other: Worktree;
}

let template: string;
let setting: Setting;

const env: Record<string, string> = {
  PATH: process.env["PATH"] ?? "",
  GIT_CONFIG_GLOBAL: "/dev/null",
  HOME: "/nowhere",
};

function git(folder: string, ...args: string[]): string {
  const who = ["-c", "user.name=T", "-c", "user.email=t@example.com"];
  return execFileSync("git", [...who, ...args], {
    cwd: folder,
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  }).trim();
}

beforeAll(() => {
  template = mkdtempSync(join(tmpdir(), "attack-"));
  git(template, "init", "-q", "-b", "main");
  writeFileSync(join(template, "a.txt"), "one\n");
  git(template, "add", ".");
  git(template, "commit", "-qm", "x");
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(async () => {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "attack-")));
  const repo = join(top, "repo");
  cpSync(template, repo, { recursive: true });
  const trees = new Worktrees({ root: join(top, "trees"), env: gitEnvironment(env) });
  const context = { options: { env } } as unknown as HostContext;
  const [one, other] = [
    await trees.create({ name: "r", path: repo }, "one"),
    await trees.create({ name: "r", path: repo }, "other"),
  ];
  setting = { top, repo, trees, context, one, other };
});
afterEach(() => rmSync(setting.top, { recursive: true, force: true }));

const proof = () => join(setting.top, "RAN");
/** A command line, quoted for git's configuration, that leaves a trace and passes on what it is given. */
const program = () => JSON.stringify(`sh -c 'touch ${proof()}; cat' x`);
/** The same, for where nothing is given. */
const silent = () => JSON.stringify(`sh -c 'touch ${proof()}' x`);

function record(name: string, { path, branch, base, commit }: Worktree): ShardRecord {
  return { name, repo: "r", repoPath: setting.repo, worktree: path, branch, base, commit } as ShardRecord;
}

/** Whether a program of the agent's ran. That git then refuses to work is no harm. */
async function runs(work: () => Promise<unknown>): Promise<boolean> {
  await work().catch(() => {});
  return existsSync(proof());
}

const diff = async (name: "one" | "other") => diffOf(record(name, setting[name]), setting.context);
const spawn = async (name: string) => setting.trees.create({ name: "r", path: setting.repo }, name);

describe("a worktree whose .git names another folder, with a configuration of its own,", () => {
  /** Put a copy of the repo's git folder into the worktree, with this filter, and have .git name it. */
  function replace(filter: string): void {
    const { repo, one } = setting;
    const own = readFileSync(join(one.path, ".git"), "utf8")
      .replace(/^gitdir: /, "")
      .trim();
    const fake = join(one.path, ".cache", "g");
    mkdirSync(fake, { recursive: true });
    cpSync(join(repo, ".git"), fake, { recursive: true, filter: (path) => !path.includes("worktrees") });
    cpSync(join(own, "index"), join(fake, "index"));
    writeFileSync(join(fake, "HEAD"), `ref: refs/heads/${one.branch}\n`);
    const core = `[core]\n\trepositoryformatversion = 0\n\tworktree = ${one.path}\n`;
    writeFileSync(join(fake, "config"), `${core}[filter "x"]\n\t${filter} = ${program()}\n`);
    writeFileSync(join(one.path, ".gitattributes"), "*.txt filter=x\n");
    writeFileSync(join(one.path, "new.txt"), "new\n");
    writeFileSync(join(one.path, "a.txt"), "two\n");
    writeFileSync(join(one.path, ".git"), `gitdir: ${fake}\n`);
  }

  blocked("runs its filter.clean at a diff", async () => {
    replace("clean");
    return runs(() => diff("one"));
  });
  blocked("runs its filter.process at a diff", async () => {
    replace("process");
    return runs(() => diff("one"));
  });
  blocked("runs its filter.clean when unsaved work is looked for", async () => {
    replace("clean");
    return runs(() => setting.trees.unsaved({ name: "r", path: setting.repo }, setting.one));
  });
});

describe("the repo's own configuration, which each agent that may commit can write,", () => {
  function configure(section: string): void {
    const core = "[core]\n\trepositoryformatversion = 0\n\tbare = false\n";
    writeFileSync(join(setting.repo, ".git", "config"), `${core}${section}`);
  }
  function attribute(line: string): void {
    mkdirSync(join(setting.repo, ".git", "info"), { recursive: true });
    writeFileSync(join(setting.repo, ".git", "info", "attributes"), `${line}\n`);
  }

  blocked("runs its filter.smudge at somebody's next spawn", async () => {
    configure(`[filter "x"]\n\tsmudge = ${program()}\n`);
    attribute("*.txt filter=x");
    return runs(() => spawn("next"));
  });
  blocked("runs its filter.clean at another shard's diff", async () => {
    configure(`[filter "x"]\n\tclean = ${program()}\n`);
    attribute("*.txt filter=x");
    writeFileSync(join(setting.other.path, "b.txt"), "b\n");
    return runs(() => diff("other"));
  });
  blocked("runs its merge driver when shards are compared", async () => {
    configure(`[merge "x"]\n\tdriver = ${silent()}\n`);
    attribute("*.txt merge=x");
    writeFileSync(join(setting.one.path, "a.txt"), "A\n");
    writeFileSync(join(setting.other.path, "a.txt"), "B\n");
    return runs(() =>
      overlapOf([record("one", setting.one), record("other", setting.other)], undefined, setting.context),
    );
  });
  blocked("runs its core.fsmonitor at a diff", async () => {
    configure(`[core]\n\tfsmonitor = ${program()}\n`);
    return runs(() => diff("other"));
  });
  blocked("runs its diff.external or textconv at a diff", async () => {
    configure(`[diff]\n\texternal = ${program()}\n[diff "x"]\n\ttextconv = ${program()}\n`);
    writeFileSync(join(setting.other.path, ".gitattributes"), "*.txt diff=x\n");
    writeFileSync(join(setting.other.path, "a.txt"), "two\n");
    return runs(() => diff("other"));
  });
  blocked("runs the upload-pack of a promisor remote at a spawn", async () => {
    const nowhere = join(setting.top, "nowhere");
    mkdirSync(nowhere);
    git(nowhere, "init", "-q");
    const blob = git(setting.repo, "rev-parse", "HEAD:a.txt");
    rmSync(join(setting.repo, ".git", "objects", blob.slice(0, 2), blob.slice(2)), { force: true });
    const remote = `[remote "o"]\n\turl = ${nowhere}\n\tuploadpack = ${silent()}\n\tpromisor = true\n`;
    configure(`[extensions]\n\tpartialClone = o\n${remote}`);
    return runs(() => spawn("next"));
  });

  const hooks = ["post-checkout", "reference-transaction", "post-index-change"];
  function hook(folder: string): void {
    mkdirSync(folder, { recursive: true });
    for (const name of hooks) {
      writeFileSync(join(folder, name), `#!/bin/sh\ntouch '${proof()}'\n`);
      chmodSync(join(folder, name), 0o755);
    }
  }
  blocked("runs hooks of the repo at a spawn", async () => {
    hook(join(setting.repo, ".git", "hooks"));
    return runs(() => spawn("next"));
  });
  blocked("runs hooks of a folder that it names at a spawn", async () => {
    hook(join(setting.top, "hooks"));
    configure(`[core]\n\thooksPath = ${join(setting.top, "hooks")}\n`);
    return runs(() => spawn("next"));
  });
});
