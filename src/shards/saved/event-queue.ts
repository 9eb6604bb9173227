import { setTimeout as delay } from "node:timers/promises";
import { log, logBug } from "../../log.ts";
import type { Change } from "../../store/store.ts";
import type { ShardEvent, ShardIdentity, ShardListener } from "../events.ts";
import type { ShardState, ShardStatus } from "../host.ts";
import { identityOf, numbered, recordsOf, type Records } from "./records.ts";

type Body<E> = E extends ShardEvent ? Omit<E, "shard" | keyof ShardIdentity | "seq" | "at"> : never;
/** An event that is saved until the listener has resolved for it; among the states that is the one that may be the last. */
export type Lasting = Extract<Body<ShardEvent>, { id: string } | { type: "state" }>;
type Passing = Extract<Body<ShardEvent>, { type: "state" | "output" }>;

interface Waiting {
  event: ShardEvent;
  /** Its key among the saved ones; absent for an event that may be lost. */
  key?: string;
  /** Resolves when it is saved; rejects when it could not be. */
  saved?: Promise<void>;
}

/** So many sequence numbers are taken at once, so that not each event of a busy shard costs a write. */
const block = 100;
const firstRetry = 1000;
const lastRetry = 30_000;

/** The events of one shard on their way to the listener: in order, one at a time; the lasting ones until the listener has resolved. */
export class EventQueue {
  readonly #shard: string;
  readonly #records: Records;
  readonly #stop = new AbortController();
  #listener: ShardListener | undefined;
  #queue: Waiting[];
  #next: number;
  #reserved: number;
  #delivering: Promise<void> | undefined;
  #ending = false;

  constructor(shard: string, records: Records) {
    this.#shard = shard;
    this.#records = records;
    this.#queue = recordsOf(records.pending, shard).map(([key, { event }]) => ({ event, key }));
    this.#next = this.#reserved = records.sequences.get(shard)?.next ?? 1;
  }

  /** Deliver to this listener, first what is still waiting. */
  listen(listener: ShardListener): void {
    this.#listener = listener;
    this.#wake();
  }

  /** Save an event, together with the changes that belong to it, and deliver it until the listener has resolved. */
  async say(body: Lasting, changes: Change[] = []): Promise<void> {
    const event = this.#event(body);
    const key = numbered(this.#shard, event.seq);
    const saved = this.#records.write([
      ...changes,
      ...this.#reservation(),
      ...this.#records.histories.keep(event),
      ...this.#records.answers.keep(event),
      this.#records.pending.change(key, { event }),
    ]);
    this.#queue.push({ event, key, saved });
    this.#wake();
    await saved;
    await this.#records.histories.prune(this.#shard);
    await this.#records.answers.prune(this.#shard);
  }

  /** Tell of a new state, if somebody listens. States that nobody has heard of yet become one. */
  async state(status: ShardStatus, was: ShardState): Promise<void> {
    const last = this.#queue.at(-1);
    if (last?.event.type === "state" && last.key === undefined && (this.#queue.length > 1 || !this.#delivering)) {
      last.event = { ...last.event, status };
    } else {
      await this.#show({ type: "state", status, was });
    }
  }

  /** Show some last lines of a running turn; dropped while the listener is busy with anything. */
  async output(tail: string, status: ShardStatus): Promise<void> {
    if (this.#queue.length === 0) await this.#show({ type: "output", tail, status });
  }

  /** Whether anything waits for the listener. */
  get empty(): boolean {
    return this.#queue.length === 0;
  }

  /** The shard is gone: once everything is delivered, nothing of it is saved any more. `again` when there is one of that name again. */
  async end(ending: "end" | "again"): Promise<void> {
    this.#ending = ending === "end";
    await this.#clear();
  }

  /** Deliver nothing more. What lasts is delivered after the next start. Resolves when the listener is done with its present event. */
  async close(): Promise<void> {
    this.#stop.abort();
    await this.#delivering;
    const unused = this.#records.sequences.get(this.#shard);
    if (unused && unused.next !== this.#next)
      await this.#records.sequences.set(this.#shard, { ...unused, next: this.#next });
  }

  async #show(body: Passing): Promise<void> {
    if (!this.#listener) return;
    const event = this.#event(body);
    this.#queue.push({ event });
    const reservation = this.#reservation();
    if (reservation.length > 0) await this.#records.write(reservation);
    this.#wake();
  }

  #event(body: Body<ShardEvent>): ShardEvent {
    return { ...body, shard: this.#shard, ...this.#identity(), seq: this.#next++, at: new Date().toISOString() };
  }

  #reservation(): Change[] {
    if (this.#next <= this.#reserved) return [];
    this.#reserved = this.#next + block;
    return [this.#records.sequences.change(this.#shard, { next: this.#reserved, ...this.#identity() })];
  }

  /** Of the shard that has the name now; of none, right after the last word of one that is gone. */
  #identity(): Partial<ShardIdentity> {
    const record = this.#records.shards.get(this.#shard);
    return record ? identityOf(record) : {};
  }

  #wake(): void {
    if (this.#delivering || !this.#listener || this.#queue.length === 0 || this.#stop.signal.aborted) return;
    this.#delivering = this.#deliver(this.#listener)
      .catch((error: unknown) => void logBug(error, "an event could not be delivered", { shard: this.#shard }))
      .finally(() => {
        this.#delivering = undefined;
        this.#wake();
      });
  }

  async #deliver(listener: ShardListener): Promise<void> {
    let retry = firstRetry;
    for (let first = this.#queue[0]; first && !this.#stop.signal.aborted; first = this.#queue[0]) {
      const { event, key, saved } = first;
      const kept = await isSaved(saved);
      const heard = kept ? await hears(listener, event) : true;
      if (!heard && key !== undefined) {
        await delay(retry, undefined, { signal: this.#stop.signal }).catch(() => undefined);
        retry = Math.min(retry * 2, lastRetry);
        continue;
      }
      if (key !== undefined && kept) await this.#records.pending.delete(key);
      this.#queue.shift();
      retry = firstRetry;
    }
    await this.#clear();
  }

  async #clear(): Promise<void> {
    if (!this.#ending || this.#queue.length > 0) return;
    this.#reserved = 0;
    await this.#records.sequences.delete(this.#shard);
    await this.#records.histories.prune(this.#shard, 0);
    await this.#records.answers.prune(this.#shard, 0);
  }
}

/** An event that could not be saved is not delivered: whoever said it has been told. */
async function isSaved(saved: Promise<void> | undefined): Promise<boolean> {
  return (saved ?? Promise.resolve()).then(
    () => true,
    () => false,
  );
}

async function hears(listener: ShardListener, event: ShardEvent): Promise<boolean> {
  try {
    await listener(event);
    return true;
  } catch (error) {
    log.warn("the listener failed on an event", { shard: event.shard, type: event.type, error: String(error) });
    return false;
  }
}
