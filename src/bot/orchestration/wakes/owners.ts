import { z } from "zod";
import type { Collection, Store } from "../../../store/store.ts";
import { identityFields, threadSchema } from "../../records.ts";
import { mayBeSame, ShardIdentities } from "../../threads/shard-identities.ts";

const schema = z.object({
  thread: threadSchema,
  /** Id of the person for whom the orchestrator acts. */
  by: z.string(),
  /** Automatic turns that led to its last prompt, one after the other; 0 when a person asked for it. */
  hops: z.number(),
  ...identityFields,
});

export type Owner = z.infer<typeof schema>;

/** Stands behind a person's name where the orchestrator has prompted for them. */
const mark = " (orchestrator)";

/** Name of who prompts when the orchestrator does it for somebody. */
export function onBehalf(name: string): string {
  return name + mark;
}

export function isOnBehalf(by: string | undefined): boolean {
  return by?.endsWith(mark) === true;
}

/** The thread whose orchestrator has started a shard, or was the last to prompt it: what happens there then wakes that one. */
export class Owners {
  readonly #records: Collection<Owner>;

  readonly #identities: ShardIdentities;

  constructor(store: Store, identities = new ShardIdentities()) {
    this.#records = store.collection("shard-owner", schema);
    this.#identities = identities;
  }

  of(shard: string): Owner | undefined {
    const owner = this.#records.get(shard);
    return owner && mayBeSame(owner, this.#identities.of(shard)) ? owner : undefined;
  }

  /**
   * Try something that makes a thread a shard's owner. It is saved before, because what comes of it may come at once, and undone when the
   * attempt brings nothing about.
   */
  async claim<T>(shard: string, owner: Owner, attempt: () => Promise<T>, came: (result: T) => boolean): Promise<T> {
    const before = this.#records.get(shard);
    const claimed = { ...owner, ...this.#identities.of(shard) };
    await this.#records.set(shard, claimed);
    let owned = false;
    try {
      const result = await attempt();
      owned = came(result);
      return result;
    } finally {
      const now = this.#identities.of(shard);
      if (this.#records.get(shard) === claimed) {
        if (!owned) await this.#restore(shard, before);
        // A shard that was started by the attempt has an id only now.
        else if (claimed.shardId !== now.shardId) await this.#records.set(shard, { ...claimed, ...now });
      }
    }
  }

  async forget(shard: string): Promise<void> {
    await this.#records.delete(shard);
  }

  /** Forget shards that are gone. */
  async keep(shards: readonly string[]): Promise<void> {
    for (const [shard] of this.#records.entries()) if (!shards.includes(shard)) await this.forget(shard);
  }

  async #restore(shard: string, before: Owner | undefined): Promise<void> {
    if (before) await this.#records.set(shard, before);
    else await this.forget(shard);
  }
}
