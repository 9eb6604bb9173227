import { realpathSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { HostContext } from "./host-context.ts";
import type { Destroyed } from "../host.ts";
import { Link } from "../link.ts";
import { worktreesRoot } from "../process/places.ts";
import { processesIn } from "../process/process-table.ts";
import { endProcesses } from "../process/processes.ts";
import { type Records, recordsOf, type ShardRecord } from "../saved/records.ts";
import { tearDown } from "./setting-up.ts";
import { markerName } from "./spawn.ts";
import type { Repo, Worktree } from "../worktree/base.ts";
import { branchPrefix } from "../worktree/worktree.ts";

/** No process has this id. */
const nobody = -1;

/** Processes left of a shard that was ended. */
export type Ended = Omit<Destroyed, "name">;

/**
 * End all processes of a shard, undo its setup, and remove all that it has: holder, worktree, branch, folder, socket. What is gone already is fine, so this can
 * be done again after a crash. Resolves with the processes that could not be ended. Throws "refused" when the branch is in use elsewhere.
 */
export async function removeShard(record: ShardRecord, link: Link | undefined, context: HostContext): Promise<Ended> {
  const ended = await endAgent(record, link);
  await quitHolder(record, link);
  const problem = await tearDown(record, context);
  await context.worktrees.remove(repoOf(record), treeOf(record, context));
  rmSync(record.folder, { recursive: true, force: true });
  return problem === undefined ? ended : { ...ended, problem };
}

/** End all processes of a shard, whoever started them; see `Destroyed` for those that are left. */
export async function endAgent(record: ShardRecord, link: Link | undefined): Promise<Ended> {
  const child = record.child ?? link?.child ?? nobody;
  const survivors = await endProcesses({ child, marker: `${markerName}=${record.marker}` });
  const there = record.worktree === "" ? [] : await processesIn(record.worktree);
  const strays = there.filter((pid) => !survivors.includes(pid));
  return { survivors, ...(strays.length > 0 && { strays }) };
}

/** Forget a shard and its turns; the record last, so that a crash before leaves something that leads to the rest. */
export async function forgetShard(record: ShardRecord, { records }: HostContext): Promise<void> {
  await forgetTurns(record, records);
  await records.shards.delete(record.name);
}

export async function forgetTurns({ name }: ShardRecord, { turns }: Pick<Records, "turns">): Promise<void> {
  for (const [key] of recordsOf(turns, name)) await turns.delete(key);
}

/** Phrases for the work that removing the shard would lose. */
export async function unsavedWork(record: ShardRecord, context: HostContext): Promise<string[]> {
  return context.worktrees.unsaved(repoOf(record), treeOf(record, context));
}

function repoOf({ repo, repoPath }: ShardRecord): Repo {
  return { name: repo, path: repoPath };
}

/** The worktree as it was made, or as it would have been had the crash come later. */
function treeOf(record: ShardRecord, { options }: HostContext): Worktree {
  const { name, repo, worktree, branch, base, commit } = record;
  if (worktree !== "") return { path: worktree, branch, base, commit };
  const root = worktreesRoot(options.home);
  return { path: join(realpathSync(root), repo, name), branch: branchPrefix + name, base, commit };
}

/** End a shard's holder, if there still is one. */
export async function quitHolder({ socket, secret }: ShardRecord, link: Link | undefined): Promise<void> {
  const usable = link?.gone ? undefined : link;
  const holder = usable ?? (await Link.open({ socket, secret }, () => undefined).catch(() => undefined));
  await holder?.quit();
  // One that was killed has left it.
  rmSync(socket, { force: true });
}
