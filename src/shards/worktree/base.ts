import { ShardbridgeError } from "../../errors.ts";
import { type Git, GitFailure } from "./git.ts";

export interface Repo {
  name: string;
  path: string;
}

/** Start of a worktree. */
export interface Start {
  /** Base that was asked for, or the default branch. */
  base: string;
  /** Full hash of the commit. */
  commit: string;
}

export interface Worktree extends Start {
  /** Absolute, with symbolic links resolved. */
  path: string;
  branch: string;
}

/**
 * The start that was asked for, or the repo's default branch. Throws ShardbridgeError: "usage" for what can't be a branch or commit,
 * "not_found" for what the repo does not have, "config" for a repo that has no commit.
 */
export async function startOf(git: Git, repo: Repo, base: string | undefined): Promise<Start> {
  if (base === undefined) return defaultStart(git, repo);
  if (!/^[^-\p{Cc}]\P{Cc}*$/u.test(base)) {
    throw new ShardbridgeError("usage", `"${base}" can't be a base: give a branch or a commit.`);
  }
  for (const ref of [`refs/heads/${base}`, base, `refs/remotes/origin/${base}`]) {
    const commit = await commitOf(git, ref);
    if (commit !== undefined) return { base, commit };
  }
  throw new ShardbridgeError("not_found", `${repo.name} has no branch or commit "${base}". ${await someBranches(git)}`);
}

/** Full hash of the commit that a name stands for, undefined when there is none. */
export async function commitOf(git: Git, ref: string): Promise<string | undefined> {
  return answer(git, ["rev-parse", "--verify", "--quiet", "--end-of-options", `${ref}^{commit}`]);
}

async function defaultStart(git: Git, repo: Repo): Promise<Start> {
  for (const ref of await defaultRefs(git)) {
    const commit = await commitOf(git, ref);
    if (commit !== undefined)
      return { base: ref === "HEAD" ? commit : ref.replace(/^refs\/(heads|remotes)\//, ""), commit };
  }
  throw new ShardbridgeError("config", `${repo.name} has no commit yet: make a first one in ${repo.path}.`);
}

/** In order: what origin calls its default, the branch that is checked out, the usual names, a detached HEAD. */
async function defaultRefs(git: Git): Promise<string[]> {
  const refs = ["refs/heads/main", "refs/heads/master", "HEAD"];
  const current = await answer(git, ["symbolic-ref", "--quiet", "HEAD"]);
  if (current !== undefined) refs.unshift(current);
  const remote = await answer(git, ["symbolic-ref", "--quiet", "refs/remotes/origin/HEAD"]);
  if (remote === undefined) return refs;
  // Commits that were not pushed yet are wanted; a local branch that was left behind is not.
  const local = remote.replace("refs/remotes/origin/", "refs/heads/");
  const ahead = await answer(git, ["merge-base", "--is-ancestor", "--end-of-options", remote, local]);
  return ahead === undefined ? [remote, ...refs] : [local, ...refs];
}

async function someBranches(git: Git): Promise<string> {
  const format = "--format=%(refname)";
  const refs = await git(["for-each-ref", format, "--sort=-committerdate", "refs/heads", "refs/remotes/origin"]);
  const names = refs.split("\n").map((ref) => ref.replace(/^refs\/(heads|remotes\/origin)\//, ""));
  const branches = [...new Set(names)].filter((name) => name !== "" && name !== "HEAD");
  return branches.length === 0
    ? "It has no branches."
    : `Branches there: ${branches.slice(0, 5).join(", ")}${branches.length > 5 ? ", …" : "."}`;
}

/** What git printed; undefined when it said no. */
async function answer(git: Git, args: string[]): Promise<string | undefined> {
  try {
    return (await git(args)).trim();
  } catch (error) {
    if (error instanceof GitFailure) return undefined;
    throw error;
  }
}
