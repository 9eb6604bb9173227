import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { parseArgs } from "node:util";
import { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

/*
 * A stand-in for `claude -p --output-format stream-json`, as 2.1.197 behaves (tests/real-agents/orchestrator.test.ts has the real one). It
 * does what keywords in the prompt say, the last of each:
 *
 *     CALL tool {…} ENDCALL   calls a tool by MCP, as often as it stands there
 *     SAY text ENDSAY         says that
 *     LOGIN, LIMIT, TURNS     ends as it does when not signed in, at the account's limit, after too many rounds
 *     RETRY401                tries again and again after a request was not accepted
 *     HANG                    says "Well", starts a process, and goes on for ever
 *     CRASH                   ends with a complaint and no result
 *
 * HOME has its conversations, and each call's arguments and prompt in runs.jsonl.
 */
const { values } = parseArgs({
  options: {
    print: { type: "boolean", short: "p" },
    verbose: { type: "boolean" },
    "output-format": { type: "string" },
    "include-partial-messages": { type: "boolean" },
    "session-id": { type: "string" },
    resume: { type: "string" },
    tools: { type: "string" },
    "strict-mcp-config": { type: "boolean" },
    "mcp-config": { type: "string" },
    allowedTools: { type: "string" },
    "disable-slash-commands": { type: "boolean" },
    settings: { type: "string" },
    "append-system-prompt-file": { type: "string" },
    "max-turns": { type: "string" },
    model: { type: "string" },
  },
});
const home = process.env["HOME"] ?? "";
const prompt = await text(process.stdin);
const config = JSON.parse(readFileSync(values["mcp-config"] ?? "", "utf8")) as {
  mcpServers: { shardbridge: { command: string; args: string[] } };
};
const system = readFileSync(values["append-system-prompt-file"] ?? "", "utf8");
const run = { argv: process.argv.slice(2), prompt, system, cwd: process.cwd(), env: process.env, pid: process.pid };
appendFileSync(join(home, "runs.jsonl"), `${JSON.stringify(run)}\n`);

const session = values.resume ?? values["session-id"] ?? "";
const kept = join(home, `${session}.conversation`);
const usage = { input_tokens: 100, cache_creation_input_tokens: 20, cache_read_input_tokens: 30, output_tokens: 7 };
const say = (line: object) => process.stdout.write(`${JSON.stringify({ session_id: session, ...line })}\n`);
const streamed = (event: object) => say({ type: "stream_event", event, parent_tool_use_id: null });
const result = (more: object) =>
  say({ type: "result", subtype: "success", is_error: false, num_turns: 2, total_cost_usd: 0.25, usage, ...more });
const end = (code: number) => {
  process.exitCode = code;
};

if (values.resume !== undefined && !existsSync(kept)) {
  result({
    subtype: "error_during_execution",
    is_error: true,
    errors: [`No conversation found with session ID: ${session}`],
  });
  end(1);
} else {
  writeFileSync(kept, prompt);
  await turn();
}

async function turn(): Promise<void> {
  const client = new Client({ name: "fake-claude", version: "1" });
  await client.connect(
    new StdioClientTransport({ ...config.mcpServers.shardbridge, env: { PATH: process.env["PATH"] ?? "" } }),
  );
  const { tools } = await client.listTools();
  const named = tools.map(({ name }) => `mcp__shardbridge__${name}`);
  const servers = [{ name: "shardbridge", status: "connected" }];
  say({ type: "system", subtype: "init", tools: named, mcp_servers: servers, model: "fake-model" });
  streamed({ type: "message_start", message: { model: "fake-model", usage: { ...usage, output_tokens: 1 } } });
  if (prompt.includes("RETRY401")) {
    say({ type: "system", subtype: "api_retry", attempt: 1, error_status: 401 });
    return forever();
  }
  for (const [, name = "", args = "{}"] of prompt.matchAll(/CALL (\w+) (\{.*?\}) ENDCALL/gs)) {
    const called = await client.callTool({ name, arguments: JSON.parse(args) as Record<string, unknown> });
    say({ type: "user", message: { role: "user", content: [{ type: "tool_result", content: called.content }] } });
  }
  if (prompt.includes("HANG")) {
    streamed({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: "Well" } });
    return forever();
  }
  await client.close();
  if (prompt.includes("CRASH")) {
    process.stderr.write("the fake has crashed\n");
    return end(3);
  }
  const failed = { is_error: true };
  if (prompt.includes("LOGIN")) result({ ...failed, result: "Not logged in · Please run /login" });
  else if (prompt.includes("LIMIT")) result({ ...failed, result: "You've hit your limit · resets 3am" });
  else if (prompt.includes("TURNS")) result({ ...failed, subtype: "error_max_turns" });
  else {
    const said = /SAY (.*?) ENDSAY/s.exec(prompt)?.[1] ?? "A plain answer.";
    for (const piece of said.split(/(?<=\s)/))
      streamed({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text: piece } });
    streamed({ type: "message_delta", usage: { output_tokens: 7 } });
    result({ result: said });
    return end(0);
  }
  end(1);
}

function forever(): void {
  const child = spawn("sleep", ["600"], { stdio: "ignore" });
  writeFileSync(join(home, "child"), String(child.pid));
}
