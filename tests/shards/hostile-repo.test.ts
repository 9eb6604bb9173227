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
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ShardbridgeError } from "../../src/errors.ts";
import type { HostContext } from "../../src/shards/lifecycle/host-context.ts";
import { gitEnvironment } from "../../src/shards/process/environment.ts";
import type { ShardRecord } from "../../src/shards/saved/records.ts";
import { diffOf } from "../../src/shards/worktree/diff.ts";
import { overlapOf } from "../../src/shards/worktree/overlap.ts";
import { Worktrees } from "../../src/shards/worktree/worktree.ts";

/*
 * Repos that an agent has made crooked, so that git runs a program which the repo names: it writes a mark. All that our own git does is
 * done there, and no mark may be there afterwards. Where an attempt has `live`, plain git in its place runs the program, so that the
 * attempt is known to be one.
 */
interface Place {
  folder: string;
  repo: string;
  /** The repo's `.git`. */
  git: string;
  /** Two shards' worktrees, and git's folder for the first one. */
  a: string;
  b: string;
  admin: string;
  /** A shell command that writes the mark, and fails. */
  command: string;
  /** The same as the path of a program. */
  program: string;
  /** Another repository with the same history, which nobody but the agent has written. */
  evil(path: string, config: string): string;
}

interface Attempt {
  name: string;
  plant(place: Place): void;
  /** Arguments of a plain git in the first worktree that run the program. */
  live?: string[];
}

const settings = (place: Place, text: string, file = join(place.git, "config")) =>
  writeFileSync(file, `${existsSync(file) ? readFileSync(file, "utf8") : ""}\n${text}\n`);
const attributes = ({ git, a }: Place, text: string) => {
  mkdirSync(join(git, "info"), { recursive: true });
  writeFileSync(join(git, "info", "attributes"), text);
  writeFileSync(join(a, ".gitattributes"), text);
};
const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, String.raw`\$&`)}"`;
const filter = ({ command }: Place, key: string) => `[filter "x"]\n\t${key} = ${quoted(command)}\n\trequired = false`;
const hookNames = [
  "post-checkout",
  "reference-transaction",
  "post-index-change",
  "pre-commit",
  "post-commit",
  "pre-auto-gc",
];
function hooks(folder: string, { program }: Place): void {
  mkdirSync(folder, { recursive: true });
  for (const name of hookNames) {
    rmSync(join(folder, name), { force: true });
    symlinkSync(program, join(folder, name));
  }
}
/** Takes an object away, so that git looks for it where the configuration says. */
function lose({ repo, git }: Place, what = "HEAD:a.txt"): void {
  const object = execFileSync("git", ["rev-parse", what], { cwd: repo, encoding: "utf8" }).trim();
  rmSync(join(git, "objects", object.slice(0, 2), object.slice(2)), { force: true });
}
function promisor(place: Place, remote: string): void {
  settings(
    place,
    `[core]\n\trepositoryformatversion = 1\n[extensions]\n\tpartialClone = o\n[remote "o"]\n\tpromisor = true\n${remote}`,
  );
  lose(place);
}
const run = (cwd: string, ...args: string[]) =>
  execFileSync(
    "git",
    ["-c", "user.name=T", "-c", "user.email=t@example.com", "-c", "protocol.file.allow=always", ...args],
    { cwd, stdio: "pipe" },
  );
/** A submodule of the worktree, with a configuration of its own, and something to look into. */
function submodule(place: Place, config: string): void {
  const part = join(place.a, "part");
  mkdirSync(part);
  run(part, "init", "--quiet");
  writeFileSync(join(part, "p.txt"), "one\n");
  run(part, "add", ".");
  run(part, "commit", "--quiet", "-m", "Part");
  run(place.a, "add", "part");
  run(place.a, "commit", "--quiet", "-m", "With a part");
  writeFileSync(join(part, "p.txt"), "two\n");
  writeFileSync(join(part, ".gitattributes"), "*.txt filter=x\n");
  settings(place, config, join(part, ".git", "config"));
}
const gitfile = (place: Place, to: string) => {
  rmSync(join(place.a, ".git"), { recursive: true, force: true });
  writeFileSync(join(place.a, ".git"), `gitdir: ${to}\n`);
};
const filtered = (place: Place, path: string, key = "clean") => {
  attributes(place, "*.txt filter=x\n");
  return place.evil(path, filter(place, key));
};

