import { z } from "zod";
import { DeliveryError, threadOf, type Place, type Post, type ThreadRef } from "../../adapters/adapter.ts";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import { shownText, type Redact } from "../../redaction/shown.ts";
import type { ShardHost, ShardInfo, SpawnRequest } from "../../shards/host.ts";
import type { Collection, Store } from "../../store/store.ts";
import type { Outbox, Outgoing } from "../delivery/outbox.ts";
import type { Outlet } from "../delivery/outlet.ts";
import { pause } from "../intake/pause.ts";
import { placeSchema } from "../records.ts";
import { excerpt } from "../posts/split.ts";
import type { ShardIdentities } from "./shard-identities.ts";
import type { Threads } from "./threads.ts";
import { KeyedQueue } from "../../serial.ts";

/** Milliseconds for which a thread is tried to be opened, and between two tries at most. */
const longestOutage = 10 * 60_000;
const longestPause = 15_000;

const schema = z.object({
  place: placeSchema,
  /** Bind the asking thread rather than a new one. */
  here: z.boolean(),
  /** Tell the asking thread where the shard's own thread is. */
  announce: z.boolean(),
  title: z.string(),
  /** The shard's agent is the orchestrator there, to whom people talk. */
  attached: z.exactOptional(z.boolean()),
});

type Opening = z.infer<typeof schema>;

/** Where a shard was spawned from, and how the asker is told. */
export interface SpawnFrom {
  /** Absent for somebody who is in no chat. */
  place?: Place | undefined;
  announce: boolean;
}

export interface Spawned {
  info: ShardInfo;
  /** The shard's own thread. */
  thread?: ThreadRef;
  /** Why it has none. */
  problem?: string;
}

interface ShardThreadsOptions {
  store: Store;
  host: ShardHost;
  adapters: ReadonlyMap<string, Outlet>;
  redact: Redact;
  threads: Threads;
  outbox: Outbox;
  identities?: ShardIdentities;
}

/** Gives each shard that is spawned from a chat a thread of its own, also when the bot dies between the two. */
export class ShardThreads {
  readonly #options: ShardThreadsOptions;
  readonly #openings: Collection<Opening>;
  readonly #queue = new KeyedQueue();
  readonly #stop = new AbortController();

  constructor(options: ShardThreadsOptions) {
    this.#options = options;
    this.#openings = options.store.collection("opening", schema);
  }

