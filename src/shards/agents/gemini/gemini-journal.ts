import type { Entry, Journal, JournalContext, JournalPlace } from "../agent.ts";
import { at, listAt, textAt } from "../json.ts";
import { toolLine } from "../cleaning/tool-line.ts";

/**
 * Gemini CLI's chat file: `~/.gemini/tmp/<project>/chats/session-<time>-<start of the id>.jsonl`. It does not tell that a turn
 * ended well; the title does. After a cancelled turn the whole history is written again at once, with lists for the answers' texts.
 * Gemini leaves joiners out of what the model says, as does the history that it sends to the model (0.61.0, measured); its screen has them.
 */
export const geminiJournal: Journal = { tells: "begins", losesJoiners: true, places, read };

function places({ env, conversation }: JournalContext): JournalPlace[] {
  const file = new RegExp(`^session-.*-${conversation.slice(0, 8)}\\.jsonl$`);
  const owns = (first: unknown) => textAt(first, "sessionId") === conversation;
  return [{ folder: `${env["HOME"] ?? ""}/.gemini/tmp`, depth: 2, file, owns }];
}

function read(line: unknown): Entry[] {
  const session = textAt(line, "sessionId");
  if (session !== undefined) return [{ type: "conversation", id: session }];
  const prompt = textAt(line, "content", 0, "text");
  if (at(line, "type") === "user" && prompt !== undefined && !prompt.startsWith("<session_context>")) {
    return [{ type: "prompt", text: prompt, ...stampOf(line) }];
  }
  const [id = "", content] = [textAt(line, "id"), textAt(line, "content")];
  if (content === undefined) return [];
  const stamp = stampOf(line);
  switch (at(line, "type")) {
    case "gemini": {
      const tools = listAt(line, "toolCalls").map((call, index): Entry => {
        const name = textAt(call, "displayName") ?? textAt(call, "name") ?? "tool";
        return { ...stamp, type: "tool", id: `${id}/${index}`, text: toolLine(name, at(call, "args")) };
      });
      return content.trim() === "" ? tools : [{ ...stamp, type: "said", text: content, id }, ...tools];
    }
    case "error":
      return [{ ...stamp, type: "end", how: "failed", text: content }];
    case "info":
      return content === "Request cancelled." ? [{ ...stamp, type: "end", how: "interrupted" }] : [];
    default:
      return [];
  }
}

function stampOf(line: unknown): { at?: string } {
  const time = textAt(line, "timestamp");
  return time === undefined ? {} : { at: time };
}
