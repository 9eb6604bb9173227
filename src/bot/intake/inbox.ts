import { z } from "zod";
import type { ChatEvent, ThreadRef } from "../../adapters/adapter.ts";
import { logBug } from "../../log.ts";
import type { Change, Collection, Store } from "../../store/store.ts";
import { keyOf, withoutSecret } from "../access/events.ts";
import { eventSchema, threadSchema } from "../records.ts";

/** Milliseconds: longer than anybody looks back for what was missed (see watermarks.ts), or it would come as news. */
const kept = 4 * 24 * 3_600_000;

const schema = z.object({
  state: z.enum(["received", "working", "done"]),
  at: z.number(),
  event: z.exactOptional(eventSchema),
  /** The thread that was opened for it. */
  thread: z.exactOptional(threadSchema),
});

type InboxRecord = z.infer<typeof schema>;

export interface Unfinished {
  state: "received" | "working";
  /** When its state was saved (milliseconds since the epoch). */
  at: number;
  event: ChatEvent;
  thread?: ThreadRef;
}

/** Every event that the bot took over, from before it is acknowledged until four days after: each is handled once. */
export class Inbox {
  readonly #records: Collection<InboxRecord>;
  /** Being saved for the first time: a copy that comes meanwhile waits for the same write. */
  readonly #saving = new Map<string, Promise<void>>();
  #pruned = 0;

  constructor(store: Store) {
    this.#records = store.collection("inbox", schema);
  }

  /** Resolves once the event is on disk: true when it is new, false when it was taken before. Rejects at once when it can't be saved. */
  async take(event: ChatEvent): Promise<boolean> {
    const key = keyOf(event);
    if (this.#records.get(key)) return false;
    const copy = this.#saving.get(key);
    if (copy) {
      await copy;
      return false;
    }
    const saved = this.#records.attempt(key, { state: "received", at: Date.now(), event: withoutSecret(event) });
    this.#saving.set(key, saved);
    try {
      await saved;
    } finally {
      this.#saving.delete(key);
    }
    // Nobody waits for that; a later event of the thread would come first.
    void this.#prune().catch((error: unknown) => logBug(error, "the inbox could not be pruned"));
    return true;
  }

  /** From here on a crash leaves it unknown how far the event was handled. */
  async working(event: ChatEvent): Promise<void> {
    await this.#records.set(keyOf(event), { state: "working", at: Date.now(), event: withoutSecret(event) });
  }

  async opened(event: ChatEvent, thread: ThreadRef): Promise<void> {
    await this.#records.set(keyOf(event), { state: "working", at: Date.now(), event: withoutSecret(event), thread });
  }

  /** The change that ends an event, to be written with what it brought about. */
  done(event: ChatEvent): Change {
    return this.#records.change(keyOf(event), { state: "done", at: Date.now() });
  }

  /** Records that an earlier run of the bot left, oldest first. */
  unfinished(): Unfinished[] {
    const found = this.#records.entries().flatMap(([, { state, event, thread, at }]) => {
      if (state === "done" || event === undefined) return [];
      return [{ at, state, event, ...(thread && { thread }) }];
    });
    return found.sort((a, b) => a.at - b.at);
  }

  async #prune(): Promise<void> {
    const now = Date.now();
    if (now - this.#pruned < 600_000) return;
    this.#pruned = now;
    for (const [key, { at, state }] of this.#records.entries()) {
      if (state === "done" && now - at > kept) await this.#records.delete(key);
    }
  }
}
