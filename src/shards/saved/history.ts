import { z } from "zod";
import type { Change, Collection, Store } from "../../store/store.ts";
import type { HistoryEntry, ShardHistory } from "../compare.ts";
import { identityIn, type ShardEvent } from "../events.ts";

/** Entries of a shard that are kept. */
const kept = 50;
/** Characters of a text that are kept. */
const longest = 4_000;

const entry = z.object({
  mark: z.number(),
  at: z.string(),
  type: z.enum(["answer", "question", "question-closed", "attention", "exited"]),
  text: z.string(),
  by: z.string().exactOptional(),
  shardId: z.string().exactOptional(),
  host: z.string().exactOptional(),
});

type Kept = z.infer<typeof entry>;

/** Answers and questions of shards, for whoever looks later: the last entries of each, by the sequence numbers of the events that told it. */
export class Histories {
  readonly #records: Collection<Kept>;

  constructor(store: Store) {
    this.#records = store.collection("shard-history", entry);
  }

  /** The changes that keep an event, to be written with it; none for one that is not worth keeping. */
  keep(event: ShardEvent): Change[] {
    const made = entryOf(event);
    return made ? [this.#records.change(keyOf(event.shard, event.seq), { ...made, ...identityIn(event) })] : [];
  }

  /** Let go of what is older than the entries that are kept, or of all. */
  async prune(shard: string, most = kept): Promise<void> {
    const all = this.#of(shard);
    for (const [key] of all.slice(0, Math.max(0, all.length - most))) await this.#records.delete(key);
  }

  /** Entries kept after a mark. */
  read(shard: string, since = 0): ShardHistory {
    const all = this.#of(shard).map(([, { shardId: _shardId, host: _host, ...made }]): HistoryEntry => made);
    const entries = all.filter(({ mark }) => mark > since);
    const mark = entries.at(-1)?.mark ?? Math.max(since, all.at(-1)?.mark ?? 0);
    // Where nothing older than the first of them is kept, something between may have gone.
    const gaps = all.length >= kept && entries.length === all.length;
    return { name: shard, entries, mark, gaps };
  }

  #of(shard: string): [string, Kept][] {
    const own = this.#records.entries().filter(([key]) => key.startsWith(`${shard}/`));
    return own.sort(([a], [b]) => (a < b ? -1 : 1));
  }
}

function entryOf(event: ShardEvent): HistoryEntry | undefined {
  const { seq: mark, at } = event;
  const made = (type: HistoryEntry["type"], text: string, by?: string): HistoryEntry => {
    const short = text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
    return { mark, at, type, text: short.toWellFormed(), ...(by !== undefined && { by }) };
  };
  switch (event.type) {
    case "answer":
      return made("answer", event.text, event.by);
    case "question": {
      const { text, detail, options } = event.question;
      const lines = [text, detail, ...options.map(({ key, label }) => `${key}. ${label}`)];
      return made("question", lines.filter((line) => line !== "").join("\n"), event.by);
    }
    case "question-closed":
      return made("question-closed", [event.answer ?? "closed", event.text ?? ""].join(" ").trim(), event.by);
    case "attention":
      return made("attention", `${event.why}\n${event.screen}`);
    case "exited": {
      const code = event.exit.signal ?? `code ${event.exit.code}`;
      return made("exited", `${event.how}, ${code}\n${event.tail}`.trimEnd());
    }
    case "state":
    case "output":
    case "receipt":
    case "flood":
    case "trouble":
    case "setup":
    case "keyboard":
    case "missing":
    case "found":
    case "destroyed":
      return undefined;
  }
}

function keyOf(shard: string, seq: number): string {
  return `${shard}/${String(seq).padStart(12, "0")}`;
}
