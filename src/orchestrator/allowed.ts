import type { ShardStatus } from "../shards/host.ts";
import type { TurnActions } from "./orchestrator.ts";

/**
 * Acts on a shard in this state, by the names of the tools that who asks has; with policy "ask" some of it waits for a
 * person's button.
 */
export function allowedNow(status: ShardStatus, { policy, wakes }: Pick<TurnActions, "policy" | "wakes">): string[] {
  const look = ["read_shard", "diff_shard", "shard_history"];
  const later = wakes ? "watch_shard" : "wait_for_shard";
  const confirmed = policy() === "ask" ? " (a person confirms)" : "";
  const destroy = `destroy_shard${confirmed}`;
  switch (status.state) {
    case "starting":
      return ["send_to_shard (it waits until the agent is ready)", later, destroy, ...look];
    case "working":
      return ["send_to_shard (it waits, or set when)", "stop_shard", later, ...look];
    case "idle":
      return ["send_to_shard", destroy, ...look];
    case "waiting":
      return [status.waitingFor === "approval" ? `answer_shard${confirmed}` : "answer_shard", "stop_shard", ...look];
    case "stalled":
    case "unsure":
      return ["stop_shard", "send_to_shard", ...look];
    case "exited":
    case "lost":
      return [destroy, ...look, "(only a person can resume it)"];
  }
}