const attempts: Attempt[] = [
  {
    name: "filter.clean",
    plant: (place) => {
      settings(place, filter(place, "clean"));
      attributes(place, "*.txt filter=x\n");
    },
    live: ["add", "--all"],
  },
  {
    name: "filter.process",
    plant: (place) => {
      settings(place, filter(place, "process"));
      attributes(place, "*.txt filter=x\n");
    },
    live: ["add", "--all"],
  },
  {
    name: "filter.smudge",
    plant: (place) => {
      settings(place, filter(place, "smudge"));
      attributes(place, "*.txt filter=x\n");
    },
    live: ["checkout", "--", "a.txt"],
  },
  {
    name: "another program for Git LFS",
    plant: (place) => {
      for (const key of ["clean", "smudge", "process"]) settings(place, filter(place, key).replace('"x"', '"lfs"'));
      attributes(place, "*.txt filter=lfs\n");
    },
    live: ["add", "--all"],
  },
  {
    name: "a program of Git LFS's own settings",
    plant: (place) => {
      writeFileSync(join(place.a, ".lfsconfig"), `[lfs "customtransfer.x"]\n\tpath = ${place.program}\n`);
      settings(place, `[lfs]\n\tstandalonetransferagent = x\n[lfs "customtransfer.x"]\n\tpath = ${place.program}\n`);
      settings(
        place,
        `[lfs "extension.x"]\n\tclean = ${quoted(place.command)}\n\tsmudge = ${quoted(place.command)}\n\tpriority = 0\n`,
      );
      attributes(place, "*.txt filter=lfs\n");
    },
  },
  {
    name: "a merge driver",
    plant: (place) => {
      settings(place, `[merge "x"]\n\tdriver = ${quoted(place.command)}`);
      attributes(place, "*.txt merge=x\n");
    },
    live: ["merge", "theirs"],
  },
  {
    name: "a merge driver for everything, of an attributes file that the configuration names",
    plant: (place) => {
      writeFileSync(join(place.folder, "attributes"), "* merge=x filter=x diff=x\n");
      settings(place, `[merge]\n\tdefault = x\n[merge "x"]\n\tdriver = ${quoted(place.command)}\n\trecursive = x`);
      settings(place, `[core]\n\tattributesFile = ${join(place.folder, "attributes")}\n${filter(place, "clean")}`);
    },
    live: ["add", "--all"],
  },
  {
    name: "diff.external",
    plant: (place) => settings(place, `[diff]\n\texternal = ${place.program}`),
    live: ["diff"],
  },
  {
    name: "a diff driver's command",
    plant: (place) => {
      settings(place, `[diff "x"]\n\tcommand = ${place.program}`);
      attributes(place, "*.txt diff=x\n");
    },
    live: ["diff"],
  },
  {
    name: "a diff driver's textconv",
    plant: (place) => {
      settings(place, `[diff "x"]\n\ttextconv = ${place.program}\n\tcachetextconv = true`);
      attributes(place, "*.txt diff=x\n");
    },
    live: ["diff"],
  },
  {
    name: "core.fsmonitor",
    plant: (place) => settings(place, `[core]\n\tfsmonitor = ${place.program}\n\tfsmonitorHookVersion = 2`),
    live: ["status"],
  },
  {
    name: "core.hooksPath",
    plant: (place) => {
      hooks(join(place.folder, "hooks"), place);
      settings(place, `[core]\n\thooksPath = ${join(place.folder, "hooks")}`);
    },
    live: ["checkout", "--quiet", "HEAD"],
  },
  { name: "the repo's hooks", plant: (place) => hooks(join(place.git, "hooks"), place), live: ["branch", "x"] },
  { name: "hooks of a worktree", plant: (place) => hooks(join(place.admin, "hooks"), place) },
  {
    name: "a promisor's upload-pack",
    plant: (place) => promisor(place, `\turl = ${place.repo}\n\tuploadpack = ${quoted(place.program)}`),
    live: ["show", "HEAD:a.txt"],
  },
  {
    name: "a promisor at ext::",
    plant: (place) =>
      promisor(
        place,
        `\turl = ext::${place.program} x\n[protocol]\n\tallow = always\n[protocol "ext"]\n\tallow = always`,
      ),
    live: ["show", "HEAD:a.txt"],
  },
  {
    name: "a promisor that is rewritten to ext::",
    plant: (place) =>
      promisor(
        place,
        `\turl = https://127.0.0.1:1/x\n[url "ext::${place.program} "]\n\tinsteadOf = https://\n[protocol "ext"]\n\tallow = always`,
      ),
    live: ["show", "HEAD:a.txt"],
  },
  {
    name: "a promisor over ssh, core.sshCommand",
    plant: (place) => promisor(place, `\turl = ssh://127.0.0.1/x\n[core]\n\tsshCommand = ${place.program}`),
    live: ["show", "HEAD:a.txt"],
  },
  {
    name: "a promisor over ssh, an address that ssh would take for an option",
    plant: (place) => promisor(place, `\turl = ssh://-oProxyCommand=${place.program}/x`),
  },
  {
    name: "a promisor over git://, core.gitProxy",
    plant: (place) => promisor(place, `\turl = git://127.0.0.1:1/x\n[core]\n\tgitProxy = ${place.program}`),
    live: ["show", "HEAD:a.txt"],
  },
  {
    name: "a promisor over https, credential.helper and core.askPass",
    plant: (place) =>
      promisor(
        place,
        `\turl = https://127.0.0.1:1/x\n[credential]\n\thelper = ${quoted(`!${place.command}`)}\n[core]\n\taskPass = ${place.program}`,
      ),
  },
  {
    name: "a promisor with a remote helper of its own",
    plant: (place) => promisor(place, `\turl = x\n\tvcs = ../../../../../../../../..${place.program}`),
  },
  {
    name: "a promisor for the tree that is merged",
    plant: (place) => {
      promisor(place, `\turl = ${place.repo}\n\tuploadpack = ${quoted(place.program)}`);
      lose(place, "HEAD^{tree}");
    },
  },
  {
    name: "core.alternateRefsCommand",
    plant: (place) => {
      const other = place.evil(join(place.folder, "other"), "");
      writeFileSync(join(place.git, "objects", "info", "alternates"), `${join(other, "objects")}\n`);
      settings(place, `[core]\n\talternateRefsCommand = ${place.program}`);
    },
  },
  {
    name: "pagers",
    plant: (place) =>
      settings(
        place,
        `[core]\n\tpager = ${place.program}\n[pager]\n\tdiff = ${place.program}\n\tstatus = ${place.program}\n\tbranch = ${place.program}\n\tconfig = ${place.program}`,
      ),
  },
  {
    name: "editors",
    plant: (place) => settings(place, `[core]\n\teditor = ${place.program}\n[sequence]\n\teditor = ${place.program}`),
    live: ["commit", "--allow-empty"],
  },
  {
    name: "gpg.program",
    plant: (place) =>
      settings(
        place,
        `[gpg]\n\tprogram = ${place.program}\n[commit]\n\tgpgSign = true\n[tag]\n\tgpgSign = true\n[log]\n\tshowSignature = true`,
      ),
    live: ["commit", "--allow-empty", "-m", "x"],
  },
  {
    name: "include.path",
    plant: (place) => {
      writeFileSync(join(place.folder, "more"), filter(place, "clean"));
      settings(place, `[include]\n\tpath = ${join(place.folder, "more")}`);
      attributes(place, "*.txt filter=x\n");
    },
    live: ["add", "--all"],
  },
  {
    name: "includeIf",
    plant: (place) => {
      writeFileSync(join(place.folder, "more"), `${filter(place, "clean")}\n[core]\n\tfsmonitor = ${place.program}`);
      for (const when of ["gitdir:**", "gitdir/i:/", "onbranch:**", "onbranch:shard/*"])
        settings(place, `[includeIf "${when}"]\n\tpath = ${join(place.folder, "more")}`);
      attributes(place, "*.txt filter=x\n");
    },
    live: ["add", "--all"],
  },
  {
    name: "includes that go round",
    plant: (place) => settings(place, "[include]\n\tpath = config"),
  },
  {
    name: "aliases with the names of commands",
    plant: (place) => {
      for (const command of ["status", "add", "diff", "branch", "worktree", "read-tree", "rev-parse"])
        settings(place, `[alias]\n\t${command} = "!${place.program}"`);
    },
  },
  {
    name: "a filter in a submodule",
    plant: (place) => submodule(place, filter(place, "clean")),
    live: ["status"],
  },
  {
    name: "a file system monitor in a submodule",
    plant: (place) => submodule(place, `[core]\n\tfsmonitor = ${place.program}`),
    live: ["status"],
  },
  {
    name: "a submodule's update command",
    plant: (place) => {
      submodule(place, "");
      writeFileSync(
        join(place.a, ".gitmodules"),
        `[submodule "part"]\n\tpath = part\n\turl = ./x\n\tupdate = "!${place.program}"\n`,
      );
      settings(
        place,
        `[submodule]\n\trecurse = true\n\tactive = .\n[submodule "part"]\n\tactive = true\n\turl = ext::${place.program}\n\tupdate = "!${place.program}"`,
      );
      settings(place, `[diff]\n\tsubmodule = log\n\tignoreSubmodules = none\n[status]\n\tsubmoduleSummary = true`);
    },
  },
  {
    name: "a submodule's .git that leads to another folder",
    plant: (place) => {
      submodule(place, "");
      const evil = join(place.folder, "evil-part");
      renameSync(join(place.a, "part", ".git"), evil);
      settings(place, `[core]\n\tworktree = ${join(place.a, "part")}\n${filter(place, "clean")}`, join(evil, "config"));
      writeFileSync(join(place.a, "part", ".git"), `gitdir: ${evil}\n`);
    },
    live: ["status"],
  },
  {
    name: "a repository within the worktree that git does not know",
    plant: (place) => {
      const nested = join(place.a, "nested");
      mkdirSync(nested);
      cpSync(place.repo, nested, { recursive: true });
      settings(
        place,
        `${filter(place, "clean")}\n[core]\n\tfsmonitor = ${place.program}`,
        join(nested, ".git", "config"),
      );
      writeFileSync(join(nested, ".gitattributes"), "* filter=x\n");
    },
  },
  {
    name: "a .git that leads to a folder within the worktree",
    plant: (place) => gitfile(place, filtered(place, join(place.a, ".cache"))),
    live: ["add", "--all"],
  },
  {
    name: "a .git that leads to a folder elsewhere, filter.process",
    plant: (place) => gitfile(place, filtered(place, join(place.folder, "evil"), "process")),
    live: ["add", "--all"],
  },
  {
    name: "a .git that is a folder",
    plant: (place) => {
      rmSync(join(place.a, ".git"));
      filtered(place, join(place.a, ".git"));
    },
    live: ["add", "--all"],
  },
  {
    name: "a .git that is a link",
    plant: (place) => {
      rmSync(join(place.a, ".git"));
      symlinkSync(filtered(place, join(place.folder, "evil")), join(place.a, ".git"));
    },
    live: ["add", "--all"],
  },
  {
    name: "a .git that leads to a worktree of an evil repository",
    plant: (place) => {
      const evil = filtered(place, join(place.folder, "evil"));
      cpSync(place.admin, join(evil, "worktrees", "a"), { recursive: true });
      gitfile(place, join(evil, "worktrees", "a"));
    },
    live: ["add", "--all"],
  },
  {
    name: "a .git that leads out through the list of worktrees",
    plant: (place) => {
      const evil = filtered(place, join(place.folder, "evil"));
      writeFileSync(join(evil, "gitdir"), `${join(place.a, ".git")}\n`);
      symlinkSync(evil, join(place.git, "worktrees", "evil"));
      gitfile(place, join(place.git, "worktrees", "evil"));
    },
    live: ["add", "--all"],
  },
  {
    name: "commondir",
    plant: (place) => writeFileSync(join(place.admin, "commondir"), `${filtered(place, join(place.folder, "evil"))}\n`),
    live: ["add", "--all"],
  },
  {
    name: "a configuration of the worktree's own",
    plant: (place) => {
      settings(place, "[core]\n\trepositoryformatversion = 1\n[extensions]\n\tworktreeConfig = true");
      writeFileSync(join(place.admin, "config.worktree"), filter(place, "clean"));
      writeFileSync(
        join(place.git, "config.worktree"),
        `${filter(place, "smudge")}\n[core]\n\tsparseCheckout = true\n`,
      );
      attributes(place, "*.txt filter=x\n");
    },
    live: ["add", "--all"],
  },
  {
    name: "a sparse checkout",
    plant: (place) => {
      settings(
        place,
        `[core]\n\tsparseCheckout = true\n\tsparseCheckoutCone = false\n${filter(place, "smudge")}\n${filter(place, "clean")}`,
      );
      mkdirSync(join(place.git, "info"), { recursive: true });
      writeFileSync(join(place.git, "info", "sparse-checkout"), "/a.txt\n");
      attributes(place, "*.txt filter=x\n");
    },
    live: ["add", "--all"],
  },
  {
    name: "a shallow repo",
    plant: (place) => {
      const head = execFileSync("git", ["rev-parse", "HEAD"], { cwd: place.repo });
      writeFileSync(join(place.git, "shallow"), head);
      settings(place, `[remote "o"]\n\turl = ext::${place.program}\n[fetch]\n\tunshallow = true`);
    },
  },
  {
    name: "a worktree that is a link to an evil repository",
    plant: (place) => {
      const evil = join(place.folder, "evil");
      cpSync(place.repo, evil, { recursive: true });
      settings(place, filter(place, "clean"), join(evil, ".git", "config"));
      writeFileSync(join(evil, ".gitattributes"), "* filter=x\n");
      rmSync(place.a, { recursive: true });
      symlinkSync(evil, place.a);
    },
    live: ["add", "--all"],
  },
  {
    name: "core.worktree, and a repo's .git that leads elsewhere",
    plant: (place) => {
      const evil = join(place.folder, "evil.git");
      renameSync(place.git, evil);
      writeFileSync(place.git, `gitdir: ${evil}\n`);
      settings(
        place,
        `[core]\n\tworktree = ${place.b}\n${filter(place, "smudge")}\n${filter(place, "clean")}`,
        join(evil, "config"),
      );
      writeFileSync(join(place.a, ".gitattributes"), "*.txt filter=x\n");
      gitfile(place, join(evil, "worktrees", "a"));
    },
    live: ["add", "--all"],
  },
  {
    name: "templates, tars, trailers and tools",
    plant: (place) => {
      hooks(join(place.folder, "template", "hooks"), place);
      settings(
        place,
        `[init]\n\ttemplateDir = ${join(place.folder, "template")}\n[tar "x"]\n\tcommand = ${place.program}\n[trailer "x"]\n\tcommand = ${place.program}\n\tcmd = ${place.program}`,
      );
      settings(
        place,
        `[uploadpack]\n\tpackObjectsHook = ${place.program}\n[interactive]\n\tdiffFilter = ${place.program}\n[difftool "x"]\n\tcmd = ${place.program}\n[mergetool "x"]\n\tcmd = ${place.program}\n[merge]\n\ttool = x`,
      );
      settings(
        place,
        `[maintenance]\n\tauto = true\n[gc]\n\tauto = 1\n\trecentObjectsHook = ${place.program}\n[notes]\n\trewriteRef = x\n[receive]\n\tprocReceiveRefs = refs`,
      );
    },
  },
];

