import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { apartTools } from "../../src/orchestrator/tools.ts";
import { Machine } from "./program.ts";
import { installFakeAgent } from "./vision.ts";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
const names = apartTools.map(({ name }) => name);

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

  async function overStdio(...args: string[]): Promise<Client> {
    const client = new Client({ name: "test", version: "1" });
    clients.push(client);
    const how = { command: process.execPath, args: [main, "mcp", ...args], env: machine.env, cwd: machine.repo };
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
    const waited = await call(client, "wait_for_shard", { name: "demo" });
    expect(waited).toMatchObject({ text: expect.stringContaining("sum 23") as string, failed: false });
    const sent = await call(client, "send_to_shard", { name: "demo", text: "sleep 60" });
    expect(sent.text).toContain("wait_for_shard");
    expect(sent.text).not.toContain("watch_shard");
    expect((await call(client, "wait_for_shard", { name: "demo", seconds: 0 })).text).toContain('"outcome":"timeout"');
    await call(client, "stop_shard", { name: "demo" });
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

  it("gives the tools to a shard's agent, for its own thread and as long as it runs", async () => {
    installFakeAgent(machine);
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    bot.type("/shard spawn lead --agent claude --orchestrator");
    await bot.prints("[lead] Shard lead: claude");
    const folder = join(machine.state, "shards", "lead");
    const file = join(folder, "pass.json");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(folder).mode & 0o777).toBe(0o700);
    const { secret } = JSON.parse(readFileSync(file, "utf8")) as { secret: string };
    const running = machine
      .processes()
      .flatMap((pid) => ["cmdline", "environ"].map((name) => readFileSync(`/proc/${pid}/${name}`, "utf8")));
    expect(running.some((shown) => shown.includes("fake-agent"))).toBe(true);
    expect(running.some((shown) => shown.includes(secret))).toBe(false);

    const client = await overStdio("--pass", file);
    expect((await client.listTools()).tools.map(({ name }) => name)).toEqual(names);
    expect(await call(client, "spawn_shard", { name: "api", agent: "claude" })).toMatchObject({ failed: false });
    await bot.prints("Shard api");
    const asked = await call(client, "destroy_shard", { name: "api" });
    expect(asked.text).toContain("asked_human");
    await bot.prints("Destroy api");
    const another = await call(client, "spawn_shard", { name: "b", agent: "claude", orchestrator: true });
    expect(another).toMatchObject({ text: expect.stringContaining("Only a person") as string, failed: true });

    await machine.finish(["close", "lead"]);
    const later = await call(client, "list_shards");
    expect(later).toMatchObject({ text: expect.stringContaining("not_allowed: That pass") as string, failed: true });
    await machine.finish(["resume", "lead"]);
    const { secret: next } = JSON.parse(readFileSync(file, "utf8")) as { secret: string };
    expect(next).not.toBe(secret);
    const again = await overStdio("--pass", file);
    expect((await call(again, "list_shards")).text).toContain('"lead"');
    const refused = await machine.finish(["spawn", "sh", "--agent", "shell", "--orchestrator"]);
    expect(refused).toMatchObject({ code: 2, err: expect.stringContaining("use claude, codex") as string });
  });

  it("needs a bot for a shard with the tools, which then acts as whoever has the machine", async () => {
    installFakeAgent(machine);
    const args = ["spawn", "lead", "--agent", "claude", "--orchestrator"];
    expect(await machine.finish(args)).toMatchObject({ code: 10, out: "" });
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    expect(await machine.finish(args)).toMatchObject({ code: 0 });
    const client = await overStdio("--pass", join(machine.state, "shards", "lead", "pass.json"));
    expect((await call(client, "list_shards")).text).toContain('"lead"');
    expect(await bot.kill("SIGTERM")).toBe(0);
    expect((await call(client, "list_shards")).text).toContain("No bot is running");
    await machine.run(["start"]).prints("Repos: repo");
    expect((await call(client, "list_shards")).text).toContain('"lead"');
  });

  it("runs the orchestrator on the person's Claude Code with ORCHESTRATOR=claude, and no key", async () => {
    const bin = join(machine.folder, "bin");
    mkdirSync(bin);
    const program = join(import.meta.dirname, "..", "fakes", "claude-print.ts");
    writeFileSync(join(bin, "claude"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`, { mode: 0o755 });
    machine.env["PATH"] = `${bin}:/usr/bin:/bin`;
    const bot = machine.run(["start"], { ORCHESTRATOR: "claude" });
    await bot.prints("Repos: repo");
    bot.type('Please CALL spawn_shard {"name":"api","agent":"shell"} ENDCALL SAY The shard is there. ENDSAY');
    await bot.prints("start api · a person is asked");
    await expect.poll(() => /\[\/(\d+)\] Start api/.exec(bot.out)).not.toBeNull();
    const [, number] = /\[\/(\d+)\] Start api/.exec(bot.out) ?? [];
    bot.type(`/${number}`);
    await bot.prints("Started shard api");
    bot.type("LOGIN");
    await bot.prints("Claude Code is not signed in: run claude as the bot's user");
    expect(JSON.parse((await machine.finish(["list", "--json"])).out)).toMatchObject([{ name: "api" }]);
  });

  it("refuses to start with ORCHESTRATOR=claude where there is none", async () => {
    machine.env["PATH"] = "/usr/bin:/bin";
    expect(await machine.refusal({ ORCHESTRATOR: "claude" })).toContain("Claude Code is not installed");
    expect(await machine.finish(["start"], { ORCHESTRATOR: "gpt" })).toMatchObject({
      code: 3,
      err: expect.stringContaining('ORCHESTRATOR: "gpt" is none: use api or claude.') as string,
    });
  });

  it("serves HTTP with a token of its own, which it never prints", async () => {
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    const server = machine.run(["mcp", "--http", "--port", "0"]);
    await expect.poll(() => server.err).toMatch(/MCP is at http\S+/);
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
