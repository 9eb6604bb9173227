import type { EventQueue } from "../saved/event-queue.ts";
import type { ShardRecord } from "../saved/records.ts";
import { Shard, type ShardParts } from "../shard.ts";
import { environmentOf, type HostContext } from "./host-context.ts";
import { kindNamed } from "./kinds.ts";

/** The shard of a record, in this host: see `Shard.open`. `start`: its agent was started again just now. */
export async function openShard(
  record: ShardRecord,
  events: EventQueue,
  { options, records }: HostContext,
  start?: ShardParts["start"],
): Promise<Shard> {
  const kind = kindNamed(record.agent, options);
  return Shard.open({ record, kind, records, events, env: environmentOf(kind, options), ...(start && { start }) });
}
