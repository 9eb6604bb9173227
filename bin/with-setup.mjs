#!/usr/bin/env node
// Runs one of the project's tools on a fresh clone too: `node bin/with-setup.mjs vitest run`.
import { join } from "node:path";
import { runInPlace } from "./run.mjs";
import { ensureInstalled, environment, nodeBinary, root } from "./setup.mjs";

const [tool, ...args] = process.argv.slice(2);
ensureInstalled("all");
process.chdir(root);
runInPlace(tool === "node" ? nodeBinary() : join(root, "node_modules", ".bin", tool), args, environment());
