import { existsSync } from "node:fs";
import { join } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import { environmentOf, type HostContext } from "./host-context.ts";
import { kindNamed } from "./kinds.ts";
import { privateFolder } from "../process/places.ts";
import type { ShardRecord } from "../saved/records.ts";
import type { ApproveInstructions, ApproveSetup, RepoInstructions, RepoSetup, SetupOutcome } from "../repo-says.ts";
import { runCommands } from "./run-commands.ts";
import { copyFiles, readRepoInstructions, readSetup } from "./setup-file.ts";
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
  note: (part: Pick<ShardRecord, "teardown" | "unapproved">) => Promise<void>,
): Promise<SetupOutcome | undefined> {
  const found = await readSetup(record.worktree);
  if (!found) return undefined;
  const { repo } = record;
  const { hash } = found;
  if ("problem" in found) return { outcome: "failed", repo, hash, text: found.problem };
  const { setup } = found;
  const approval = context.records.approvals.get(keyOf(repo, hash));
  if (!approval) {
    await note({ unapproved: hash });
    return { outcome: "unapproved", repo, hash, setup, text: "" };
  }
  await note({ teardown: setup.teardown });
  const text = await carryOut(setup, record, context);
  const by = approval.by === "" ? {} : { by: approval.by };
  return { outcome: text === undefined ? "done" : "failed", repo, hash, setup, text: text ?? "", ...by };
}

/**
 * Approve a setup file by its hash, and then do what it says for each shard that waits for it and still has that one; how that ends is an
 * event of each. `shards` are all of the host.
 */
export async function approveSetup(
  { name, hash, by = "" }: ApproveSetup,
  shards: readonly Shard[],
  context: HostContext,
): Promise<void> {
  const { approvals } = context.records;
  const repo = shards.find((shard) => shard.name === name)?.store.record.repo ?? "";
  const key = keyOf(repo, hash);
  const known = approvals.get(key);
  // A record of before it was noted says nothing of the one that it was asked for.
  const waits = ({ store }: Shard) =>
    store.record.repo === repo && (store.record.unapproved === hash || (!known && store.record.name === name));
  const waiting = shards.filter(waits);
  if (known && waiting.length === 0)
    throw new ShardbridgeError("refused", `That is approved already for ${repo}: new shards of it are set up so.`);
  if (!known) {
    await approvals.set(key, { by, at: new Date().toISOString() });
    log.info("a setup file was approved", { repo, hash, by, shard: name });
  }
  const fitting = await Promise.all(waiting.map(async (shard) => ((await hashIn(shard)) === hash ? [shard] : [])));
  for (const shard of fitting.flat()) {
    setUpLater(shard, context).catch(
      (error: unknown) => void logBug(error, "an approved setup could not be done", { shard: shard.name }),
    );
  }
}

async function hashIn({ store }: Shard): Promise<string | undefined> {
  const { worktree } = store.record;
  return existsSync(worktree) ? (await readSetup(worktree))?.hash : undefined;
}

async function setUpLater({ store, events }: Shard, context: HostContext): Promise<void> {
  await store.note({ unapproved: undefined });
  const outcome = await setUp(store.record, context, (part) => store.note(part));
  if (outcome) await events.say({ type: "setup", id: store.id("setup-approved"), ...outcome });
}

/** The instructions of the repos, each with its hash where nobody has approved them as they are. */
export async function repoInstructions({ options, records }: HostContext): Promise<RepoInstructions[]> {
  const repos = Object.entries(options.repos).map(([name, path]) => ({ name, path }));
  return (await readRepoInstructions(repos)).map(({ repo, text, hash }) => {
    const approved = records.approvals.get(instructionsKey(repo, hash)) !== undefined;
    return { repo, text, ...(!approved && { unapproved: hash }) };
  });
}

/** Approve a repo's instructions by their hash. Throws ShardbridgeError "refused" where they are others by now. */
export async function approveInstructions(
  { repo, hash, by = "" }: ApproveInstructions,
  context: HostContext,
): Promise<void> {
  const now = (await repoInstructions(context)).find((one) => one.repo === repo);
  if (now?.unapproved !== hash)
    throw new ShardbridgeError(
      "refused",
      `The SHARDBRIDGE.md of ${repo} is approved already, or is another one by now.`,
    );
  await context.records.approvals.set(instructionsKey(repo, hash), { by, at: new Date().toISOString() });
  log.info("a repo's instructions were approved", { repo, hash, by });
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

/** No hash has a dot. */
function instructionsKey(repo: string, hash: string): string {
  return `${repo}/SHARDBRIDGE.md/${hash}`;
}
