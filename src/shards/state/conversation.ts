import type { AgentKind } from "../agents/agent.ts";
import type { ShardRecord } from "../saved/records.ts";

/** The agent's own conversation, where its id is known. */
export function knownConversation({ conversation, told }: ShardRecord, kind: AgentKind): string | undefined {
  return kind.conversations === "given" || (kind.conversations === "told" && told === true) ? conversation : undefined;
}

/**
 * Way in which an agent is started again: with its conversation, afresh where nothing was said yet (or the kind has no conversations),
 * or not at all, since what was said can't be found again.
 */
export function resumeOf(record: ShardRecord, kind: AgentKind): "resumed" | "fresh" | undefined {
  // Records of before have no mark.
  const begun = record.begun ?? record.turns > 0;
  if (kind.conversations === "none" || !begun) return "fresh";
  return knownConversation(record, kind) === undefined ? undefined : "resumed";
}
