import { z } from "zod";
import type { Change, Collection, Store } from "../../store/store.ts";
import { identityIn, type ShardEvent } from "../events.ts";

/** Answers of a shard that are kept whole: enough for whoever waits for one while the next ones come. */
const kept = 10;

const answer = z.object({
  turn: z.number(),
  text: z.string(),
  truncated: z.boolean(),
  cut: z.literal(true).exactOptional(),
  shardId: z.string().exactOptional(),
  host: z.string().exactOptional(),
});

type Answer = z.infer<typeof answer>;

/** The last answers of shards, whole, by their turns: for whoever waits for one, or asks for it later. */
export class Answers {
  readonly #records: Collection<Answer>;

  constructor(store: Store) {
    this.#records = store.collection("shard-answer", answer);
  }

  /** The changes that keep an event, to be written with it; none for one that is no answer. */
  keep(event: ShardEvent): Change[] {
    if (event.type !== "answer") return [];
    const { shard, turn, text, truncated, cut } = event;
    const of = identityIn(event);
    return [this.#records.change(keyOf(shard, turn), { turn, text, truncated, ...(cut && { cut }), ...of })];
  }

  /** Let go of what is older than the answers that are kept, or of all. */
  async prune(shard: string, most = kept): Promise<void> {
    const keys = this.#of(shard).map(({ turn }) => keyOf(shard, turn));
    for (const key of keys.slice(0, Math.max(0, keys.length - most))) await this.#records.delete(key);
  }

  get(shard: string, turn: number): Answer | undefined {
    return this.#records.get(keyOf(shard, turn));
  }

  last(shard: string): Answer | undefined {
    return this.#of(shard).at(-1);
  }

  /** Oldest first. */
  #of(shard: string): Answer[] {
    const own = this.#records.entries().filter(([key]) => key.startsWith(`${shard}/`));
    return own.map(([, made]) => made).sort((a, b) => a.turn - b.turn);
  }
}

function keyOf(shard: string, turn: number): string {
  return `${shard}/${turn}`;
}
