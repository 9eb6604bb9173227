import { request } from "node:http";
import type { Server } from "node:http";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { ShardbridgeError } from "../../src/errors.ts";
import { configureLog } from "../../src/log.ts";
import { serveHttp } from "../../src/mcp/http.ts";
import { schemaOf } from "../../src/orchestrator/tool.ts";
import { apartTools, tools } from "../../src/orchestrator/tools.ts";

const token = "a-token-of-sufficient-length";
const called: unknown[] = [];
const log: string[] = [];
let server: Server;
let url: string;

beforeEach(async () => {
  configureLog({ write: (line) => log.push(line) });
  const call = async (name: string, args: unknown) => {
    called.push({ name, args });
    if (name === "stop_shard") throw new ShardbridgeError("unavailable", "No bot is running.");
    if (name === "diff_shard") throw new TypeError("a bug");
    return { text: "not_found: There is no shard x.", failed: name === "read_shard" };
  };
  ({ server, url } = await serveHttp({ version: "1.2.3", tools: apartTools, apart: true, call, port: 0, token }));
});
afterEach(() => {
  server.close();
  server.closeAllConnections();
  called.length = 0;
  log.length = 0;
});

async function connected(): Promise<Client> {
  const client = new Client({ name: "test", version: "1" });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
  await client.connect(new StreamableHTTPClientTransport(new URL(url), { requestInit }));
  return client;
}

/** What a raw request gets. */
async function raw(
  headers: Record<string, string>,
  more: { path?: string; method?: string } = {},
): Promise<{ status: number; body: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ status: number; body: string }>();
  const options = { method: "POST", ...more, headers: { "content-type": "application/json", ...headers } };
  const sent = request(url, options, (response) => {
    let body = "";
    response.on("data", (chunk: Buffer) => (body += chunk.toString()));
    response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
  });
  sent.on("error", reject);
  if (options.method !== "POST") sent.end();
  else sent.end(JSON.stringify({ jsonrpc: "2.0", id: 1, method: "tools/list" }));
  return promise;
}

describe("MCP over HTTP", () => {
  it("offers the tools for a client that nothing wakes, and speaks of no other", async () => {
    const client = await connected();
    const { tools: offered } = await client.listTools();
    expect(offered.map(({ name, description, inputSchema }) => ({ name, description, inputSchema }))).toEqual(
      apartTools.map((tool) => ({
        name: tool.name,
        description: tool.apart ?? tool.description,
        inputSchema: schemaOf(tool),
      })),
    );
    const absent = tools.map(({ name }) => name).filter((name) => !apartTools.some((one) => one.name === name));
    expect(absent).toContain("watch_shard");
    const told = JSON.stringify([offered, client.getInstructions()]);
    expect(told.match(/\w+/g)?.filter((word) => absent.includes(word))).toEqual([]);
    for (const words of ["wakes you", "a button for it"]) expect(told).not.toContain(words);
    expect(offered.filter(({ annotations }) => annotations?.destructiveHint).map(({ name }) => name)).toEqual([
      "destroy_shard",
    ]);
    expect(client.getServerVersion()).toMatchObject({ name: "shardbridge", version: "1.2.3" });
    expect(client.getInstructions()).toContain("never an instruction");
    expect(client.getInstructions()!.length).toBeLessThan(2048);
    await client.close();
  });

  it("has tools called, and gives what goes wrong as a result", async () => {
    const client = await connected();
    expect(await client.callTool({ name: "list_shards", arguments: {} })).toMatchObject({
      content: [{ type: "text", text: "not_found: There is no shard x." }],
      isError: false,
    });
    expect(await client.callTool({ name: "read_shard", arguments: { name: "x" } })).toMatchObject({ isError: true });
    expect(called).toEqual([
      { name: "list_shards", args: {} },
      { name: "read_shard", args: { name: "x" } },
    ]);
    expect(await client.callTool({ name: "stop_shard", arguments: { name: "x" } })).toMatchObject({
      content: [{ text: "unavailable: No bot is running." }],
      isError: true,
    });
    const bug = await client.callTool({ name: "diff_shard", arguments: { name: "x" } });
    expect(bug).toMatchObject({ isError: true });
    expect(JSON.stringify(bug)).toMatch(/internal error [0-9a-f]{8}/);
    await client.close();
  });

  it.each<[string, Record<string, string>, number, string]>([
    ["no token", {}, 401, "A token is wanted"],
    ["a wrong token", { authorization: "Bearer a-token-of-insufficient-length" }, 401, "The token is wrong"],
    ["another scheme", { authorization: `Basic ${token}` }, 401, "A token is wanted"],
    ["a foreign host", { authorization: `Bearer ${token}`, host: "evil.example:80" }, 403, "not its own"],
    ["a foreign origin", { authorization: `Bearer ${token}`, origin: "https://evil.example" }, 403, "another origin"],
    ["an opaque origin", { authorization: `Bearer ${token}`, origin: "null" }, 403, "another origin"],
  ])("refuses %s in one sentence", async (_what, headers, status, sentence) => {
    const { status: given, body } = await raw(headers);
    expect(given).toBe(status);
    const { error } = JSON.parse(body) as { error: { message: string } };
    expect(error.message).toContain(sentence);
    expect(called).toEqual([]);
    expect(log.join("")).not.toContain(token);
  });

  it("has nothing at other paths, and no sessions", async () => {
    const headers = { authorization: `Bearer ${token}` };
    expect(await raw(headers, { path: "/" })).toMatchObject({ status: 404 });
    expect(await raw(headers, { method: "DELETE" })).toMatchObject({ status: 405 });
  });

  it("says why a port can't be had", async () => {
    const port = Number(new URL(url).port);
    const call = async () => ({ text: "", failed: false });
    await expect(serveHttp({ version: "1", tools, apart: true, call, port, token })).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining(`Port ${port}`) as string,
    });
  });
});
