import { threadOf, type ThreadRef } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { QueuedPrompt, Receipt, ShardHost, ShardInfo, SpawnRequest } from "../../shards/host.ts";
import type { Store } from "../../store/store.ts";
import type { Need } from "../../verbs/types.ts";
import { demand, needOf, onlyLooks } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { OrchestratorControls } from "../orchestration/controls.ts";
import { hostActions, type GuardedActions } from "./host-actions.ts";
import type { ShardThreads, Spawned } from "../threads/shard-threads.ts";
import { shownData, type Redact } from "../../redaction/shown.ts";
import type { Threads } from "../threads/threads.ts";
import { sendNow, waitingId } from "./waiting.ts";

/** All that can be asked for: the verbs of the host, and what the bot adds to them. */
export interface Actions extends GuardedActions {
  /** Controls of the orchestrator. */
  controls: OrchestratorControls;
  /** `here`: bind the shard to the asking thread rather than to a thread of its own. */
  spawn(request: SpawnHere): Promise<ShardInfo>;
  spawnWithThread(request: SpawnHere): Promise<Spawned>;
  choices: ShardHost["spawnOptions"];
  /** The id of a prompt whose receipt says that it is queued; undefined when it does not wait (any more). */
  waiting(request: { name: string; text: string }, receipt: Receipt): Promise<number | undefined>;
  /** Stop the running turn and type a waiting prompt. Throws "refused" with the prompt when that is not taken. */
  sendNow(request: { name: string; id: number }): Promise<{ prompt: QueuedPrompt; receipt: Receipt }>;
  /** Controls of the orchestrator in the own thread of a shard, wherever people are; outside of any where none is named. */
  controlsIn(shard: string | undefined): OrchestratorControls;
  approveSetup(request: { name: string; hash: string }): Promise<void>;
  /** The asking thread's plain messages go straight to the shard. Resolves with the thread that was opened, where none asked. */
  attach(request: { name: string }): Promise<ThreadRef | undefined>;
  /** Resolves with the shard that it was attached to. */
  detach(): Promise<string>;
}

type SpawnHere = SpawnRequest & { here?: boolean | undefined };

interface Parts {
  controls: (asker: Asker) => OrchestratorControls;
  host: ShardHost;
  shardThreads: ShardThreads;
  threads: Threads;
  store: Store;
  redact: Redact;
  /** Start a shard whose agent gets the orchestrator's tools, for an asker: `spawn` starts it. */
  withTools: (shard: string, asker: Asker, spawn: () => Promise<Spawned>) => Promise<Spawned>;
}

/** The host's verbs with an asker's rights and place; what comes out is redacted. Each throws ShardbridgeError. */
export function actionsFor(
  { controls, host, shardThreads, threads, store, redact, withTools }: Parts,
  asker: Asker,
): Actions {
  const by = asker.person.name;
  const thread = asker.place && threadOf(asker.place);
  const allow = (need: Need) => {
    demand(asker.right, need);
    // A verb would wait for the disk, and nobody would be told.
    if (store.fault && !onlyLooks(need)) throw store.fault;
  };
  const clean = <T>(data: T) => shownData(data, redact);

  const verbs = hostActions(host, by, async (verb, request, work) => {
    allow(needOf(verb, { ...request }));
    return clean(await work());
  });

  const spawnWithThread: Actions["spawnWithThread"] = async (request) => {
    allow(needOf("spawn", { ...request }));
    const from = { place: asker.place, announce: asker.announce === true };
    const spawn = async () => shardThreads.spawn({ ...request, by: request.by ?? by }, from);
    // A name that is taken is somebody else's shard; the host has the words for that.
    const taken = (await host.list()).some(({ name }) => name === request.name);
    return request.orchestrator === true && !taken ? withTools(request.name, asker, spawn) : spawn();
  };
  return {
    ...verbs,
    controls: controls(asker),
    spawnWithThread,
    spawn: async (request) => (await spawnWithThread(request)).info,
    resume: async (request) => {
      // Without a mode it goes on in the one that it had.
      const mode = request.mode ?? (await host.list()).find(({ name }) => name === request.name)?.mode;
      allow(needOf("resume", { mode }));
      return verbs.resume(request);
    },
    choices: async () => {
      allow("list");
      return host.spawnOptions();
    },
    waiting: async (request, receipt) => waitingId(host, request, receipt),
    sendNow: async ({ name, id }) => {
      allow("unqueue");
      allow("send");
      return clean(await sendNow(host, name, id, by));
    },
    controlsIn: (shard) => {
      if (shard === undefined) return controls(asker);
      const home = threads.of(shard).find((one) => one.home)?.thread;
      if (!home) throw new ShardbridgeError("not_found", `There is no thread of a shard ${shard}.`);
      return controls({ ...asker, place: home });
    },
    approveSetup: async (request) => {
      allow("setup --approve");
      await host.approveSetup({ ...request, by });
    },
    attach: async ({ name }) => {
      allow("attach");
      if (!asker.place)
        throw new ShardbridgeError("usage", "Attach a shard from the thread that it is to be attached to.");
      await known(host, name);
      const own = thread && threads.get(thread);
      if (own?.home && own.shard !== name) {
        throw new ShardbridgeError(
          "refused",
          `This is the thread of shard ${own.shard}: attach ${name} in another thread.`,
        );
      }
      const place = await shardThreads.threadAt(asker.place, name);
      await store.write([threads.attach(place, name)]);
      return thread ? undefined : place;
    },
    detach: async () => {
      allow("detach");
      const bound = thread && threads.get(thread);
      if (!bound?.attached || bound.shard === undefined) {
        throw new ShardbridgeError("refused", "No shard is attached to this thread.");
      }
      await threads.detach(bound.thread);
      return bound.shard;
    },
  };
}

async function known(host: ShardHost, name: string): Promise<void> {
  const names = (await host.list()).map((shard) => shard.name);
  if (names.includes(name)) return;
  const there = names.length > 0 ? `There are ${names.join(", ")}.` : "There are none yet.";
  throw new ShardbridgeError("not_found", `There is no shard ${name}. ${there}`);
}
