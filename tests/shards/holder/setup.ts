import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import type { ScreenView } from "../../../src/shards/agents/agent.ts";
import { HolderClient } from "../../../src/shards/holder/client.ts";
import { launchHolder } from "../../../src/shards/holder/launch.ts";
import type { Exit, HolderSpec } from "../../../src/shards/holder/protocol.ts";
import { isAlive } from "../../../src/shards/process/processes.ts";

/** A client that keeps what it was told. */
export interface Watcher {
  client: HolderClient;
  views: ScreenView[];
  exits: Exit[];
  closed: number;
}

export const environment = { PATH: process.env["PATH"]!, HOME: "/", LANG: "C.UTF-8", TERM: "xterm-256color" };

/** A folder for each test, and holders in it that are ended after it. */
export function holders() {
  let folder = "";
  let cache = "";
  let specs: HolderSpec[] = [];
  const clients: HolderClient[] = [];
  /** Of the holders: one that hangs can't be told to quit. */
  const pids: number[] = [];

  beforeAll(() => {
    cache = mkdtempSync(join(tmpdir(), "holder-cache-"));
  });

  afterAll(() => rmSync(cache, { recursive: true, force: true }));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "holder-"));
    specs = [];
  });

  afterEach(async () => {
    for (const client of clients.splice(0)) client.close();
    for (const { socket, secret } of specs) {
      const client = await HolderClient.connect({ socket, secret, handlers: silent }).catch(() => undefined);
      await client?.quit();
    }
    for (const pid of pids.splice(0)) if (isAlive(pid)) process.kill(pid, "SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  function specOf(file: string, args: string[], more: Partial<HolderSpec> = {}): HolderSpec {
    const name = `shard-${specs.length}`;
    const spec: HolderSpec = {
      shard: name,
      secret: `secret of ${name}`,
      socket: join(folder, `${name}.sock`),
      file,
      args,
      cwd: folder,
      env: environment,
      size: { cols: 80, rows: 24 },
      log: join(folder, `${name}.log`),
      logLimit: 10_000_000,
      ...more,
    };
    specs.push(spec);
    return spec;
  }

  async function connect(spec: HolderSpec): Promise<Watcher> {
    const watcher: Omit<Watcher, "client"> = { views: [], exits: [], closed: 0 };
    const { socket, secret } = spec;
    const client = await HolderClient.connect({
      socket,
      secret,
      handlers: {
        view: (view) => watcher.views.push(view),
        exit: (exit) => watcher.exits.push(exit),
        closed: () => watcher.closed++,
      },
    });
    clients.push(client);
    pids.push(client.welcome.pid);
    return Object.assign(watcher, { client });
  }

  return {
    folder: () => folder,
    specOf,
    connect,
    /** A holder that runs a shell script, and a client of it. */
    async run(script: string, more: Partial<HolderSpec> = {}): Promise<Watcher & { spec: HolderSpec }> {
      const spec = specOf("sh", ["-c", script], more);
      await launchHolder(spec, folder, { cache });
      return Object.assign(await connect(spec), { spec });
    },
  };
}

const silent = { view: () => undefined, exit: () => undefined, closed: () => undefined };

/** What the screen shows, as one text without blank lines at the end. */
export function textOf(view: ScreenView | undefined): string {
  return (view?.rows ?? [])
    .map(({ text }) => text)
    .join("\n")
    .trimEnd();
}
