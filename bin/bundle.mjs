// `node bin/bundle.mjs` makes dist/ of src/: the program and the holder with all that they load, so that Node.js finds few files, and strips no
// types (which it refuses to do under node_modules, where an installed package is).
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const dist = join(root, "dist");
const stampFile = join(dist, "stamp");

/** Loaded at run time where they are: the one with machine code, and those that discord.js and ws try and do without. */
export const external = ["node-pty", "zlib-sync", "bufferutil", "utf-8-validate"];

/** Whether dist/ was made of src/ as it is, of the same packages, in the same way. */
export function isBundleFresh() {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8") === stamp();
}

/** Whether there is what makes it. */
export function canBundle() {
  return existsSync(join(root, "node_modules", "rolldown"));
}

function stamp() {
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const files = [
    ...sources.sort().map((file) => join("src", file)),
    "bin/bundle.mjs",
    "bin/newer.mjs",
    "package-lock.json",
  ];
  const hash = createHash("sha256");
  for (const file of files)
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(root, file)))
      .update("\0");
  return hash.digest("hex");
}

/** What the packages in it want to be said. */
function licenses(modules) {
  const packages = new Set(
    modules.flatMap((file) => /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(file)?.[0] ?? []),
  );
  const said = [...packages]
    .sort((one, other) => one.localeCompare(other, "en"))
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const files = readdirSync(folder).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
      const texts = files.map((file) => readFileSync(join(folder, file), "utf8").trim());
      return [`${name} ${version} (${license})`, ...texts].join("\n\n");
    });
  return `${said.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}

/** Make dist/ anew. Throws what is wrong with the source. */
async function bundle() {
  const { rolldown } = await import("rolldown");
  const made = stamp();
  const newer = join(root, "bin", "newer.mjs");
  const build = await rolldown({
    cwd: root,
    input: { main: "src/main.ts", holder: "src/shards/holder/main.ts" },
    platform: "node",
    external,
    // `using` is written out for Node 22, and what only newer ones have comes from bin/newer.mjs.
    transform: {
      target: "node22.18",
      inject: {
        AsyncDisposableStack: [newer, "AsyncDisposableStack"],
        "Promise.try": [newer, "promiseTry"],
        "RegExp.escape": [newer, "escapeForRegExp"],
      },
    },
    // Client.js of discord.js has one, for its own sharding manager, which we don't use.
    checks: { eval: false },
    logLevel: "warn",
  });
  // In a folder of its own first: nobody runs half of one, and of two that are made at once one stays.
  const fresh = mkdtempSync(join(root, ".dist-"));
  try {
    const names = { entryFileNames: "[name].js", chunkFileNames: "[name]-[hash].js" };
    const { output } = await build.write({ dir: fresh, format: "esm", ...names });
    writeFileSync(join(fresh, "THIRD-PARTY-LICENSES"), licenses(output.flatMap((chunk) => chunk.moduleIds ?? [])));
    writeFileSync(join(fresh, "stamp"), made);
    chmodSync(fresh, 0o755);
    rmSync(dist, { recursive: true, force: true });
    renameSync(fresh, dist);
  } catch (error) {
    // Another one has put there what we have made.
    if (!isBundleFresh()) throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    await build.close();
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
