import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { holderFile } from "../../installation.ts";
import { log } from "../../log.ts";
import { readRegular } from "../process/regular-file.ts";
import { withUsersUmask } from "../process/umask.ts";
import { HolderClient } from "./client.ts";
import type { HolderSpec } from "./protocol.ts";
import { type Scope, scopeFor } from "./scope.ts";

export interface LaunchOptions {
  /** Milliseconds until the holder must answer; 10,000 by default. */
  timeout?: number;
  /**
   * A folder of the user's own for Node's compile cache, shared by all holders. A holder that does not have to strip its types
   * starts in half the time and needs 27 MB less (measured).
   */
  cache?: string;
}

/**
 * Start a holder that outlives this process, and wait until it answers. Throws "failed" with the reason when it can't start: the
 * program is not there, the folder is missing, the socket is taken, or the time is over.
 *
 * @param folder where the spec is put for the holder to take; only its owner should be able to read it.
 */
export async function launchHolder(spec: HolderSpec, folder: string, options: LaunchOptions = {}): Promise<void> {
  if (Buffer.byteLength(spec.socket) > maxSocketPath) {
    throw new ShardbridgeError(
      "failed",
      `The socket path ${spec.socket} is longer than ${maxSocketPath} bytes: use a shorter state folder.`,
    );
  }
  rmSync(`${spec.log}.error`, { force: true });
  const file = join(folder, `${randomUUID()}.spec`);
  writeFileSync(file, JSON.stringify(spec), { mode: 0o600, flag: "wx" });
  const launch = async (scope?: Scope) => ready(start(file, options.cache, scope), spec, options.timeout ?? 10_000);
  try {
    const scope = scopeFor(spec.shard, process.env, process.pid);
    await launch(scope).catch(async (error: unknown) => {
      // The holder takes the file first of all: while it is there, no holder has run.
      if (scope === undefined || !existsSync(file)) throw error;
      log.warn("systemd-run gave no scope for a shard's holder", { shard: spec.shard, why: messageOf(error) });
      await launch();
    });
  } finally {
    rmSync(file, { force: true });
  }
}

const maxSocketPath = 100;

/** A session of its own and no standard streams: nothing that happens to this process reaches it. No variable of ours but these. */
function start(file: string, cache: string | undefined, scope: Scope | undefined): ChildProcess {
  const { PATH, HOME, LANG } = process.env;
  const env = {
    ...(PATH && { PATH }),
    ...(HOME && { HOME }),
    ...(LANG && { LANG }),
    ...(cache && { NODE_COMPILE_CACHE: cache }),
    ...scope?.env,
  };
  // The heap for what is new; with the usual size the worst output takes 390 MB rather than 270 (measured), and nothing is faster.
  const young = "--max-semi-space-size=4";
  const [program, ...args] = [...(scope?.command ?? []), process.execPath, young, holderFile, file] as [
    string,
    ...string[],
  ];
  // The holder closes its own mask, and starts the agent with this one.
  const holder = withUsersUmask(() => spawn(program, args, { detached: true, stdio: "ignore", cwd: "/", env }));
  holder.unref();
  return holder;
}

async function ready(holder: ChildProcess, spec: HolderSpec, timeout: number): Promise<void> {
  let ended: string | undefined;
  holder.once("error", (error) => (ended = error.message));
  holder.once("exit", (code, signal) => (ended ??= `It ended with ${signal ?? `code ${code}`}.`));
  const deadline = performance.now() + timeout;
  while (ended === undefined) {
    if (await answers(holder, spec, Math.max(1, deadline - performance.now()))) return;
    if (performance.now() >= deadline) {
      holder.kill("SIGKILL");
      ended = `It did not answer within ${timeout} ms.`;
    }
    await sleep(20);
  }
  throw new ShardbridgeError("failed", `The shard's holder did not start: ${reason(spec) ?? ended}`);
}

/** Whether this very holder listens: an older one may have the socket. */
async function answers({ pid }: ChildProcess, { socket, secret }: HolderSpec, timeout: number): Promise<boolean> {
  const handlers = { view: () => undefined, exit: () => undefined, closed: () => undefined };
  try {
    const client = await HolderClient.connect({ socket, secret, handlers, timeout });
    client.close();
    return client.welcome.pid === pid;
  } catch {
    return false;
  }
}

/** Last words that the holder wrote down before it ended. */
function reason({ log }: HolderSpec): string | undefined {
  try {
    return readRegular(`${log}.error`)?.split("\n", 1)[0];
  } catch {
    return undefined;
  }
}
