import { threadOf, type Person, type Place, type ThreadRef } from "../adapters/adapter.ts";
import { ShardbridgeError } from "../errors.ts";
import type { ShardActions } from "../orchestrator/orchestrator.ts";
import type { ShardHost, SpawnRequest } from "../shards/host.ts";
import type { Store } from "../store/store.ts";
import { demand, type Need, type Right } from "./access.ts";
import type { Homes, Spawned } from "./homes.ts";
import { redactData } from "./redact-post.ts";
import type { Threads } from "./threads.ts";

/** Who asks for something, with what right, and from where. */
export interface Asker {
  person: Person;
  right: Right;
  /** Absent for somebody who is in no chat. */
  place?: Place;
  /** Tell the asking thread of a shard's new thread: for an asker who has no other way to show it. */
  announce?: boolean;
}

/** All that can be asked for: what the orchestrator may use, and what only people do. */
export interface Actions extends ShardActions {
  spawnWithThread(request: SpawnRequest & { here?: boolean | undefined }): Promise<Spawned>;
  /** `option`: key or label of an option; of the open question where `question` is not given. */
  answer(request: { name: string; option: string; question?: string | undefined }): Promise<void>;
  stop(request: { name: string }): Promise<void>;
  /** The asking thread's plain messages go straight to the shard. Resolves with the thread that was opened, where none asked. */
  attach(request: { name: string }): Promise<ThreadRef | undefined>;
  /** Resolves with the shard that it was attached to. */
  detach(): Promise<string>;
}

interface Parts {
  host: ShardHost;
  homes: Homes;
  threads: Threads;
  store: Store;
  redact: (text: string) => string;
}

/** The host's verbs with an asker's rights and place; what comes out is redacted. Each throws ShardbridgeError. */
export function actionsFor({ host, homes, threads, store, redact }: Parts, asker: Asker): Actions {
  const by = asker.person.name;
  const thread = asker.place && threadOf(asker.place);
  const allow = (need: Need) => demand(asker.right, need);
  const clean = <T>(data: T) => redactData(data, redact);

  const spawnWithThread: Actions["spawnWithThread"] = async (request) => {
    allow("spawn");
    return homes.spawn({ ...request, by: request.by ?? by }, { place: asker.place, announce: asker.announce === true });
  };
  return {
    spawnWithThread,
    spawn: async (request) => (await spawnWithThread(request)).info,
    send: async (request) => {
      allow("send");
      return clean(await host.send({ ...request, by: request.by ?? by }));
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
      return host.choices();
    },
    destroy: async (request) => {
      allow(request.force ? "destroy --force" : "destroy");
      return host.destroy(request);
    },
    answer: async ({ name, option, question }) => {
      allow("answer");
      if (question !== undefined) return host.answer({ name, question, option, by });
      const open = (await host.read({ name, lines: 1 })).question;
      if (!open) throw new ShardbridgeError("refused", `Shard ${name} asks nothing now.`);
      await host.answer({ name, question: open.id, option: chosen(open.options, option), by });
    },
    stop: async ({ name }) => {
      allow("stop");
      await host.stop({ name, by });
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
      const place = await homes.threadAt(asker.place, `shard ${name}`);
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

function chosen(options: { key: string; label: string }[], typed: string): string {
  const wanted = typed.trim().toLowerCase();
  const exact = options.find(({ key, label }) => key.toLowerCase() === wanted || label.toLowerCase() === wanted);
  const [only, ...others] = options.filter(({ label }) => label.toLowerCase().startsWith(wanted));
  const found = exact ?? (wanted !== "" && others.length === 0 ? only : undefined);
  if (found) return found.key;
  const offered = options.map(({ key, label }) => `${key} (${label})`).join(", ");
  throw new ShardbridgeError("usage", `That is none of the options. They are ${offered}.`);
}
