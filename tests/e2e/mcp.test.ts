import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lookTools } from "../../src/orchestrator/tools-look.ts";
import { shardTools } from "../../src/orchestrator/tools-shards.ts";
import { Machine } from "./program.ts";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
const names = [...shardTools, ...lookTools].map(({ name }) => name);

describe("shardbridge mcp", () => {
  let machine: Machine;
  const clients: Client[] = [];
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) await client.close();
    await machine.dispose();
  });

  async function overStdio(): Promise<Client> {
    const client = new Client({ name: "test", version: "1" });
    clients.push(client);
    const how = { command: process.execPath, args: [main, "mcp"], env: machine.env, cwd: machine.repo };
    await client.connect(new StdioClientTransport(how));
    return client;
  }

  async function call(client: Client, name: string, args: Record<string, unknown> = {}) {
    const result = await client.callTool({ name, arguments: args });
    const [block] = result.content as { text: string }[];
    return { text: block!.text, failed: result.isError === true };
  }

  it("has the running bot do what its own user's agent asks for, over stdio", async () => {
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    const client = await overStdio();
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(names);
    const spawned = await call(client, "spawn_shard", { name: "demo", agent: "shell" });
    expect(spawned).toMatchObject({ failed: false });
    expect(spawned.text).toContain("Allowed now:");
    bot.type("/list");
    await bot.prints("demo");
    await call(client, "send_to_shard", { name: "demo", text: "echo sum $((20+3))" });
    const read = async () => (await call(client, "read_shard", { name: "demo" })).text;
    await expect.poll(read, { timeout: 20_000 }).toContain("sum 23");
    expect(await call(client, "read_shard", { name: "nobody" })).toMatchObject({
      text: expect.stringContaining('not_found: There is no shard "nobody"') as string,
      failed: true,
    });
    expect(await call(client, "spawn_shard", { name: "x", wrong: 1 })).toMatchObject({ failed: true });
    expect(await call(client, "nothing")).toMatchObject({ text: 'usage: There is no tool "nothing".', failed: true });
    expect(await call(client, "schedule", { in_minutes: 1, instruction: "x" })).toMatchObject({
      text: expect.stringContaining("no chat thread") as string,
      failed: true,
    });
    expect(await call(client, "destroy_shard", { name: "demo" })).toMatchObject({ failed: false });
    expect(machine.leftOvers().worktrees).toEqual([]);
  });

  it("says in one sentence that no bot runs, and works when there is one", async () => {
    const client = await overStdio();
    expect((await client.listTools()).tools).toHaveLength(names.length);
    expect(await call(client, "list_shards")).toEqual({
      text: "unavailable: No bot is running: start it with shardbridge start, then try again.",
      failed: true,
    });
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    expect(await call(client, "list_shards")).toMatchObject({ text: "[]", failed: false });
  });

  it("serves HTTP with a token of its own, which it never prints", async () => {
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    const server = machine.run(["mcp", "--http", "--port", "0"]);
    await expect.poll(() => server.err, { timeout: 20_000 }).toMatch(/MCP is at http\S+/);
    const url = new URL(/http\S+\/mcp/.exec(server.err)![0]);
    const file = join(machine.state, "mcp-token");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const token = readFileSync(file, "utf8").trim();
    const client = new Client({ name: "test", version: "1" });
    clients.push(client);
    const requestInit = { headers: { authorization: `Bearer ${token}` } };
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
    expect(await call(client, "list_shards")).toEqual({ text: "[]", failed: false });
    const stranger = new Client({ name: "test", version: "1" });
    await expect(stranger.connect(new StreamableHTTPClientTransport(url))).rejects.toThrow(
      /token is wanted|401|Unauthorized/i,
    );
    expect(await server.kill("SIGTERM")).toBe(0);
    expect(server.out).toBe("");
    expect(server.err).toContain(file);
    expect(server.err).not.toContain(token);
  });

  it.each([
    [["mcp", "--port", "1"], {}, 2, "--http"],
    [["mcp", "--http", "--port", "x"], {}, 2, "--port"],
    [["mcp", "--http", "--bogus"], {}, 2, "--bogus"],
    [["mcp", "--http"], { SHARDBRIDGE_MCP_TOKEN: "short" }, 3, "16 characters"],
    [["mcp", "--pass", "/nonexistent"], {}, 4, "no pass"],
  ])("refuses %j", async (args, env, code, sentence) => {
    const done = await machine.finish(args, env);
    expect(done).toMatchObject({ code, out: "" });
    expect(done.err).toContain(sentence);
  });
});
