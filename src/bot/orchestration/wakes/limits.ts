import { z } from "zod";
import { threadKey, type ThreadRef } from "../../../adapters/adapter.ts";
import type { Change, Collection, Store } from "../../../store/store.ts";

const minute = 60_000;
const hour = 60 * minute;
/** Automatic turns of a thread within a minute that open its breaker. */
const tooFast = 9;
/** Automatic turns that may follow from each other with no person between them. */
const mostHops = 8;

const schema = z.object({
  /** When the automatic turns of the last hour began (milliseconds since 1970). */
  starts: z.array(z.number()),
  /** When people were last told that the hour has had its share. */
  told: z.exactOptional(z.number()),
  /** Why the breaker is open, and since when. */
  open: z.exactOptional(z.object({ why: z.enum(["fast", "hops"]), at: z.number() })),
});

/** "go"; or the breaker is open; or the hour has had its share, until then (milliseconds since 1970). */
export type Verdict = "go" | "open" | { until: number };

/** Limits on waking a thread's orchestrator; saved, so that a restart forgives nothing. */
export class Limits {
  readonly #records: Collection<z.infer<typeof schema>>;
  readonly #perHour: number;

  /** `perHour`: automatic turns that a thread may have in an hour. */
  constructor(store: Store, perHour: number) {
    this.#records = store.collection("wake-limit", schema);
    this.#perHour = perHour;
  }

  verdict(thread: ThreadRef, now: number): Verdict {
    const { open, starts } = this.#of(thread, now);
    if (open) return "open";
    // Where events wake nobody, what people have planned is not counted.
    const most = this.#perHour > 0 ? this.#perHour : Infinity;
    const [oldest] = starts.slice(-most);
    return starts.length >= most && oldest !== undefined ? { until: oldest + hour } : "go";
  }

  /** Why it is open; undefined when it is closed. */
  open(thread: ThreadRef): { why: "fast" | "hops"; at: number } | undefined {
    return this.#records.get(threadKey(thread))?.open;
  }

  /** The change that counts one more automatic turn. */
  started(thread: ThreadRef, now: number): Change {
    const { starts, ...rest } = this.#of(thread, now);
    return this.#records.change(threadKey(thread), { ...rest, starts: [...starts, now] });
  }

  /** Whether turns have come too fast, or have followed too often from each other. */
  exceeded(thread: ThreadRef, now: number, hops: number): "fast" | "hops" | undefined {
    const recent = this.#of(thread, now).starts.filter((at) => now - at < minute);
    if (hops > mostHops) return "hops";
    return recent.length >= tooFast ? "fast" : undefined;
  }

  /** The change that opens the breaker: only `close` closes it. */
  trip(thread: ThreadRef, now: number, why: "fast" | "hops"): Change {
    return this.#records.change(threadKey(thread), { ...this.#of(thread, now), open: { why, at: now } });
  }

  /** The change that notes that people are told of a full hour; undefined when they were told within the last one. */
  telling(thread: ThreadRef, now: number): Change | undefined {
    const { told } = this.#records.get(threadKey(thread)) ?? {};
    if (told !== undefined && now - told < hour) return undefined;
    return this.#records.change(threadKey(thread), { ...this.#of(thread, now), told: now });
  }

  /** A person wants it to go on: nothing is counted against the thread any more. Resolves with whether the breaker was open. */
  async close(thread: ThreadRef): Promise<boolean> {
    const was = this.open(thread) !== undefined;
    await this.#records.set(threadKey(thread), { starts: [] });
    return was;
  }

  #of(thread: ThreadRef, now: number): z.infer<typeof schema> {
    const { starts = [], ...rest } = this.#records.get(threadKey(thread)) ?? {};
    return { ...rest, starts: starts.filter((at) => now - at < hour) };
  }
}
