import { createHash } from "node:crypto";
import { z } from "zod";
import type { Button, Post } from "../../adapters/adapter.ts";
import type { Change, Collection, Store } from "../../store/store.ts";
import { identityIn, type ShardEvent } from "../../shards/events.ts";
import { ShardIdentities } from "../threads/shard-identities.ts";
import { stamped } from "./shard-stamp.ts";
import { SingleFlight } from "../intake/single-flight.ts";
import { parseButton, type ButtonAction, type Wire } from "./button-action.ts";

/** Characters that a button's action, value and heading may have together. */
const room = 95;

const kept = 14 * 24 * 3_600_000;

const schema = z.object({ value: z.string(), at: z.number() });

/** Short codes for values that are too long for a button, or are no ids. */
export class ButtonValues {
  readonly #records: Collection<z.infer<typeof schema>>;
  readonly #singleFlight = new SingleFlight();

  readonly #identities: ShardIdentities;

  constructor(store: Store, identities = new ShardIdentities()) {
    this.#records = store.collection("code", schema);
    this.#identities = identities;
  }

  /**
   * The post with every button for the very shard that it is about, and every value within the limit; and the changes to be written before it
   * is posted. `told`: the event that it tells of, whose shard may have no name any more.
   */
  shorten<P extends Post>(given: P, told?: ShardEvent): { post: P; changes: Change[] } {
    const post = stamped(given, (name) => (told?.shard === name ? identityIn(told) : this.#identities.of(name)));
    if (!("buttons" in post) || post.buttons === undefined) return { post, changes: [] };
    const changes: Change[] = [];
    const buttons = post.buttons.map((button: Button): Button => {
      const length = button.action.length + button.value.length + (button.asks ?? "").length;
      if (length <= room && !button.value.includes("\n")) return button;
      const code = `~${createHash("sha256").update(button.value).digest("base64url").slice(0, 24)}`;
      changes.push(this.#records.change(code, { value: button.value, at: Date.now() }));
      return { ...button, value: code };
    });
    return { post: { ...post, buttons }, changes };
  }

  /** Action of a pressed button; undefined when its code has been forgotten, and for no button of ours. */
  pressed({ action, value: carried }: Wire): ButtonAction | undefined {
    const value = carried.startsWith("~") ? this.#records.get(carried)?.value : carried;
    return value === undefined ? undefined : parseButton({ action, value });
  }

  /** Do what a code is for; once that is done, the code is forgotten. Throws ShardbridgeError "refused" while it is being done. */
  async once<T>(code: string, work: () => Promise<T>): Promise<T> {
    return this.#singleFlight.once(code, async () => {
      const result = await work();
      await this.#records.delete(code);
      return result;
    });
  }

  async prune(): Promise<void> {
    for (const [code, { at }] of this.#records.entries()) {
      if (Date.now() - at > kept) await this.#records.delete(code);
    }
  }
}
