import { existsSync } from "node:fs";
import { join } from "node:path";

/** The file itself is in src/, or in one of dist/, which bin/bundle.mjs makes: both are folders of the same one. */
export const root = join(import.meta.dirname, "..");

const fromSource = import.meta.filename.endsWith(".ts");

/** Entry for Node.js: this program, as it runs now, from TypeScript or from its bundle. */
export const programFile = join(root, fromSource ? "src/main.ts" : "dist/main.js");
export const holderFile = join(root, fromSource ? "src/shards/holder/main.ts" : "dist/holder.js");

/** Command line of a server of our tools, to which `--pass FILE` is added: with the Node.js that runs us, which may be on no PATH. */
export const mcpCommand = [process.execPath, programFile, "mcp"] as const;

/** A clone of the repository, which may be written into; a package that is installed is left as it came. */
export const isClone = existsSync(join(root, "src"));
