import { threadOf, type ThreadRef } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { ShardActions } from "../../orchestrator/orchestrator.ts";
import type {
  Destroyed,
  Explanation,
  Mode,
  QueuedPrompt,
  Receipt,
  ShardHost,
  ShardInfo,
  SpawnRequest,
  Stopped,
} from "../../shards/host.ts";
import type { RepoOverlap, ShardDiff, ShardHistory } from "../../shards/compare.ts";
import type { Outcome, WaitRequest } from "../../shards/events.ts";
import type { Store } from "../../store/store.ts";
import { demand, onlyLooks, type Need } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import type { OrchestratorControls } from "../orchestration/controls.ts";
import { giveAnswer, type GivenAnswer } from "./answering.ts";
import type { ShardThreads, Spawned } from "../threads/shard-threads.ts";
import { redactData } from "../delivery/redact-post.ts";
import type { Threads } from "../threads/threads.ts";
import { sendNow, waitingId, withPlace } from "./waiting.ts";

/** All that can be asked for: what the orchestrator may use, and what only people do. */
export interface Actions extends ShardActions {
  /** Controls of the orchestrator. */
  controls: OrchestratorControls;
  spawnWithThread(request: SpawnRequest & { here?: boolean | undefined }): Promise<Spawned>;
  command(request: { name: string; text: string }): Promise<Receipt>;
  queue(request: { name: string }): Promise<QueuedPrompt[]>;
  unqueue(request: { name: string; id: number }): Promise<QueuedPrompt>;
  /** The id of a prompt whose receipt says that it is queued; undefined when it does not wait (any more). */
  waiting(request: { name: string; text: string }, receipt: Receipt): Promise<number | undefined>;
  /** Stop the running turn and type a waiting prompt. Throws "refused" with the prompt when that is not taken. */
  sendNow(request: { name: string; id: number }): Promise<{ prompt: QueuedPrompt; receipt: Receipt }>;
  /** See `ShardHost.wait`. */
  wait(request: WaitRequest): Promise<Outcome>;
  diff(request: { name: string }): Promise<ShardDiff>;
  overlap(request: { repo?: string | undefined }): Promise<RepoOverlap[]>;
  history(request: { name: string; since?: number | undefined }): Promise<ShardHistory>;
  /** Controls of the orchestrator in the own thread of a shard, wherever people are; outside of any where none is named. */
  controlsIn(shard: string | undefined): OrchestratorControls;
  screen(request: { name: string }): Promise<{ name: string; text: string }>;
  explain(request: { name: string }): Promise<Explanation>;
  answer(request: GivenAnswer): Promise<void>;
  press(request: { name: string; keys: string[] }): Promise<{ name: string; text: string }>;
  stop(request: { name: string }): Promise<Stopped>;
  close(request: { name: string }): Promise<Destroyed>;
  resume(request: { name: string; mode?: Mode | undefined }): Promise<ShardInfo>;
  approveSetup(request: { name: string; hash: string }): Promise<void>;
  /** The asking thread's plain messages go straight to the shard. Resolves with the thread that was opened, where none asked. */
  attach(request: { name: string }): Promise<ThreadRef | undefined>;
  /** Resolves with the shard that it was attached to. */
  detach(): Promise<string>;
}

interface Parts {
  controls: (asker: Asker) => OrchestratorControls;
  host: ShardHost;
  shardThreads: ShardThreads;
  threads: Threads;
  store: Store;
  redact: (text: string) => string;
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
  const clean = <T>(data: T) => redactData(data, redact);

  const spawnWithThread: Actions["spawnWithThread"] = async (request) => {
    allow(request.mode === "all" ? "spawn --mode all" : "spawn");
    const from = { place: asker.place, announce: asker.announce === true };
    const spawn = async () => shardThreads.spawn({ ...request, by: request.by ?? by }, from);
    // A name that is taken is somebody else's shard; the host has the words for that.
    const taken = (await host.list()).some(({ name }) => name === request.name);
    return request.orchestrator === true && !taken ? withTools(request.name, asker, spawn) : spawn();
  };
  return {
    controls: controls(asker),
    spawnWithThread,
    spawn: async (request) => (await spawnWithThread(request)).info,
    send: async (request) => {
      allow("send");
      return clean(await withPlace(host, request, await host.send({ ...request, by: request.by ?? by })));
    },
    read: async (request) => {
      allow("read");
      return clean(await host.read(request));
    },
    list: async () => {
      allow("list");
      return clean(await host.list());
    },
    choices: async () => {
      allow("list");
      return host.spawnOptions();
    },
    destroy: async (request) => {
      allow(request.force ? "destroy --force" : "destroy");
      return host.destroy(request);
    },
    command: async ({ name, text }) => {
      allow("cmd");
      return clean(await host.command({ name, text, by }));
    },
    queue: async (request) => {
      allow("queue");
      return clean(await host.queue(request));
    },
    unqueue: async ({ name, id }) => {
      allow("unqueue");
      return clean(await host.unqueue({ name, id, by }));
    },
    waiting: async (request, receipt) => waitingId(host, request, receipt),
    sendNow: async ({ name, id }) => {
      allow("unqueue");
      allow("send");
      return clean(await sendNow(host, name, id, by));
    },
    wait: async (request) => {
      allow("read");
      return clean(await host.wait(request));
    },
    diff: async (request) => {
      allow("read");
      return clean(await host.diff(request));
    },
    overlap: async (request) => {
      allow("read");
      return clean(await host.overlap(request));
    },
    history: async (request) => {
      allow("read");
      return clean(await host.history(request));
    },
    controlsIn: (shard) => {
      if (shard === undefined) return controls(asker);
      const home = threads.of(shard).find((one) => one.home)?.thread;
      if (!home) throw new ShardbridgeError("not_found", `There is no thread of a shard ${shard}.`);
      return controls({ ...asker, place: home });
    },
    screen: async (request) => {
      allow("screen");
      return clean(await host.screen(request));
    },
    explain: async (request) => {
      allow("explain");
      return clean(await host.explain(request));
    },
    answer: async (given) => {
      allow("answer");
      await giveAnswer(host, given, by);
    },
    press: async ({ name, keys }) => {
      allow("press");
      return clean(await host.press({ name, keys, by }));
    },
    stop: async ({ name }) => {
      allow("stop");
      return host.stop({ name, by });
    },
    close: async ({ name }) => {
      allow("close");
      return host.close({ name, by });
    },
    resume: async ({ name, mode }) => {
      // Without a mode it goes on in the one that it had.
      const goesOn = mode ?? (await host.list()).find((shard) => shard.name === name)?.mode;
      allow(goesOn === "all" ? "resume --mode all" : "resume");
      return clean(await host.resume({ name, mode, by }));
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
