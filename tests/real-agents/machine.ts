import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { AgentKind } from "../../src/shards/agents/agent.ts";
import { genericKind } from "../../src/shards/agents/generic/generic.ts";
import { kinds } from "../../src/shards/agents/registry.ts";
import type { ShardEvent } from "../../src/shards/events.ts";
import type { Receipt, SendRequest, ShardInfo, ShardState, ShardStatus, SpawnRequest } from "../../src/shards/host.ts";
import type { LocalHostOptions } from "../../src/shards/local-host.ts";
import { openRecords, type ShardRecord } from "../../src/shards/saved/records.ts";
import { Store } from "../../src/store/store.ts";
import {
  clear,
  type TestFolders,
  makeFolders,
  openTestHost,
  processesWith,
  type TestHost,
} from "../shards/test-host.ts";
import { type ModelApi, startModelApi } from "./model-api.ts";
import { type OtherName, otherPrograms, others } from "./others.ts";
import { scriptFor } from "./scripted.ts";
import { type AgentName, programs, seeds } from "./seeds.ts";

type EventOf<T extends ShardEvent["type"]> = Extract<ShardEvent, { type: T }>;

interface Parts {
  kind: AgentKind;
  api: ModelApi;
  folders: TestFolders;
  env: Record<string, string>;
  open: () => Promise<TestHost>;
  unseed: () => void;
}

/** A computer with one agent installed, a repo, a model to talk to and a host, for as long as the tests of the agent run. */
export class Machine {
  /** Milliseconds that an agent gets on a busy machine. */
  patience = 60_000;
  readonly kind: AgentKind;
  readonly api: ModelApi;
  readonly folders: TestFolders;
  /** Variables of the agent's. */
  readonly env: Readonly<Record<string, string>>;
  readonly #open: () => Promise<TestHost>;
  #testHost: TestHost;
  readonly #unseed: () => void;
  #shard: ShardInfo | undefined;
  #spawned = 0;
  /** Where the present test's events begin. */
  #from = 0;

  private constructor(parts: Parts, testHost: TestHost) {
    this.kind = parts.kind;
    this.api = parts.api;
    this.folders = parts.folders;
    this.env = parts.env;
    this.#open = parts.open;
    this.#testHost = testHost;
    this.#unseed = parts.unseed;
  }

  /**
   * @param known whether the agent has been used here before
   * @param options more of the host, for the folders's state folder
   */
  static async open(
    name: AgentName | OtherName,
    known = true,
    options: (home: string) => Partial<LocalHostOptions> = () => ({}),
  ): Promise<Machine> {
    const other = name in others ? others[name as OtherName] : undefined;
    const kind = other ? genericKind(other.command) : kinds[name]!;
    const program = join(other ? otherPrograms : programs, kind.program);
    if (!existsSync(program)) throw new Error(`${name} is not installed: use \`npm run test:agents\`.`);
    const folders = makeFolders();
    const folder = dirname(folders.home);
    const bin = join(folder, "bin");
    const home = join(folder, "user");
    for (const path of [bin, home]) mkdirSync(path);
    // Agents don't get a PATH with node_modules/.bin in it.
    symlinkSync(realpathSync(program), join(bin, kind.program));
    const path = [bin, dirname(process.execPath), "/usr/local/bin", "/usr/bin", "/bin"].join(":");
    const own: { machine?: Machine } = {};
    const api = await startModelApi(scriptFor(name, () => own.machine?.shard.worktree ?? home));
    const seed = other?.seed ?? seeds[name as AgentName];
    const { env, remove } = seed({ home, repo: folders.repo, url: api.url, known });
    const more = { ...options(folders.home), env: { ...env, HOME: home, PATH: path }, passVariables: Object.keys(env) };
    const open = () => openTestHost(folders, other ? {} : { [name]: kind }, more);
    own.machine = new Machine({ kind, api, folders, env: more.env, open, unseed: () => remove?.() }, await open());
    return own.machine;
  }

