import { programFile } from "../installation.ts";

/** How we are started as a server of our tools, to which `--pass FILE` is added: with the Node.js that runs us, which may be on no PATH. */
export const mcpCommand = [process.execPath, programFile, "mcp"] as const;
