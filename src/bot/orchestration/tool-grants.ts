import { z } from "zod";
import { ShardbridgeError } from "../../errors.ts";
import type { TurnActions } from "../../orchestrator/orchestrator.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { Asker } from "../commands/actions.ts";
import type { Asking } from "./asking.ts";
import type { People } from "../access/people.ts";
import type { Threads } from "../threads/threads.ts";
import type { Owners } from "./wakes/owners.ts";

/** Id of the person who has started it; null for whoever is at this machine. */
const schema = z.object({ by: z.string().nullable() });

interface BearersOptions {
  store: Store;
  threads: Threads;
  people: People;
  owners: Owners;
  asking: Asking;
  /** Actions of somebody in no thread. */
  apart: (asker: Asker) => TurnActions;
}

/** The shards whose agents have the orchestrator's tools: each acts in its own thread, for the person who has started it. */
export class ToolGrants {
  readonly #options: BearersOptions;
  readonly #records: Collection<z.infer<typeof schema>>;

  constructor(options: BearersOptions) {
    this.#options = options;
    this.#records = options.store.collection("tool-bearer", schema);
  }

  /** Start such a shard. For whom it acts is saved before, since its agent may act at once, and forgotten when nothing is started. */
  async start<T>(shard: string, asker: Asker, spawn: () => Promise<T>): Promise<T> {
    await this.#records.set(shard, { by: asker.place ? asker.person.id : null });
    try {
      return await spawn();
    } catch (error) {
      await this.#records.delete(shard);
      throw error;
    }
  }

  /** Forget shards that are gone. */
  async keep(shards: readonly string[]): Promise<void> {
    for (const [shard] of this.#records.entries()) if (!shards.includes(shard)) await this.#records.delete(shard);
  }

  /** Actions of a shard's agent now: what its person may. Throws ShardbridgeError "not_allowed" or "refused" where that is nothing. */
  actions(shard: string, local: Asker): TurnActions {
    const { threads, people, owners, asking, apart } = this.#options;
    const record = this.#records.get(shard);
    if (!record) throw new ShardbridgeError("not_allowed", `Nobody has given these tools to ${shard}.`);
    if (record.by === null) return alone(apart(local));
    const home = threads.of(shard).find((one) => one.home)?.thread;
    if (!home) throw new ShardbridgeError("refused", `${shard} has no thread yet in which it could act: try again.`);
    const asker = people.asker(home, record.by);
    if (!asker) throw new ShardbridgeError("not_allowed", `Who has started ${shard} is not known here any more.`);
    return alone(asking.actionsIn({ thread: home, asker, hops: owners.of(shard)?.hops ?? 0 }));
  }
}

/** Such an agent starts no further ones, which would be beyond anybody's view; and nothing wakes it: it works in turns of its own. */
function alone(actions: TurnActions): TurnActions {
  return {
    ...actions,
    wakes: false,
    spawn: async (request) => {
      if (!request.orchestrator) return actions.spawn(request);
      throw new ShardbridgeError("refused", "Only a person starts another orchestrator: start a shard without it.");
    },
  };
}
