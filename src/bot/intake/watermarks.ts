import { z } from "zod";
import type { Gap } from "../../adapters/adapter.ts";
import type { Outlet } from "../delivery/outlet.ts";
import { logBug } from "../../log.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { Threads } from "../threads/threads.ts";

/** Milliseconds between two marks. */
const every = 20_000;
/** Milliseconds before the mark that are read again as well: clocks differ, and an event may have been on its way. */
const overlap = 60_000;
/** Milliseconds that are looked back at most. */
const farthest = 3 * 24 * 3_600_000;

const schema = z.object({ at: z.number() });

/** Until when events came in from each platform: what came later has to be looked for after a start. */
export class Watermarks {
  readonly #adapters: ReadonlyMap<string, Outlet>;
  readonly #threads: Threads;
  readonly #marks: Collection<z.infer<typeof schema>>;
  #timer: NodeJS.Timeout | undefined;
  #ticked = 0;
  /** Until then connections may be dead without anybody knowing: the machine slept. */
  #doubtful = 0;
  #marking: Promise<void> | undefined;

  constructor(store: Store, adapters: ReadonlyMap<string, Outlet>, threads: Threads) {
    this.#adapters = adapters;
    this.#threads = threads;
    this.#marks = store.collection("heard", schema);
  }

  /** Gap in which a platform may not have been heard; undefined when nothing was ever heard from it. */
  gap(platform: string): Gap | undefined {
    const mark = this.#marks.get(platform);
    if (!mark) return undefined;
    const since = Math.max(mark.at - overlap, Date.now() - farthest);
    return { since: new Date(since).toISOString(), threads: this.#threads.onPlatform(platform) };
  }

  /** Mark the time from now on. */
  start(): void {
    this.#ticked = Date.now();
    this.#timer = setInterval(() => this.#tick(), every);
    this.#tick();
  }

  /** The last mark: right before no more events are taken. */
  async stop(): Promise<void> {
    if (!this.#timer) return;
    clearInterval(this.#timer);
    this.#tick();
    await this.#marking;
  }

  #tick(): void {
    const now = Date.now();
    if (now - this.#ticked > 3 * every) this.#doubtful = now + 3 * every;
    this.#ticked = now;
    if (now < this.#doubtful) return;
    this.#marking ??= this.#mark()
      .catch((error: unknown) => void logBug(error, "the time could not be marked"))
      .finally(() => (this.#marking = undefined));
  }

  async #mark(): Promise<void> {
    const at = Date.now();
    for (const [platform, adapter] of this.#adapters) {
      // Where events don't come in now, the last mark is where the gap begins.
      if (adapter.hears !== false) await this.#marks.set(platform, { at });
    }
  }
}
