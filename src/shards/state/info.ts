import { knownConversation } from "./conversation.ts";
import type { ShardInfo } from "../host.ts";
import type { Shard } from "../shard.ts";

/** What a host says of a shard. */
export function infoOf({ book, kind, link, status, keyboard }: Shard): ShardInfo {
  const { name, repo, agent, branch, base, worktree, createdAt, createdBy, remark } = book.record;
  const conversation = knownConversation(book.record, kind);
  const alive = link !== undefined && !link.ended;
  const flood = alive ? link.view.flood : undefined;
  return {
    name,
    repo,
    agent,
    ...(book.record.mode !== undefined && { mode: book.record.mode }),
    branch,
    base,
    worktree,
    alive,
    status: book.record.missing ? { ...status, why: `its worktree is gone; ${status.why}` } : status,
    queued: book.queue.length,
    ...(keyboard !== undefined && { keyboard }),
    ...(flood !== undefined && { flood }),
    ...(conversation !== undefined && { conversation }),
    createdAt,
    createdBy,
    ...(remark !== undefined && { remark }),
  };
}
