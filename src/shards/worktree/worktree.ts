import { existsSync } from "node:fs";
import { mkdir, readdir, realpath, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve, sep } from "node:path";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import { KeyedQueue } from "../../serial.ts";
import { commitOf, type Repo, startOf, type Worktree } from "./base.ts";
import { type Git, GitFailure, plainly } from "./git.ts";
import { shardNamePattern } from "../host.ts";
import { withoutLargeFiles } from "./large-files.ts";
import { registered, unregister } from "./registered.ts";
import { remarksOf, submodulesOf } from "../lifecycle/remarks.ts";
import { Shadow } from "./shadow.ts";
import { unsavedCommits, unsavedFiles } from "./unsaved.ts";

/** In front of a shard's name in the name of its branch. */
export const branchPrefix = "shard/";

/** One path segment that can't leave its folder and can't be taken for an option. */
const repoName = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

/** A checkout prints nothing until it is done, and large repos take minutes. */
const checkoutPatience = 15 * 60_000;

/**
 * The shards' worktrees: `<root>/<repo>/<shard>` on the branch `shard/<shard>`, locked for as long as the shard lives. Calls on one repo run
 * one after the other. Every method throws ShardbridgeError: "config" for a repo that can't be used, "failed" for what git refused.
 */
export class Worktrees {
  readonly #root: string;
  readonly #env: Readonly<Record<string, string>>;
  readonly #queue = new KeyedQueue();

  /** @param options.env all that git gets of our environment: see `gitEnvironment`. */
  constructor(options: { root: string; env: Record<string, string> }) {
    this.#root = resolve(options.root);
    this.#env = options.env;
  }

  /**
   * A new branch in a new worktree. What fails leaves neither of them. Throws "usage" for a name or base that can't be one, "exists" when
   * branch or folder are there, "not_found" for an unknown base. `remarks`: see `remarksOf`.
   */
  async create(repo: Repo, shard: string, base?: string): Promise<Worktree & { remarks: string[] }> {
    return this.#inTurn(repo, async (shadow) => {
      const { git } = shadow;
      const path = await this.#place(repo, shard);
      const tree = { path, branch: branchPrefix + shard, ...(await startOf(git, repo, base)) };
      if (existsSync(path)) throw folderTaken(path);
      // Of a folder that was removed by hand, git still has the registration, and refuses the path.
      await unregister(shadow, path);
      await takeFolder(path);
      let branched = false;
      try {
        await takeBranch(git, repo, tree);
        branched = true;
        await shadow.add(path, tree.branch);
        const files = shadow.checkOut(path, checkoutPatience).catch(explained(shadow, repo, tree));
        // Meanwhile: neither changes anything.
        const [remarks] = await Promise.all([remarksOf(git, repo, tree, base), files]);
        await git(["worktree", "lock", "--reason", `in use by the shard ${shard}`, "--", path]);
        return { ...tree, remarks: [...remarks, ...submodulesOf(repo, path)] };
      } catch (error) {
        await erase(shadow, path, branched ? tree.branch : undefined).catch((second: unknown) => {
          log.error("a failed worktree could not be cleaned up", { path, reason: messageOf(second) });
        });
        throw error;
      }
    });
  }

  /** One plain phrase for each kind of work that `remove` would lose; none when worktree and branch are gone. */
  async unsaved(repo: Repo, tree: Worktree): Promise<string[]> {
    return this.#inTurn(repo, async (shadow) => {
      const known = existsSync(repo.path) ? await registered(shadow) : [];
      const here = known.find(({ path }) => path === tree.path);
      const phrases: (string | undefined)[] = [];
      if (here && (await shadow.knows(tree.path)))
        phrases.push(await unsavedFiles(shadow, await shadow.tree(tree.path)));
      else if (await hasFiles(tree.path)) phrases.push(`the files in ${tree.path}, which is no git worktree any more`);
      if (existsSync(repo.path)) phrases.push(await unsavedCommits(shadow, tree, known));
      return phrases.filter((phrase) => phrase !== undefined);
    });
  }

  /**
   * Removes worktree, registration and branch, whatever is in them; what is gone already is fine. A branch without our prefix stays. Throws
   * "refused" when the branch is checked out elsewhere; then nothing was removed.
   */
  async remove(repo: Repo, tree: Worktree): Promise<void> {
    await this.#inTurn(repo, async (shadow) => {
      const path = await this.#place(repo, basename(tree.path));
      if (path !== tree.path)
        throw new ShardbridgeError("failed", `${tree.path} is no worktree of ours: remove it by hand.`);
      if (!existsSync(repo.path)) return removeFolder(path);
      const elsewhere = (await registered(shadow)).find((other) => other.branch === tree.branch && other.path !== path);
      if (elsewhere) {
        const remedy = "switch that to another branch, then try again";
        throw new ShardbridgeError(
          "refused",
          `The branch ${tree.branch} is checked out in ${elsewhere.path}: ${remedy}.`,
        );
      }
      await erase(shadow, path, tree.branch.startsWith(branchPrefix) ? tree.branch : undefined);
    });
  }

  /** The repo's worktrees below our root, also those whose folder is gone. */
  async present(repo: Repo): Promise<{ path: string; branch: string }[]> {
    return this.#inTurn(repo, async (shadow) => {
      const root = await this.#realRoot();
      const ours = (await registered(shadow)).filter(({ path }) => path.startsWith(root + sep));
      return ours.map(({ path, branch }) => ({ path, branch }));
    });
  }

  /**
   * Takes worktrees below our root off git's list whose folder is gone; branches stay. Kept are those of the shards that `keeps` names, and
   * those whose detached HEAD has commits that are nowhere else. Resolves with the paths.
   */
  async prune(repo: Repo, keeps: (shard: string) => boolean): Promise<string[]> {
    return this.#inTurn(repo, async (shadow) => {
      const folder = join(await this.#realRoot(), repo.name);
      const known = await registered(shadow);
      const pruned: string[] = [];
      for (const { path, branch, head } of known) {
        if (dirname(path) !== folder || existsSync(path) || keeps(basename(path))) continue;
        if (branch === "" && (await unsavedCommits(shadow, { path, branch, base: "", commit: head }, known))) continue;
        await unregister(shadow, path);
        pruned.push(path);
      }
      return pruned;
    });
  }

  /** Throws "config" when no worktree can be made of the repo: no git repository there, or one without a commit. */
  async check(repo: Repo): Promise<void> {
    await this.#inTurn(repo, ({ git }) => startOf(git, repo, undefined));
  }

  /** Where a shard's worktree is. Throws "usage" for names that can't be, "failed" when a symbolic link would lead out of the root. */
  async #place(repo: Repo, shard: string): Promise<string> {
    if (!shardNamePattern.test(shard)) {
      throw new ShardbridgeError(
        "usage",
        `"${shard}" can't be a shard's name: use at most 40 small letters, digits and dashes.`,
      );
    }
    if (!repoName.test(repo.name))
      throw new ShardbridgeError("config", `"${repo.name}" can't be a repo's name: use letters, digits and dashes.`);
    const folder = join(await this.#realRoot(), repo.name);
    if (existsSync(folder) && (await realpath(folder)) !== folder) {
      throw new ShardbridgeError("failed", `${folder} is a link to elsewhere: remove the link.`);
    }
    return join(folder, shard);
  }

  async #realRoot(): Promise<string> {
    await mkdir(this.#root, { recursive: true, mode: 0o700 });
    return realpath(this.#root);
  }

  async #inTurn<T>(repo: Repo, work: (shadow: Shadow) => Promise<T>): Promise<T> {
    return this.#queue.run(resolve(repo.path), async () =>
      Shadow.over(repo, this.#env, work).catch((error: unknown) => Promise.reject(plainly(error, repo.name))),
    );
  }
}

