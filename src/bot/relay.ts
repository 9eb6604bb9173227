import { z } from "zod";
import type { Post } from "../adapters/adapter.ts";
import { log } from "../log.ts";
import { identityIn, type ShardEvent } from "../shards/events.ts";
import type { ShardHost, ShardStatus } from "../shards/host.ts";
import type { Change, Collection, Store } from "../store/store.ts";
import type { ButtonValues } from "./delivery/button-values.ts";
import type { ShardThreads } from "./threads/shard-threads.ts";
import type { StatusCards } from "./delivery/status-cards.ts";
import {
  answerPosts,
  attentionPost,
  exitedPosts,
  floodPost,
  foundPost,
  keyboardPost,
  laterPost,
  lostPost,
  missingPost,
  settledBy,
  troublePost,
} from "./posts/news.ts";
import type { Outbox, Outgoing } from "./delivery/outbox.ts";
import { identityFields, postSchema } from "./records.ts";
import { questionPost } from "./posts/receipts.ts";
import { agentWords } from "./posts/states.ts";
import { Setups } from "./setups.ts";
import type { Threads } from "./threads/threads.ts";

/** Question of a shard that waits, as it was posted; `event` names the post. */
const openQuestion = z.object({ event: z.string(), post: postSchema, ...identityFields });

type OpenQuestion = z.infer<typeof openQuestion>;
type EventOf<T extends ShardEvent["type"]> = Extract<ShardEvent, { type: T }>;

interface RelayOptions {
  store: Store;
  host: ShardHost;
  threads: Threads;
  shardThreads: ShardThreads;
  outbox: Outbox;
  statusCards: StatusCards;
  buttonValues: ButtonValues;
  /** IANA name of the time zone that people mean. */
  zone: string;
}

/** Tells in shards' threads what happens in them. */
export class Relay {
  readonly #options: RelayOptions;
  readonly #questions: Collection<OpenQuestion>;
  /** Screens that a person was asked to look at. */
  readonly #attentions: Collection<OpenQuestion>;
  readonly #setups: Setups;
  /** Agent kinds of shards, for cards. */
  readonly #agents = new Map<string, string>();

