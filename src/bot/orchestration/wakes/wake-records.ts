import { z } from "zod";
import { threadKey, type ThreadRef } from "../../../adapters/adapter.ts";
import type { WakeEvent } from "../../../orchestrator/orchestrator.ts";
import type { ShardIdentity } from "../../../shards/events.ts";
import type { Change, Collection, Store } from "../../../store/store.ts";
import { identityFields, threadSchema } from "../../records.ts";

/** Milliseconds for which an event that was handled is known, so that it is not handled again. */
const kept = 48 * 3_600_000;

const told = z.enum(["here", "elsewhere", "no"]);
const eventSchema: z.ZodType<WakeEvent> = z.object({
  id: z.string(),
  at: z.string(),
  what: z.string(),
  told,
  output: z.exactOptional(z.object({ shard: z.string(), part: z.string(), text: z.string() })),
  said: z.exactOptional(z.string()),
  instruction: z.exactOptional(z.string()),
});

const schema = z.object({
  thread: threadSchema,
  /** Id of the person for whom it is handled. */
  by: z.string(),
  /** Absent once it is done. */
  event: z.exactOptional(eventSchema),
  hops: z.number(),
  /** The shard that the event's output is of. */
  ...identityFields,
  /** A person has brought it about just now, by a button. */
  human: z.boolean(),
  state: z.enum(["waiting", "working", "done"]),
  note: z.exactOptional(z.string()),
  /** Name of the orchestrator's turn that it belongs to. */
  turn: z.exactOptional(z.string()),
  seq: z.number(),
  /** Milliseconds since 1970. */
  at: z.number(),
});

export type WakeRecord = z.infer<typeof schema>;

/** An event that is to wake a thread's orchestrator. */
export interface Coming extends Partial<ShardIdentity> {
  thread: ThreadRef;
  by: string;
  event: WakeEvent;
  hops: number;
  human?: boolean;
  /** Text that people are told in any case. */
  note?: string;
}

/** Events on their way to the orchestrator: saved before they count as told, known by their ids for two days after. */
export class WakeRecords {
  readonly #records: Collection<WakeRecord>;
  #seq = 0;
  #pruned = 0;

  constructor(store: Store) {
    this.#records = store.collection("wake", schema);
    for (const [, { seq }] of this.#records.entries()) this.#seq = Math.max(this.#seq, seq);
  }

  /** The changes that save those that are new. */
  fresh(coming: readonly Coming[]): Change[] {
    const keys = new Set<string>();
    return coming.flatMap(({ thread, by, event, hops, human = false, note, ...identity }) => {
      const key = keyOf(thread, event.id);
      if (keys.has(key) || this.#records.get(key)) return [];
      keys.add(key);
      const seq = (this.#seq += 1);
      const record = { thread, by, event, hops, human, state: "waiting" as const, seq, at: Date.now(), ...identity };
      return [this.#records.change(key, note === undefined ? record : { ...record, note })];
    });
  }

  /** Of one thread or of all, oldest first. */
  in(state: "waiting" | "working", thread?: ThreadRef): WakeRecord[] {
    const all = this.#records.entries().map(([, record]) => record);
    const found = all.filter((record) => record.state === state && (!thread || same(record.thread, thread)));
    return found.sort((a, b) => a.seq - b.seq);
  }

  of(turn: string): WakeRecord[] {
    return this.in("working").filter((record) => record.turn === turn);
  }

  working(records: readonly WakeRecord[], turn: string): Change[] {
    return records.flatMap((record) => this.#change(record, { ...record, state: "working", turn }));
  }

  /** Nothing of it is kept but that it was there. */
  done(records: readonly WakeRecord[]): Change[] {
    return records.flatMap((record) => {
      const { event: _event, ...rest } = record;
      return this.#change(record, { ...rest, state: "done", at: Date.now() });
    });
  }

  /** A person has let it go on: what waits counts as asked for. */
  asked(records: readonly WakeRecord[]): Change[] {
    return records.flatMap((record) => this.#change(record, { ...record, hops: 0 }));
  }

  async prune(): Promise<void> {
    const now = Date.now();
    if (now - this.#pruned < 600_000) return;
    this.#pruned = now;
    for (const [key, { state, at }] of this.#records.entries()) {
      if (state === "done" && now - at > kept) await this.#records.delete(key);
    }
  }

  #change({ thread, event }: WakeRecord, to: WakeRecord): Change[] {
    return event ? [this.#records.change(keyOf(thread, event.id), to)] : [];
  }
}

function same(a: ThreadRef, b: ThreadRef): boolean {
  return threadKey(a) === threadKey(b);
}

function keyOf(thread: ThreadRef, id: string): string {
  return `${threadKey(thread)}/${id}`;
}
