import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Anthropic from "@anthropic-ai/sdk";
import type {
  BetaContentBlockParam,
  BetaMessageParam,
  BetaTool,
} from "@anthropic-ai/sdk/resources/beta/messages/messages";
import { createOrchestrator } from "../../src/orchestrator/model-orchestrator.ts";
import type { TurnActions } from "../../src/orchestrator/orchestrator.ts";
import { systemPrompt } from "../../src/orchestrator/prompt.ts";
import { schemaOf } from "../../src/orchestrator/tool.ts";
import { tools } from "../../src/orchestrator/tools.ts";
import type { ShardInfo } from "../../src/shards/host.ts";
import { Store } from "../../src/store/store.ts";
import { startMessagesApi, type ApiRequest, type Reply } from "../../tests/fakes/messages-api.ts";

const turns = 40;
const names = ["auth", "api-refactor", "docs", "search", "billing"];
/** What a token of input costs, next to one that is neither written to the cache nor read from it: Anthropic's usual factors. */
const weights = { input: 1, write: 1.25, read: 0.1 };

/** What people ask for, turn by turn: look at a shard, prompt it, compare, and talk about it. */
function sentence(turn: number): string {
  const name = names[turn % names.length] ?? "";
  const asks = [
    `What is the status of ${name}?`,
    `Tell ${name} to add tests for step ${turn}`,
    `What has ${name} changed?`,
  ];
  return asks[turn % asks.length] ?? "";
}

/** The same answers to the same sentences, whoever asks. */
function model({ body }: ApiRequest): Reply {
  const last = body.messages.at(-1)?.content ?? [];
  if (last.some(({ type }) => type === "tool_result")) return { text: "It goes on as planned: nothing to decide now." };
  const said = last.findLast(({ type }) => type === "text")?.text ?? "";
  if (said.startsWith("Our conversation has become too long")) return { text: "Five shards are at work. ".repeat(40) };
  const name = names.find((one) => said.includes(one)) ?? "auth";
  if (said.startsWith("Tell")) return { tools: [{ name: "send_to_shard", input: { name, text: said } }] };
  if (said.startsWith("What has")) return { tools: [{ name: "diff_shard", input: { name } }] };
  return { tools: [{ name: "read_shard", input: { name, lines: 100 } }] };
}

const at = "2026-12-24T08:00:00.000Z";
const shards = names.map((name): ShardInfo => ({
  name,
  repo: "web",
  agent: "claude",
  branch: `shard/${name}`,
  base: "main",
  worktree: `/worktrees/${name}`,
  alive: true,
  status: { state: "idle", since: at, why: "its hook said that the turn ended" },
  queued: 0,
  createdAt: at,
  createdBy: "Ann",
}));
const choices = { repos: ["web"], agents: ["claude", "codex"], defaultAgent: "claude" };
const lines = (count: number) =>
  Array.from(
    { length: count },
    (_, line) => `${line}: reads the code, changes it, runs the tests and looks again.`,
  ).join("\n");

const refuse = async (): Promise<never> => Promise.reject(new Error("not in this conversation"));
const actions: TurnActions = {
  spawn: refuse,
  destroy: refuse,
  answer: refuse,
  stop: refuse,
  overlap: refuse,
  history: refuse,
  askHuman: refuse,
  waitFor: refuse,
  schedule: refuse,
  cancelTask: refuse,
  send: async () => ({ outcome: "submitted", turn: 1 }),
  read: async ({ name }) => ({
    name,
    text: lines(100),
    truncated: true,
    status: { state: "idle", since: at, why: "" },
  }),
  diff: async ({ name }) => {
    const counts = { commits: 2, uncommitted: 1, truncated: false };
    return { name, base: "main", commit: "0".repeat(40), stat: lines(8), patch: lines(160), ...counts };
  },
  list: async () => shards,
  choices: async () => choices,
  tasks: async () => [],
  notes: async () => [],
  policy: () => "ask",
  wait: refuse,
  wakes: true,
};

/** Input tokens of a conversation of 40 turns over 5 shards, as they are billed: by our orchestrator, and by a loop that sends all of it each time. */
export async function benchOrchestrator(): Promise<{ ours: number; naive: number }> {
  return { ours: await withOrchestrator(), naive: await withLoop() };
}

async function withOrchestrator(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "bench-orchestrator-"));
  const api = await startMessagesApi(model);
  const store = await Store.open(folder);
  try {
    const orchestrator = createOrchestrator({ apiKey: "k", baseUrl: api.url, model: "bench", store });
    const by = { id: "U1", name: "Ann" };
    for (let turn = 0; turn < turns; turn += 1)
      await orchestrator.answer({ id: `turn-${turn}`, thread: "bench", text: sentence(turn), by, actions });
    const { input, cacheWrite, cacheRead } = orchestrator.usage({ of: "total" });
    return input * weights.input + cacheWrite * weights.write + cacheRead * weights.read;
  } finally {
    await store.close();
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** What one writes first: every message and every result in full, each time. */
async function withLoop(): Promise<number> {
  const api = await startMessagesApi(model);
  try {
    const client = new Anthropic({ apiKey: "k", baseURL: api.url });
    const definitions = tools.map((one): BetaTool => ({
      name: one.name,
      description: one.description,
      input_schema: { ...schemaOf(one), type: "object" },
    }));
    const system = systemPrompt(choices).map(({ text }) => ({ type: "text" as const, text }));
    const messages: BetaMessageParam[] = [];
    let billed = 0;
    for (let turn = 0; turn < turns; turn += 1) {
      let content: BetaContentBlockParam[] = [{ type: "text", text: sentence(turn) }];
      for (let over = false; !over;) {
        messages.push({ role: "user", content });
        const request = { model: "bench", max_tokens: 1_000, system, tools: definitions, messages };
        const reply = await client.beta.messages.create(request);
        billed += reply.usage.input_tokens;
        const said = reply.content.flatMap((block): BetaContentBlockParam[] =>
          block.type === "text"
            ? [{ type: "text", text: block.text }]
            : block.type === "tool_use"
              ? [{ type: "tool_use", id: block.id, name: block.name, input: block.input }]
              : [],
        );
        messages.push({ role: "assistant", content: said });
        content = await resultsOf(said);
        over = content.length === 0;
      }
    }
    return billed;
  } finally {
    await api.stop();
  }
}

async function resultsOf(said: BetaContentBlockParam[]): Promise<BetaContentBlockParam[]> {
  const results: BetaContentBlockParam[] = [];
  for (const block of said) {
    if (block.type !== "tool_use") continue;
    const tool = tools.find(({ name }) => name === block.name);
    const { text = "" } = (await tool?.call(block.input, actions)) ?? {};
    results.push({ type: "tool_result", tool_use_id: block.id, content: text });
  }
  return results;
}
