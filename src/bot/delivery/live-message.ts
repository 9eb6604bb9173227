import { DeliveryError, type Limits, type Post, type PostRef, type ThreadRef } from "../../adapters/adapter.ts";
import { log, logBug } from "../../log.ts";
import type { Redact, Shown } from "../../redaction/shown.ts";
import type { Pacer } from "./pacer.ts";
import type { Outlet } from "./outlet.ts";
import { postsToShow } from "./redact-post.ts";

/** Milliseconds that something takes before it is worth showing how it comes about. */
const worthShowing = 1500;

/** Parts that all live messages share. */
export interface LiveParts {
  adapters: ReadonlyMap<string, Outlet>;
  /** By platform: live messages keep its pace together. */
  pacers: ReadonlyMap<string, Pacer>;
  redact: Redact;
}

/** The side of a live message that knows what to show, and how its post comes about. */
export interface LiveSource {
  /** Names it for ever. */
  readonly id: string;
  readonly thread: ThreadRef;
  /** When what it shows has begun (milliseconds since the epoch). */
  readonly began: number;
  /** The look now; undefined while there is nothing to see. */
  look(limits: Limits): Post | undefined;
  /** Where its post is: "coming" when that is on its way, undefined when there is none. */
  place(): PostRef | "coming" | undefined;
  /** Post it. Throws what `Adapter.post` does. */
  post(post: Shown<Post>, adapter: Outlet): Promise<void>;
  /** Ways to go on in a new post; without them a message ends where its post is gone, and stays in one that gets too old. */
  renewal?: {
    /** There is no post any more. */
    forget(): void;
    /** The look of the old post when a new one goes on. */
    closed(): Post;
  };
  /** The end is shown. */
  over?(): Promise<void>;
}

/**
 * A message that is posted once, when what it shows takes its time, and edited at the platform's pace from then on; the newest look wins.
 *
 *     new ──update──▶ waiting ──worth showing──▶ live ──end──▶ ending ──shown──▶ over
 *
 * One that has a post begins live. It is over at once when it is closed, when the platform refuses it, and when it ends unseen.
 */
export class LiveMessage {
  readonly #parts: LiveParts;
  readonly #source: LiveSource;
  #state: "new" | "waiting" | "live" | "ending" | "over";
  /** Runs while it waits. */
  #timer: NodeJS.Timeout | undefined;
  /** The post that the platform shows, as JSON. */
  #shown = "";
  #showing: Promise<void> = Promise.resolve();

  constructor(parts: LiveParts, source: LiveSource) {
    this.#parts = parts;
    this.#source = source;
    // A message that an earlier run has begun goes on.
    this.#state = source.place() === undefined ? "new" : "live";
  }

  /** Show the look as it is now. Never throws. */
  update(): void {
    if (this.#state === "live") return this.#request();
    if (this.#state !== "new") return;
    const wait = worthShowing - (Date.now() - this.#source.began);
    if (wait <= 0) return this.#live();
    this.#state = "waiting";
    this.#timer = setTimeout(() => this.#live(), wait);
  }

  /** Show the last look; a message that nobody has seen begin is not seen to end. Never throws. */
  end(): void {
    if (this.#state === "ending") return;
    clearTimeout(this.#timer);
    this.#state = this.#state === "live" ? "ending" : "over";
    if (this.#state === "ending") this.#request();
  }

  /** Resolves when no edit of it is under way, and none will be. */
  async close(): Promise<void> {
    clearTimeout(this.#timer);
    this.#state = "over";
    // The outcome is the pacer's affair.
    await Promise.allSettled([this.#showing]);
  }

  #live(): void {
    this.#state = "live";
    this.#request();
  }

  #request(): void {
    const { id, thread } = this.#source;
    this.#parts.pacers.get(thread.platform)?.request(id, () => {
      this.#showing = this.#show();
      return this.#showing;
    });
  }

  /** Bring the platform up to date. Throws DeliveryError "not-sent" or "unknown" to be asked again later. */
  async #show(): Promise<void> {
    const { id, thread } = this.#source;
    const adapter = this.#parts.adapters.get(thread.platform);
    if (!adapter || this.#state === "over") return;
    const ending = this.#state === "ending";
    const before = this.#source.place();
    try {
      await this.#bring(adapter);
    } catch (error) {
      if (error instanceof DeliveryError && (error.outcome === "not-sent" || error.outcome === "unknown")) throw error;
      if (!(error instanceof DeliveryError)) logBug(error, "a live message could not be shown", { id });
      else log.warn("a live message was refused", { id, outcome: error.outcome, why: error.message });
      const { renewal } = this.#source;
      // A post that somebody deleted comes again with the next news.
      const again = renewal && before && error instanceof DeliveryError && error.outcome === "gone";
      if (!again) this.#state = "over";
      renewal?.forget();
    }
    if (!ending) return;
    this.#state = "over";
    await this.#source.over?.();
  }

  async #bring(adapter: Outlet): Promise<void> {
    const place = this.#source.place();
    const { renewal } = this.#source;
    const old = place && place !== "coming" && Date.now() - Date.parse(place.at) > adapter.limits.editFor;
    if (!old || !renewal || this.#state === "ending") return this.#put(adapter);
    // A new post goes on, and the old one says so.
    renewal.forget();
    this.#shown = "";
    await this.#put(adapter);
    const closed = this.#fitting(renewal.closed(), adapter);
    if (!closed) return;
    await adapter.edit(place, closed).catch((error: unknown) => {
      log.warn("an old live message could not be closed", { id: this.#source.id, why: String(error) });
    });
  }

  async #put(adapter: Outlet): Promise<void> {
    const post = this.#fitting(this.#source.look(adapter.limits), adapter);
    const shown = JSON.stringify(post);
    const place = this.#source.place();
    if (!post || shown === this.#shown || place === "coming") return;
    if (place) await adapter.edit(place, post);
    else if (this.#state !== "ending") await this.#source.post(post, adapter);
    this.#shown = shown;
  }

  /** A look as it may be shown, in one post; undefined for one that has nothing in it. */
  #fitting(look: Post | undefined, { limits }: Outlet): Shown<Post> | undefined {
    return look && postsToShow(look, this.#parts.redact, limits)[0];
  }
}
