import { sayDestroyed } from "./adopt.ts";
import type { HostContext } from "./host-context.ts";
import { openShard } from "./open-shard.ts";
import { forgetShard, removeShard, type Ended } from "./remove.ts";
import type { Roster } from "./roster.ts";
import type { Shard } from "../shard.ts";

/** Remove a shard and all that it has, and tell of it. One that can't be removed stays, so that it can be tried again. Throws as `removeShard`. */
export async function destroyShard(shard: Shard, context: HostContext, roster: Roster): Promise<Ended> {
  const { records } = context;
  const { name, events } = shard;
  await shard.retire();
  const record = { ...shard.store.record, phase: "destroying" as const };
  await records.shards.set(name, record);
  try {
    const ended = await removeShard(record, shard.link, context);
    await sayDestroyed(record, events);
    await forgetShard(record, context);
    roster.delete(name);
    return ended;
  } catch (error) {
    const kept = { ...record, phase: "ready" as const };
    await records.shards.set(name, kept);
    roster.set(await openShard(kept, events, context));
    throw error;
  }
}