  constructor(options: RelayOptions) {
    this.#options = options;
    this.#questions = options.store.collection("question", openQuestion);
    this.#attentions = options.store.collection("attention", openQuestion);
    this.#setups = new Setups({
      store: options.store,
      say: (event, posts, also) => this.#say(event, posts, also),
      replace: (shard, event, post) => options.outbox.record(this.#addressed(shard, `${event}/settled`, [post], event)),
      threadOf: (shard) => options.threads.of(shard)[0]?.thread,
    });
  }

  /** Resolves once all that is to be posted for the event is on disk; the same event again posts nothing. */
  async take(event: ShardEvent): Promise<void> {
    await this.#options.shardThreads.settled(event.shard);
    switch (event.type) {
      case "state":
        return this.#state(event);
      case "output":
        return this.#look(event.shard, event.status, event.tail);
      case "answer":
        return this.#say(event, answerPosts(event));
      case "question":
        return this.#ask(event);
      case "question-closed":
        return this.#settle(event.shard, settledBy(event, this.#options.zone));
      case "receipt":
        return this.#receipt(event);
      case "exited":
        return this.#exited(event);
      case "keyboard":
        return this.#say(event, [keyboardPost(event)]);
      case "attention":
        return this.#attend(event);
      case "flood":
        return this.#say(event, [floodPost(event)]);
      case "trouble":
        return this.#say(event, [troublePost(event)]);
      case "missing":
        return this.#say(event, [missingPost(event)]);
      case "found":
        return this.#say(event, [foundPost(event)]);
      case "setup":
        return this.#setups.take(event);
      case "destroyed":
        return this.#destroyed(event);
    }
  }

  /** End the cards of shards whose turn ended while the bot was away. */
  async recover(): Promise<void> {
    const shards = await this.#options.host.list();
    for (const name of this.#options.statusCards.shards()) {
      const status = shards.find((shard) => shard.name === name)?.status;
      if (status && inTurn(status)) await this.#look(name, status);
      else this.#options.statusCards.end(name, status ?? gone());
    }
  }

  async #state(event: EventOf<"state">): Promise<void> {
    const { shard, status, was, seq } = event;
    // Keys that were meant for a dialog do something else to an agent that goes on.
    if (["working", "idle", "exited", "lost"].includes(status.state)) {
      await this.#settle(shard, `over: it is ${status.state}`, { quiet: true }, this.#attentions);
    }
    if (inTurn(status)) {
      if (was === "idle" || was === "starting") this.#options.statusCards.end(shard, { ...status, state: was });
      await this.#look(shard, status);
      return;
    }
    this.#options.statusCards.end(shard, status);
    if (status.state !== "lost") return;
    await this.#say({ ...event, id: `lost/${shard}/${seq}/${status.since}` }, [lostPost(shard, status)]);
  }

  async #look(shard: string, status: ShardStatus, tail?: string): Promise<void> {
    const [first] = this.#options.threads.of(shard);
    if (!first || !inTurn(status)) return;
    this.#options.statusCards.update(shard, {
      agent: agentWords(await this.#agent(shard), status),
      thread: first.thread,
      status,
      tail,
    });
  }

  async #ask(event: EventOf<"question">): Promise<void> {
    const { shard, id, question } = event;
    const known = this.#questions.get(shard);
    if (known && known.event !== id) await this.#settle(shard, "answered at the keyboard or gone");
    const post = questionPost(shard, question);
    await this.#say(event, [post], [this.#questions.change(shard, { event: id, post, ...identityIn(event) })]);
  }

  async #settle(shard: string, settled: string, also: { quiet?: true } = {}, records = this.#questions): Promise<void> {
    const open = records.get(shard);
    if (open?.post.kind !== "question") return;
    const id = `${open.event}/settled`;
    const post: Post = { ...open.post, buttons: [], settled, ...also };
    await this.#options.outbox.record(this.#addressed(shard, id, [post], open.event));
    await records.delete(shard);
  }

  async #attend(event: EventOf<"attention">): Promise<void> {
    const { shard, id } = event;
    const known = this.#attentions.get(shard);
    if (known && known.event !== id) await this.#settle(shard, "goes on below", { quiet: true }, this.#attentions);
    const post = attentionPost(event);
    await this.#say(event, [post], [this.#attentions.change(shard, { event: id, post, ...identityIn(event) })]);
  }

  async #receipt(event: EventOf<"receipt">): Promise<void> {
    const { post, changes } = this.#options.buttonValues.shorten(laterPost(event), event);
    await this.#say(event, [post], changes);
  }

  async #exited(event: EventOf<"exited">): Promise<void> {
    await this.#settle(event.shard, "The agent has ended", { quiet: true });
    await this.#say(event, exitedPosts(event));
  }

  async #destroyed(event: EventOf<"destroyed">): Promise<void> {
    const { shard, id, at } = event;
    const { threads, outbox, statusCards } = this.#options;
    statusCards.end(shard, gone());
    const quiet = { quiet: true } as const;
    await this.#settle(shard, "The shard is destroyed", quiet);
    await this.#settle(shard, "The shard is destroyed", quiet, this.#attentions);
    await this.#setups.destroyed(event);
    this.#agents.delete(shard);
    const released = threads.release(shard, at, identityIn(event));
    const post: Post = { kind: "notice", text: `Shard ${shard} is destroyed: its worktree and branch are gone.` };
    await outbox.record(
      released.threads.map((thread) => ({ id, thread, post })),
      released.changes,
    );
  }

  async #say(event: ShardEvent & { id: string }, posts: Post[], also: Change[] = []): Promise<void> {
    const { shard, id } = event;
    const short = posts.map((post) => this.#options.buttonValues.shorten(post, event));
    const outgoing = this.#addressed(
      shard,
      id,
      short.map(({ post }) => post),
    );
    if (outgoing.length === 0) log.info("a shard without a thread has news", { shard, id });
    await this.#options.outbox.record(outgoing, [...short.flatMap(({ changes }) => changes), ...also]);
  }

  /** The posts for every thread of the shard. A later shard of the same name may have the same event ids, but not the same binding. */
  #addressed(shard: string, id: string, posts: Post[], edits?: string): Outgoing[] {
    return this.#options.threads.of(shard).flatMap(({ thread, boundAt = "" }) => {
      const named = (event: string, index: number) => `${event}/${index}/${boundAt}`;
      return posts.map((post, index) => {
        const outgoing = { id: named(id, index), thread, post };
        return edits === undefined ? outgoing : { ...outgoing, edits: named(edits, index) };
      });
    });
  }

  async #agent(shard: string): Promise<string> {
    const known = this.#agents.get(shard);
    if (known !== undefined) return known;
    for (const { name, agent } of await this.#options.host.list()) this.#agents.set(name, agent);
    return this.#agents.get(shard) ?? "agent";
  }
}

function inTurn({ state }: ShardStatus): boolean {
  return state === "working" || state === "waiting" || state === "unsure";
}

function gone(): ShardStatus {
  return { state: "exited", since: new Date().toISOString(), why: "destroyed" };
}