  /** A shard and its thread. The shard stays when the thread can't be opened. Throws ShardbridgeError as the host does. */
  async spawn(
    request: SpawnRequest & { here?: boolean | undefined },
    { place, announce }: SpawnFrom,
  ): Promise<Spawned> {
    const { host, threads } = this.#options;
    const { here = false, ...wanted } = request;
    if (!place) {
      const info = await host.spawn(wanted);
      this.#options.identities?.learn(info);
      return { info };
    }
    const asking = threadOf(place);
    const bound = here && asking ? threads.get(asking)?.shard : undefined;
    if (bound !== undefined) {
      throw new ShardbridgeError(
        "exists",
        `This thread belongs to shard ${bound}: leave out --here, or ask in another thread.`,
      );
    }
    return this.#queue.run(wanted.name, async () => {
      const taken = (await host.list()).some(({ name }) => name === wanted.name);
      // The host has the words for a name that is taken, and no record of ours must be touched by the attempt.
      if (taken) return { info: await host.spawn(wanted) };
      const prompt = shownText(wanted.prompt ?? "", this.#options.redact);
      const title = excerpt(`${wanted.name}${prompt === "" ? "" : ` · ${prompt}`}`, 80);
      const attached = wanted.orchestrator === true;
      const opening = { place, here: here && asking !== undefined, announce, title, ...(attached && { attached }) };
      await this.#openings.set(wanted.name, opening);
      let info: ShardInfo;
      try {
        info = await host.spawn(wanted);
        this.#options.identities?.learn(info);
      } catch (error) {
        await this.#openings.delete(wanted.name);
        throw error;
      }
      return this.#moveIn(info, opening);
    });
  }

  /** Resolves when a thread that is being opened for the shard is there. */
  async settled(shard: string): Promise<void> {
    await this.#queue.run(shard, async () => {});
  }

  /** Begin to open the threads that a crash left unopened. */
  async recover(): Promise<void> {
    const shards = await this.#options.host.list();
    for (const [name, opening] of this.#openings.entries()) {
      const info = shards.find((shard) => shard.name === name);
      const housed = this.#options.threads.of(name).some(({ home }) => home);
      if (!info || housed) await this.#openings.delete(name);
      else
        this.#queue
          .run(name, async () => this.#moveIn(info, opening))
          .catch((error: unknown) => logBug(error, "a thread could not be opened after the restart", { shard: name }));
    }
  }

  /** A thread at a place: the one that it is in, or a new one. Goes on trying through an outage of minutes; throws DeliveryError. */
  async threadAt(place: Place, title: string): Promise<ThreadRef> {
    const adapter = this.#options.adapters.get(place.platform);
    if (!adapter) throw new DeliveryError("refused", `${place.platform} is not configured any more`);
    const shown = shownText(title, this.#options.redact);
    const end = Date.now() + longestOutage;
    for (let wait = 1000; ; wait = Math.min(wait * 2, longestPause)) {
      try {
        return threadOf(place) ?? (await adapter.openThread(place, shown));
      } catch (error) {
        if (!(error instanceof DeliveryError) || !mayOpen(error, place) || Date.now() > end) throw error;
        log.warn("a thread could not be opened yet", { title: shown, why: error.message });
        await pause(Math.min(error.retryAfter ?? wait, 30_000), this.#stop.signal);
        if (this.#stop.signal.aborted) throw error;
      }
    }
  }

  /** Wait for no platform any more. A thread that could not be opened yet is opened after the next start. */
  stop(): void {
    this.#stop.abort();
  }

  async #moveIn(info: ShardInfo, opening: Opening): Promise<Spawned> {
    const { threads, outbox } = this.#options;
    const { platform, space, channel } = opening.place;
    const asking = threadOf(opening.place);
    const id = `home/${info.name}/${info.createdAt}`;
    try {
      const place = opening.here ? opening.place : { platform, space, channel };
      const thread = await this.threadAt(place, opening.title);
      const parent = opening.here ? undefined : asking;
      const posts: Outgoing[] = [];
      const oneView = this.#options.adapters.get(platform)?.oneView === true;
      const link = oneView ? { label: info.name, thread } : parent && { label: "asked for here", thread: parent };
      if (!opening.here || opening.announce || oneView) posts.push({ id, thread, post: welcome(info, link) });
      if (parent && opening.announce && !oneView)
        posts.push({ id: `${id}/link`, thread: parent, post: spawnedPost({ info, thread }) });
      await outbox.record(posts, [threads.home(thread, info.name, parent, opening.attached)]);
      await this.#openings.delete(info.name);
      return { info, thread };
    } catch (error) {
      if (!(error instanceof DeliveryError) || this.#stop.signal.aborted) throw error;
      log.error("a shard's thread could not be opened", { shard: info.name, why: error.message });
      const spawned = { info, problem: messageOf(error) };
      if (asking && opening.announce)
        await outbox.record([{ id: `${id}/link`, thread: asking, post: spawnedPost(spawned) }]);
      await this.#openings.delete(info.name);
      return spawned;
    }
  }
}

/** Whether opening a thread again makes no second one: of a message there is only one thread. */
function mayOpen({ outcome }: DeliveryError, { message }: Place): boolean {
  return outcome === "not-sent" || (outcome === "unknown" && message !== undefined);
}

/** Reply to the one who asked for a shard. */
export function spawnedPost({ info, thread, problem }: Spawned): Post {
  if (problem !== undefined) {
    const text = `Shard ${info.name} runs, but its thread could not be opened (${problem}): attach it to a thread with attach ${info.name}.`;
    return { kind: "notice", tone: "error", text };
  }
  const started = [`Started shard ${info.name}: ${what(info)}.`, info.remark ?? ""].join(" ").trim();
  if (!thread) return { kind: "notice", text: started };
  return { kind: "notice", text: started, threads: [{ label: info.name, thread }] };
}

function welcome(info: ShardInfo, link: { label: string; thread: ThreadRef } | undefined): Post {
  const text = `Shard ${info.name}: ${what(info)}. Prompt it here with send TEXT; help shows all commands.`;
  return { kind: "notice", text, ...(link && { threads: [link] }) };
}

function what({ agent, repo, branch, base }: ShardInfo): string {
  return `${agent} in ${repo}, on branch ${branch} from ${base}`;
}
