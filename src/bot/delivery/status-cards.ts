import { createHash } from "node:crypto";
import { z } from "zod";
import { DeliveryError, type Adapter, type Post, type PostRef, type ThreadRef } from "../../adapters/adapter.ts";
import { log, logBug } from "../../log.ts";
import type { ShardStatus } from "../../shards/host.ts";
import type { Collection, Store } from "../../store/store.ts";
import { encodeButton } from "./button-action.ts";
import { fit } from "./fit.ts";
import type { Pacer } from "./pacer.ts";
import { postRefSchema } from "../records.ts";
import { redactPost } from "./redact-post.ts";
import { stateWords } from "../posts/states.ts";

/** Milliseconds that a turn runs before it is worth a card. */
const worthACard = 1500;

const schema = z.object({ shard: z.string(), agent: z.string(), since: z.string(), ref: postRefSchema });

type CardPost = Post & { kind: "card" };

interface Card {
  /** Names the card for ever: the shard, and when the turn began. */
  id: string;
  shard: string;
  agent: string;
  thread: ThreadRef;
  /** When the turn began (ISO 8601). */
  since: string;
  status: ShardStatus;
  tail: string;
  ended: boolean;
  /** The platform does not want it: nothing more is tried in this turn. */
  muted: boolean;
  ref: PostRef | undefined;
  /** It may have been posted without our knowing. */
  doubt: boolean;
  /** What the platform shows, as JSON. */
  shown: string;
  /** Posts that this turn's card was made of so far. */
  posts: number;
  /** Runs until the turn is worth a card. */
  timer: NodeJS.Timeout | undefined;
}

/** How a shard at work looks now. A tail that is undefined has not changed. */
interface Look {
  agent: string;
  thread: ThreadRef;
  status: ShardStatus;
  tail?: string | undefined;
}

interface LiveOptions {
  store: Store;
  adapters: ReadonlyMap<string, Adapter>;
  /** By platform: live messages keep its pace together. */
  pacers: ReadonlyMap<string, Pacer>;
  redact: (text: string) => string;
}

/**
 * One live message for each shard at work: posted when a turn takes its time, then edited at the platform's pace (the newest state wins),
 * and left showing how the turn ended. Its address is saved, so that the same message goes on after a restart.
 */
export class StatusCards {
  readonly #options: LiveOptions;
  readonly #saved: Collection<z.infer<typeof schema>>;
  readonly #cards = new Map<string, Card>();
  /** The card of the running turn, by shard. */
  readonly #current = new Map<string, Card>();
  /** When a shard's last turn ended (milliseconds since the epoch). */
  readonly #endedAt = new Map<string, number>();
  readonly #startedAt = new Date().toISOString();
  #stopped = false;

  constructor(options: LiveOptions) {
    this.#options = options;
    this.#saved = options.store.collection("card", schema);
    for (const [, { shard, agent, since, ref }] of this.#saved.entries()) {
      const status: ShardStatus = { state: "unsure", since, why: "the bot was restarted" };
      this.#add({ shard, agent, thread: ref.thread, since, status, ref });
    }
  }

