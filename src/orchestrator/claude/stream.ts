import { z } from "zod";
import type { Tokens } from "../orchestrator.ts";

const usage = z.object({
  input_tokens: z.number().default(0),
  cache_creation_input_tokens: z.number().nullish(),
  cache_read_input_tokens: z.number().nullish(),
  output_tokens: z.number().default(0),
});

const event = z.union([
  z.object({ type: z.literal("message_start"), message: z.object({ model: z.string(), usage }) }),
  z.object({
    type: z.literal("content_block_delta"),
    delta: z.object({ type: z.literal("text_delta"), text: z.string() }),
  }),
  z.object({ type: z.literal("message_delta"), usage: z.object({ output_tokens: z.number() }) }),
]);

/*
 * Lines of `claude -p --output-format stream-json --verbose --include-partial-messages`, 2.1.197: code.claude.com/docs "Run Claude Code
 * programmatically", and as seen. Others are of no use here.
 */
const line = z.union([
  z.object({
    type: z.literal("system"),
    subtype: z.literal("init"),
    session_id: z.string(),
    mcp_servers: z.array(z.object({ name: z.string(), status: z.string() })).default([]),
  }),
  z.object({ type: z.literal("system"), subtype: z.literal("api_retry"), error_status: z.number().nullish() }),
  z.object({ type: z.literal("stream_event"), event, parent_tool_use_id: z.null() }),
  z.object({
    type: z.literal("result"),
    subtype: z.string(),
    is_error: z.boolean(),
    result: z.string().optional(),
    errors: z.array(z.string()).optional(),
    num_turns: z.number().default(1),
    total_cost_usd: z.number().default(0),
    usage,
  }),
]);

/** One thing that Claude Code tells of a turn. */
export type ClaudeStreamEvent =
  /** The turn begins in this conversation; `tools`: whether our tools are there. */
  | { type: "begun"; session: string; tools: boolean }
  /** A request to the model failed with this status and is tried again. */
  | { type: "retry"; status: number | undefined }
  | { type: "request"; model: string; tokens: Tokens }
  /** More tokens that the last request's answer has by now. */
  | { type: "output"; tokens: number }
  | { type: "text"; text: string }
  | { type: "result"; failed: string | undefined; text: string; requests: number; cost: number; tokens: Tokens };

/** Event in a line; undefined for one that is of no use, or none of its own. */
export function readLine(text: string): ClaudeStreamEvent | undefined {
  const parsed = line.safeParse(parse(text));
  if (!parsed.success) return undefined;
  const told = parsed.data;
  switch (told.type) {
    case "system":
      if (told.subtype === "api_retry") return { type: "retry", status: told.error_status ?? undefined };
      return {
        type: "begun",
        session: told.session_id,
        tools: told.mcp_servers.every(({ status }) => status === "connected"),
      };
    case "stream_event":
      return fromEvent(told.event);
    case "result": {
      const { subtype, is_error, result = "", errors = [], num_turns, total_cost_usd } = told;
      const failed = is_error
        ? [subtype === "success" ? "" : subtype, result, ...errors].filter(Boolean).join(": ")
        : undefined;
      const counts = { requests: num_turns, cost: total_cost_usd, tokens: tokensOf(told.usage) };
      return { type: "result", failed, text: result, ...counts };
    }
  }
}

function fromEvent(told: z.infer<typeof event>): ClaudeStreamEvent {
  switch (told.type) {
    case "message_start":
      return { type: "request", model: told.message.model, tokens: tokensOf(told.message.usage) };
    case "message_delta":
      return { type: "output", tokens: told.usage.output_tokens };
    case "content_block_delta":
      return { type: "text", text: told.delta.text };
  }
}

function tokensOf(used: z.infer<typeof usage>): Tokens {
  return {
    input: used.input_tokens,
    cacheWrite: used.cache_creation_input_tokens ?? 0,
    cacheRead: used.cache_read_input_tokens ?? 0,
    output: used.output_tokens,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
