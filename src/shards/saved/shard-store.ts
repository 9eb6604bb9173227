import type { Change } from "../../store/store.ts";
import type { Landing } from "../state/landing.ts";
import { identityOf, numbered, recordsOf, type Records, type ShardRecord, type TurnRecord } from "./records.ts";

const mostLandings = 10;

/** The saved side of one shard: its record and its turns. */
export class ShardStore {
  readonly #records: Records;
  readonly #turns = new Map<number, TurnRecord>();
  #record: ShardRecord;

  constructor(record: ShardRecord, records: Records) {
    this.#record = record;
    this.#records = records;
    for (const [, turn] of recordsOf(records.turns, record.name)) this.#turns.set(turn.number, turn);
  }

  get record(): ShardRecord {
    return this.#record;
  }

  /** Id of an event: the same whenever it is delivered, and never that of another shard that had the same name. */
  id(type: string, number?: number): string {
    const { name, marker } = this.#record;
    return [type, name, number, marker.slice(0, 8)].filter((part) => part !== undefined).join(":");
  }

  /** Prompts that wait until the agent is idle, the next one first. */
  get queue(): TurnRecord[] {
    const queued = this.#in("queued");
    return [...queued.filter(({ ahead }) => ahead), ...queued.filter(({ ahead }) => !ahead)];
  }

  /** The turn whose answer is awaited. */
  get running(): TurnRecord | undefined {
    return this.#in("submitted")[0];
  }

  /** The last prompt that is waited for: it is to be typed, or was, and its answer is not there yet. */
  get newest(): TurnRecord | undefined {
    return [...this.#in("sending"), ...this.#in("submitted"), ...this.queue].at(-1);
  }

  /** A turn that is not over. */
  turn(number: number): TurnRecord | undefined {
    return this.#turns.get(number);
  }

  /** Turns that were left in the middle of typing, or already answered, when the last process ended. */
  left(state: "sending" | "answered"): TurnRecord[] {
    return this.#in(state);
  }

  /** The last prompt that may have been typed, or not. */
  get doubtful(): TurnRecord | undefined {
    return this.#in("unknown").at(-1);
  }

  /** A new turn; its number is used up once the turn is saved. */
  draft(state: TurnRecord["state"], text: string, typed: string, by: string | undefined): TurnRecord {
    this.#record = { ...this.#record, turns: this.#record.turns + 1 };
    const { name, turns } = this.#record;
    const of = identityOf(this.#record);
    return { shard: name, ...of, number: turns, text, typed, state, ...(by !== undefined && { by }) };
  }

  /** Save a turn as it is now. */
  async save(turn: TurnRecord): Promise<TurnRecord> {
    await this.#records.write(this.put(turn));
    return turn;
  }

  /** The changes that save a turn, to be written with others. It counts from now on. */
  put(turn: TurnRecord): Change[] {
    this.#turns.set(turn.number, turn);
    return [this.#change(turn), this.change(turn.state === "submitted" ? { begun: true } : {})];
  }

  /** The change that marks a turn as answered, to be written together with its answer; then `forget` it. */
  answered(turn: TurnRecord): Change {
    return this.#change({ ...turn, state: "answered" });
  }

  async forget(turn: TurnRecord): Promise<void> {
    this.#turns.delete(turn.number);
    await this.#records.turns.delete(numbered(turn.shard, turn.number));
  }

  /** A change of the record, to be written with others. It counts from now on. */
  change(part: Partial<ShardRecord>): Change {
    this.#record = { ...this.#record, ...part };
    return this.#records.shards.change(this.#record.name, this.#record);
  }

  /** Save a change of the record. */
  async note(part: Partial<ShardRecord>): Promise<void> {
    await this.#records.write([this.change(part)]);
  }

  /** A prompt has landed in a place that was not known; the newest ones are kept. */
  async landed(landing: Landing): Promise<void> {
    await this.note({ landings: [...(this.#record.landings ?? []), landing].slice(-mostLandings) });
  }

  #in(state: TurnRecord["state"]): TurnRecord[] {
    return [...this.#turns.values()].filter((turn) => turn.state === state).sort((a, b) => a.number - b.number);
  }

  #change(turn: TurnRecord): Change {
    return this.#records.turns.change(numbered(turn.shard, turn.number), turn);
  }
}
