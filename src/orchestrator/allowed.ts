import type { ShardStatus } from "../shards/host.ts";

/** What can be done with a shard in this state, by the names of tools; with policy "ask" some of it waits for a person's button. */
export function allowedNow(status: ShardStatus, policy: "ask" | "allow"): string[] {
  const look = ["read_shard", "diff_shard", "shard_history"];
  const confirmed = policy === "ask" ? " (a person confirms)" : "";
  const destroy = `destroy_shard${confirmed}`;
  switch (status.state) {
    case "starting":
      return ["send_to_shard (it waits until the agent is ready)", "watch_shard", destroy, ...look];
    case "working":
      return ["send_to_shard (it waits, or set when)", "stop_shard", "watch_shard", ...look];
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
