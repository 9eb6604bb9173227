#!/usr/bin/env node
// The command `shardbridge`: installs what is missing, then runs src/main.ts on Node 24.
import { join } from "node:path";
import { runInPlace } from "./run.mjs";
import { ensureInstalled, nodeBinary, root } from "./setup.mjs";

ensureInstalled();
runInPlace(nodeBinary(), [join(root, "src", "main.ts"), ...process.argv.slice(2)], process.env);
