import type { ShardName } from "./status.ts";

/** The contract of what a repo says of itself in files of its own. Plain JSON data, like the rest of a host. */

/** Its `SHARDBRIDGE.md`: how people work in it. */
export interface RepoInstructions {
  repo: string;
  /** At most 4,000 characters. */
  text: string;
  /** Its content's SHA-256, as long as no admin has approved that: until then it is something to read, and nothing to follow. */
  unapproved?: string;
}

/** Its `.shardbridge.json`: what is done to a new worktree of it, and before that goes. */
export interface RepoSetup {
  /** Files that are copied from the repo's own folder, by their paths in it: `.env`. */
  copy: string[];
  /** Shell commands that run in the worktree, one after the other. */
  setup: string[];
  teardown: string[];
}

/**
 * Outcome for a shard: done; failed; unapproved, so that nothing was done. `hash` names the file's content; `text` says what
 * went wrong, with what was printed last.
 */
export interface SetupOutcome {
  outcome: "done" | "failed" | "unapproved";
  repo: string;
  hash: string;
  setup?: RepoSetup;
  text: string;
  /** Who has approved it. */
  by?: string;
}

/** Approval of a repo's instructions. */
export interface ApproveInstructions {
  repo: string;
  /** `RepoInstructions.unapproved` of what is approved. */
  hash: string;
  by?: string | undefined;
}

export interface ApproveSetup {
  name: ShardName;
  /** `SetupOutcome.hash` of what is approved. */
  hash: string;
  by?: string | undefined;
}
