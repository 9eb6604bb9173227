import { ShardbridgeError } from "../../errors.ts";
import { unknownShard } from "./holder-address.ts";
import { EventQueue } from "../saved/event-queue.ts";
import type { ShardListener } from "../events.ts";
import type { Records, ShardRecord } from "../saved/records.ts";
import type { Shard } from "../shard.ts";

/** The shards of a host by their names, with the event queue of each, which may outlast its shard. */
export class Roster {
  readonly #records: Records;
  readonly #shards = new Map<string, Shard>();
  readonly #events = new Map<string, EventQueue>();
  /** Names of shards that are being made, ended or removed. */
  readonly #changing = new Set<string>();
  #listener: ShardListener | undefined;

  constructor(records: Records) {
    this.#records = records;
  }

  get all(): Shard[] {
    return [...this.#shards.values()];
  }

  get records(): ShardRecord[] {
    return this.all.map(({ store }) => store.record);
  }

  has(name: string): boolean {
    return this.#shards.has(name);
  }

  /** Throws ShardbridgeError: "not_found" with the names that there are, "refused" for a shard that is just being changed. */
  get(name: string): Shard {
    const shard = this.#shards.get(name);
    if (shard && !this.#changing.has(name)) return shard;
    if (this.#changing.has(name))
      throw new ShardbridgeError("refused", `${name} is just being started, ended or removed: wait.`);
    throw unknownShard(name, [...this.#shards.keys()]);
  }

  /** Whether this is the shard of its name still, and nobody changes it just now. */
  holds(shard: Shard): boolean {
    return this.#shards.get(shard.name) === shard && !this.#changing.has(shard.name);
  }

  set(shard: Shard): void {
    this.#shards.set(shard.name, shard);
  }

  delete(name: string): void {
    this.#shards.delete(name);
  }

  /** Throws ShardbridgeError where no shard of that name can be added. */
  requireRoom(name: string, most: number): void {
    if (this.#shards.has(name) || this.#changing.has(name)) {
      throw new ShardbridgeError(
        "exists",
        `There is a shard ${name} already: choose another name, or destroy that one.`,
      );
    }
    const all = new Set([...this.#shards.keys(), ...this.#changing]);
    if (all.size < most) return;
    throw new ShardbridgeError(
      "refused",
      `There are ${all.size} shards, and no more than ${most} may be: destroy one.`,
    );
  }

  /** Make, remove or replace a shard, during which nobody else gets it. */
  async change<T>(name: string, work: () => Promise<T>): Promise<T> {
    this.#changing.add(name);
    try {
      return await work();
    } finally {
      this.#changing.delete(name);
    }
  }

  eventsOf(name: string): EventQueue {
    const events = this.#events.get(name) ?? new EventQueue(name, this.#records);
    if (!this.#events.has(name) && this.#listener) events.listen(this.#listener);
    this.#events.set(name, events);
    return events;
  }

  listen(listener: ShardListener): void {
    if (this.#listener) throw new Error("There is a listener already.");
    this.#listener = listener;
    for (const events of this.#events.values()) events.listen(listener);
  }

  /** Deliver nothing more; see `EventQueue.close`. */
  async closeEvents(): Promise<void> {
    await Promise.all([...this.#events.values()].map((events) => events.close()));
  }
}
