import { execFile } from "node:child_process";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { connect } from "node:net";
import { dirname, join, sep } from "node:path";
import { promisify } from "node:util";
import { log } from "../../log.ts";
import type { HostContext } from "./host-context.ts";
import { newSocket, shardFolder } from "../process/places.ts";
import { processesIn } from "../process/process-table.ts";

/** Sockets of holders; others live beside them. */
const socketName = /^[0-9a-f]{8}\.sock$/;

/**
 * Remove what is in the state folder of shards that there are not any more: folders that no living process uses, sockets that nobody
 * listens at. Worktrees are never touched: there is work in them.
 */
export async function removeOrphans(context: HostContext): Promise<void> {
  await removeFolders(context);
  await removeSockets(context);
}

async function removeFolders({ options: { home }, records: { shards } }: HostContext): Promise<void> {
  const root = shardFolder(home, "");
  const isLeft = (name: string) => shards.get(name) === undefined;
  const left = existsSync(root) ? readdirSync(root).filter(isLeft) : [];
  if (left.length === 0) return;
  // A holder has the path of its spec among its arguments: that can be seen everywhere, its open files can't.
  const { stdout: commands } = await promisify(execFile)("ps", ["axww", "-o", "command="], { maxBuffer: 256_000_000 });
  for (const name of left) {
    const folder = join(root, name);
    const used = commands.includes(folder + sep) || (await processesIn(folder)).length > 0;
    // A shard of that name may have been made meanwhile.
    if (used || !isLeft(name)) continue;
    rmSync(folder, { recursive: true, force: true });
    log.info("removed a folder of a shard that is gone", { folder });
  }
}

async function removeSockets({ options: { home }, records: { shards } }: HostContext): Promise<void> {
  const folder = dirname(newSocket(home));
  const isLeft = (path: string) => !shards.entries().some(([, { socket }]) => socket === path);
  const paths = readdirSync(folder).flatMap((name) => (socketName.test(name) ? [join(folder, name)] : []));
  for (const path of paths.filter(isLeft)) {
    if ((await refuses(path)) && isLeft(path)) rmSync(path, { force: true });
  }
}

/** Whether nobody listens: not even a holder that is too busy to answer. */
async function refuses(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const connection = connect(path);
    connection.once("connect", () => {
      connection.destroy();
      resolve(false);
    });
    connection.once("error", (error: NodeJS.ErrnoException) => resolve(error.code === "ECONNREFUSED"));
  });
}
