import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { vi } from "vitest";
import type { ShardEvent } from "../../src/shards/events.ts";
import type { ShardInfo } from "../../src/shards/host.ts";
import type { Verb } from "./host-process.ts";
import { EventLog, type TestFolders } from "./test-host.ts";

interface News {
  ready?: boolean;
  event?: ShardEvent;
  call?: number;
  result?: unknown;
  error?: string;
}

export const patient = { timeout: 15_000, interval: 20 };

/** A host in a process of its own, to be killed: see host-process.ts. */
export class HostProcess {
  readonly log = new EventLog();
  readonly #child: ChildProcess;
  readonly #calls = new Map<number, (news: News) => void>();
  #ready = false;

  constructor(folders: TestFolders, stuckOn = "") {
    const program = fileURLToPath(new URL("./host-process.ts", import.meta.url));
    this.#child = fork(program, [folders.home, folders.repo, stuckOn], { execArgv: [] });
    this.#child.on("message", (news: News) => {
      if (news.event) void this.log.take(news.event);
      if (news.ready) this.#ready = true;
      if (news.call !== undefined) this.#calls.get(news.call)?.(news);
    });
  }

  async ready(): Promise<void> {
    await vi.waitFor(() => this.#ready || Promise.reject(new Error("The host does not start.")), patient);
  }

  async call<T>(verb: Verb, request: object = {}): Promise<T> {
    const call = this.#calls.size + 1;
    const reply = new Promise<News>((resolve) => this.#calls.set(call, resolve));
    this.#child.send({ call, verb, request });
    const { result, error } = await reply;
    if (error !== undefined) throw new Error(error);
    return result as T;
  }

  async spawnDemo(): Promise<void> {
    await this.call("spawn", { name: "demo", by: "ann" });
    await vi.waitFor(async () => {
      const [shard] = await this.call<ShardInfo[]>("list");
      if (shard?.status.state !== "idle") throw new Error("The shard is not idle.");
    }, patient);
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once("exit", resolve));
    this.#child.kill("SIGKILL");
    await gone;
  }
}
