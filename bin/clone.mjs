import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { canBundle, isBundleFresh } from "./bundle.mjs";
import { runInPlace } from "./run.mjs";
import { ensureInstalled, nodeBinary, nodeSuffices, root } from "./setup.mjs";

/** Install what is missing, then be the program, or run it on a Node.js that is new enough. */
export async function runClone() {
  ensureInstalled("run");
  const main = join(root, isBundled() ? "dist/main.js" : "src/main.ts");
  if (nodeSuffices) await import(pathToFileURL(main));
  else runInPlace(nodeBinary(), [main, ...process.argv.slice(2)], process.env);
}

/**
 * Whether the bundle stands for the source as it is. One that is not there, or is older, is made where the bot starts, which runs for long and
 * starts holders; a command that is over at once runs from source instead.
 */
function isBundled() {
  if (isBundleFresh()) return true;
  if (process.argv[2] !== "start" || !canBundle()) return false;
  const made = spawnSync(nodeBinary(), [join(root, "bin", "bundle.mjs")], { stdio: ["ignore", 2, 2] });
  if (made.status === 0) return true;
  process.stderr.write("Shardbridge: it could not be bundled, see above; it starts from source, more slowly.\n");
  return false;
}
