import { ShardbridgeError } from "../../errors.ts";
import type { OwnIdentity, ShardEvent, ShardIdentity } from "../../shards/events.ts";
import type { ShardInfo } from "../../shards/host.ts";

/**
 * Which shard has a name now, as far as its host has told: what is saved or posted of a shard says it beside the name, since the name may be
 * another's later.
 */
export class ShardIdentities {
  readonly #known = new Map<string, ShardIdentity>();

  /** The identity of the shard of a name; nothing where it is not known, or its host has none. */
  of(name: string): Partial<ShardIdentity> {
    return this.#known.get(name) ?? {};
  }

  /** A host says that this is a shard of its now. */
  learn({ name, id, host }: Pick<ShardInfo, "name" | "id" | "host">): void {
    if (id !== undefined && host !== undefined) this.#known.set(name, { shardId: id, host });
  }

  /** Something happened in a shard, which may be an earlier one of its name. */
  take({ type, shard, shardId, host }: Pick<ShardEvent, "type" | "shard" | "shardId" | "host">): void {
    const known = this.#known.get(shard);
    if (type === "destroyed") {
      if (known?.shardId === shardId) this.#known.delete(shard);
    } else if (!known && shardId !== undefined && host !== undefined) this.#known.set(shard, { shardId, host });
  }
}

/** What a host says of a shard, as what is saved of it says it. */
export function identityOf({ id, host }: OwnIdentity): Partial<ShardIdentity> {
  return { ...(id !== undefined && { shardId: id }), ...(host !== undefined && { host }) };
}

/** The refusal of what was meant for an earlier shard. */
export function anotherShard(name: string): ShardbridgeError {
  return new ShardbridgeError(
    "refused",
    `That was for an earlier shard ${name}, which is gone: the ${name} of now is another one.`,
  );
}

/** Whether two may be one shard: they are not where both are known and differ. */
export function mayBeSame(one: Partial<ShardIdentity>, other: Partial<ShardIdentity>): boolean {
  const both = one.shardId !== undefined && other.shardId !== undefined;
  return !both || (one.shardId === other.shardId && one.host === other.host);
}
