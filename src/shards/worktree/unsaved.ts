import { commitOf, type Worktree } from "./base.ts";
import type { Git } from "./git.ts";
import type { Registered } from "./registered.ts";

/** Number of file names that are told. */
const someNames = 3;

/** "2 uncommitted files (a.txt, b.txt)", or undefined. `git` runs in the worktree. */
export async function unsavedFiles(git: Git): Promise<string | undefined> {
  const options = ["--untracked-files=all", "--ignore-submodules=none", "--no-renames"];
  const entries = (await git(["status", "--porcelain", "-z", ...options])).split("\0").filter((entry) => entry !== "");
  if (entries.length === 0) return undefined;
  // An entry is two letters of status, a blank, and the path.
  const names = entries.slice(0, someNames).map((entry) => brief(entry.slice(3)));
  const more = entries.length > someNames ? ` and ${entries.length - someNames} more` : "";
  return `${count(entries.length, "uncommitted file")} (${names.join(", ")}${more})`;
}

/**
 * "2 commits that are nowhere else (newest: Add x)", or undefined: commits of the shard's branch, or of its detached HEAD, that no other
 * branch, remote branch or tag has. `git` runs in the repo.
 */
export async function unsavedCommits(
  git: Git,
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
