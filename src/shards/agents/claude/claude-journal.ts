import type { Background } from "../../host.ts";
import type { Entry, Journal, JournalContext, JournalPlace } from "../agent.ts";
import { at, listAt, textAt } from "../json.ts";
import { toolDetail, toolLine } from "../cleaning/tool-line.ts";

/** Messages of Claude Code to itself, each with its subject in tags below. */
const notification = /^<[a-z-]*notification>/;

/** File of the shard's folder that the hooks write to. */
const signals = "signals.jsonl";

/** Hooks that tell something which the transcript does not, or tells later (measured: 10 to 100 ms after the fact). */
const hooks = ["SessionStart", "UserPromptSubmit", "PermissionRequest", "Stop", "StopFailure"];

/**
 * Settings for `--settings`, which add to the user's own: each hook writes what it is given as one line, and decides nothing. An own
 * process without a word on its output leaves the dialog to the terminal.
 */
export function claudeSettings(folder: string): string {
  const file = `'${`${folder}/${signals}`.replaceAll("'", String.raw`'\''`)}'`;
  const command = `printf '%s\\n' "$(cat)" >> ${file}`;
  return JSON.stringify({
    // Neither is the agent's own: a hint below the spinner, and what it thinks that one might want to type next.
    spinnerTipsEnabled: false,
    promptSuggestionEnabled: false,
    hooks: Object.fromEntries(hooks.map((name) => [name, [{ hooks: [{ type: "command", command, timeout: 10 }] }]])),
  });
}

/** Claude Code's hooks, and its transcript: `projects/<folder's name>/<conversation>.jsonl`. */
export const claudeJournal: Journal = { tells: "turns", places, read };

function places({ env, folder, conversation }: JournalContext): JournalPlace[] {
  const config = env["CLAUDE_CONFIG_DIR"] ?? `${env["HOME"] ?? ""}/.claude`;
  const owns = () => true;
  return [
    { folder, depth: 0, file: new RegExp(`^${signals}$`), owns },
    { folder: `${config}/projects`, depth: 1, file: new RegExp(`^${conversation}\\.jsonl$`), owns },
  ];
}

function read(line: unknown): Entry[] {
  const hook = textAt(line, "hook_event_name");
  if (hook !== undefined) return fromHook(hook, line);
  // Sub-agents have a conversation of their own, and what is meta was not said by anybody.
  if (at(line, "isSidechain") === true || at(line, "isMeta") === true) return [];
  const time = textAt(line, "timestamp");
  return fromTranscript(line).map((entry) => ({ ...entry, ...(time !== undefined && { at: time }) }));
}

function fromHook(hook: string, line: unknown): Entry[] {
  const [id, file] = [textAt(line, "session_id"), textAt(line, "transcript_path")];
  switch (hook) {
    case "SessionStart":
      return id === undefined ? [] : [{ type: "conversation", id, ...(file !== undefined && { file }) }];
    case "UserPromptSubmit":
      return [prompted(textAt(line, "prompt") ?? "")];
    case "PermissionRequest":
      return [{ type: "asking", detail: toolDetail(at(line, "tool_input"), textAt(line, "tool_name")) }];
    case "Stop":
      return [
        {
          type: "end",
          how: "done",
          ...last(textAt(line, "last_assistant_message")),
          ...goingOn(at(line, "background_tasks")),
        },
      ];
    case "StopFailure":
      return [{ type: "end", how: "failed", ...last(textAt(line, "last_assistant_message")) }];
    default:
      return [];
  }
}

/** Claude begins a turn by itself too, for instance when what runs in the background is done. Long pastes stand in tags. */
function prompted(text: string): Entry {
  const own = text.replaceAll(/<pasted_content\b[^>]*>\n?|\n?<\/pasted_content\b[^>]*>/g, "");
  return { type: "prompt", text: notification.test(text) ? "" : own };
}

/** Background work after the turn: everything that is no command is an agent, or has some. */
function goingOn(tasks: unknown): { background?: Background } {
  const types = listAt(tasks).map((task) => textAt(task, "type"));
  const shells = types.filter((type) => type === "shell" || type === "monitor").length;
  return types.length === 0 ? {} : { background: { shells, agents: types.length - shells } };
}

function last(text: string | undefined): { last?: string } {
  return text === undefined ? {} : { last: text };
}

function fromTranscript(line: unknown): Entry[] {
  const type = textAt(line, "type");
  if (type === "system") return at(line, "subtype") === "turn_duration" ? [{ type: "end", how: "done" }] : [];
  const content = at(line, "message", "content");
  const blocks = typeof content === "string" ? [{ type: "text", text: content }] : listAt(content);
  if (type === "user") return blocks.flatMap(fromUser);
  return type === "assistant"
    ? blocks.flatMap((block, index) => fromAssistant(block, `${textAt(line, "uuid")}/${index}`))
    : [];
}

function fromUser(block: unknown): Entry[] {
  const text = textAt(block, "text");
  if (text === undefined) return at(block, "type") === "tool_result" ? [{ type: "answered" }] : [];
  if (text.startsWith("[Request interrupted by user")) return [{ type: "end", how: "interrupted" }];
  // Output of a command of Claude's own stands in tags.
  return /^<(?:local-)?command-/.test(text) ? [] : [prompted(text)];
}

function fromAssistant(block: unknown, id: string): Entry[] {
  const text = textAt(block, "text");
  if (at(block, "type") === "text" && text !== undefined) return text.trim() === "" ? [] : [{ type: "said", text, id }];
  if (at(block, "type") !== "tool_use") return [];
  return [{ type: "tool", text: toolLine(textAt(block, "name") ?? "tool", at(block, "input")), id }];
}
