import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import { commitOf } from "./base.ts";
import type { Git } from "./git.ts";
import type { Shadow } from "./shadow.ts";
import { submodulesIn } from "./submodules.ts";

/** A worktree as it is now, uncommitted files among it, as a commit that only its repo's shadow has. */
export interface Snapshot {
  /** Full hash. */
  commit: string;
  /** Commit at HEAD, beneath it. */
  head: string;
  /** Where its own work begins: the newest commit that it shares with its base. */
  base: string;
  /** Runs in the worktree, and sees the commit. */
  git: Git;
}

export interface Source {
  worktree: string;
  /** Branch or commit that it started from, and that commit. */
  base: string;
  commit: string;
}

/**
 * Take a snapshot of a worktree; neither its files nor its index are touched.
 * @param repo with a place for objects that are not to stay
 */
export async function snapshotOf(repo: Shadow, { worktree, base, commit: start }: Source): Promise<Snapshot> {
  const { git, head, folder } = await repo.tree(worktree);
  if (head === undefined)
    throw new ShardbridgeError("failed", `There is no commit yet on what is checked out in ${worktree}.`);
  // Git would look into submodules, with the configuration that each has; their commits are all that is wanted.
  const parts = await submodulesIn(git);
  const spec = join(folder, "pathspec");
  await writeFile(spec, [".", ...parts.map((path) => `:(exclude,literal)${path}`)].join("\0"));
  await git(["add", "--all", `--pathspec-from-file=${spec}`, "--pathspec-file-nul"]);
  if (parts.length > 0) await git(["update-index", "--add", "--remove", "--", ...parts]);
  const tree = (await git(["write-tree"])).trim();
  const who = ["-c", "user.name=shardbridge", "-c", "user.email=shardbridge@localhost"];
  const commit = (await git([...who, "commit-tree", "-p", head, "-m", "Snapshot", tree])).trim();
  return { commit, head, base: await shared(repo.git, base, start, head), git };
}

/** The newest commit that HEAD shares with its base as it is now: a shard that was rebased has more of it than it started with. */
async function shared(git: Git, base: string, start: string, head: string): Promise<string> {
  for (const ref of [`refs/heads/${base}`, base, `refs/remotes/origin/${base}`]) {
    const tip = await commitOf(git, ref);
    if (tip === undefined) continue;
    const found = await git(["merge-base", tip, head]).catch(() => "");
    if (found.trim() !== "") return found.trim();
  }
  return start;
}
