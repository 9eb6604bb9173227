import type { ShardName } from "./status.ts";

/** The contract of what shards are compared by. Plain JSON data, like the rest of a host. */

/** Difference of a shard's worktree from the commit that it started from; what is not committed, and not ignored, is in it. */
export interface ShardDiff {
  name: ShardName;
  /** Branch or commit that it is compared with, and that commit. */
  base: string;
  commit: string;
  /** Commits of its own. */
  commits: number;
  /** Files that are not committed as they are, untracked ones too. */
  uncommitted: number;
  /** Output of `git diff --stat`; "" when nothing differs. */
  stat: string;
  /** The patch: at most 20,000 characters. */
  patch: string;
  truncated: boolean;
}

/** Shards of a repo that touch the same files, and what would conflict if two of them were merged as they are now, uncommitted work too. */
export interface RepoOverlap {
  repo: string;
  /** The shards that were looked at. */
  shards: ShardName[];
  /** Files that more than one of them has changed. */
  files: { path: string; shards: ShardName[] }[];
  /** Each pair whose merge conflicts, with the files that do. */
  conflicts: { shards: [ShardName, ShardName]; files: string[] }[];
  /** Why something could not be found out: an older git, a worktree that is gone. */
  problems: string[];
}

/** Something that a shard has said, or that was said of it, with its mark. */
export interface HistoryEntry {
  mark: number;
  at: string;
  type: "answer" | "question" | "question-closed" | "attention" | "exited";
  /** At most 4,000 characters. */
  text: string;
  by?: string;
}

export interface ShardHistory {
  name: ShardName;
  /** Oldest first. */
  entries: HistoryEntry[];
  /** The mark to ask from the next time. */
  mark: number;
  /** There was more after the mark that was asked from than is kept, or than is given at once. */
  gaps: boolean;
}
