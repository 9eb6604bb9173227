import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Server } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { mcpCommand } from "../../src/installation.ts";
import { controlSocket, type ToolCall } from "../../src/control/protocol.ts";
import { serveControl, type Verbs } from "../../src/control/server.ts";
import { createClaudeOrchestrator } from "../../src/orchestrator/claude/claude-orchestrator.ts";
import type { Answer } from "../../src/orchestrator/orchestrator.ts";
import { ToolTokens } from "../../src/orchestrator/tool-tokens.ts";
import { callTool } from "../../src/orchestrator/tools.ts";
import { Store } from "../../src/store/store.ts";
import { answered, ask, RecordedActions, shardInfo, wake } from "../orchestrator/recorded.ts";
import { Machine } from "./machine.ts";
import { finished } from "./script.ts";
import type { AgentName } from "./seeds.ts";

let machine: Machine | undefined;
let server: Server | undefined;
let store: Store | undefined;
afterEach(async () => {
  server?.close();
  await store?.close();
  await machine?.close();
  machine = undefined;
  store = undefined;
});

/** How each calls a tool of the server. */
const list: [AgentName, string][] = [
  ["claude", "mcp__shardbridge__list_shards"],
  ["codex", "mcp__shardbridge/list_shards"],
  ["opencode", "shardbridge_list_shards"],
];

describe("a shard with the orchestrator's tools", () => {
  it.each(list)("%s calls them, unasked, with its pass", async (name, tool) => {
    const calls: ToolCall[] = [];
    const actions = new RecordedActions(shardInfo("auth"));
    machine = await Machine.open(name, true, (home) => ({
      tools: { command: mcpCommand, socket: controlSocket(home) },
    }));
    const { host } = machine;
    const run = async (call: ToolCall) => {
      calls.push(call);
      return callTool(call.name, call.args, actions);
    };
    server = await serveControl(
      controlSocket(machine.folders.home),
      {} as Verbs,
      (shard) => host.holderAddress(shard),
      run,
    );
    await machine.spawn({ orchestrator: true });
    await machine.reaches("idle");
    // An agent takes prompts before its servers have started.
    const asked = async () => {
      const { answer } = await machine!.ask(`TOOL ${tool} {} ENDTOOL`);
      expect(answer.text).toContain(finished);
      return calls.length;
    };
    await expect.poll(asked, { timeout: 90_000 }).toBe(1);
    expect(calls).toMatchObject([{ name: "list_shards", args: {} }]);
    expect(host.bearer(calls[0]!.pass!)).toBe(machine.shard.name);
    expect(machine.api.requests.at(-1)?.result).toContain("auth");
    expect(machine.events("question")).toEqual([]);
    const { pass } = calls[0]!;
    await host.close({ name: machine.shard.name, by: "anna" });
    expect(host.bearer(pass!)).toBeUndefined();
  });
});

describe("ORCHESTRATOR=claude", () => {
  it("is Claude Code with our tools alone, one conversation for a thread", async () => {
    machine = await Machine.open("claude");
    const { home } = machine.folders;
    const toolTokens = new ToolTokens(controlSocket(home));
    const run = async ({ name, args, pass }: ToolCall) => toolTokens.turn(pass!)!(name, args);
    server = await serveControl(controlSocket(home), {} as Verbs, () => ({ socket: "", secret: "" }), run);
    const own = join(dirname(home), "orchestrator");
    mkdirSync(own);
    store = await Store.open(own);
    const env = { ...machine.env, LANG: "C.UTF-8" };
    const orchestrator = createClaudeOrchestrator({
      home: own,
      env,
      server: mcpCommand,
      toolTokens,
      model: undefined,
      store,
    });
    const actions = new RecordedActions(shardInfo("auth"));
    const seen: Answer[] = [];
    const call = (name: string, args: object) => `TOOL mcp__shardbridge__${name} ${JSON.stringify(args)} ENDTOOL`;

    const text = call("send_to_shard", { name: "auth", text: "add tests" });
    const first = await orchestrator.answer(ask(text, actions, { progress: (sofar) => seen.push(sofar) }));
    expect(first).toEqual({ text: finished, calls: ["asked auth: add tests · submitted"] });
    expect(actions.calls).toEqual([["send", { name: "auth", text: "add tests" }]]);
    expect(seen.map((one) => one.text)).toContain("I will use a tool.");

    const second = await orchestrator.answer(ask("SAY Still here. ENDSAY", actions));
    expect(second.text).toBe("Still here.");
    expect(machine.api.requests.at(-1)?.history).toContain("add tests");

    const woken = await orchestrator.wake(wake([answered("auth", call("stay_silent", {}))], actions));
    expect(woken).toEqual({ text: "", calls: [] });

    const bash = await orchestrator.answer(ask('TOOL Bash {"command":"touch here"} ENDTOOL', actions));
    expect(bash.text).toBe(finished);
    expect(machine.api.requests.at(-1)?.result).toMatch(/no such tool/i);

    await expect(orchestrator.answer(ask("ERR401", actions))).rejects.toMatchObject({
      code: "unavailable",
      message: expect.stringContaining("not signed in") as string,
    });
    await expect(orchestrator.answer(ask("ERR400", actions))).rejects.toMatchObject({ code: "unavailable" });

    const stop = new AbortController();
    const progress = ({ text: said }: Answer) => said.includes("Line 0002") && stop.abort();
    const stopped = orchestrator.answer(ask("LONG 50 DELAY=100", actions, { signal: stop.signal, progress }));
    await expect(stopped).rejects.toMatchObject({ code: "failed" });
    await expect.poll(() => machine!.api.requests.at(-1)?.left).toBe(true);

    const used = orchestrator.usage({ of: "person", person: "U1", day: orchestrator.today() });
    expect(used.input).toBeGreaterThanOrEqual(70);
    expect(used.cost).toBeGreaterThan(0);
  });
});
