import { z } from "zod";
import { ShardbridgeError } from "../../errors.ts";
import type { TurnActions } from "../../orchestrator/orchestrator.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { Asker } from "../access/asker.ts";
import type { People } from "../access/people.ts";
import { identityFields } from "../records.ts";
import { mayBeSame, type ShardIdentities } from "../threads/shard-identities.ts";
import type { Threads } from "../threads/threads.ts";
import type { Turn } from "./turn-actions.ts";
import type { Owners } from "./wakes/owners.ts";

/** Id of the person who has started it; null for whoever is at this machine. */
const schema = z.object({ by: z.string().nullable(), ...identityFields });

interface ToolGrantsOptions {
  store: Store;
  threads: Threads;
  people: People;
  owners: Owners;
  identities?: ShardIdentities;
}

/** The shards whose agents have the orchestrator's tools: each acts in its own thread, for the person who has started it. */
export class ToolGrants {
  readonly #options: ToolGrantsOptions;
  readonly #records: Collection<z.infer<typeof schema>>;

  constructor(options: ToolGrantsOptions) {
    this.#options = options;
    this.#records = options.store.collection("tool-bearer", schema);
  }

  /** Start such a shard. For whom it acts is saved before, since its agent may act at once, and forgotten when nothing is started. */
  async start<T>(shard: string, asker: Asker, spawn: () => Promise<T>): Promise<T> {
    const grant = { by: asker.place ? asker.person.id : null };
    await this.#records.set(shard, grant);
    try {
      const started = await spawn();
      await this.#records.set(shard, { ...grant, ...this.#options.identities?.of(shard) });
      return started;
    } catch (error) {
      await this.#records.delete(shard);
      throw error;
    }
  }

  /** Forget shards that are gone. */
  async keep(shards: readonly string[]): Promise<void> {
    for (const [shard] of this.#records.entries()) if (!shards.includes(shard)) await this.#records.delete(shard);
  }

  /**
   * Thread and person for whom a shard's agent acts now; "local" for whoever is at this machine, in no thread. Throws ShardbridgeError "not_allowed"
   * or "refused" where it may not act.
   */
  turnOf(shard: string): Turn | "local" {
    const { threads, people, owners } = this.#options;
    const record = this.#records.get(shard);
    if (!record || !mayBeSame(record, this.#options.identities?.of(shard) ?? {}))
      throw new ShardbridgeError("not_allowed", `Nobody has given these tools to ${shard}.`);
    if (record.by === null) return "local";
    const home = threads.of(shard).find((one) => one.home)?.thread;
    if (!home) throw new ShardbridgeError("refused", `${shard} has no thread yet in which it could act: try again.`);
    const asker = people.asker(home, record.by);
    if (!asker) throw new ShardbridgeError("not_allowed", `Who has started ${shard} is not known here any more.`);
    const hops = owners.of(shard)?.hops ?? 0;
    // Its person talks to it with no turn of ours in between; what an orchestrator that was woken has told it, nobody has asked for.
    return { thread: home, asker, hops, agent: shard, ...(hops === 0 && { said: "" }) };
  }
}

/**
 * The actions of a shard's agent, of those of its person: it starts no further orchestrators, which would be beyond anybody's view; and
 * nothing wakes it, since it works in turns of its own.
 */
export function agentActions(actions: TurnActions): TurnActions {
  return {
    ...actions,
    wakes: false,
    spawn: async (request) => {
      if (!request.orchestrator) return actions.spawn(request);
      throw new ShardbridgeError("refused", "Only a person starts another orchestrator: start a shard without it.");
    },
  };
}
