import { spawnSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { mcpCommand } from "../../src/installation.ts";
import { askTool } from "../../src/control/client.ts";
import { controlSocket } from "../../src/control/protocol.ts";
import { serveControl, type Verbs } from "../../src/control/server.ts";
import { toolCalls } from "../../src/control/tool-calls.ts";
import type { Bot } from "../../src/bot/bot.ts";
import { configureLog } from "../../src/log.ts";
import { createClaudeOrchestrator } from "../../src/orchestrator/claude/claude-orchestrator.ts";
import type { Answer, Orchestrator } from "../../src/orchestrator/orchestrator.ts";
import { ToolTokens, type Pass } from "../../src/orchestrator/tool-tokens.ts";
import { Store } from "../../src/store/store.ts";
import { answered, ask, RecordedActions, shardInfo, wake } from "./recorded.ts";

interface Run {
  argv: string[];
  prompt: string;
  system: string;
  cwd: string;
  env: Record<string, string>;
  pid: number;
}

/** A machine on which `claude` is the fake, with a control socket and a store. */
async function machine(budgets: Parameters<typeof createClaudeOrchestrator>[0]["budgets"] = {}) {
  configureLog({ write: () => {} });
  const folder = mkdtempSync(join(tmpdir(), "claude-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [bin, user, home] = ["bin", "user", "orchestrator"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [bin, user, home]) mkdirSync(path);
  const program = join(import.meta.dirname, "..", "fakes", "claude-print.ts");
  writeFileSync(join(bin, "claude"), `#!/bin/sh\nexec "${process.execPath}" "${program}" "$@"\n`);
  chmodSync(join(bin, "claude"), 0o755);
  const toolTokens = new ToolTokens(controlSocket(folder));
  const local = { person: { id: "local", name: "ann", roles: [] }, right: "admin" as const };
  const tool = toolCalls({ bot: {} as Bot, host: { bearer: () => undefined }, toolTokens, local });
  const server = await serveControl(controlSocket(folder), {} as Verbs, () => ({ socket: "", secret: "" }), tool);
  onTestFinished(() => void server.close());
  let store = await Store.open(folder);
  onTestFinished(() => store.close());
  const env = { HOME: user, PATH: `${bin}:/usr/bin:/bin` };
  const open = () =>
    createClaudeOrchestrator({ home, env, server: mcpCommand, toolTokens, model: "opus", store, budgets });
  const runs = () => {
    const file = join(user, "runs.jsonl");
    const lines = existsSync(file) ? readFileSync(file, "utf8").trim().split("\n") : [];
    return lines.map((line) => JSON.parse(line) as Run);
  };
  const restart = async (): Promise<Orchestrator> => {
    await store.close();
    store = await Store.open(folder);
    return open();
  };
  return { orchestrator: open(), runs, restart, home, user, socket: controlSocket(folder) };
}

/** Whether a process runs; one that has ended may be left for its parent to see. */
function alive(pid: number): boolean {
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", String(pid)], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.startsWith("Z");
}

it("answers with the person's own Claude Code, which has our tools and no others", async () => {
  const { orchestrator, runs, home } = await machine();
  const actions = new RecordedActions(shardInfo("auth"));
  const seen: Answer[] = [];
  const text =
    'CALL send_to_shard {"name":"auth","text":"add tests"} ENDCALL CALL read_shard {"nome":1} ENDCALL SAY Auth is on it. ENDSAY';
  const answer = await orchestrator.answer(ask(text, actions, { progress: (sofar) => seen.push(sofar) }));
  expect(answer).toEqual({
    text: "Auth is on it.",
    calls: ["asked auth: add tests · submitted", "read_shard · wrong arguments"],
  });
  expect(actions.calls).toEqual([["send", { name: "auth", text: "add tests" }]]);
  expect(seen[0]).toEqual({ text: "", calls: ["asked auth: add tests · submitted"] });
  expect(seen.map((one) => one.text)).toContain("Auth is ");
  const [run] = runs();
  expect(run!.argv).toEqual(expect.arrayContaining(["--strict-mcp-config", "--session-id", "--model", "opus"]));
  expect(run!.argv[run!.argv.indexOf("--tools") + 1]).toBe("");
  expect(run!.argv[run!.argv.indexOf("--allowedTools") + 1]).toBe("mcp__shardbridge");
  expect(run!.system).toContain("You are the orchestrator of Shardbridge.");
  expect(run!.system).toContain("# On this machine");
  expect(run!.prompt).toContain("From: Ann (U1)");
  expect(run!.prompt).toContain("- auth: claude in demo, idle");
  expect(readdirSync(run!.cwd)).toEqual([]);
  expect(readdirSync(home)).toEqual(["empty"]);
  expect(orchestrator.usage({ of: "thread", thread: "test:space:channel:1" })).toMatchObject({
    requests: 2,
    input: 100,
    cacheWrite: 20,
    cacheRead: 30,
    output: 7,
    cost: 0.25,
    unpriced: 0,
  });
});

it("goes on with one conversation for each thread, also after a restart", async () => {
  const { orchestrator, runs, restart } = await machine();
  const actions = new RecordedActions();
  await orchestrator.answer(ask("one", actions));
  await orchestrator.answer(ask("other", actions, { thread: "test:space:channel:2" }));
  await orchestrator.answer(ask("two", actions));
  const again = await restart();
  await again.answer(ask("three", actions));
  const [one, other, two, three] = runs().map(({ argv }) => argv);
  const id = one![one!.indexOf("--session-id") + 1]!;
  expect(other![other!.indexOf("--session-id") + 1]).not.toBe(id);
  expect([two![two!.indexOf("--resume") + 1], three![three!.indexOf("--resume") + 1]]).toEqual([id, id]);
});

it("begins anew where its conversation is gone", async () => {
  const { orchestrator, runs, user } = await machine();
  await orchestrator.answer(ask("one", new RecordedActions()));
  for (const name of readdirSync(user).filter((one) => one.endsWith(".conversation"))) rmSync(join(user, name));
  const answer = await orchestrator.answer(ask("SAY here ENDSAY", new RecordedActions()));
  expect(answer.text).toBe("here");
  expect(runs()).toHaveLength(3);
});

it.each([
  ["CALL stay_silent {} ENDCALL SAY Nothing. ENDSAY", { text: "", calls: [] }],
  ["SAY (silent) ENDSAY", { text: "", calls: [] }],
  ["SAY Auth is done. ENDSAY", { text: "Auth is done.", calls: [] }],
])("is woken: %s", async (text, expected) => {
  const { orchestrator, runs } = await machine();
  const answer = await orchestrator.wake(wake([answered("auth", text)], new RecordedActions(shardInfo("auth"))));
  expect(answer).toEqual(expected);
  expect(runs()[0]!.prompt).toContain("Woken by events; nobody asked.");
});

it.each([
  ["LOGIN", "unavailable", /not signed in: run claude/],
  ["RETRY401", "unavailable", /not signed in: run claude/],
  ["LIMIT", "unavailable", /hit your limit · resets 3am/],
  ["TURNS", "failed", /used its tools 20 times/],
  ["CRASH", "unavailable", /the fake has crashed/],
])("says in one sentence what is wrong: %s", async (text, code, message) => {
  const { orchestrator, runs, home } = await machine();
  const turn = ask(text, new RecordedActions());
  await expect(orchestrator.answer(turn)).rejects.toMatchObject({
    name: "ShardbridgeError",
    code,
    message: expect.stringMatching(message) as string,
  });
  expect(orchestrator.begun(turn.thread, turn.id)).toBe(false);
  await vi.waitFor(() => expect(alive(runs()[0]!.pid)).toBe(false));
  expect(readdirSync(home)).toEqual(["empty"]);
});

it("ends all its processes when it is stopped, and counts what they used", async () => {
  const { orchestrator, runs, user } = await machine();
  const stop = new AbortController();
  const progress = (sofar: Answer) => sofar.text === "Well" && stop.abort();
  const answer = orchestrator.answer(ask("HANG", new RecordedActions(), { signal: stop.signal, progress }));
  await expect(answer).rejects.toMatchObject({ code: "failed", message: expect.stringContaining("stopped") as string });
  const child = existsSync(join(user, "child")) ? [Number(readFileSync(join(user, "child"), "utf8"))] : [];
  await vi.waitFor(() => expect([runs()[0]!.pid, ...child].filter(alive)).toEqual([]));
  expect(orchestrator.usage({ of: "total" })).toMatchObject({ requests: 1, input: 100, unpriced: 1 });
});

it("goes on with a turn in which the bot was killed, and ends what was left of it", async () => {
  const { orchestrator, runs, restart, home } = await machine();
  const begun = Promise.withResolvers<void>();
  const turn = ask("CALL list_shards {} ENDCALL HANG", new RecordedActions(), {
    progress: ({ text }) => text === "Well" && begun.resolve(),
  });
  const lost = orchestrator.answer(turn).catch((error: unknown) => error);
  await begun.promise;
  const [{ pid }] = runs() as [Run];
  const back = await restart();
  await vi.waitFor(() => expect(alive(pid)).toBe(false));
  expect(back.begun(turn.thread, turn.id)).toBe(true);
  const said = await back.answer(turn);
  expect(said.text).toBe("A plain answer.");
  expect(runs()[1]!.prompt).toContain("restarted in the middle of this turn");
  expect(await back.answer(turn)).toEqual(said);
  expect(runs()).toHaveLength(2);
  await lost;
  expect(readdirSync(home)).toEqual(["empty"]);
});

it("keeps to its budget", async () => {
  const { orchestrator, runs } = await machine({ person: { dollars: 0.2 } });
  await orchestrator.answer(ask("one", new RecordedActions()));
  const refused = orchestrator.answer(ask("two", new RecordedActions()));
  await expect(refused).rejects.toMatchObject({ code: "over_budget" });
  expect(runs()).toHaveLength(1);
});

it("has a pass that is good for its turn's tools alone, in no argument, and for nothing later", async () => {
  const { orchestrator, runs, home, socket } = await machine();
  let pass: Pass | undefined;
  const actions = new RecordedActions();
  actions.list = async () => {
    const [turn] = readdirSync(home).filter((name) => name.startsWith("turn-"));
    if (turn !== undefined) pass ??= JSON.parse(readFileSync(join(home, turn, "pass.json"), "utf8")) as Pass;
    return [];
  };
  await orchestrator.answer(ask("CALL list_shards {} ENDCALL", actions));
  const { secret } = pass!;
  const [run] = runs();
  expect(JSON.stringify([run!.argv, run!.env, run!.prompt, run!.system])).not.toContain(secret);
  const later = askTool(socket, { name: "list_shards", args: {}, pass: secret });
  await expect(later).rejects.toMatchObject({
    code: "not_allowed",
    message: expect.stringContaining("pass") as string,
  });
});
