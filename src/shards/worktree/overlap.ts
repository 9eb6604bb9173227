import { existsSync } from "node:fs";
import { messageOf } from "../../errors.ts";
import { gitEnvironment } from "../process/environment.ts";
import { type Git, GitFailure } from "./git.ts";
import type { HostContext } from "../lifecycle/host-context.ts";
import type { RepoOverlap } from "../compare.ts";
import type { ShardRecord } from "../saved/records.ts";
import { Shadow } from "./shadow.ts";
import { snapshotOf } from "./snapshot.ts";

/** Files of one kind that are listed. */
const mostFiles = 100;

interface Changed {
  name: string;
  commit: string;
  files: Set<string>;
}

/** See `ShardHost.overlap`: one entry for each repo that has at least two shards. */
export async function overlapOf(
  records: readonly ShardRecord[],
  repo: string | undefined,
  { options }: HostContext,
): Promise<RepoOverlap[]> {
  const repos = new Map<string, ShardRecord[]>();
  for (const record of records) {
    if (repo === undefined || record.repo === repo) repos.set(record.repo, [...(repos.get(record.repo) ?? []), record]);
  }
  const found: RepoOverlap[] = [];
  for (const [name, shards] of repos) {
    const [first] = shards;
    if (first && shards.length > 1) found.push(await ofRepo(name, first.repoPath, shards, gitEnvironment(options.env)));
  }
  return found;
}

async function ofRepo(
  repo: string,
  path: string,
  records: ShardRecord[],
  env: Record<string, string>,
): Promise<RepoOverlap> {
  const problems: string[] = [];
  return Shadow.scratch({ name: repo, path }, env, async (shadow) => {
    const changed: Changed[] = [];
    for (const record of records) {
      const one = await changes(record, shadow).catch((error: unknown) => {
        problems.push(`${record.name} could not be looked at: ${messageOf(error).split("\n", 1)[0]}`);
      });
      if (one) changed.push(one);
    }
    const conflicts: RepoOverlap["conflicts"] = [];
    for (const [one, other] of pairs(changed).filter(([a, b]) => touch(a, b))) {
      const files = await conflictsOf(shadow.git, one, other).catch((error: unknown) => {
        problems.push(`${one.name} and ${other.name} could not be merged to see: ${whyNot(error)}`);
        return [];
      });
      if (files.length > 0) conflicts.push({ shards: [one.name, other.name], files: files.slice(0, mostFiles) });
    }
    return { repo, shards: records.map(({ name }) => name), files: sharedFiles(changed), conflicts, problems };
  });
}

async function changes(record: ShardRecord, shadow: Shadow): Promise<Changed> {
  if (!existsSync(record.worktree)) throw new Error("its worktree is gone");
  const { commit, base, git } = await snapshotOf(shadow, record);
  const options = ["--no-ext-diff", "--no-textconv", "--no-renames", "--name-only", "-z"];
  const listed = await git(["diff", ...options, base, commit]);
  return { name: record.name, commit, files: new Set(listed.split("\0").filter((path) => path !== "")) };
}

/** The files that conflict. A merge that conflicts ends with 1; it is made of objects alone. */
async function conflictsOf(git: Git, one: Changed, other: Changed): Promise<string[]> {
  const args = ["merge-tree", "--write-tree", "--name-only", "--no-messages", "-z", one.commit, other.commit];
  try {
    await git(args);
    return [];
  } catch (error) {
    if (!(error instanceof GitFailure) || error.exit !== 1) throw error;
    const [, ...files] = error.printed.split("\0");
    return [...new Set(files.filter((path) => path !== ""))];
  }
}

function sharedFiles(changed: Changed[]): RepoOverlap["files"] {
  const all = new Set(changed.flatMap(({ files }) => [...files]));
  return [...all]
    .map((path) => ({ path, shards: changed.filter(({ files }) => files.has(path)).map(({ name }) => name) }))
    .filter(({ shards }) => shards.length > 1)
    .sort((a, b) => (a.path < b.path ? -1 : 1))
    .slice(0, mostFiles);
}

/** Whether two could conflict at all: a path in both, or one that is a file here and a folder there. */
function touch(one: Changed, other: Changed): boolean {
  const inside = (a: Changed, b: Changed) => [...a.files].some((path) => below(b, path));
  return [...one.files].some((path) => other.files.has(path)) || inside(one, other) || inside(other, one);
}

function below({ files }: Changed, path: string): boolean {
  const parts = path.split("/");
  return parts.some((_, index) => index > 0 && files.has(parts.slice(0, index).join("/")));
}

function pairs<T>(list: readonly T[]): [T, T][] {
  return list.flatMap((one, index) => list.slice(index + 1).map((other): [T, T] => [one, other]));
}

function whyNot(error: unknown): string {
  if (error instanceof GitFailure && /unknown option|usage: git merge-tree/.test(error.said))
    return "git 2.38 or newer is needed for that";
  return messageOf(error).split("\n", 1)[0] ?? "";
}
