import { columns } from "../bot/columns.ts";
import type { Destroyed, Receipt, ShardInfo, ShardOutput } from "../shards/host.ts";
import type { Verb } from "./control.ts";

/** A verb's result for people. */
export function present(verb: Verb, result: unknown): string {
  switch (verb) {
    case "list":
      return presentList(result as ShardInfo[]);
    case "spawn": {
      const shard = result as ShardInfo;
      return `${shard.name} is ${shard.status.state}: ${shard.agent} on branch ${shard.branch} in ${shard.worktree}`;
    }
    case "send":
      return presentReceipt(result as Receipt);
    case "read":
      return (result as ShardOutput).text;
    case "destroy": {
      const { name, survivors } = result as Destroyed;
      return survivors.length === 0
        ? `${name} is gone.`
        : `${name} is gone, but these processes of it could not be ended: ${survivors.join(", ")}.`;
    }
  }
}

/** A receipt's exit code: a prompt that did not reach the agent is no success. */
export function receiptCode(receipt: Receipt): number {
  return { submitted: 0, queued: 0, refused: 8, stalled: 9 }[receipt.outcome];
}

function presentReceipt(receipt: Receipt): string {
  switch (receipt.outcome) {
    case "submitted":
      return "submitted";
    case "queued":
      return `queued #${receipt.position}: it is typed when the agent is idle`;
    case "refused":
      return [
        `refused: ${receipt.reason}`,
        ...(receipt.question?.options ?? []).map(({ key, label }) => `  ${key}. ${label}`),
      ].join("\n");
    case "stalled":
      return `stalled: typed, and the agent did not react. Its screen:\n${receipt.screen}`;
  }
}

function presentList(shards: ShardInfo[]): string {
  if (shards.length === 0) return "No shards. Start one: shardbridge spawn NAME";
  const rows = shards.map((shard) => [
    shard.name,
    shard.status.state,
    shard.agent,
    shard.repo,
    shard.branch,
    shard.status.since,
    shard.queued === 0 ? "" : `${shard.queued} queued`,
  ]);
  return columns([["SHARD", "STATE", "AGENT", "REPO", "BRANCH", "SINCE", ""], ...rows]);
}
