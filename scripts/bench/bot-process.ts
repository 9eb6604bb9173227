import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { once } from "node:events";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { callControl } from "../../src/control/client.ts";
import { controlSocket } from "../../src/control/protocol.ts";
import type { ShardInfo } from "../../src/shards/host.ts";
import type { TestFolders } from "../../tests/shards/test-host.ts";

export const main = join(import.meta.dirname, "../../src/main.ts");

/** The bot in a process of its own. */
export class BotProcess {
  readonly #folders: TestFolders;
  readonly #child: ChildProcessWithoutNullStreams;
  out = "";

  /** `node`: arguments of Node's; `on`: where people talk to it. */
  constructor(
    folders: TestFolders,
    options: { node?: string[]; env?: Record<string, string>; on?: "console" | "chat" } = {},
  ) {
    const { node = [], env = {}, on = "console" } = options;
    this.#folders = folders;
    this.#child = spawn(process.execPath, [...node, main, "start", ...(on === "console" ? ["--console"] : [])], {
      cwd: folders.repo,
      env: { ...environment(folders), ...env },
    });
    this.#child.stdout.on("data", (chunk: Buffer) => (this.out += chunk.toString()));
    this.#child.stderr.on("data", (chunk: Buffer) => (this.out += chunk.toString()));
  }

  type(line: string): void {
    this.#child.stdin.write(`${line}\n`);
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  async prints(text: string): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(2)) if (this.out.includes(text)) return;
    throw new Error(`The bot never printed ${text}, but:\n${this.out.slice(-2000)}`);
  }

  async list(): Promise<ShardInfo[]> {
    const answer = await callControl(controlSocket(this.#folders.home), "list", {});
    return (answer?.result ?? []) as ShardInfo[];
  }

  async idle(name: string): Promise<void> {
    for (const end = Date.now() + 60_000; Date.now() < end; await sleep(20)) {
      if ((await this.list()).find((shard) => shard.name === name)?.status.state === "idle") return;
    }
    throw new Error(`${name} never became idle:\n${this.out.slice(-2000)}`);
  }

  async destroy(name: string): Promise<void> {
    await callControl(controlSocket(this.#folders.home), "destroy", { name, force: true });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGINT");
    await gone;
  }
}

/** What a bot gets of the world. */
export function environment({ home }: TestFolders): Record<string, string> {
  const place = dirname(home);
  return { PATH: process.env["PATH"] ?? "", HOME: place, LANG: "C.UTF-8", SHELL: "/bin/bash", SHARDBRIDGE_HOME: home };
}
