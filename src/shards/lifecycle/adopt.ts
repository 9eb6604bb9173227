import { messageOf } from "../../errors.ts";
import { log } from "../../log.ts";
import { closeShard } from "./closing.ts";
import type { EventQueue } from "../saved/event-queue.ts";
import type { HostContext } from "./host-context.ts";
import { openShard } from "./open-shard.ts";
import type { ShardRecord } from "../saved/records.ts";
import { forgetShard, quitHolder, removeShard, unsavedWork } from "./remove.ts";
import { settleResume } from "./resume.ts";
import type { Shard } from "../shard.ts";

/** Milliseconds that a living agent's screen may take to say in which state it is. */
const settlesWithin = 1000;

/**
 * Take over a shard that an earlier process left: connect to its holder, or finish or undo what a crash interrupted. Undefined when
 * the shard is gone after that.
 */
export async function adoptShard(
  record: ShardRecord,
  events: EventQueue,
  context: HostContext,
): Promise<Shard | undefined> {
  const open = async (found: ShardRecord) => {
    // A killed process may have told of the agent's end, and not let its holder go.
    if (found.end)
      await quitHolder(found, undefined).catch((error: unknown) => {
        log.warn("a holder did not go", { shard: found.name, reason: messageOf(error) });
      });
    const shard = await openShard(found, events, context);
    // So that a prompt which is the first thing to come is typed, and not kept for later.
    await shard.link?.until(() => shard.status.state !== "starting", settlesWithin);
    return shard;
  };
  if (record.phase === "ready") return open(record);
  if (record.phase === "resuming") return settleResume(record, events, context);
  if (record.phase === "closing") {
    let closed = await openShard(record, events, context);
    await closeShard(closed, record.closedBy ?? "", context, (next) => (closed = next));
    return closed;
  }
  if (record.phase === "creating") {
    const shard = await finishSpawn(record, open, context);
    if (shard) return shard;
  }
  try {
    // What is in the place of a worktree that was never made, and holds work, is not ours.
    if (record.worktree !== "" || !(await holdsWork(record, context))) await removeShard(record, undefined, context);
  } catch (error) {
    log.warn("a shard could not be removed", { shard: record.name, reason: messageOf(error) });
    await context.records.shards.set(record.name, { ...record, phase: "ready" });
    return open({ ...record, phase: "ready" });
  }
  if (record.phase === "destroying") await sayDestroyed(record, events);
  await forgetShard(record, context);
  return undefined;
}

/** A spawn that was interrupted is finished when its agent runs, or has left work; otherwise it is to be undone. */
async function finishSpawn(
  record: ShardRecord,
  open: (record: ShardRecord) => Promise<Shard>,
  context: HostContext,
): Promise<Shard | undefined> {
  if (record.worktree === "") return undefined;
  const shard = await open(record);
  if (shard.link || (await holdsWork(record, context))) {
    await shard.begin(undefined, undefined);
    return shard;
  }
  await shard.retire();
  return undefined;
}

/** Tell the listener that a shard is gone, and let its events end after that. */
export async function sayDestroyed({ name, marker }: ShardRecord, events: EventQueue): Promise<void> {
  await events.say({ type: "destroyed", id: `destroyed:${name}:${marker.slice(0, 8)}` });
  await events.end("end");
}

async function holdsWork(record: ShardRecord, context: HostContext): Promise<boolean> {
  return (await unsavedWork(record, context)).length > 0;
}
