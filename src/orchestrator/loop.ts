import type Anthropic from "@anthropic-ai/sdk";
import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import type {
  BetaContentBlock,
  BetaContentBlockParam,
  BetaMessage,
  BetaTextBlockParam,
  BetaUsage,
} from "@anthropic-ai/sdk/resources/beta/messages/messages";
import { ShardbridgeError } from "../errors.ts";
import type { Conversation } from "./conversation.ts";
import type { Message } from "./history.ts";
import type { Answer, Tokens } from "./orchestrator.ts";
import { stayingSilent } from "./tools.ts";

/** Tokens of one reply of the model. */
const maxTokens = 8_192;

/** Entry in the history for a turn without a word. */
const silence = "(silent)";

export interface Call {
  client: Anthropic;
  model: string;
  system: BetaTextBlockParam[];
  tools: BetaRunnableTool[];
  /** Lines of the calls that the tools have made so far. */
  calls: string[];
  /** Requests to the model at most. */
  rounds: number;
  /** Characters that a request may have. */
  budget: number;
  /** Nobody has asked, so that it may stay silent. */
  woken: boolean;
  signal: AbortSignal | undefined;
  progress: ((sofar: Answer) => void) | undefined;
  /** Is told of each request when it is over. */
  spent(tokens: Tokens): Promise<void>;
  /** Throws when there may be no further request. */
  check(): void;
}

/**
 * Let the model answer the conversation's last message, with as many rounds of tools as it needs; the calls of one round run side by
 * side. Each step is saved as it happens: calls before they run, results when all have ended. Throws ShardbridgeError "failed"
 * after too many rounds or when the model declines, and the SDK's errors.
 */
export async function converse(call: Call, conversation: Conversation): Promise<Answer> {
  const { client, model, system, tools, calls, rounds, budget, signal, progress } = call;
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
    stream.on("text", (_delta, sofar) => progress?.({ text: sofar, calls: [...calls] }));
    const message = await stream.finalMessage();
    await call.spent(tokensOf(message.usage));
    said = textOf(message) || said;
    const called = message.stop_reason === "tool_use" && message.content.some(({ type }) => type === "tool_use");
    if (!called && message.stop_reason !== "pause_turn") return finish(message, said, call, conversation);
    await conversation.add(replyOf(message.content));
    if (!called) continue;
    const results = await runner.generateToolResponse();
    if (results === null || typeof results.content === "string") throw new Error("the tool runner gave no results");
    await conversation.add({ role: "user", content: results.content }, { calls: [...calls] });
    progress?.({ text: said, calls: [...calls] });
    const silent = message.content.some((block) => block.type === "tool_use" && block.name === stayingSilent);
    const failed = results.content.some((block) => block.type === "tool_result" && block.is_error === true);
    // The model has to hear of what failed.
    if (call.woken && silent && !failed) return silently(call, conversation);
    call.check();
    await conversation.fit(budget);
    runner.setMessagesParams((params) => ({ ...params, messages: conversation.messages() }));
  }
  throw new ShardbridgeError(
    "failed",
    `The model used its tools ${rounds} times without coming to an answer: ask for less at once.`,
  );
}

/** Nothing is to be posted: what its tools did is all that came of it. */
async function silently(call: Call, conversation: Conversation): Promise<Answer> {
  const answer = { text: "", calls: call.calls.filter((line) => !line.startsWith("stayed silent")) };
  await conversation.add({ role: "assistant", content: [{ type: "text", text: silence }] }, { answer });
  return answer;
}

/** The text to show for the last message of a turn, which is saved. */
async function finish(message: BetaMessage, said: string, call: Call, conversation: Conversation): Promise<Answer> {
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
  // Some models say it rather than call the tool for it, and some say nothing at all.
  const silent = call.woken && !cut && (said === "" || isSilence(said));
  const answer = { text: silent ? "" : text, calls: [...call.calls] };
  await conversation.add(
    spoken ? kept : { role: "assistant", content: [...kept.content, { type: "text", text: silent ? silence : text }] },
    { answer },
  );
  return answer;
}

/** Whether a model has said that it says nothing. */
export function isSilence(said: string): boolean {
  return /^[([*_\s]*(?:stay(?:ing|s|ed)?[ _])?silent[)\]*_.\s]*$/i.test(said);
}

export function tokensOf(usage: BetaUsage): Tokens {
  return {
    input: usage.input_tokens,
    cacheWrite: usage.cache_creation_input_tokens ?? 0,
    cacheRead: usage.cache_read_input_tokens ?? 0,
    output: usage.output_tokens,
  };
}

export function textOf(message: BetaMessage): string {
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