let template: string;
let folder: string;
let place: Place;
let trees: Worktrees;
let env: Record<string, string>;
const marks = () => readdirSync(folder).filter((name) => name.startsWith("RAN"));

/** Two shards that have changed the same file, and a third branch for plain git to merge. */
beforeAll(() => {
  template = realpathSync(mkdtempSync(join(tmpdir(), "hostile-")));
  const repo = join(template, "app");
  mkdirSync(repo);
  run(repo, "init", "--quiet", "--initial-branch=main");
  writeFileSync(join(repo, "a.txt"), "one\n");
  run(repo, "add", ".");
  run(repo, "commit", "--quiet", "-m", "First");
  run(repo, "switch", "--quiet", "-c", "theirs");
  writeFileSync(join(repo, "a.txt"), "theirs\n");
  run(repo, "commit", "--quiet", "-am", "Theirs");
  run(repo, "switch", "--quiet", "main");
});
afterAll(() => rmSync(template, { recursive: true, force: true }));

beforeEach(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "hostile-")));
  cpSync(template, folder, { recursive: true });
  mkdirSync(join(folder, "home"));
  env = gitEnvironment({ PATH: process.env["PATH"], HOME: join(folder, "home") });
  const repo = join(folder, "app");
  trees = new Worktrees({ root: join(folder, "trees"), env });
  const [a, b] = [
    await trees.create({ name: "app", path: repo }, "a"),
    await trees.create({ name: "app", path: repo }, "b"),
  ];
  // As plain git needs it for `live`; ours must not care.
  run(a.path, "commit", "--quiet", "--allow-empty", "-m", "Own");
  writeFileSync(join(a.path, "a.txt"), "two\n");
  writeFileSync(join(b.path, "a.txt"), "three\n");
  const program = join(folder, "program");
  writeFileSync(program, `#!/bin/sh\nenv > "${join(folder, "RAN")}-$$"\nexit 1\n`);
  chmodSync(program, 0o755);
  const git = join(repo, ".git");
  place = {
    folder,
    repo,
    git,
    a: a.path,
    b: b.path,
    admin: join(git, "worktrees", "a"),
    command: program,
    program,
    evil(path, config) {
      mkdirSync(dirname(path), { recursive: true });
      cpSync(git, path, { recursive: true, filter: (source) => !source.includes("worktrees") });
      cpSync(join(git, "worktrees", "a", "index"), join(path, "index"));
      writeFileSync(join(path, "config"), `[core]\n\trepositoryformatversion = 0\n\tworktree = ${a.path}\n${config}\n`);
      writeFileSync(join(path, "HEAD"), "ref: refs/heads/shard/a\n");
      return path;
    },
  };
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function record(name: string): ShardRecord {
  const commit = execFileSync("git", ["rev-parse", "main"], { cwd: join(template, "app"), encoding: "utf8" }).trim();
  const worktree = join(folder, "trees", "app", name);
  return {
    name,
    repo: "app",
    repoPath: place.repo,
    worktree,
    branch: `shard/${name}`,
    base: "main",
    commit,
  } as ShardRecord;
}

