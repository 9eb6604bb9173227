import { createHash } from "node:crypto";
import { z } from "zod";
import type { Post, PostRef, ThreadRef } from "../../adapters/adapter.ts";
import type { Shown } from "../../redaction/shown.ts";
import { identityIn, type ShardIdentity } from "../../shards/events.ts";
import type { ShardStatus } from "../../shards/host.ts";
import type { Collection, Store } from "../../store/store.ts";
import { encodeButton } from "./button-action.ts";
import { LiveMessage, type LiveParts, type LiveSource } from "./live-message.ts";
import type { Outlet } from "./outlet.ts";
import { identityFields, postRefSchema } from "../records.ts";
import type { ShardIdentities } from "../threads/shard-identities.ts";
import { stampOf } from "./shard-stamp.ts";
import { stateWords } from "../posts/states.ts";

const schema = z.object({
  shard: z.string(),
  ...identityFields,
  agent: z.string(),
  since: z.string(),
  ref: postRefSchema,
});

type SavedCard = z.infer<typeof schema>;
type CardPost = Post & { kind: "card" };

/** Look of a shard at work. A tail that is undefined has not changed. */
interface Look {
  agent: string;
  thread: ThreadRef;
  status: ShardStatus;
  tail?: string | undefined;
}

/** A turn that has begun, at `since` (ISO 8601); with where an earlier run of the bot has posted its card. */
interface Begun extends Look {
  shard: string;
  since: string;
  ref?: PostRef;
  /** The shard's, where it is known. */
  identity?: Partial<ShardIdentity>;
}

interface CardsOptions extends LiveParts {
  store: Store;
  identities?: ShardIdentities;
}

/**
 * One live message for each shard at work: posted when a turn takes its time, edited while it runs, and left showing how the turn ended;
 * with its address saved, so that the same message goes on after a restart.
 */
export class StatusCards {
  readonly #options: CardsOptions;
  readonly #saved: Collection<SavedCard>;
  /** The card of the running turn, by shard. */
  readonly #current = new Map<string, Card>();
  /** When a shard's last turn ended (milliseconds since the epoch). */
  readonly #endedAt = new Map<string, number>();
  readonly #startedAt = new Date().toISOString();
  #stopped = false;

  constructor(options: CardsOptions) {
    this.#options = options;
    this.#saved = options.store.collection("card", schema);
    for (const [, { shard, agent, since, ref, ...saved }] of this.#saved.entries()) {
      const status: ShardStatus = { state: "unsure", since, why: "the bot was restarted" };
      this.#add({ shard, agent, thread: ref.thread, since, status, ref, identity: identityIn(saved) });
    }
  }

