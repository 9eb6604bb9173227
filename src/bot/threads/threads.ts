import { z } from "zod";
import { threadKey, type ThreadRef } from "../../adapters/adapter.ts";
import type { ShardIdentity } from "../../shards/events.ts";
import type { Change, Collection, Store } from "../../store/store.ts";
import { identityFields, threadSchema } from "../records.ts";
import { mayBeSame, ShardIdentities } from "./shard-identities.ts";

const schema = z.object({
  thread: threadSchema,
  /** The shard that the thread is bound to. */
  shard: z.exactOptional(z.string()),
  ...identityFields,
  /** Plain messages go straight to the shard. */
  attached: z.boolean(),
  /** The shard's own thread. */
  home: z.boolean(),
  /** The thread that asked for the shard. */
  parent: z.exactOptional(threadSchema),
  /** When it was bound (ISO 8601). */
  boundAt: z.exactOptional(z.string()),
  /** The platform says that it is not there any more. */
  gone: z.exactOptional(z.boolean()),
});

export type ThreadRecord = z.infer<typeof schema>;

/** The threads that the bot knows, and which shard each is bound to: at most one, though a shard may have several threads. */
export class Threads {
  readonly #records: Collection<ThreadRecord>;
  readonly #identities: ShardIdentities;

  constructor(store: Store, identities = new ShardIdentities()) {
    this.#records = store.collection("thread", schema);
    this.#identities = identities;
  }

  get(thread: ThreadRef): ThreadRecord | undefined {
    return this.#records.get(threadKey(thread));
  }

  /** The threads of a shard that are there, its own first. */
  of(shard: string): ThreadRecord[] {
    return this.#bound(shard).filter((record) => record.gone !== true);
  }

  /** Threads that are there, the likeliest to be talked in first: those of a shard, then the newest. */
  onPlatform(platform: string): ThreadRef[] {
    const there = this.#records.entries().map(([, record]) => record);
    return there
      .filter(({ thread, gone }) => thread.platform === platform && gone !== true)
      .sort((a, b) => Number(b.shard !== undefined) - Number(a.shard !== undefined) || newest(a.thread, b.thread))
      .map(({ thread }) => thread);
  }

  /** Threads of a platform that are there and have a shard. */
  bound(platform: string): ThreadRef[] {
    return this.onPlatform(platform).filter((thread) => this.get(thread)?.shard !== undefined);
  }

  /** From now on plain messages there need no mention. A thread that was thought gone is there after all. */
  async know(thread: ThreadRef): Promise<void> {
    const known = this.get(thread);
    if (known && known.gone !== true) return;
    const { gone: _gone, ...record } = known ?? { thread, attached: false, home: false };
    await this.#records.set(threadKey(thread), record);
  }

  /** The change that makes a thread the shard's own; `attached`: its plain messages go straight to it. */
  home(thread: ThreadRef, shard: string, parent?: ThreadRef, attached = false): Change {
    const boundAt = new Date().toISOString();
    const bound = { thread, shard, ...this.#identities.of(shard), attached, home: true, boundAt };
    const record = { ...bound, ...(parent && { parent }) };
    return this.#records.change(threadKey(thread), record);
  }

  /** The change that sends a thread's plain messages straight to the shard. */
  attach(thread: ThreadRef, shard: string): Change {
    const known = this.get(thread);
    const own = known?.shard === shard ? known : { thread, home: false, boundAt: new Date().toISOString() };
    const bound = { ...own, thread, shard, ...this.#identities.of(shard), attached: true };
    return this.#records.change(threadKey(thread), bound);
  }

  /** Plain messages go to the orchestrator again; only its own thread stays bound to the shard. */
  async detach(thread: ThreadRef): Promise<void> {
    const known = this.get(thread);
    if (!known) return;
    const { shard: _shard, shardId: _shardId, host: _host, boundAt: _boundAt, ...unbound } = known;
    await this.#records.set(threadKey(thread), { ...(known.home ? known : unbound), attached: false });
  }

  /** The changes that let go of a shard. Bindings to another one, or made after `at`, belong to a later shard of the same name. */
  release(
    shard: string,
    at: string,
    identity: Partial<ShardIdentity> = {},
  ): { changes: Change[]; threads: ThreadRef[] } {
    const bound = this.#bound(shard).filter((one) => (one.boundAt ?? "") <= at && mayBeSame(one, identity));
    const changes = bound.map(({ thread }) =>
      this.#records.change(threadKey(thread), { thread, attached: false, home: false }),
    );
    return { changes, threads: bound.map(({ thread }) => thread) };
  }

  async gone(thread: ThreadRef): Promise<void> {
    const known = this.get(thread);
    if (known) await this.#records.set(threadKey(thread), { ...known, gone: true });
  }

  #bound(shard: string): ThreadRecord[] {
    const bound = this.#records.entries().filter(([, record]) => record.shard === shard);
    return bound.map(([, record]) => record).sort((a, b) => Number(b.home) - Number(a.home));
  }
}

/** Platforms number their threads as time goes on. */
function newest(a: ThreadRef, b: ThreadRef): number {
  return b.thread.localeCompare(a.thread, "en", { numeric: true });
}
