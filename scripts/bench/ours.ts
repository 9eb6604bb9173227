import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { HolderClient } from "../../src/shards/holder/client.ts";
import { launchHolder } from "../../src/shards/holder/launch.ts";
import { size, type Terminal, type Terminals } from "./terminals.ts";

/** Terminals as shards have them: a holder each, asked over its socket. */
export class Holders implements Terminals {
  readonly title = "Shardbridge";
  readonly processes: number[] = [];
  readonly #folder: string;
  readonly #clients = new Set<HolderClient>();
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  async open(script: string): Promise<Terminal> {
    const name = `h${(this.#count += 1)}`;
    const file = join(this.#folder, `${name}.sh`);
    writeFileSync(file, script);
    const socket = join(this.#folder, `${name}.sock`);
    const spec = {
      shard: name,
      secret: name,
      socket,
      file: "bash",
      args: [file],
      cwd: this.#folder,
      env: { PATH: process.env["PATH"] ?? "", HOME: this.#folder, LANG: "C.UTF-8", TERM: "xterm-256color" },
      size,
      log: join(this.#folder, `${name}.log`),
      logLimit: 20_000_000,
    };
    await launchHolder(spec, this.#folder, { cache: join(this.#folder, "cache"), timeout: 60_000 });
    const handlers = { view: () => undefined, exit: () => undefined, closed: () => undefined };
    const client = await HolderClient.connect({ socket, secret: name, handlers, timeout: 30_000 });
    await client.watch();
    this.#clients.add(client);
    this.processes.push(client.welcome.pid);
    return {
      type: async (text) => client.write(text),
      snapshot: async () => (await client.view()).rows.map(({ text }) => text).join("\n"),
      echo: async (key) => echo(client, key),
      close: async () => this.#quit(client),
    };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#clients].map(async (client) => this.#quit(client)));
  }

  async #quit(client: HolderClient): Promise<void> {
    this.#clients.delete(client);
    this.processes.splice(this.processes.indexOf(client.welcome.pid), 1);
    await client.quit();
  }
}

/** The raw output is asked for again and again: a byte is there when the log has it. */
async function echo(client: HolderClient, key: string): Promise<void> {
  const { end } = await client.log(0, 0);
  await client.write(key);
  while ((await client.log(end, 1)).data.length === 0);
}