  /** The shard is in a turn. */
  update(shard: string, { agent, thread, status, tail }: Look): void {
    if (this.#stopped) return;
    const card = this.#current.get(shard);
    if (card) {
      Object.assign(card, { status, tail: tail ?? card.tail });
      if (card.timer === undefined && !card.muted) this.#request(card);
      return;
    }
    const added = this.#add({ shard, agent, thread, since: status.since, status, tail });
    const waits = Math.max(0, worthACard - (Date.now() - Date.parse(added.since)));
    added.timer = setTimeout(() => {
      added.timer = undefined;
      this.#request(added);
    }, waits);
  }

  /** The shard's turn is over; its card, if it has one, says so. */
  end(shard: string, status: ShardStatus): void {
    const card = this.#current.get(shard);
    if (!card) return;
    this.#current.delete(shard);
    this.#endedAt.set(shard, Date.now());
    const unborn = card.timer !== undefined || card.muted;
    clearTimeout(card.timer);
    Object.assign(card, { status, tail: "", ended: true });
    if (unborn) this.#cards.delete(card.id);
    else this.#request(card);
  }

  /** Shards with a card now; right after the start, those whose card an earlier run of the bot left. */
  shards(): string[] {
    return [...this.#current.keys()];
  }

  /** Those, and the shards whose turn ended in the last `ms` milliseconds. */
  shardsLately(ms: number): string[] {
    const lately = [...this.#endedAt].filter(([, at]) => Date.now() - at < ms).map(([shard]) => shard);
    return [...new Set([...this.#current.keys(), ...lately])];
  }

  /** Resolves when the edit under way has ended; no other follows. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const card of this.#cards.values()) clearTimeout(card.timer);
    await Promise.all([...this.#options.pacers.values()].map((pacer) => pacer.stop()));
  }

  #add(begun: Look & { shard: string; since: string; ref?: PostRef }): Card {
    const { shard, agent, thread, since, status, tail = "", ref } = begun;
    const unseen = {
      ended: false,
      muted: false,
      doubt: since < this.#startedAt,
      shown: "",
      posts: 0,
      timer: undefined,
    };
    const card: Card = { id: `${shard} ${since}`, shard, agent, thread, since, status, tail, ref, ...unseen };
    // Two cards of one shard are left only by a crash between two turns: the newer one goes on.
    this.end(shard, status);
    this.#cards.set(card.id, card);
    this.#current.set(shard, card);
    return card;
  }

  #request(card: Card): void {
    this.#options.pacers.get(card.thread.platform)?.request(card.id, () => this.#show(card.id));
  }

  /** Bring the platform up to date. Throws DeliveryError "not-sent" or "unknown" to be asked again later. */
  async #show(id: string): Promise<void> {
    const card = this.#cards.get(id);
    const adapter = card && this.#options.adapters.get(card.thread.platform);
    if (!card || !adapter || card.muted) return;
    const { ended, ref } = card;
    try {
      const old = ref !== undefined && Date.now() - Date.parse(ref.at) > adapter.limits.editFor;
      if (old && !ended) await this.#replace(card, ref, adapter);
      else await this.#put(card, adapter);
    } catch (error) {
      if (error instanceof DeliveryError && (error.outcome === "not-sent" || error.outcome === "unknown")) throw error;
      if (!(error instanceof DeliveryError)) logBug(error, "a card could not be shown", { shard: card.shard });
      else log.warn("a card was refused", { shard: card.shard, outcome: error.outcome, why: error.message });
      // A message that somebody deleted comes again with the next news.
      card.muted = !(error instanceof DeliveryError && error.outcome === "gone" && ref !== undefined);
      card.ref = undefined;
    }
    if (ended) {
      this.#cards.delete(id);
      await this.#saved.delete(id);
    }
  }

  async #put(card: Card, adapter: Adapter): Promise<void> {
    const post = this.#post(card, adapter);
    const shown = JSON.stringify(post);
    if (shown === card.shown) return;
    if (card.ref) {
      await adapter.edit(card.ref, post);
    } else if (!card.ended) {
      const key = keyOf(card);
      const found = card.doubt ? await adapter.find(card.thread, key) : undefined;
      card.doubt = true;
      card.ref = found ?? (await adapter.post(card.thread, post, key));
      Object.assign(card, { doubt: false, posts: card.posts + 1 });
      await this.#saved.set(card.id, { shard: card.shard, agent: card.agent, since: card.since, ref: card.ref });
      // It shows what was so when it was posted.
      if (found) await adapter.edit(found, post);
    }
    card.shown = shown;
  }

  /** The message is too old to be edited on: a new one goes on, and the old one says so. */
  async #replace(card: Card, old: PostRef, adapter: Adapter): Promise<void> {
    Object.assign(card, { ref: undefined, shown: "" });
    await this.#put(card, adapter);
    const closed: CardPost = { ...this.#post(card, adapter), why: "goes on below", tail: "", buttons: [] };
    await adapter.edit(old, closed).catch((error: unknown) => {
      log.warn("an old card could not be closed", { shard: card.shard, why: String(error) });
    });
  }

  #post(card: Card, adapter: Adapter): CardPost {
    const seconds = Math.max(0, Math.round((Date.parse(card.status.since) - Date.parse(card.since)) / 1000));
    const post: CardPost = {
      kind: "card",
      shard: card.shard,
      agent: card.agent,
      state: card.status.state,
      why: card.ended ? `finished in ${duration(seconds)}` : stateWords(card.status),
      since: card.ended ? card.status.since : card.since,
      tail: card.tail,
      buttons: card.ended
        ? []
        : [{ label: "Stop", ...encodeButton({ action: "stop", shard: card.shard }), style: "danger" }],
    };
    const [fitting] = fit(redactPost(post, this.#options.redact), adapter.limits);
    return fitting?.kind === "card" ? fitting : post;
  }
}

function keyOf({ id, posts }: Card): string {
  return createHash("sha256").update(`card\n${id}\n${posts}`).digest("base64url").slice(0, 24);
}

function duration(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
