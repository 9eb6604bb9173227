import { threadKey, threadOf, type ChatEvent, type Post, type Reply, type ThreadRef } from "../../adapters/adapter.ts";
import { log, logBug } from "../../log.ts";
import { keyOf, wordsOf, type Message } from "../access/events.ts";
import type { Inbox, Unfinished } from "./inbox.ts";
import type { Pace } from "./pace.ts";
import type { Outbox } from "../delivery/outbox.ts";
import { excerpt } from "../posts/split.ts";

/** Milliseconds after which a message that could not come in time is no longer acted on: its author has gone on meanwhile. */
const tooLate = 15 * 60_000;
/** Threads that are opened to name messages that are in none. */
const mostOpened = 10;

interface MissedOptions {
  inbox: Inbox;
  outbox: Outbox;
  pace: Pace;
  /** The thread of a message, which is opened where there is none; undefined when that failed. */
  threadFor: (event: Message) => Promise<ThreadRef | undefined>;
}

/** Whether an event came so late that it is named rather than handled. `taken`: milliseconds since the epoch. */
export function isTooLate(event: ChatEvent, taken: number): event is Message {
  return event.type === "message" && event.missed === true && taken - Date.parse(event.at) > tooLate;
}

/** Names, in their threads, the events that are not handled: messages that came while the bot was away and are old, and what a restart cut. */
export class Missed {
  readonly #options: MissedOptions;
  #gathered: Message[] = [];
  #timer: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: MissedOptions) {
    this.#options = options;
  }

  /** An event that is on disk and too late. One post tells of all that came in its thread. */
  async add(event: Message): Promise<Reply> {
    this.#gathered.push(event);
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.#name(this.#gathered.splice(0)).catch((error: unknown) => logBug(error, "missed messages were not named"));
    }, this.#options.pace.gather);
    if (this.#closed) clearTimeout(this.#timer);
    return {};
  }

  /** Name no more events; those that are left are named after the next start. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  /** An event that the last run was busy with: nobody knows how far it was handled. */
  async cut({ event, thread }: Unfinished): Promise<void> {
    const { inbox, outbox, threadFor } = this.#options;
    const place = thread ?? threadOf(event.place) ?? (event.type === "message" ? await threadFor(event) : undefined);
    const said = excerpt(wordsOf(event), 80);
    const text = `The bot was restarted while it handled this message: ${said}. Look at the shard before you send it again.`;
    const posts = place
      ? [{ id: `${keyOf(event)}/restarted`, thread: place, post: { kind: "notice" as const, text } }]
      : [];
    if (!place) log.warn("the bot was restarted while it handled an event", { event: event.id, type: event.type });
    await outbox.record(posts, [inbox.done(event)]);
  }

  async #name(events: Message[]): Promise<void> {
    const { inbox, outbox, threadFor } = this.#options;
    const places = Map.groupBy(events, (event) => {
      const thread = threadOf(event.place);
      return thread ? threadKey(thread) : event.id;
    });
    let opened = 0;
    for (const [first, ...more] of places.values()) {
      if (!first) continue;
      const outside = threadOf(first.place) === undefined;
      if (outside) opened += 1;
      const thread = opened > mostOpened && outside ? undefined : await threadFor(first);
      const all = [first, ...more];
      log.warn("messages came too late to be handled", {
        events: all.map(({ id }) => id),
        named: thread !== undefined,
      });
      const posts = thread ? [{ id: `missed/${keyOf(first)}`, thread, post: missedPost(first.text, all.length) }] : [];
      await outbox.record(
        posts,
        all.map((event) => inbox.done(event)),
      );
    }
  }
}

function missedPost(text: string, count: number): Post {
  const said = excerpt(text, 80);
  const what = count === 1 ? `this message came: ${said}` : `${count} messages came here, first: ${said}`;
  return {
    kind: "notice",
    text: `While the bot was away ${what}. Nothing was done about ${count === 1 ? "it" : "them"}: send again what still matters.`,
  };
}
