import type { Post } from "../../adapters/adapter.ts";
import type { ShardEvent } from "../../shards/events.ts";
import type { RepoSetup } from "../../shards/repo-says.ts";
import { encodeButton } from "../delivery/button-action.ts";

/** Outcome of a repo's setup file for a shard; one that nobody has approved is shown whole, with a button for it. */
export function setupPost({ shard, repo, outcome, hash, setup, text }: Extract<ShardEvent, { type: "setup" }>): Post {
  switch (outcome) {
    case "done":
      return { kind: "notice", text: `The worktree of ${shard} is set up as ${repo} wants it.` };
    case "failed":
      return {
        kind: "notice",
        tone: "error",
        text: `The worktree of ${shard} is not set up as it should be.\n${text}`,
      };
    case "unapproved": {
      const head = `${repo} has a .shardbridge.json that no admin has approved as it is, so ${shard} starts without it. It says:`;
      const button = { label: "Approve", ...encodeButton({ action: "approve-setup", shard, hash }) };
      return { kind: "notice", text: [head, ...(setup ? linesOf(setup) : [])].join("\n"), buttons: [button] };
    }
  }
}

function linesOf({ copy, setup, teardown }: RepoSetup): string[] {
  return [
    ...copy.map((path) => `copy ${path}`),
    ...setup.map((command) => `run: ${command}`),
    ...teardown.map((command) => `run before it is destroyed: ${command}`),
  ];
}
