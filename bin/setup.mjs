import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Plain JavaScript for Node 20: it runs before anything is installed. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Install what package-lock.json names, unless it is installed already. Exits when npm fails. Not `npm ci`: that refuses a lock file
 * which lacks the builds of optional packages for other platforms, as a registry mirror may.
 */
export function ensureInstalled() {
  if (isInstalled()) return;
  process.stderr.write("Shardbridge: installing packages (once) …\n");
  const npm = spawnSync("npm", ["install", "--no-save", "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (npm.status !== 0) {
    process.stderr.write(
      "Shardbridge: `npm install` failed; see above. It needs npm and the npm registry, nothing else.\n",
    );
    process.exit(npm.status ?? 1);
  }
}

/** The environment in which `node` is the Node 24 of this project, whatever the machine's own is. */
export function environment() {
  return { ...process.env, PATH: `${join(root, "node_modules", ".bin")}${delimiter}${process.env.PATH ?? ""}` };
}

export function nodeBinary() {
  return join(root, "node_modules", "node", "bin", "node");
}

/** npm writes what it installed into node_modules/.package-lock.json; every package that is not optional must be there. */
function isInstalled() {
  const hidden = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(hidden) || !existsSync(nodeBinary())) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) => path === "" || entry.optional || entry.devOptional || present[path]?.version === entry.version,
  );
}
