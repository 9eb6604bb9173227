import { createHash, randomBytes } from "node:crypto";
import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { tmpdir, userInfo } from "node:os";
import { basename, dirname, join } from "node:path";
import { ShardbridgeError } from "../../errors.ts";

/** A unix socket's path may have 104 bytes on macOS, its end among them. */
const longestSocket = 100;

export function worktreesRoot(home: string): string {
  return join(home, "worktrees");
}

/** The folder of one shard alone. */
export function shardFolder(home: string, shard: string): string {
  return join(home, "shards", shard);
}

/** A folder that only its owner may enter; made where it is missing. */
export function privateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const found = lstatSync(path);
  if (!found.isDirectory() || found.uid !== userInfo().uid) {
    throw new ShardbridgeError("failed", `${path} is not a folder of yours: remove it, then try again.`);
  }
  chmodSync(path, 0o700);
  return path;
}

/** A new path for a holder's socket. */
export function newSocket(home: string): string {
  return socketPath(home, join("run", `${randomBytes(4).toString("hex")}.sock`));
}

/** Where a socket of a state folder is: in it, or in the system's temporary folder where that path would be too long. Its folder is made. */
export function socketPath(home: string, name: string): string {
  const path = join(home, name);
  const own = createHash("sha256").update(home).digest("hex").slice(0, 12);
  const short = Buffer.byteLength(path) <= longestSocket ? path : join(tmpdir(), `shardbridge-${own}`, basename(name));
  return join(privateFolder(dirname(short)), basename(short));
}