  /** The shard is in a turn. */
  update(shard: string, look: Look): void {
    if (this.#stopped) return;
    const card = this.#current.get(shard) ?? this.#add({ ...look, shard, since: look.status.since });
    card.update(look);
  }

  /** The shard's turn is over; its card, if it has one, says so. */
  end(shard: string, status: ShardStatus): void {
    const card = this.#current.get(shard);
    if (!card) return;
    this.#current.delete(shard);
    this.#endedAt.set(shard, Date.now());
    card.end(status);
  }

  /** Shards with a card now; right after the start, those whose card an earlier run of the bot left. */
  shards(): string[] {
    return [...this.#current.keys()];
  }

  /** Shards with a card now, and those whose turn ended in the last `ms` milliseconds. */
  shardsLately(ms: number): string[] {
    const lately = [...this.#endedAt].filter(([, at]) => Date.now() - at < ms).map(([shard]) => shard);
    return [...new Set([...this.#current.keys(), ...lately])];
  }

  /** Resolves when the edit under way has ended; no other follows. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const closed = [...this.#current.values()].map((card) => card.close());
    await Promise.all([...[...this.#options.pacers.values()].map((pacer) => pacer.stop()), ...closed]);
  }

  #add(begun: Begun): Card {
    const { shard, since, status } = begun;
    // Two cards of one shard are left only by a crash between two turns: the newer one goes on.
    this.end(shard, status);
    const identity = begun.identity ?? this.#options.identities?.of(shard) ?? {};
    const card = new Card(this.#options, this.#saved, { ...begun, identity }, since < this.#startedAt);
    this.#current.set(shard, card);
    return card;
  }
}

/** The card of one turn. */
class Card implements LiveSource {
  /** Names the card for ever: the shard, and when the turn began. */
  readonly id: string;
  readonly thread: ThreadRef;
  readonly began: number;
  readonly renewal = {
    forget: (): void => {
      this.#ref = undefined;
    },
    closed: (): Post => ({ ...this.look(), why: "goes on below", tail: "", buttons: [] }),
  };
  readonly #saved: Collection<SavedCard>;
  readonly #live: LiveMessage;
  readonly #shard: string;
  readonly #identity: Partial<ShardIdentity>;
  readonly #agent: string;
  readonly #since: string;
  #status: ShardStatus;
  #tail: string;
  #ended = false;
  #ref: PostRef | undefined;
  /** The card may have been posted without our knowing. */
  #doubt: boolean;
  /** Posts that this turn's card was made of so far. */
  #posts = 0;

  constructor(parts: LiveParts, saved: Collection<SavedCard>, begun: Begun, doubt: boolean) {
    const { shard, agent, thread, since, status, tail = "", ref, identity = {} } = begun;
    this.id = `${shard} ${since}`;
    this.thread = thread;
    this.began = Date.parse(since);
    this.#saved = saved;
    this.#shard = shard;
    this.#identity = identity;
    this.#agent = agent;
    this.#since = since;
    this.#status = status;
    this.#tail = tail;
    this.#ref = ref;
    this.#doubt = doubt;
    this.#live = new LiveMessage(parts, this);
  }

  update({ status, tail = this.#tail }: Look): void {
    this.#status = status;
    this.#tail = tail;
    this.#live.update();
  }

  end(status: ShardStatus): void {
    this.#status = status;
    this.#tail = "";
    this.#ended = true;
    this.#live.end();
  }

  async close(): Promise<void> {
    await this.#live.close();
  }

  place(): PostRef | undefined {
    return this.#ref;
  }

  async post(post: Shown<Post>, adapter: Outlet): Promise<void> {
    const key = keyOf(this.id, this.#posts);
    const found = this.#doubt ? await adapter.find(this.thread, key) : undefined;
    this.#doubt = true;
    const ref = found ?? (await adapter.post(this.thread, post, key));
    this.#ref = ref;
    this.#doubt = false;
    this.#posts += 1;
    await this.#saved.set(this.id, {
      shard: this.#shard,
      ...this.#identity,
      agent: this.#agent,
      since: this.#since,
      ref,
    });
    // A post that is found shows what was so when it was made.
    if (found) await adapter.edit(found, post);
  }

  async over(): Promise<void> {
    await this.#saved.delete(this.id);
  }

  look(): CardPost {
    const seconds = Math.max(0, Math.round((Date.parse(this.#status.since) - Date.parse(this.#since)) / 1000));
    const id = stampOf(this.#identity);
    const stop = { action: "stop" as const, shard: this.#shard, ...(id !== undefined && { id }) };
    return {
      kind: "card",
      shard: this.#shard,
      agent: this.#agent,
      state: this.#status.state,
      why: this.#ended ? `finished in ${duration(seconds)}` : stateWords(this.#status),
      since: this.#ended ? this.#status.since : this.#since,
      tail: this.#tail,
      buttons: this.#ended ? [] : [{ label: "Stop", ...encodeButton(stop), style: "danger" }],
    };
  }
}

/** `posts`: those that a card was made of before. */
function keyOf(id: string, posts: number): string {
  return createHash("sha256").update(`card\n${id}\n${posts}`).digest("base64url").slice(0, 24);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
