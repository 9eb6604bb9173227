import type { Git } from "./git.ts";

/** Paths of the submodules that a worktree's index has: each stands there as a commit (mode 160000). */
export async function submodulesIn(git: Git): Promise<string[]> {
  const entries = (await git(["ls-files", "--stage", "-z"])).split("\0");
  return entries.flatMap((entry) => (entry.startsWith("160000 ") ? [entry.slice(entry.indexOf("\t") + 1)] : []));
}