/** All that our own git does. Each either does it, or says in a sentence why not. */
async function everything() {
  const repo = { name: "app", path: place.repo };
  const context = { options: { env } } as unknown as HostContext;
  const tree = ({ worktree: path, branch, base, commit }: ShardRecord) => ({ path, branch, base, commit });
  const [a, b] = [record("a"), record("b")];
  const done = { ran: [] as string[], bugs: [] as unknown[], refusals: [] as string[] };
  const steps: [string, () => Promise<unknown>][] = [
    ["check", () => trees.check(repo)],
    ["spawn", () => trees.create(repo, "c")],
    ["spawn elsewhere", () => trees.create(repo, "d", "theirs")],
    ["diff", () => diffOf(a, context)],
    ["diff of another", () => diffOf(b, context)],
    ["overlap", () => overlapOf([a, b], undefined, context)],
    ["unsaved", () => trees.unsaved(repo, tree(a))],
    ["unsaved of another", () => trees.unsaved(repo, tree(b))],
    ["list", () => trees.present(repo)],
    ["prune", () => trees.prune(repo, () => false)],
    ["destroy", () => trees.remove(repo, tree(a))],
    ["destroy another", () => trees.remove(repo, tree(b))],
  ];
  for (const [name, step] of steps) {
    const error: unknown = await step().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof ShardbridgeError) done.refusals.push(`${name}: ${error.message}`);
    else if (error !== undefined) done.bugs.push(error);
    if (marks().length > 0) done.ran.push(name);
    for (const mark of marks()) rmSync(join(folder, mark));
  }
  return done;
}

describe("nothing that a repo names is run:", () => {
  it.each(attempts)("$name", async ({ plant }) => {
    plant(place);
    for (const mark of marks()) rmSync(join(folder, mark));
    expect(await everything()).toMatchObject({ ran: [], bugs: [] });
  });

  it("and without any of that all of it works", async () => {
    expect(await everything()).toEqual({ ran: [], bugs: [], refusals: [] });
  });
});

describe("plain git runs", () => {
  it.each(attempts.filter(({ live }) => live))("$name", ({ plant, live = [] }) => {
    plant(place);
    for (const mark of marks()) rmSync(join(folder, mark));
    const user = ["-c", "user.name=T", "-c", "user.email=t@example.com"];
    if (live[0] === "merge") run(place.a, "commit", "--quiet", "-am", "Mine");
    try {
      execFileSync("git", [...user, ...live], {
        cwd: place.a,
        env,
        stdio: ["ignore", "pipe", "pipe"],
        timeout: 20_000,
      });
    } catch {
      // Whether git is content with what the program does is no matter.
    }
    expect(marks()).not.toEqual([]);
  });
});
