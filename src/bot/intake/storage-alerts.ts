import { randomBytes } from "node:crypto";
import { threadKey, type ThreadRef } from "../../adapters/adapter.ts";
import { messageOf, type NotSavedError } from "../../errors.ts";
import { log } from "../../log.ts";
import type { Redact } from "../../redaction/shown.ts";
import type { Store } from "../../store/store.ts";
import type { Outlet } from "../delivery/outlet.ts";
import { redactPost } from "../delivery/redact-post.ts";
import type { Pace } from "./pace.ts";

/** Threads that are told. */
const mostTold = 50;

interface StorageAlertsOptions {
  store: Store;
  adapters: ReadonlyMap<string, Outlet>;
  redact: Redact;
  /** Threads in which an answer may be waited for. */
  busy: () => ThreadRef[];
  pace: Pace;
}

/**
 * Tells people that nothing can be saved, and that it is over. The outbox can't, as it saves what it posts: this goes out once, right away,
 * or not at all.
 */
export class StorageAlerts {
  readonly #options: StorageAlertsOptions;
  readonly #told = new Map<string, ThreadRef>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: StorageAlertsOptions) {
    this.#options = options;
    options.store.watch((fault) => (fault ? this.#begun(fault) : this.#over()));
  }

  /** Say it in a thread, once until it is over. Never rejects. */
  async tell(thread: ThreadRef, fault: NotSavedError): Promise<void> {
    const key = threadKey(thread);
    if (this.#told.has(key) || this.#told.size >= mostTold) return;
    this.#told.set(key, thread);
    const text = `${fault.message} What you say here is kept and taken when that is over, unless the bot is stopped before; answers wait, too.`;
    await this.#post(thread, text, "error");
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #begun(fault: NotSavedError): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      for (const thread of this.#options.busy()) void this.tell(thread, fault);
    }, this.#options.pace.alert);
  }

  #over(): void {
    clearTimeout(this.#timer);
    const threads = [...this.#told.values()];
    this.#told.clear();
    for (const thread of threads) void this.#post(thread, "It can be saved again: what waited goes on.");
  }

  async #post(thread: ThreadRef, text: string, tone?: "error"): Promise<void> {
    try {
      const { adapters, redact } = this.#options;
      const post = redactPost({ kind: "notice", text, ...(tone && { tone }) }, redact);
      await adapters.get(thread.platform)?.post(thread, post, randomBytes(9).toString("base64url"));
    } catch (error) {
      log.warn("a thread could not be told that nothing can be saved", { thread, why: messageOf(error) });
    }
  }
}
