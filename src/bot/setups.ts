import { z } from "zod";
import type { Post, ThreadRef } from "../adapters/adapter.ts";
import { identityIn, type ShardEvent } from "../shards/events.ts";
import type { Change, Collection, Store } from "../store/store.ts";
import { alsoWaitsPost, askingPost, setupPost } from "./posts/setup-post.ts";
import { identityFields, postSchema } from "./records.ts";

const setupSchema = z.object({ copy: z.array(z.string()), setup: z.array(z.string()), teardown: z.array(z.string()) });

/** A setup file that waits for an admin: where that is asked, by which event, and which other shards wait for it. */
const schema = z.object({
  shard: z.string(),
  event: z.string(),
  repo: z.string(),
  hash: z.string(),
  setup: z.exactOptional(setupSchema),
  post: postSchema,
  waiting: z.array(z.string()),
  ...identityFields,
});

type Asked = z.infer<typeof schema>;
type SetupEvent = Extract<ShardEvent, { type: "setup" }>;

interface SetupsOptions {
  store: Store;
  /** Tell posts in a shard's threads, with changes that are saved along; the same event again tells nothing. */
  say: (event: ShardEvent & { id: string }, posts: Post[], also?: Change[]) => Promise<void>;
  /** Put another post in the place of what an event was told by. */
  replace: (shard: string, event: string, post: Post) => Promise<void>;
  threadOf: (shard: string) => ThreadRef | undefined;
}

/** Tells of setup files: each is asked for once, in the thread of one shard, whatever shards wait for it. */
export class Setups {
  readonly #options: SetupsOptions;
  readonly #asked: Collection<Asked>;

  constructor(options: SetupsOptions) {
    this.#options = options;
    this.#asked = options.store.collection("setup-asked", schema);
  }

  async take(event: SetupEvent): Promise<void> {
    const { repo, hash, shard, outcome } = event;
    const key = keyOf(repo, hash);
    const asked = this.#asked.get(key);
    if (outcome !== "unapproved") {
      await this.#options.say(event, [setupPost(event)]);
      if (asked) await this.#settle(key, asked, event.by === undefined ? "approved" : `approved by ${event.by}`);
    } else if (asked === undefined || asked.event === event.id || asked.shard === shard) {
      await this.#ask(event, asked?.waiting ?? []);
    } else {
      const waiting = [...new Set([...asked.waiting, shard])];
      const post = alsoWaitsPost(shard, repo, asked.shard, this.#options.threadOf(asked.shard));
      await this.#options.say(event, [post], [this.#asked.change(key, { ...asked, waiting })]);
    }
  }

  /** A shard goes, whose threads are still known: what was asked there is asked under the next one that waits. */
  async destroyed(event: ShardEvent & { id: string }): Promise<void> {
    for (const [key, asked] of this.#asked.entries()) {
      const waiting = asked.waiting.filter((shard) => shard !== event.shard);
      if (asked.shard !== event.shard) {
        if (waiting.length < asked.waiting.length) await this.#asked.set(key, { ...asked, waiting });
        continue;
      }
      await this.#settle(key, asked, "The shard is destroyed");
      const [next, ...others] = waiting;
      if (next === undefined) continue;
      const { repo, hash, setup } = asked;
      const { seq, at } = event;
      const again = { type: "setup" as const, outcome: "unapproved" as const, repo, hash, text: "", seq, at };
      await this.#ask({ ...again, shard: next, id: `${asked.event}/${next}`, ...(setup && { setup }) }, others);
    }
  }

  async #ask(event: SetupEvent, waiting: string[]): Promise<void> {
    const { shard, repo, hash, setup } = event;
    const post = askingPost(shard, repo, hash, setup);
    const record = { shard, event: event.id, repo, hash, post, waiting, ...(setup && { setup }), ...identityIn(event) };
    await this.#options.say(event, [post], [this.#asked.change(keyOf(repo, hash), record)]);
  }

  async #settle(key: string, { shard, event, post }: Asked, settled: string): Promise<void> {
    if (post.kind === "question") await this.#options.replace(shard, event, { ...post, buttons: [], settled });
    await this.#asked.delete(key);
  }
}

function keyOf(repo: string, hash: string): string {
  return `${repo}/${hash}`;
}
