import type { Shadow } from "./shadow.ts";

/** A worktree as git has it registered; `branch` is "" when its HEAD is detached. */
export interface Registered {
  path: string;
  branch: string;
  head: string;
}

/** All worktrees of a repo, also those whose folder is gone. */
export async function registered(repo: Shadow): Promise<Registered[]> {
  const blocks = (await repo.git(["worktree", "list", "--porcelain"])).split("\n\n");
  const main = await repo.main();
  return blocks.flatMap((block, index) => {
    const field = (name: string) => new RegExp(`^${name} (.*)$`, "m").exec(block)?.[1] ?? "";
    // The first one is the repo's own, which git takes for where its shadow is.
    const path = index === 0 ? main : field("worktree");
    return path === "" ? [] : [{ path, head: field("HEAD"), branch: field("branch").replace(/^refs\/heads\//, "") }];
  });
}

/** Take a worktree off git's list, if it is on it; its folder goes too. */
export async function unregister(repo: Shadow, path: string): Promise<void> {
  const known = (await registered(repo)).some((tree) => tree.path === path);
  if (known) await repo.drop(path);
}
