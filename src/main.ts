import { enableCompileCache } from "node:module";
import { join } from "node:path";

// What is loaded from here on is compiled once: Node.js keeps it beside the packages, or does without where that can't be written.
enableCompileCache(join(import.meta.dirname, "..", "node_modules", ".cache", "shardbridge"));
const { runProgram } = await import("./cli/program.ts");

// `npm start` runs in the project's folder and names the user's own in INIT_CWD.
const folder = (process.env["npm_lifecycle_event"] && process.env["INIT_CWD"]) || process.cwd();

process.exitCode = await runProgram(process.argv.slice(2), process.env, folder);
