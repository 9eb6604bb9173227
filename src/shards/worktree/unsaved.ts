import { realpath } from "node:fs/promises";
import { join } from "node:path";
import { commitOf, type Worktree } from "./base.ts";
import type { Registered } from "./registered.ts";
import type { Shadow, TreeShadow } from "./shadow.ts";
import { submodulesIn } from "./submodules.ts";

/** Number of file names that are told. */
const someNames = 3;

/** "2 uncommitted files (a.txt, b.txt)", or undefined. */
export async function unsavedFiles(repo: Shadow, tree: TreeShadow): Promise<string | undefined> {
  const changed = await changedIn(repo, tree);
  if (changed.length === 0) return undefined;
  const names = changed.slice(0, someNames).map(brief);
  const more = changed.length > someNames ? ` and ${changed.length - someNames} more` : "";
  return `${count(changed.length, "uncommitted file")} (${names.join(", ")}${more})`;
}

/** A submodule counts as one file, whatever has changed in it; git would look there with the configuration that it has. */
async function changedIn(repo: Shadow, { git, path }: TreeShadow): Promise<string[]> {
  const options = ["--untracked-files=all", "--ignore-submodules=dirty", "--no-renames"];
  const entries = (await git(["status", "--porcelain", "-z", ...options])).split("\0").filter((entry) => entry !== "");
  // An entry is two letters of status, a blank, and the path.
  const changed = entries.map((entry) => entry.slice(3));
  for (const part of await submodulesIn(git)) {
    if (!changed.includes(part) && (await isChanged(repo, path, part))) changed.push(part);
  }
  return changed;
}

async function isChanged(repo: Shadow, path: string, part: string): Promise<boolean> {
  const place = join(path, part);
  // What a link leads to is no submodule of this worktree.
  const tree = (await realpath(place).catch(() => undefined)) === place ? await repo.part(place) : undefined;
  return tree !== undefined && (await changedIn(repo, tree)).length > 0;
}

/**
 * "2 commits that are nowhere else (newest: Add x)", or undefined: commits of the shard's branch, or of its detached HEAD, that no other
 * branch, remote branch or tag has.
 */
export async function unsavedCommits(
  { git }: Shadow,
  tree: Worktree,
  known: readonly Registered[],
): Promise<string | undefined> {
  const detached = (other: Registered) => other.branch === "" && other.head !== "";
  const tips = known.filter((other) => other.path === tree.path && detached(other)).map(({ head }) => head);
  const branch = await commitOf(git, `refs/heads/${tree.branch}`);
  if (branch !== undefined) tips.push(branch);
  if (tips.length === 0) return undefined;
  const kept = known.filter((other) => other.path !== tree.path && detached(other)).map(({ head }) => head);
  const elsewhere = [`--exclude=${tree.branch}`, "--branches", "--remotes", "--tags"];
  const commits = lines(await git(["rev-list", ...tips, "--not", ...kept, ...elsewhere, "--"]));
  const newest = commits[0];
  if (newest === undefined) return undefined;
  // The first line is "commit <hash>".
  const subject = lines(await git(["rev-list", "--max-count=1", "--format=%s", newest, "--"]))[1] ?? "";
  return `${count(commits.length, "commit")} that ${commits.length === 1 ? "is" : "are"} nowhere else (newest: ${brief(subject)})`;
}

function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? "" : "s"}`;
}

/** Names and subjects are an agent's words: one line of bounded length. */
function brief(text: string): string {
  const line = text.replaceAll(/\p{Cc}/gu, "?");
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
}
