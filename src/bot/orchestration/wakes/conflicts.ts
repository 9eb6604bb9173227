import { randomUUID } from "node:crypto";
import { z } from "zod";
import { threadKey, type ThreadRef } from "../../../adapters/adapter.ts";
import { logBug } from "../../../log.ts";
import type { RepoOverlap } from "../../../shards/compare.ts";
import type { ShardEvent } from "../../../shards/events.ts";
import type { ShardHost } from "../../../shards/host.ts";
import type { Change, Collection, Store } from "../../../store/store.ts";
import type { Owner, Owners } from "./owners.ts";
import type { Coming } from "./wake-records.ts";

const schema = z.object({
  repo: z.string(),
  files: z.array(z.string()),
  /** Ids of the pair, and its host; absent where that has none. */
  shardIds: z.exactOptional(z.array(z.string())),
  host: z.exactOptional(z.string()),
});

interface ConflictsOptions {
  store: Store;
  host: Pick<ShardHost, "list" | "overlap">;
  owners: Owners;
  take: (coming: Coming[], changes: Change[]) => Promise<void>;
}

/**
 * Tells the orchestrators of two shards when a merge of the two would conflict, as soon as one of them has done something: once for a
 * pair, and again when more files do.
 */
export class Conflicts {
  readonly #options: ConflictsOptions;
  /** By names of the pair: what was told of it. */
  readonly #known: Collection<z.infer<typeof schema>>;
  readonly #looking = new Map<string, Promise<void>>();
  readonly #again = new Set<string>();
  #stopped = false;

  constructor(options: ConflictsOptions) {
    this.#options = options;
    this.#known = options.store.collection("conflict", schema);
  }

  /** Looks in the background: git may take its time, and the shard's next event need not wait. Never throws. */
  take(event: ShardEvent): void {
    if (event.type !== "answer" && event.type !== "destroyed") return;
    this.#repoOf(event).catch((error: unknown) => void logBug(error, "conflicts could not be looked for"));
  }

  /** Resolves when nothing is looked for any more. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await Promise.all(this.#looking.values());
  }

  async #repoOf({ type, shard }: ShardEvent): Promise<void> {
    if (type === "destroyed") {
      const gone = this.#known.entries().filter(([pair]) => pair.split("+").includes(shard));
      for (const [pair] of gone) await this.#known.delete(pair);
      return;
    }
    const shards = await this.#options.host.list();
    const repo = shards.find(({ name }) => name === shard)?.repo;
    const there = shards.filter((one) => one.repo === repo);
    if (repo === undefined || there.length < 2 || !there.some(({ name }) => this.#options.owners.of(name))) return;
    this.#look(repo);
  }

  /** One look at a repo at a time; what happens meanwhile is looked at after it, once. */
  #look(repo: string): void {
    if (this.#stopped) return;
    if (this.#looking.has(repo)) return void this.#again.add(repo);
    const looking = this.#compare(repo)
      .catch((error: unknown) => void logBug(error, "conflicts could not be looked for", { repo }))
      .then(() => {
        this.#looking.delete(repo);
        if (this.#again.delete(repo)) this.#look(repo);
      });
    this.#looking.set(repo, looking);
  }

  async #compare(repo: string): Promise<void> {
    const { host, take } = this.#options;
    const infos = new Map((await host.list()).map((info) => [info.name, info]));
    for (const overlap of await host.overlap({ repo })) {
      if (this.#stopped) return;
      const coming: Coming[] = [];
      const changes: Change[] = [];
      for (const { shards, files } of overlap.conflicts) {
        const pair = shards.join("+");
        const [one, other] = shards.map((name) => infos.get(name));
        const ids = one?.id !== undefined && other?.id !== undefined ? { shardIds: [one.id, other.id] } : {};
        const before = this.#known.get(pair);
        const same = String(before?.shardIds ?? ids.shardIds) === String(ids.shardIds);
        const known = same ? (before?.files ?? []) : [];
        if (files.every((file) => known.includes(file))) continue;
        coming.push(...this.#told(shards, files));
        changes.push(
          this.#known.change(pair, { repo, files, ...ids, ...(one?.host !== undefined && { host: one.host }) }),
        );
      }
      if (changes.length > 0) await take(coming, changes);
      await this.#forget(overlap);
    }
  }

  /** One event in each thread that owns one of the two. */
  #told(shards: readonly [string, string], files: string[]): Coming[] {
    const owned = shards.flatMap((shard): [ThreadRef, Owner][] => {
      const owner = this.#options.owners.of(shard);
      return owner ? [[owner.thread, owner]] : [];
    });
    const threads = new Map(owned.map(([thread, owner]) => [threadKey(thread), owner]));
    const event = {
      id: `conflict/${randomUUID()}`,
      at: new Date().toISOString(),
      what: `shards ${shards.join(" and ")} would conflict if they were merged as they are now`,
      told: "no" as const,
      output: { shard: shards[0], part: "files that conflict", text: files.join("\n") },
    };
    return [...threads.values()].map(({ thread, by, hops }) => ({ thread, by, hops: hops + 1, event }));
  }

  /** A conflict that is over is told when it is there again. A pair that could not be looked at stays as it was. */
  async #forget({ repo, conflicts, problems }: RepoOverlap): Promise<void> {
    if (problems.length > 0) return;
    const now = new Set(conflicts.map(({ shards }) => shards.join("+")));
    for (const [pair, known] of this.#known.entries())
      if (known.repo === repo && !now.has(pair)) await this.#known.delete(pair);
  }
}
