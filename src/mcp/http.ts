import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import {
  createMcpHandler,
  localhostAllowedHostnames,
  localhostAllowedOrigins,
  validateHostHeader,
  validateOriginHeader,
} from "@modelcontextprotocol/server";
import { messageOf, ShardbridgeError } from "../errors.ts";
import { log, logBug } from "../log.ts";
import { mcpServer, type McpOptions } from "./server.ts";

interface HttpOptions extends McpOptions {
  /** Of 127.0.0.1; 0 for any that is free. */
  port: number;
  /** Token that a client must show. */
  token: string;
}

const path = "/mcp";

type Handler = ReturnType<typeof createMcpHandler>;

/**
 * Serve the tools over streamable HTTP on loopback, without sessions. Resolves with the address once it listens. Throws ShardbridgeError
 * "unavailable" when the port can't be had.
 */
export async function serveHttp(options: HttpOptions): Promise<{ server: Server; url: string }> {
  const { port, token } = options;
  const handler = createMcpHandler(() => mcpServer(options), {
    onerror: (error) => log.warn("an MCP request went wrong", { why: error.message }),
  });
  const server = createServer((request, response) => {
    serve(request, response, handler, token).catch((error: unknown) => {
      logBug(error, "an MCP request failed");
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(new ShardbridgeError("unavailable", `Port ${port} can't be used: ${messageOf(cause)}.`, { cause })),
    );
    server.listen(port, "127.0.0.1", resolve);
  });
  server.once("close", () => void handler.close());
  return { server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}` };
}

async function serve(request: IncomingMessage, response: ServerResponse, handler: Handler, token: string) {
  const refused = refusal(request, token);
  if (refused) {
    const [status, sentence] = refused;
    if (status === 401) response.setHeader("www-authenticate", "Bearer");
    response.writeHead(status, { "content-type": "application/json" });
    response.end(JSON.stringify({ jsonrpc: "2.0", error: { code: -32000, message: sentence }, id: null }));
    return;
  }
  const answer = await handler.fetch(webRequest(request, response));
  response.writeHead(answer.status, Object.fromEntries(answer.headers));
  if (!answer.body) {
    response.end();
    return;
  }
  // A client that hangs up in the middle is no fault of ours.
  await pipeline(Readable.fromWeb(answer.body), response).catch((error: unknown) => {
    if (!response.destroyed) throw error;
  });
}

/** The status and sentence for what is not let in. A web page that has our address by its own name (DNS rebinding) shows by its headers. */
function refusal({ headers, url }: IncomingMessage, token: string): [status: number, sentence: string] | undefined {
  if (!validateHostHeader(headers.host, localhostAllowedHostnames()).ok)
    return [403, "This server is asked by a name that is not its own: use http://127.0.0.1 with its port."];
  if (!validateOriginHeader(headers.origin, localhostAllowedOrigins()).ok)
    return [403, "This server is for no web page of another origin."];
  const [, given] = /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  if (given === undefined) return [401, "A token is wanted: send it as Authorization: Bearer TOKEN."];
  if (!same(given, token)) return [401, "The token is wrong: shardbridge mcp --http says where the right one is."];
  return url?.split("?", 1)[0] === path ? undefined : [404, `There is nothing here: MCP is at ${path}.`];
}

/** In a time that tells nothing of where they differ. */
function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}

function webRequest(request: IncomingMessage, response: ServerResponse): Request {
  const { method = "GET", url = "/" } = request;
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    for (const one of [value ?? []].flat()) headers.append(name, one);
  }
  const gone = new AbortController();
  response.once("close", () => gone.abort());
  const bodiless = method === "GET" || method === "HEAD";
  return new Request(new URL(url, "http://127.0.0.1"), {
    method,
    headers,
    signal: gone.signal,
    ...(!bodiless && { body: Readable.toWeb(request), duplex: "half" as const }),
  });
}
