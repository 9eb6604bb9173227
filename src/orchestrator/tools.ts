import { betaZodTool } from "@anthropic-ai/sdk/helpers/beta/zod";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import { z } from "zod";
import { ShardbridgeError } from "../errors.ts";
import { logBug } from "../log.ts";
import { shardNamePattern, type Question, type Receipt, type ShardInfo, type ShardOutput } from "../shards/host.ts";
import type { ShardActions } from "./orchestrator.ts";
import { labelled, oneLine } from "./shard-text.ts";

const name = z.string().regex(shardNamePattern).describe("The shard's name: lower-case letters, digits and dashes.");
const text = z.string().min(1).max(20_000);

// `describe` comes before `optional`: the other way round the description moves away from its type in the JSON schema.
const inputs = {
  spawn: z.strictObject({
    name: name.describe(
      "A new name that says what the shard is for, e.g. auth or api-refactor: lower-case letters, digits and dashes, at most 40.",
    ),
    repo: z.string().describe("A known repo's name. Leave it out where there is only one.").optional(),
    agent: z.string().describe("An agent kind. Leave it out for the default kind.").optional(),
    base: z.string().describe("Branch or commit to start from. Leave it out for the repo's default branch.").optional(),
    prompt: text
      .describe("The first prompt, typed as soon as the agent is ready: the whole task, in full sentences.")
      .optional(),
    here: z
      .boolean()
      .describe("true binds the shard to this thread. Otherwise it gets a thread of its own, as people mostly want.")
      .optional(),
  }),
  send: z.strictObject({
    name,
    text: text.describe("What is typed into the agent, as the person would say it to the agent."),
    when: z
      .enum(["steer", "interrupt"])
      .describe(
        "For an agent that works: steer types into its running turn, interrupt stops that turn first; only when the person wants that. Otherwise the prompt waits for the turn's end.",
      )
      .optional(),
  }),
  read: z.strictObject({
    name,
    lines: z.int().min(1).max(500).describe("How many of the last lines, 1 to 500. 40 when left out.").optional(),
    tools: z
      .boolean()
      .describe("true lists the tool calls of the running or last turn instead of what was said.")
      .optional(),
  }),
  list: z.strictObject({}),
  destroy: z.strictObject({ name }),
};

/**
 * The five tools, run with the asker's rights. Definitions are the same bytes in every request and process, for the prompt cache:
 * what exists now is in no schema. The last one ends the cached part.
 */
export function shardTools(actions: ShardActions): BetaRunnableTool[] {
  return [
    betaZodTool({
      name: "spawn_shard",
      description:
        "Start a shard: a new git worktree on a branch of its own with a coding agent in it. Returns as soon as the agent's process runs. Call it several times in one turn to start shards side by side.",
      inputSchema: inputs.spawn,
      run: (input) => reported("spawn_shard", async () => JSON.stringify(summary(await actions.spawn(input)))),
    }),
    betaZodTool({
      name: "send_to_shard",
      description:
        "Type a prompt into a shard's agent and submit it. Returns a receipt (submitted, queued, refused or stalled), never the agent's answer.",
      inputSchema: inputs.send,
      run: (input) => reported("send_to_shard", async () => receiptText(input.name, await actions.send(input))),
    }),
    betaZodTool({
      name: "read_shard",
      description:
        "Read a shard's state, the last lines of its output and its open question, if it has one. Changes nothing.",
      inputSchema: inputs.read,
      run: (input) => reported("read_shard", async () => outputText(await actions.read(input), input.tools)),
    }),
    betaZodTool({
      name: "list_shards",
      description: "List all shards with repo, agent, branch, state and queue. Changes nothing.",
      inputSchema: inputs.list,
      run: () => reported("list_shards", async () => JSON.stringify((await actions.list()).map(summary))),
    }),
    betaZodTool({
      name: "destroy_shard",
      description:
        "End a shard's agent and remove its worktree and branch, for good. Only when the person has clearly asked for just that. Fails when work would be lost; a person can then force it, you can't.",
      inputSchema: inputs.destroy,
      cache_control: { type: "ephemeral" },
      run: (input) => reported("destroy_shard", async () => JSON.stringify(await actions.destroy(input))),
    }),
  ];
}

/** What goes wrong comes back to the model as an error result, so that the conversation goes on. */
async function reported(tool: string, run: () => Promise<string>): Promise<string> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof ShardbridgeError) throw new ToolError(`${error.code}: ${error.message}`);
    throw new ToolError(`internal error ${logBug(error, `the tool ${tool} failed`)}`);
  }
}

function summary(shard: ShardInfo): Record<string, unknown> {
  const { state, waitingFor, since, why, exit } = shard.status;
  return {
    name: shard.name,
    repo: shard.repo,
    agent: shard.agent,
    branch: shard.branch,
    base: shard.base,
    state,
    waitingFor,
    since,
    why: oneLine(why, 160),
    exit,
    queued: shard.queued,
    keyboard: shard.keyboard === undefined ? undefined : oneLine(shard.keyboard, 80),
    createdAt: shard.createdAt,
    createdBy: oneLine(shard.createdBy, 80),
  };
}

function receiptText(shard: string, receipt: Receipt): string {
  switch (receipt.outcome) {
    case "submitted":
    case "queued":
      return JSON.stringify(receipt);
    case "refused": {
      const refusal = JSON.stringify({ outcome: receipt.outcome, reason: oneLine(receipt.reason, 300) });
      return receipt.question === undefined ? refusal : `${refusal}\n${questionText(shard, receipt.question)}`;
    }
    case "stalled":
      return `${JSON.stringify({ outcome: receipt.outcome })}\n${labelled({ shard, part: "screen" }, receipt.screen)}`;
  }
}

function outputText({ name: shard, text: output, truncated, status, question }: ShardOutput, tools = false): string {
  const { state, waitingFor, since } = status;
  const facts = {
    shard,
    state: waitingFor === undefined ? state : `${state} (${waitingFor})`,
    since,
    ...(tools && { part: "tool calls" }),
    ...(truncated && { more: "above" }),
  };
  const parts = [labelled(facts, output === "" ? "(nothing yet)" : output)];
  if (question !== undefined) parts.push(questionText(shard, question));
  return parts.join("\n");
}

function questionText(shard: string, question: Question): string {
  const options = question.options.map(({ key, label }) => `${key}. ${label}`);
  const body = [question.text, question.detail, ...options].filter((part) => part !== "").join("\n");
  return labelled({ shard, part: `open ${question.kind}` }, body, 4_000);
}
