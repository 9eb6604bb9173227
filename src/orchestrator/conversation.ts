import { z } from "zod";
import type { BetaContentBlockParam } from "@anthropic-ai/sdk/resources/beta/messages/messages";
import type { Change, Collection, Store } from "../store/store.ts";
import { closed, fitted, mended, sent, sizeOf, type Message, type Turn } from "./history.ts";

const block = z.custom<BetaContentBlockParam>(
  (value) => z.looseObject({ type: z.string() }).safeParse(value).success,
  "not a content block",
);
const turnRecord = z.object({
  messages: z.array(z.object({ role: z.enum(["user", "assistant"]), content: z.array(block) })),
});
/** The last turn's name, the lines of the calls in it, and what came of it once it is over. */
const lastTurn = z.object({
  id: z.string(),
  calls: z.array(z.string()).exactOptional(),
  answer: z.object({ text: z.string(), calls: z.array(z.string()) }).exactOptional(),
});
/** The turns of a thread are numbered; those from `first` up to, not including, `next` are kept. */
const indexRecord = z.object({ first: z.int().min(0), next: z.int().min(0), last: lastTurn.exactOptional() });
type LastTurn = z.infer<typeof lastTurn>;

interface Records {
  store: Store;
  turns: Collection<z.infer<typeof turnRecord>>;
  indexes: Collection<z.infer<typeof indexRecord>>;
}

/** The saved conversations, one for each thread: an index record and a record for each turn. */
export class Conversations {
  readonly #records: Records;

  /** Throws ShardbridgeError "failed" on a record that this version can't read. */
  constructor(store: Store) {
    this.#records = {
      store,
      turns: store.collection("conversation-turns", turnRecord),
      indexes: store.collection("conversations", indexRecord),
    };
  }

  open(thread: string): Conversation {
    return new Conversation(this.#records, thread);
  }
}

/** One thread's conversation. Each change is on disk before it resolves; what a crash has cut is mended when the next turn begins. */
export class Conversation {
  readonly #records: Records;
  readonly #thread: string;
  #first: number;
  #turns: Turn[] = [];
  #last: LastTurn | undefined;
  /** Whether a turn has begun that may still be dropped. */
  #underWay = false;

  constructor(records: Records, thread: string) {
    const { first, next, last } = records.indexes.get(thread) ?? { first: 0, next: 0 };
    this.#last = last;
    this.#records = records;
    this.#thread = thread;
    this.#first = first;
    for (let number = first; number < next; number++)
      this.#turns.push(records.turns.get(key(thread, number))?.messages ?? []);
  }

  /** All messages as they are sent to the model. */
  messages(): Message[] {
    return sent(this.#turns);
  }

  /** Characters of all messages. */
  get size(): number {
    return sizeOf(this.#turns);
  }

  /** Whether the turn under way has come to anything beyond the person's message. */
  get hasSteps(): boolean {
    return (this.#turns.at(-1)?.length ?? 0) > 1;
  }

  /** Name of the last turn, and what came of it. */
  get last(): Readonly<LastTurn> | undefined {
    return this.#last;
  }

  /** The turns that are over, for a summary of them. */
  get turns(): readonly Turn[] {
    return this.#turns;
  }

  /** A new turn, with the one before closed however it ended, and all of them within `budget` characters. */
  async begin(id: string, message: Message, budget: number): Promise<void> {
    const finished = this.#turns.map((turn, index) => (index === this.#turns.length - 1 ? closed(turn) : turn));
    const turns = [...finished, [message]];
    const kept = fitted(turns, budget);
    await this.#replace(kept, this.#first + turns.length - kept.length, { id });
    this.#underWay = true;
  }

  /** Go on with the last turn, which a crash has cut off. */
  async takeUp(): Promise<void> {
    const last = this.#turns.length - 1;
    await this.#replace(
      this.#turns.map((turn, index) => (index === last ? mended(turn) : turn)),
      this.#first,
    );
    this.#underWay = true;
  }

  /** One more message of the turn under way; with the lines of its calls so far, and with what came of it when it is the last one. */
  async add(message: Message, more?: Omit<LastTurn, "id">): Promise<void> {
    const turns = [...this.#turns.slice(0, -1), [...(this.#turns.at(-1) ?? []), message]];
    await this.#replace(turns, this.#first, more && this.#last ? { ...this.#last, ...more } : this.#last);
  }

  /** Put these turns in the place of the oldest `count`. The turn under way is none of them. */
  async condense(count: number, summary: Turn): Promise<void> {
    const rest = this.#turns.slice(count);
    await this.#replace([summary, ...rest], this.#first + count - 1);
  }

  /** Bring all messages within `budget` characters. */
  async fit(budget: number): Promise<void> {
    const kept = fitted(this.#turns, budget);
    if (kept !== this.#turns) await this.#replace(kept, this.#first + this.#turns.length - kept.length);
  }

  /** Forget the turn under way, if there is one. */
  async drop(): Promise<void> {
    if (!this.#underWay) return;
    this.#underWay = false;
    this.#last = undefined;
    await this.#replace(this.#turns.slice(0, -1), this.#first);
  }

  /** Save the turns that changed, with the index, in one write; then let go of those that went. */
  async #replace(turns: Turn[], first: number, last = this.#last): Promise<void> {
    const { store, turns: records, indexes } = this.#records;
    const next = first + turns.length;
    const old = indexes.get(this.#thread);
    const changes: Change[] = turns.flatMap((messages, index) => {
      const place = key(this.#thread, first + index);
      return records.get(place)?.messages === messages ? [] : [records.change(place, { messages })];
    });
    if (old?.first !== first || old.next !== next || old.last !== last)
      changes.push(indexes.change(this.#thread, { first, next, ...(last && { last }) }));
    await store.write(changes);
    this.#last = last;
    this.#turns = turns.map((messages, index) => records.get(key(this.#thread, first + index))?.messages ?? messages);
    this.#first = first;
    for (let number = old?.first ?? first; number < (old?.next ?? first); number++) {
      if (number < first || number >= next) await records.delete(key(this.#thread, number));
    }
  }
}

function key(thread: string, number: number): string {
  return `${thread}#${number}`;
}
