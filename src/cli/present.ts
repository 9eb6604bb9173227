import { columns } from "../width.ts";
import { explainText } from "../bot/commands/commands-look.ts";
import { usageTable } from "../bot/commands/commands-orchestrator.ts";
import type { UsageScope } from "../bot/orchestration/controls.ts";
import { backgroundText } from "../bot/posts/news.ts";
import { excerpt } from "../bot/posts/split.ts";
import { age, agentWords, stateName, stateWords } from "../bot/posts/states.ts";
import { survivorsText } from "../bot/posts/receipts.ts";
import type { Usage } from "../orchestrator/orchestrator.ts";
import type { RepoOverlap, ShardDiff, ShardHistory } from "../shards/compare.ts";
import type { Outcome } from "../shards/events.ts";
import {
  type Destroyed,
  type Explanation,
  numberedOptions,
  type QueuedPrompt,
  type Receipt,
  type ShardInfo,
  type ShardOutput,
  type Stopped,
} from "../shards/host.ts";
import type { Verb } from "../control/server.ts";
import { presentDiff, presentHistory, presentOverlap, presentTasks, type TasksResult } from "./present-controls.ts";

/** A verb's result for people. */
export function present(verb: Verb, result: unknown): string {
  switch (verb) {
    case "list":
      return presentList(result as ShardInfo[]);
    case "spawn":
    case "resume": {
      const shard = result as ShardInfo;
      const remark = verb === "spawn" && shard.remark !== undefined ? `\n${shard.remark}` : "";
      return `${shard.name} is ${shard.status.state}: ${shard.agent} on branch ${shard.branch} in ${shard.worktree}${remark}`;
    }
    case "send":
    case "cmd":
      return presentReceipt(result as Receipt);
    case "queue":
      return presentQueue(result as QueuedPrompt[]);
    case "unqueue":
      return `removed: ${(result as QueuedPrompt).text}`;
    case "read":
      return (result as ShardOutput).text;
    case "screen":
    case "press":
      return (result as { text: string }).text.trimEnd();
    case "explain": {
      const explanation = result as Explanation;
      return `${explanation.name} is ${explanation.status.state}\n${explainText(explanation)}`;
    }
    case "answer":
      return "answered";
    case "stop": {
      const { background } = result as Stopped;
      return background ? `interrupted; ${backgroundText(background)} of it go on in the background` : "interrupted";
    }
    case "close":
      return presentEnd(result as Destroyed, "is closed; its worktree is kept");
    case "destroy":
      return presentEnd(result as Destroyed, "is gone");
    case "wait":
      return answerOf(result as Outcome);
    case "diff":
      return presentDiff(result as ShardDiff);
    case "overlap":
      return presentOverlap(result as RepoOverlap[]);
    case "history":
      return presentHistory(result as ShardHistory);
    case "tasks":
      return presentTasks(result as TasksResult);
    case "usage":
      return usageTable(result as { scope: UsageScope; usage: Usage }[]);
    case "policy":
      return (result as { policy: string }).policy;
  }
}

/** The answer and nothing else: it may go on into another program. */
function answerOf(outcome: Outcome): string {
  return outcome.outcome === "done" ? outcome.text : "";
}

function presentEnd(destroyed: Destroyed, end: string): string {
  const left = survivorsText(destroyed);
  return `${destroyed.name} ${end}${left === undefined ? "" : `, but ${left}`}.`;
}

function presentQueue(prompts: QueuedPrompt[]): string {
  if (prompts.length === 0) return "No prompt waits.";
  return columns([
    ["ID", "BY", "PROMPT"],
    ...prompts.map(({ id, by = "", text }) => [`${id}`, by, excerpt(text, 100)]),
  ]);
}

/** A receipt's exit code: a prompt that did not reach the agent is no success. */
export function receiptCode(receipt: Receipt): number {
  return { submitted: 0, queued: 0, refused: 8, stalled: 9 }[receipt.outcome];
}

function presentReceipt(receipt: Receipt): string {
  switch (receipt.outcome) {
    case "submitted":
      return receipt.took === undefined
        ? "submitted"
        : `submitted, but the agent took something else:\n${receipt.took}`;
    case "queued":
      // The number is what `unqueue` takes.
      return `queued #${receipt.id ?? receipt.position}: it is typed when ${
        receipt.keyboard === undefined
          ? `the agent is ${receipt.starting ? "ready" : "idle"}`
          : `${receipt.keyboard} has left the keyboard`
      }`;
    case "refused":
      return [
        `refused: ${receipt.reason}`,
        ...numberedOptions(receipt.question?.options ?? []).map((option) => `  ${option}`),
        ...(receipt.screen === undefined
          ? []
          : [`Its screen:\n${receipt.screen}`, "send --anyway types it all the same."]),
      ].join("\n");
    case "stalled":
      return `stalled: typed, and the agent did not react. Its screen:\n${receipt.screen}`;
  }
}

function presentList(shards: ShardInfo[]): string {
  if (shards.length === 0) return "No shards. Start one: shardbridge spawn NAME";
  const rows = shards.map((shard) => [
    shard.name,
    stateName(shard.status),
    agentWords(shard.agent, shard.status),
    shard.repo,
    shard.branch,
    age(shard.status.since),
    [
      stateWords(shard.status),
      ...(shard.queued === 0 ? [] : [`${shard.queued} queued`]),
      ...(shard.keyboard === undefined ? [] : [`${shard.keyboard} is at the keyboard`]),
    ].join(", "),
  ]);
  return columns([["SHARD", "STATE", "AGENT", "REPO", "BRANCH", "FOR", "WHY"], ...rows]);
}
