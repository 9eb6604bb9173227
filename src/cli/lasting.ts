import { execFileSync } from "node:child_process";
import { tmpdir } from "node:os";
import { delimiter, isAbsolute, join } from "node:path";
import type { Env } from "../config.ts";
import { ShardbridgeError } from "../errors.ts";

/** A full version, as it is in the names of folders that an upgrade replaces: `Cellar/node/24.15.0`, `versions/node/v24.15.0`. */
const version = /[/@_-]v?\d+\.\d+\.\d+/;

/** Whether an upgrade of what is there, of Node.js or of a package, leaves the path as it is. */
export function isLasting(path: string): boolean {
  return !version.test(path);
}

/**
 * A path at which this Node.js, or a newer one in its place, still is after an upgrade. Homebrew, Volta, asdf and others keep each version in a
 * folder of its own, and have one more path on the PATH, a link or a small program, for the version in use. Where there is none such (nvm),
 * it is the path of this very version.
 * @param node absolute path of the Node.js that runs us
 * @param folder where it will be run: such a small program may go by the files there
 */
export function lastingNode(node: string, folder: string, env: Env): string {
  if (isLasting(node)) return node;
  // fnm has one for each shell there, which goes with it.
  const passing = [tmpdir(), env["XDG_RUNTIME_DIR"]].filter((place) => place !== undefined);
  const candidates = (env["PATH"] ?? "")
    .split(delimiter)
    .filter((place) => isAbsolute(place) && isLasting(place) && !place.includes("fnm_multishells"))
    .filter((place) => !passing.some((short) => place.startsWith(`${short}/`)))
    .map((place) => join(place, "node"));
  return candidates.find((candidate) => nodeBehind(candidate, folder, env) === node) ?? node;
}

/** The Node.js that a path really runs; undefined when it is none, or does not tell. */
function nodeBehind(path: string, folder: string, env: Env): string | undefined {
  try {
    const stdio = ["ignore" as const, "pipe" as const, "ignore" as const];
    const said = execFileSync(path, ["-p", "process.execPath"], { cwd: folder, env, timeout: 10_000, stdio });
    return said.toString().trim();
  } catch {
    // Nothing is there, or it is something else.
    return undefined;
  }
}

/** Throws ShardbridgeError "unavailable" for a package that npx keeps in npm's cache, whose folder may be emptied at any time. */
export function refuseCached(root: string): void {
  if (!/[/\\]_npx[/\\]/.test(root)) return;
  throw new ShardbridgeError(
    "unavailable",
    "npx keeps this copy in npm's cache only, which a service can't rely on: run npm install --global shardbridge, then shardbridge service install.",
  );
}
