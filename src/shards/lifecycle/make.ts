import { ShardbridgeError } from "../../errors.ts";
import { logBug } from "../../log.ts";
import type { EventQueue } from "../saved/event-queue.ts";
import type { HostContext } from "./host-context.ts";
import { openShard } from "./open-shard.ts";
import type { ShardRecord } from "../saved/records.ts";
import { forgetShard, removeShard } from "./remove.ts";
import { setUp } from "./setting-up.ts";
import type { Shard } from "../shard.ts";
import { launchShard, type Plan } from "./spawn.ts";

/** Intent, effect, result; a failure undoes all of it. */
export async function makeShard(
  { record, repo, kind, base }: Plan,
  events: EventQueue,
  context: HostContext,
): Promise<Shard> {
  const { records, worktrees, options } = context;
  const { name } = record;
  await records.shards.set(name, record);
  let made = record;
  let link: Shard["link"];
  try {
    const { path, remarks, ...tree } = await worktrees.create(repo, name, base);
    made = { ...record, ...tree, worktree: path, ...(remarks.length > 0 && { remark: remarks.join(" ") }) };
    await records.shards.set(name, made);
    const setup = await setUp(made, context, async (part) => {
      made = { ...made, ...part };
      await records.shards.set(name, made);
    });
    await launchShard(made, kind, options, { resume: false });
    await events.end("again");
    const shard = await openShard(made, events, context);
    link = shard.link;
    if (!link) throw new ShardbridgeError("failed", `The holder of ${name} was gone at once: try again.`);
    if (setup) await events.say({ type: "setup", id: shard.store.id("setup"), ...setup });
    return shard;
  } catch (error) {
    await undo(made, link, context).catch((second: unknown) =>
      logBug(second, "a spawn could not be undone", { shard: name }),
    );
    throw error;
  }
}

/** What can't be undone now is undone at the next start: the record stays. */
async function undo(record: ShardRecord, link: Shard["link"], context: HostContext): Promise<void> {
  // Where no worktree was made, what is in its place is not ours.
  if (record.worktree !== "") await removeShard(record, link, context);
  await forgetShard(record, context);
}
