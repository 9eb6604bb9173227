import type { Git } from "./git.ts";

/** A worktree as git has it registered; `branch` is "" when its HEAD is detached. */
export interface Registered {
  path: string;
  branch: string;
  head: string;
}

/** All worktrees of a repo, also those whose folder is gone. */
export async function registered(git: Git): Promise<Registered[]> {
  const blocks = (await git(["worktree", "list", "--porcelain"])).split("\n\n");
  return blocks.flatMap((block) => {
    const field = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(block)?.[1] ?? "";
    const path = field("worktree");
    return path === "" ? [] : [{ path, head: field("HEAD"), branch: field("branch").replace(/^refs\/heads\//, "") }];
  });
}

/** Take a worktree off git's list, if it is on it; its folder goes too. */
export async function unregister(git: Git, path: string): Promise<void> {
  const known = (await registered(git)).some((tree) => tree.path === path);
  // The second --force is for the lock.
  if (known) await git(["worktree", "remove", "--force", "--force", "--", path]);
}
