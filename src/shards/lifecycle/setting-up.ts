import { existsSync } from "node:fs";
import { join } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import { environmentOf, type HostContext } from "./host-context.ts";
import { kindNamed } from "./kinds.ts";
import { privateFolder } from "../process/places.ts";
import type { ShardRecord } from "../saved/records.ts";
import type { ApproveSetup, RepoSetup, SetupOutcome } from "../repo-says.ts";
import { runCommands } from "./run-commands.ts";
import { copyFiles, readSetup, type FoundSetup } from "./setup-file.ts";
import type { Shard } from "../shard.ts";
import { markerName } from "./spawn.ts";

/** Milliseconds that all setup commands of a worktree may take together, and all teardown commands. */
const setupPatience = 10 * 60_000;
const teardownPatience = 2 * 60_000;

/**
 * Do to a new worktree what its repo's setup file says, if that very content was approved. `note` saves what is to be undone later, and
 * is called before anything is done. Undefined where there is no such file.
 */
export async function setUp(
  record: ShardRecord,
  context: HostContext,
  note: (part: Pick<ShardRecord, "teardown">) => Promise<void>,
): Promise<SetupOutcome | undefined> {
  const found = await readSetup(record.worktree);
  if (!found) return undefined;
  const { repo } = record;
  const { hash } = found;
  if ("problem" in found) return { outcome: "failed", repo, hash, text: found.problem };
  const { setup } = found;
  if (!context.records.approvals.get(keyOf(repo, hash))) return { outcome: "unapproved", repo, hash, setup, text: "" };
  await note({ teardown: setup.teardown });
  const text = await carryOut(setup, record, context);
  return { outcome: text === undefined ? "done" : "failed", repo, hash, setup, text: text ?? "" };
}

/** Approve a setup file by its hash, and then do for the shard what it says, if it still has that one; how that ends is an event. */
export async function approveSetup({ hash, by = "" }: ApproveSetup, shard: Shard, context: HostContext): Promise<void> {
  const { store, events } = shard;
  const { name, repo, worktree } = store.record;
  const key = keyOf(repo, hash);
  if (context.records.approvals.get(key))
    throw new ShardbridgeError("refused", `That is approved already for ${repo}: new shards of it are set up so.`);
  await context.records.approvals.set(key, { by, at: new Date().toISOString() });
  log.info("a setup file was approved", { repo, hash, by, shard: name });
  const now: FoundSetup | undefined = existsSync(worktree) ? await readSetup(worktree) : undefined;
  if (now?.hash !== hash) return;
  const work = async () => {
    const outcome = await setUp(store.record, context, (part) => store.note(part));
    if (outcome) await events.say({ type: "setup", id: store.id("setup-approved"), ...outcome });
  };
  work().catch((error: unknown) => void logBug(error, "an approved setup could not be done", { shard: name }));
}

/** Run what the setup of a shard wants to be run before its worktree goes. Resolves with what went wrong. */
export async function tearDown(record: ShardRecord, context: HostContext): Promise<string | undefined> {
  const { teardown = [], worktree, name } = record;
  if (teardown.length === 0 || worktree === "" || !existsSync(worktree)) return undefined;
  const failure = await runCommands(teardown, whereOf(record, context, teardownPatience));
  if (failure !== undefined) log.warn("a teardown failed", { shard: name, failure });
  return failure;
}

async function carryOut(setup: RepoSetup, record: ShardRecord, context: HostContext): Promise<string | undefined> {
  const problems = await copyFiles(setup.copy, record.repoPath, record.worktree);
  const failure = await runCommands(setup.setup, whereOf(record, context, setupPatience));
  if (failure !== undefined) problems.push(failure);
  return problems.length === 0 ? undefined : problems.join("\n");
}

/** As the agent itself would run them, and found by the same mark as all that belongs to the shard. */
function whereOf(record: ShardRecord, { options }: HostContext, patience: number) {
  const env = environmentOf(kindNamed(record.agent, options), options);
  return {
    folder: record.worktree,
    env: { ...env, [markerName]: record.marker },
    log: join(privateFolder(record.folder), "setup.log"),
    patience,
  };
}

function keyOf(repo: string, hash: string): string {
  return `${repo}/${hash}`;
}
