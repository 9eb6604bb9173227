import type { Entry, Journal, JournalContext, JournalPlace } from "../agent.ts";
import { at, listAt, textAt } from "../json.ts";
import { toolLine } from "../cleaning/tool-line.ts";

/**
 * Codex's rollout: `sessions/<year>/<month>/<day>/rollout-<time>-<conversation>.jsonl`, whose first line tells the folder. Its own hooks
 * are left alone: to trust ours unseen it would have to trust the repo's unseen too, and the rollout tells as much.
 */
export const codexJournal: Journal = { tells: "turns", places, read };

function places({ env, worktree, conversation, known, launchedAt }: JournalContext): JournalPlace[] {
  const home = env["CODEX_HOME"] ?? `${env["HOME"] ?? ""}/.codex`;
  const name = known ? `^rollout-.*-${conversation}\\.jsonl$` : String.raw`^rollout-.*\.jsonl$`;
  const owns = (first: unknown) =>
    known ||
    (textAt(first, "payload", "cwd") === worktree &&
      textAt(first, "payload", "originator") === "codex-tui" &&
      (textAt(first, "payload", "timestamp") ?? "") >= launchedAt);
  return [{ folder: `${home}/sessions`, depth: 3, file: new RegExp(name), owns }];
}

function read(line: unknown): Entry[] {
  const time = textAt(line, "timestamp");
  const payload = at(line, "payload");
  return entries(textAt(line, "type"), payload).map((entry) => ({ ...entry, ...(time !== undefined && { at: time }) }));
}

function entries(type: string | undefined, payload: unknown): Entry[] {
  const id = textAt(payload, "id");
  if (type === "session_meta") return id === undefined ? [] : [{ type: "conversation", id }];
  if (type !== "event_msg") return [];
  switch (at(payload, "type")) {
    case "task_started":
      return [{ type: "prompt", text: "" }];
    case "item_completed":
      return fromItem(at(payload, "item"));
    case "task_complete": {
      const error = textAt(payload, "error", "message");
      if (error !== undefined) return [{ type: "end", how: "failed", text: error }];
      const last = textAt(payload, "last_agent_message");
      return [{ type: "end", how: "done", ...(last !== undefined && { last }) }];
    }
    case "turn_aborted":
      return [{ type: "end", how: "interrupted" }];
    default:
      return [];
  }
}

function fromItem(item: unknown): Entry[] {
  const id = textAt(item, "id") ?? "";
  switch (at(item, "type")) {
    case "UserMessage":
      return [{ type: "prompt", text: wordsOf(item) }];
    case "AgentMessage": {
      const text = wordsOf(item);
      return text.trim() === "" ? [] : [{ type: "said", text, id }];
    }
    case "CommandExecution": {
      const command = listAt(item, "command");
      const script = command.at(-1);
      return [{ type: "tool", id, text: toolLine("Ran", { command: typeof script === "string" ? script : "" }) }];
    }
    case "FileChange":
      return [
        { type: "tool", id, text: toolLine("Edited", { path: Object.keys(at(item, "changes") ?? {}).join(", ") }) },
      ];
    case "McpToolCall":
      return [{ type: "tool", id, text: toolLine(`${textAt(item, "server")}.${textAt(item, "tool")}`, undefined) }];
    case "WebSearch":
      return [{ type: "tool", id, text: toolLine("Searched", item) }];
    default:
      return [];
  }
}

function wordsOf(item: unknown): string {
  return listAt(item, "content")
    .map((part) => textAt(part, "text") ?? "")
    .join("");
}
