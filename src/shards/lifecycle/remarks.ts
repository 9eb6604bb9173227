import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Git, GitFailure } from "../worktree/git.ts";
import type { Repo, Worktree } from "../worktree/base.ts";

/**
 * Surprises of a worktree that is made, a sentence each: which commit it starts from where HEAD is detached, and what a
 * bare repository has not. `git` runs in the repo.
 * @param asked the base that was asked for
 */
export async function remarksOf(git: Git, repo: Repo, tree: Worktree, asked: string | undefined): Promise<string[]> {
  const remarks: string[] = [];
  if ((await git(["rev-parse", "--is-bare-repository"])).trim() === "true")
    remarks.push(
      `${repo.name} is a bare repository: nothing can be copied from its folder, and no SHARDBRIDGE.md is read.`,
    );
  else if (asked === undefined && (await isDetached(git))) {
    const from = tree.base === tree.commit ? `that commit, ${tree.commit.slice(0, 10)}` : `${tree.base} all the same`;
    remarks.push(`HEAD of ${repo.name} is detached: ${tree.branch} starts from ${from}.`);
  }
  return remarks;
}

/** The same of a worktree that has submodules, once its files are there. */
export function submodulesOf(repo: Repo, path: string): string[] {
  const remedy = "run git submodule update --init there, or as setup in .shardbridge.json";
  const remark = `${repo.name} has submodules, which a new worktree does not have: ${remedy}.`;
  return existsSync(join(path, ".gitmodules")) ? [remark] : [];
}

async function isDetached(git: Git): Promise<boolean> {
  try {
    await git(["symbolic-ref", "--quiet", "HEAD"]);
    return false;
  } catch (error) {
    if (error instanceof GitFailure) return true;
    throw error;
  }
}
