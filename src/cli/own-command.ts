import { join } from "node:path";

/** How we are started as a server of our tools, to which `--pass FILE` is added: with the Node.js that runs us, which may be on no PATH. */
export const mcpCommand = [process.execPath, join(import.meta.dirname, "..", "main.ts"), "mcp"] as const;