async function takeFolder(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await mkdir(path).catch((error: NodeJS.ErrnoException) => {
    throw error.code === "EEXIST" ? folderTaken(path) : error;
  });
}

function folderTaken(path: string): ShardbridgeError {
  return new ShardbridgeError(
    "exists",
    `The folder ${path} exists already: choose another name, or remove that folder.`,
  );
}

/** Why the files of a worktree could not be written, where a person can do something about it. */
function explained(shadow: Shadow, repo: Repo, { base }: Worktree): (error: unknown) => Promise<never> {
  return async (error) => {
    if (!(error instanceof GitFailure)) throw error;
    if (withoutLargeFiles.test(error.said)) {
      const remedy = "install it (https://git-lfs.com), or put it on that PATH, then try again";
      const sentence = `${repo.name} has files in Git LFS, and git-lfs is not on the PATH of Shardbridge: ${remedy}.`;
      throw new ShardbridgeError("config", sentence, { cause: error });
    }
    if (await shadow.isPartial()) {
      const remedy = `run git -C ${repo.path} fetch --refetch --no-filter, then try again`;
      const sentence = `${repo.name} is a partial clone, which has not all files of ${base}, and Shardbridge fetches none: ${remedy}.`;
      throw new ShardbridgeError("config", sentence, { cause: error });
    }
    throw error;
  };
}

/** By itself rather than with `worktree add -b`, which can't tell whose the branch is that it fails on. */
async function takeBranch(git: Git, repo: Repo, { branch, commit }: Worktree): Promise<void> {
  try {
    await git(["branch", "--no-track", "--", branch, commit]);
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    if (/already exists/.test(error.said)) {
      throw new ShardbridgeError(
        "exists",
        `The branch ${branch} exists already in ${repo.name}: choose another name, or delete that branch.`,
      );
    }
    const inTheWay = /'refs\/heads\/(\S+)' exists; cannot create/.exec(error.said)?.[1];
    if (inTheWay === undefined) throw error;
    throw new ShardbridgeError(
      "exists",
      `The branch ${inTheWay} in ${repo.name} is in the way of ${branch}: rename ${inTheWay}.`,
    );
  }
}

/** The folder first: git takes a worktree whose folder is gone off its list, however damaged that was. */
async function erase(shadow: Shadow, path: string, branch: string | undefined): Promise<void> {
  await removeFolder(path);
  await unregister(shadow, path);
  if (branch !== undefined && (await commitOf(shadow.git, `refs/heads/${branch}`))) await shadow.deleteBranch(branch);
}

async function removeFolder(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true, maxRetries: 3 });
  await rmdir(dirname(path)).catch((error: NodeJS.ErrnoException) => {
    if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code ?? "")) throw error;
  });
}

async function hasFiles(path: string): Promise<boolean> {
  return existsSync(path) && (await readdir(path)).length > 0;
}