  /** The shard that the tests talk to. */
  get shard(): ShardInfo {
    if (!this.#shard) throw new Error("No shard runs.");
    return this.#shard;
  }

  get host(): TestHost["host"] {
    return this.#testHost.host;
  }

  /** An idle agent: the one that there is, or a new one where the last test ended it or left it in trouble. */
  async ready(): Promise<void> {
    const [found] = await this.host.list();
    this.#from = this.#testHost.log.events.length;
    if (found?.alive && found.status.state === "idle") return;
    // In the mode that it has by itself Claude decides on most commands without a person.
    await this.spawn(this.kind.name === "claude" ? { mode: "ask" } : {});
    await this.reaches("idle");
    this.#from = this.#testHost.log.events.length;
  }

  /** A new agent in the place of the one that there is; not ready yet. */
  async spawn(request: Omit<SpawnRequest, "name"> = {}): Promise<void> {
    for (const { name } of await this.host.list()) await this.host.destroy({ name, force: true });
    this.#spawned += 1;
    const agent = this.kind.name;
    const name = `${this.kind.program}-${this.#spawned}`;
    this.#shard = await this.host.spawn({ agent, ...request, name });
    this.#from = this.#testHost.log.events.length;
  }

  /** Stop the host, change what it has saved of the shard, and start it again. */
  async change(part: Partial<ShardRecord>): Promise<void> {
    await this.#testHost.close();
    const store = await Store.open(this.folders.home);
    const { shards } = openRecords(store);
    await shards.set(this.shard.name, { ...shards.get(this.shard.name)!, ...part });
    await store.close();
    this.#testHost = await this.#open();
    this.#from = 0;
  }

  send(text: string, when?: SendRequest["when"]): Promise<Receipt> {
    return this.host.send({ name: this.shard.name, text, by: "anna", when });
  }

  press(...keys: string[]): Promise<{ text: string }> {
    return this.host.press({ name: this.shard.name, keys, by: "anna" });
  }

  /** Send a prompt and wait for its answer. */
  async ask(text: string): Promise<{ receipt: Receipt; answer: EventOf<"answer"> }> {
    const before = this.events("answer").length;
    const receipt = await this.send(text);
    const answer = await this.event("answer", before + 1);
    await this.reaches("idle");
    return { receipt, answer };
  }

  /** The present test's events of a type. */
  events<T extends ShardEvent["type"]>(type: T): EventOf<T>[] {
    const all = this.#testHost.log.events.slice(this.#from);
    return all.filter((event): event is EventOf<T> => event.type === type && event.shard === this.shard.name);
  }

  /** The present test's nth event of a type, from 1, once it is there. */
  event<T extends ShardEvent["type"]>(type: T, nth = 1): Promise<EventOf<T>> {
    return this.#when(`${type} ${nth}`, () => this.events(type)[nth - 1]);
  }

  async status(): Promise<ShardStatus> {
    const status = await this.#status();
    if (!status) throw new Error("The shard is gone.");
    return status;
  }

  /** The states that the shard is in while something is done, one after the other, from the first that is not the one it was in before. */
  async watched(doing: () => Promise<void>): Promise<ShardState[]> {
    const before = this.events("state").length;
    await doing();
    return this.events("state")
      .slice(before)
      .map(({ status }) => status.state);
  }

  async reaches(...states: ShardState[]): Promise<void> {
    const is = async () => {
      const now = await this.#status();
      return states.some((state) => state === now?.state) || undefined;
    };
    await this.#when(`being ${states.join(" or ")}`, is);
  }

  /** Processes that have to do with this machine: by their command, or by their environment. */
  processes(): number[] {
    return processesWith(dirname(this.folders.home));
  }

  async close(): Promise<void> {
    try {
      await clear(this.#testHost, this.folders);
    } finally {
      // What a failed test may have left; a holder that is on its way out may be gone before.
      spawnSync("kill", ["-KILL", ...this.processes().map(String)]);
      await this.api.stop();
      this.#unseed();
    }
  }

  /** Rejects with what the screen shows when it takes too long. */
  async #when<T>(what: string, find: () => T | undefined | Promise<T | undefined>): Promise<T> {
    const deadline = performance.now() + this.patience;
    for (;;) {
      const found = await find();
      if (found !== undefined) return found;
      if (performance.now() > deadline) break;
      await sleep(20);
    }
    const { name } = this.shard;
    const { text } = await this.host.screen({ name });
    const { state, why } = (await this.#status()) ?? {};
    throw new Error(`No ${what} of ${name}, which is ${state} (${why}) and shows:\n${text}`);
  }

  async #status(): Promise<ShardInfo["status"] | undefined> {
    return (await this.host.list()).find(({ name }) => name === this.shard.name)?.status;
  }
}
