import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ShardbridgeError } from "../errors.ts";
import type { McpOptions } from "../mcp/server.ts";
import { readPass, type Pass } from "../orchestrator/tool-tokens.ts";
import { apartTools, tools } from "../orchestrator/tools.ts";
import { privateFolder } from "../shards/process/places.ts";
import { askTool } from "../control/client.ts";
import { controlSocket } from "../control/protocol.ts";
import { readFlags, wrong } from "./flags.ts";
import { printAside } from "./print.ts";

/** Where clients find it when no port is named; registered by nobody (IANA, 2026). */
const usualPort = 8717;
const shortestToken = 16;

interface McpSettings {
  home: string;
  version: string;
  /** The token for HTTP, where it is set. */
  token: string | undefined;
}

/** Serve the orchestrator's tools to an MCP client until it has had enough; the running bot does what they do. Resolves with the exit code. */
export async function runMcp(args: string[], { home, version, token }: McpSettings): Promise<number> {
  const { http, port, passFile } = readMcp(args);
  if (http)
    return serveWeb({ version, tools: apartTools, apart: true, call: caller(home) }, port, tokenOf(home, token));
  const { serveOverStdio } = await import("../mcp/stdio.ts");
  const pass = passFile === undefined ? undefined : readPass(passFile);
  const forTurn = pass?.turn === true;
  await serveOverStdio({ version, tools: forTurn ? tools : apartTools, apart: !forTurn, call: caller(home, pass) });
  return 0;
}

async function serveWeb(
  options: McpOptions,
  port: number,
  { token, where }: ReturnType<typeof tokenOf>,
): Promise<number> {
  const { serveHttp } = await import("../mcp/http.ts");
  const { server, url } = await serveHttp({ ...options, port, token });
  printAside(`MCP is at ${url}; its token is in ${where}.`);
  await new Promise<void>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.once(signal, () => resolve());
  });
  server.close();
  server.closeAllConnections();
  return 0;
}

/** Has the running bot do it. */
function caller(home: string, pass?: Pass): McpOptions["call"] {
  const socket = pass?.socket ?? controlSocket(home);
  return async (name, args) => {
    const done = await askTool(socket, { name, args, ...(pass && { pass: pass.secret }) });
    if (done) return done;
    throw new ShardbridgeError("unavailable", "No bot is running: start it with shardbridge start, then try again.");
  };
}

function readMcp(args: string[]): { http: boolean; port: number; passFile: string | undefined } {
  const { http = false, port, pass } = parse(args);
  if (!http && port !== undefined) throw new ShardbridgeError("usage", "mcp takes --port with --http only.");
  if (http && pass !== undefined) throw new ShardbridgeError("usage", "mcp takes --pass without --http only.");
  const number = Number(port ?? usualPort);
  if (!Number.isInteger(number) || number < 0 || number > 65_535)
    throw new ShardbridgeError("usage", "--port takes a whole number up to 65535; 0 is any free one.");
  return { http, port: number, passFile: pass };
}

function parse(args: string[]): { http?: true; port?: string; pass?: string } {
  const flags = { http: { type: "boolean" }, port: { type: "string" }, pass: { type: "string" } } as const;
  const { values, words } = readFlags("mcp", args, flags);
  if (words.length > 0) throw wrong(`mcp does not take "${words.join(" ")}"`);
  return values;
}

/** The token that is set, or the one that was made the first time. */
function tokenOf(home: string, set: string | undefined): { token: string; where: string } {
  if (set !== undefined) {
    if (set.length >= shortestToken) return { token: set, where: "SHARDBRIDGE_MCP_TOKEN" };
    throw new ShardbridgeError("config", `SHARDBRIDGE_MCP_TOKEN: use at least ${shortestToken} characters.`);
  }
  const file = join(privateFolder(home), "mcp-token");
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(32).toString("base64url")}\n`, { mode: 0o600, flag: "wx" });
  const token = readFileSync(file, "utf8").trim();
  if (token.length >= shortestToken) return { token, where: file };
  throw new ShardbridgeError("config", `${file} has no token in it: remove it, and the next start makes another.`);
}
