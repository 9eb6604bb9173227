import { threadKey, type ThreadRef } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { AskedHuman, TurnActions } from "../../orchestrator/orchestrator.ts";
import { runningKinds, type Receipt, type ShardHost, type ShardInfo } from "../../shards/host.ts";
import type { Threads } from "../threads/threads.ts";
import { identityOf, mayBeSame } from "../threads/shard-identities.ts";
import type { Act } from "./reach.ts";

interface Parts {
  host: Pick<ShardHost, "list" | "spawnOptions">;
  threads: Pick<Threads, "of">;
}

type Hearing = Pick<TurnActions, "read" | "diff" | "history" | "overlap" | "wait">;

/** What one turn of the orchestrator knows of shards: whose they are, and of which it has heard. */
export class TurnShards {
  readonly #parts: Parts;
  readonly #thread: ThreadRef;
  readonly #started = new Set<string>();
  /** Shards whose agents' text the turn has been given; "" for texts of several. */
  readonly #heard = new Set<string>();

  /** `heard`: agents' texts are what the turn began with. */
  constructor(parts: Parts, thread: ThreadRef, heard: boolean) {
    this.#parts = parts;
    this.#thread = thread;
    if (heard) this.#heard.add("");
  }

  /** The turn has started it. */
  started(name: string): void {
    this.#started.add(name);
  }

  /** The thread's shard, one of the threads that were opened from it, or one that this turn has started: "here". */
  place(shard: ShardInfo): "here" | "elsewhere" {
    const { name } = shard;
    const here = threadKey(this.#thread);
    const bound = this.#parts.threads.of(name).filter((record) => mayBeSame(record, identityOf(shard)));
    const ours = bound.some(
      ({ thread, home, parent }) =>
        threadKey(thread) === here || (home && parent !== undefined && threadKey(parent) === here),
    );
    return ours || this.#started.has(name) ? "here" : "elsewhere";
  }

  /** Throws ShardbridgeError "not_found". */
  async known(name: string): Promise<ShardInfo> {
    const found = (await this.#parts.host.list()).find((shard) => shard.name === name);
    if (!found) throw new ShardbridgeError("not_found", `There is no shard ${name}.`);
    return found;
  }

  /** What matters of a shard with this agent for a text that goes there. */
  async facts(name: string, agent: string): Promise<Pick<Act, "runs" | "heard">> {
    const { agents } = await this.#parts.host.spawnOptions();
    return {
      runs: runningKinds.includes(agent) || !agents.includes(agent),
      heard: [...this.#heard].some((other) => other !== name),
    };
  }

  /** Branches and commits that shards start from. */
  async bases(another?: string): Promise<string[]> {
    const bases = (await this.#parts.host.list()).map(({ base }) => base);
    return [...new Set([...bases, ...(another === undefined ? [] : [another])])];
  }

  /** The same actions; whose texts the turn is given by them is remembered. */
  hearing<A extends Hearing>(actions: A): A {
    const { read, diff, history, overlap, wait } = actions;
    return {
      ...actions,
      read: async (request) => this.#hears(request.name, await read(request)),
      diff: async (request) => this.#hears(request.name, await diff(request)),
      history: async (request) => this.#hears(request.name, await history(request)),
      wait: async (request) => this.#hears(request.name, await wait(request)),
      overlap: async (request) => this.#hears("", await overlap(request)),
    };
  }

  /** The same receipt; where it shows the shard's screen or question, that is remembered. */
  heardIn<R extends Receipt | AskedHuman>(name: string, receipt: R): R {
    const shows = receipt.outcome === "refused" || receipt.outcome === "stalled" || "took" in receipt;
    return shows ? this.#hears(name, receipt) : receipt;
  }

  #hears<T>(shard: string, text: T): T {
    this.#heard.add(shard);
    return text;
  }
}

/** An agent as the orchestrator may name it: one of the kinds that are installed. Throws ShardbridgeError "usage" for a command line. */
export async function installedKind(host: Pick<ShardHost, "spawnOptions">, agent: string | undefined): Promise<string> {
  const { agents, defaultAgent } = await host.spawnOptions();
  if (agent === undefined) return defaultAgent;
  if (agents.includes(agent)) return agent;
  const kinds = `there are ${agents.join(", ")}`;
  throw new ShardbridgeError(
    "usage",
    `An agent is named by its kind alone, with no command line or options: ${kinds}.`,
  );
}
