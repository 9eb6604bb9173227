import { columns } from "../width.ts";
import { explainText } from "../bot/commands/commands-look.ts";
import { usageTable } from "../bot/commands/commands-orchestrator.ts";
import { backgroundText } from "../bot/posts/news.ts";
import { excerpt } from "../bot/posts/split.ts";
import { age, agentWords, stateName, stateWords } from "../bot/posts/states.ts";
import { survivorsText } from "../bot/posts/receipts.ts";
import type { Outcome } from "../shards/events.ts";
import {
  type Destroyed,
  type Explanation,
  numberedOptions,
  type QueuedPrompt,
  type Receipt,
  type ShardInfo,
  type Stopped,
} from "../shards/host.ts";
import type { VerbFacts } from "../verbs/facts.ts";
import type { LineVerb } from "../verbs/types.ts";
import { verbs } from "../verbs/verbs.ts";
import { presentDiff, presentHistory, presentOverlap, presentTasks } from "./present-controls.ts";

const shardWords = (shard: ShardInfo) =>
  `${shard.name} is ${shard.status.state}: ${shard.agent} on branch ${shard.branch} in ${shard.worktree}`;

/** Words of the verbs that have more to say than what the table of verbs has. */
const ownWords: { [V in LineVerb]?: (result: never) => string } = {
  list: presentList,
  spawn: (shard: ShardInfo) => [shardWords(shard), shard.remark ?? []].flat().join("\n"),
  resume: shardWords,
  send: presentReceipt,
  cmd: presentReceipt,
  queue: presentQueue,
  screen: ({ text }: { text: string }) => text.trimEnd(),
  press: ({ text }: { text: string }) => text.trimEnd(),
  explain: (explanation: Explanation) =>
    `${explanation.name} is ${explanation.status.state}\n${explainText(explanation)}`,
  stop: ({ background }: Stopped) =>
    background ? `interrupted; ${backgroundText(background)} of it go on in the background` : "interrupted",
  close: (closed: Destroyed) => presentEnd(closed, "is closed; its worktree is kept"),
  destroy: (destroyed: Destroyed) => presentEnd(destroyed, "is gone"),
  wait: answerOf,
  diff: presentDiff,
  overlap: presentOverlap,
  history: presentHistory,
  tasks: presentTasks,
  usage: usageTable,
  policy: ({ policy }: { policy: string }) => policy,
};

/** A verb's result for people. */
export function present(verb: LineVerb, result: unknown): string {
  // It is what the verb's method has brought.
  const words = ownWords[verb] as ((result: unknown) => string) | undefined;
  return words ? words(result) : presentPlainly(verbs[verb], result);
}

/** For a verb with no words of its own: what the table of verbs calls it when it is done, and its text; all of it where there is neither. */
function presentPlainly({ line }: VerbFacts, result: unknown): string {
  const text = typeof result === "object" && result && "text" in result ? result.text : undefined;
  const said = [line?.done, text].filter((part) => typeof part === "string");
  return said.length > 0 ? said.join(": ") : JSON.stringify(result, undefined, 2);
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
      // By this number the prompt is taken away.
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
