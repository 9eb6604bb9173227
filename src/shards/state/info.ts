import { knownConversation } from "./conversation.ts";
import type { ShardInfo } from "../host.ts";
import { identityOf } from "../saved/records.ts";
import type { ShardContext } from "../shard-context.ts";

/** A host's account of a shard. */
export function infoOf({ store, kind, link, status, keyboard }: ShardContext): ShardInfo {
  const { name, repo, agent, branch, base, worktree, createdAt, createdBy, remark } = store.record;
  const conversation = knownConversation(store.record, kind);
  const alive = link !== undefined && !link.ended;
  const flood = alive ? link.view.flood : undefined;
  const { shardId: id, host } = identityOf(store.record);
  return {
    name,
    id,
    host,
    repo,
    agent,
    ...(store.record.mode !== undefined && { mode: store.record.mode }),
    branch,
    base,
    worktree,
    alive,
    status: store.record.missing ? { ...status, why: `its worktree is gone; ${status.why}` } : status,
    queued: store.queue.length,
    ...(keyboard !== undefined && { keyboard }),
    ...(flood !== undefined && { flood }),
    ...(conversation !== undefined && { conversation }),
    createdAt,
    createdBy,
    ...(remark !== undefined && { remark }),
  };
}
