import type { JournalContext } from "../agents/agent.ts";
import type { ShardRecord } from "../saved/records.ts";

/** Facts by which a kind finds its agent's journal. */
export function journalContext(record: ShardRecord, env: Readonly<Record<string, string>>): JournalContext {
  const { folder, worktree, conversation, told = false, launchedAt, createdAt } = record;
  return { env, folder, worktree, conversation, known: told, launchedAt: launchedAt ?? createdAt };
}
