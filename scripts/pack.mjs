// `npm pack` and `npm publish` call this before they pack (`prepare`) and after that (`restore`). What is bundled is no dependency of the package,
// while it is one of a clone: so package.json is another one for as long as it is packed.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { external, isBundleFresh } from "../bin/bundle.mjs";
import { ensureInstalled, nodeBinary, root } from "../bin/setup.mjs";

const file = join(root, "package.json");
const saved = `${file}.saved`;

// Also of a packing that was broken off.
if (existsSync(saved)) renameSync(saved, file);
if (process.argv[2] === "prepare") {
  ensureInstalled("run");
  if (!isBundleFresh()) {
    const made = spawnSync(nodeBinary(), [join(root, "bin", "bundle.mjs")], { stdio: ["ignore", 2, 2] });
    if (made.status !== 0) process.exit(made.status ?? 1);
  }
  const text = readFileSync(file, "utf8");
  writeFileSync(saved, text);
  writeFileSync(file, `${JSON.stringify(packaged(JSON.parse(text)), null, 2)}\n`);
}

/** The package.json of who installs the package. */
function packaged({
  devDependencies: _tools,
  scripts: _scripts,
  overrides: _overrides,
  allowScripts: _allowed,
  ...manifest
}) {
  const dependencies = Object.fromEntries(
    Object.entries(manifest.dependencies).filter(([name]) => external.includes(name)),
  );
  return { ...manifest, dependencies, engines: { node: ">=22.18" } };
}
