import { serveStdio } from "@modelcontextprotocol/server/stdio";
import { log } from "../log.ts";
import { mcpServer, type McpOptions } from "./server.ts";

/** Serve the tools over standard input and output. Resolves when the client has closed its end. */
export async function serveOverStdio(options: McpOptions): Promise<void> {
  const ended = new Promise<void>((resolve) => process.stdin.once("close", resolve));
  const serving = serveStdio(() => mcpServer(options), {
    onerror: (error) => log.warn("an MCP message went wrong", { why: error.message }),
  });
  await ended;
  await serving.close();
}
