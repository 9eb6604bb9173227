import type Anthropic from "@anthropic-ai/sdk";
import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import type {
  BetaContentBlock,
  BetaContentBlockParam,
  BetaMessage,
  BetaTextBlockParam,
} from "@anthropic-ai/sdk/resources/beta/messages/messages";
import { ShardbridgeError } from "../errors.ts";
import type { Conversation } from "./conversation.ts";
import type { Message } from "./history.ts";

/** Tokens of one reply of the model. */
const maxTokens = 8_192;

export interface Call {
  client: Anthropic;
  model: string;
  system: BetaTextBlockParam[];
  tools: BetaRunnableTool[];
  /** Requests to the model at most. */
  rounds: number;
  /** Characters that a request may have. */
  budget: number;
  signal: AbortSignal | undefined;
}

/**
 * Let the model answer the conversation's last message, with as many rounds of tools as it needs; the calls of one round run side by
 * side. Each step is saved as it happens: calls before they run, results when all have ended. Throws ShardbridgeError "failed"
 * after too many rounds or when the model declines, and the SDK's errors.
 */
export async function converse(call: Call, conversation: Conversation): Promise<string> {
  const { client, model, system, tools, rounds, budget, signal } = call;
  const runner = client.beta.messages.toolRunner(
    {
      model,
      system,
      tools,
      messages: conversation.messages(),
      max_tokens: maxTokens,
      max_iterations: rounds,
      stream: true,
      // The history is ours: without this the runner keeps it on Anthropic's side, which other endpoints don't know.
      thread: false,
    },
    signal === undefined ? {} : { signal },
  );
  let said = "";
  for await (const stream of runner) {
    const message = await stream.finalMessage();
    said = textOf(message) || said;
    const calls = message.stop_reason === "tool_use" && message.content.some(({ type }) => type === "tool_use");
    if (!calls && message.stop_reason !== "pause_turn") return finish(message, said, conversation);
    await conversation.add(replyOf(message.content));
    if (!calls) continue;
    const results = await runner.generateToolResponse();
    if (results === null || typeof results.content === "string") throw new Error("the tool runner gave no results");
    await conversation.add({ role: "user", content: results.content });
    await conversation.fit(budget);
    runner.setMessagesParams((params) => ({ ...params, messages: conversation.messages() }));
  }
  throw new ShardbridgeError(
    "failed",
    `The model used its tools ${rounds} times without coming to an answer: ask for less at once.`,
  );
}

/** The text to show for the last message of a turn, which is saved. */
async function finish(message: BetaMessage, said: string, conversation: Conversation): Promise<string> {
  if (message.stop_reason === "refusal") {
    // Kept, the declined message would make the model decline what follows too.
    await conversation.drop();
    throw new ShardbridgeError(
      "failed",
      "The model declined to answer this: say it differently, or use the /shard commands.",
    );
  }
  const cut = message.stop_reason === "max_tokens" || message.stop_reason === "model_context_window_exceeded";
  const note = cut ? "*(The answer was cut off here: it reached the model's limit.)*" : "";
  const text = [said, note].filter((part) => part !== "").join("\n\n") || "*(The model gave no text.)*";
  // Calls that were cut off or not meant to run have no results, so they may not stay.
  const kept = replyOf(message.content.filter(({ type }) => type !== "tool_use"));
  const spoken = kept.content.some(({ type }) => type === "text");
  await conversation.add(spoken ? kept : { role: "assistant", content: [...kept.content, { type: "text", text }] });
  return text;
}

function textOf(message: BetaMessage): string {
  return message.content
    .flatMap((block) => (block.type === "text" ? [block.text] : []))
    .join("")
    .trim();
}

/** The reply as it goes back: the fields that the API takes, and no empty text, which it refuses. */
function replyOf(content: BetaContentBlock[]): Message {
  const blocks = content.flatMap((block): BetaContentBlockParam[] => {
    if (block.type === "text") return block.text.trim() === "" ? [] : [{ type: "text", text: block.text }];
    if (block.type === "tool_use") return [{ type: "tool_use", id: block.id, name: block.name, input: block.input }];
    if (block.type === "thinking" || block.type === "redacted_thinking") return [block];
    return [];
  });
  return { role: "assistant", content: blocks };
}
