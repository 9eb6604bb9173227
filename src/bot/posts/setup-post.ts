import type { Post, ThreadRef } from "../../adapters/adapter.ts";
import type { ShardEvent } from "../../shards/events.ts";
import type { RepoInstructions, RepoSetup } from "../../shards/repo-says.ts";
import { decide, type Deciding } from "./deciding.ts";

type SetupEvent = Extract<ShardEvent, { type: "setup" }>;

/** Outcome of a repo's setup file for a shard; one that nobody has approved is shown whole, with a button for it. */
export function setupPost({ shard, repo, outcome, hash, setup, text }: SetupEvent): Post {
  switch (outcome) {
    case "done":
      return { kind: "notice", text: `The worktree of ${shard} is set up as ${repo} wants it.` };
    case "failed":
      return {
        kind: "notice",
        tone: "error",
        text: `The worktree of ${shard} is not set up as it should be.\n${text}`,
      };
    case "unapproved":
      return askingPost(shard, repo, hash, setup);
  }
}

/** All that a setup file does, with a button for it. */
export function askingPost(
  shard: string,
  repo: string,
  hash: string,
  setup: RepoSetup | undefined,
): Deciding<Extract<Post, { kind: "question" }>> {
  const question = `${repo} has a .shardbridge.json that no admin has approved as it is, so ${shard} starts without it. It says:`;
  const detail = (setup ? linesOf(setup) : []).join("\n");
  return decide({ kind: "question", shard, question, detail }, [
    { label: "Approve", does: { action: "approve-setup", shard, hash } },
  ]);
}

/** A shard waits for a setup file that is asked about in the thread of another. */
export function alsoWaitsPost(shard: string, repo: string, asked: string, thread: ThreadRef | undefined): Post {
  const text = `${shard} starts without the .shardbridge.json of ${repo}: an admin is asked for it under ${asked}, and ${shard} is set up once it is approved there.`;
  return { kind: "notice", text, ...(thread && { threads: [{ label: asked, thread }] }) };
}

/** Instructions of a repo that are no more than data to the orchestrator until an admin has approved them. */
export function instructionsPost(
  { repo, text }: RepoInstructions,
  hash: string,
): Deciding<Extract<Post, { kind: "notice" }>> {
  const head = `${repo} has a SHARDBRIDGE.md that no admin has approved as it is, so the orchestrator reads it and does not follow it. It says:`;
  return decide({ kind: "notice", text: `${head}\n${text}` }, [
    { label: "Approve", does: { action: "approve-instructions", repo, hash } },
  ]);
}

function linesOf({ copy, setup, teardown }: RepoSetup): string[] {
  return [
    ...copy.map((path) => `copy ${path}`),
    ...setup.map((command) => `run: ${command}`),
    ...teardown.map((command) => `run before it is destroyed: ${command}`),
  ];
}
