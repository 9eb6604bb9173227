import { z } from "zod";
import { threadKey, type ThreadRef } from "../../adapters/adapter.ts";
import type { Collection, Store } from "../../store/store.ts";

export type Policy = "ask" | "allow";

/** Whether a thread's orchestrator may take steps that can't be undone, or that go outside, without a person's button. */
export class Policies {
  readonly #records: Collection<{ policy: Policy }>;

  constructor(store: Store) {
    this.#records = store.collection("policy", z.object({ policy: z.enum(["ask", "allow"]) }));
  }

  of(thread: ThreadRef): Policy {
    return this.#records.get(threadKey(thread))?.policy ?? "ask";
  }

  async set(thread: ThreadRef, policy: Policy): Promise<void> {
    await this.#records.set(threadKey(thread), { policy });
  }
}
