#!/usr/bin/env node
// The command `shardbridge`: installs what is missing, then is src/main.ts, or runs that on a Node.js which is new enough.
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { runInPlace } from "./run.mjs";
import { ensureInstalled, nodeBinary, nodeSuffices, root } from "./setup.mjs";

ensureInstalled("run");
const main = join(root, "src", "main.ts");
if (nodeSuffices) await import(pathToFileURL(main));
else runInPlace(nodeBinary(), [main, ...process.argv.slice(2)], process.env);
