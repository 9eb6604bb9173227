import { existsSync } from "node:fs";
import { ShardbridgeError } from "../../errors.ts";
import { gitEnvironment } from "../process/environment.ts";
import { type Git, plainly } from "./git.ts";
import type { HostContext } from "../lifecycle/host-context.ts";
import type { ShardDiff } from "../compare.ts";
import type { ShardRecord } from "../saved/records.ts";
import { Shadow } from "./shadow.ts";
import { snapshotOf } from "./snapshot.ts";

/** Characters of a patch that are given out. */
const longestPatch = 20_000;
/** Changed lines above which no patch is made. */
const mostLines = 50_000;

/** No program that a repo's configuration names is run for a diff. */
const plain = ["--no-ext-diff", "--no-textconv", "--no-color"];

/** See `ShardHost.diff`. Throws "failed" when the worktree is gone, and what git refuses. */
export async function diffOf(record: ShardRecord, { options }: HostContext): Promise<ShardDiff> {
  const { name, worktree, repo, repoPath } = record;
  if (!existsSync(worktree)) throw new ShardbridgeError("failed", `The worktree of ${name} is gone: ${worktree}.`);
  const diff = Shadow.scratch({ name: repo, path: repoPath }, gitEnvironment(options.env), async (shadow) => {
    const { commit, head, base, git } = await snapshotOf(shadow, record);
    const stat = (await git(["diff", ...plain, "--stat=100", base, commit])).trimEnd();
    const { text, truncated } = await patchOf(git, base, commit);
    const uncommitted = await git(["diff", ...plain, "--no-renames", "--name-only", "-z", head, commit]);
    const commits = await git(["rev-list", "--count", `${base}..${head}`]);
    return {
      name,
      base: record.base,
      commit: base,
      commits: Number(commits.trim()),
      uncommitted: uncommitted.split("\0").filter((path) => path !== "").length,
      stat,
      patch: text,
      truncated,
    };
  });
  return diff.catch((error: unknown) => Promise.reject(plainly(error, repo)));
}

async function patchOf(git: Git, base: string, commit: string): Promise<{ text: string; truncated: boolean }> {
  const counts = (await git(["diff", ...plain, "--numstat", base, commit])).split("\n");
  const lines = counts.flatMap((row) => row.split("\t", 2)).reduce((sum, count) => sum + (Number(count) || 0), 0);
  if (lines > mostLines) return { text: `(${lines} lines: too many for a patch)`, truncated: true };
  const whole = await git(["diff", ...plain, base, commit]);
  return { text: whole.slice(0, longestPatch).toWellFormed(), truncated: whole.length > longestPatch };
}
