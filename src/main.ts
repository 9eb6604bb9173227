import { existsSync } from "node:fs";
import { enableCompileCache } from "node:module";
import { join } from "node:path";
import { readHome } from "./config.ts";
import { isClone, root } from "./installation.ts";
import { closeUmask } from "./shards/process/umask.ts";

closeUmask();

// `npm start` runs in the project's folder and names the user's own in INIT_CWD.
const folder = (process.env["npm_lifecycle_event"] && process.env["INIT_CWD"]) || process.cwd();

// Modules that are loaded from here on are compiled once. Node.js keeps that beside a clone's packages, or in the state folder where there is one already,
// as the holders do; it does without where it can't write.
const home = readHome(process.env, folder);
if (isClone) enableCompileCache(join(root, "node_modules", ".cache", "shardbridge"));
else if (existsSync(home)) enableCompileCache(join(home, "cache"));
const { runProgram } = await import("./cli/program.ts");

process.exitCode = await runProgram(process.argv.slice(2), process.env, folder);
