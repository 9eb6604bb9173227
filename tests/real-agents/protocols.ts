import { randomUUID } from "node:crypto";

/** What the model says, piece by piece, and the tools that it calls then. */
export interface Reply {
  pieces: string[];
  calls?: ToolCall[];
  /** What it thinks before, piece by piece. */
  thought?: string[];
}

/** A call of one of the agent's tools. */
export interface ToolCall {
  name: string;
  /** Of codex's alone. */
  namespace?: string;
  args: object;
}

/** A step of the conversation: what a person said, what a tool gave, or what the agent tells of work in the background. */
export interface Entry {
  by: "user" | "tool" | "background";
  text: string;
}

/** A server-sent event. */
interface SseEvent {
  type?: string;
  data: unknown;
}

/** A model's streaming API, as far as the agents use it. */
export interface Protocol {
  path: RegExp;
  /** The conversation that a request has, and whether the model may use tools. */
  read(body: unknown): { entries: Entry[]; tools: boolean };
  events(reply: Reply): Generator<SseEvent>;
  /** How it says that the plan is used up. */
  limit: { status: number; headers?: Record<string, string>; body: object };
}

/** When a plan that is used up can be used again: 2027-01-01, 15:00 UTC. */
const renewed = Date.UTC(2027, 0, 1, 15) / 1000;

export function protocolOf(path: string): Protocol | undefined {
  return [messages, responses, generateContent, chatCompletions].find((protocol) => protocol.path.test(path));
}

interface Block {
  type?: string;
  text?: string;
  content?: Content;
  functionResponse?: unknown;
}

type Content = string | Block[] | null;

interface Message {
  type?: string;
  role?: string;
  content?: Content;
  parts?: Content;
  output?: unknown;
}

interface Body {
  messages?: Message[];
  input?: Message[];
  contents?: Message[];
  tools?: unknown[];
}

/** Anthropic Messages: claude. */
const messages: Protocol = {
  path: /\/messages$/,
  limit: {
    status: 429,
    headers: {
      "anthropic-ratelimit-unified-status": "rejected",
      "anthropic-ratelimit-unified-representative-claim": "five_hour",
      "anthropic-ratelimit-unified-reset": `${renewed}`,
    },
    body: { type: "error", error: { type: "rate_limit_error", message: "This request would exceed your limit." } },
  },
  read: (body) => read(body as Body, ({ messages = [] }) => messages),
  *events({ pieces, thought = [], calls = [] }) {
    const usage = { input_tokens: 10, output_tokens: 5 };
    const message = { id: newId("msg"), type: "message", role: "assistant", model: "fake", content: [], usage };
    yield typed({ type: "message_start", message: { ...message, stop_reason: null, stop_sequence: null } });
    if (thought.length > 0) {
      yield typed({ type: "content_block_start", index: 0, content_block: { type: "thinking", thinking: "" } });
      for (const thinking of thought) {
        yield typed({ type: "content_block_delta", index: 0, delta: { type: "thinking_delta", thinking } });
      }
      const signature = { type: "signature_delta", signature: "fake" };
      yield typed({ type: "content_block_delta", index: 0, delta: signature });
      yield typed({ type: "content_block_stop", index: 0 });
    }
    const first = thought.length > 0 ? 1 : 0;
    yield typed({ type: "content_block_start", index: first, content_block: { type: "text", text: "" } });
    for (const text of pieces) {
      yield typed({ type: "content_block_delta", index: first, delta: { type: "text_delta", text } });
    }
    yield typed({ type: "content_block_stop", index: first });
    for (const [place, { name, args }] of calls.entries()) {
      const index = first + place + 1;
      const tool = { type: "tool_use", id: newId("toolu"), name, input: {} };
      const delta = { type: "input_json_delta", partial_json: JSON.stringify(args) };
      yield typed({ type: "content_block_start", index, content_block: tool });
      yield typed({ type: "content_block_delta", index, delta });
      yield typed({ type: "content_block_stop", index });
    }
    const reason = calls.length === 0 ? "end_turn" : "tool_use";
    yield typed({ type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage });
    yield typed({ type: "message_stop" });
  },
};

/** OpenAI Responses: codex. */
const responses: Protocol = {
  path: /\/responses$/,
  limit: {
    status: 429,
    body: {
      error: {
        type: "usage_limit_reached",
        message: "The usage limit has been reached",
        plan_type: "plus",
        resets_at: renewed,
      },
    },
  },
  read: (body) => read(body as Body, ({ input = [] }) => input),
  *events({ pieces, thought = [], calls = [] }) {
    const response = { id: newId("resp"), object: "response" };
    yield typed({ type: "response.created", response: { ...response, status: "in_progress", output: [] } });
    if (thought.length > 0) {
      const summary = [{ type: "summary_text", text: `**Thinking about it**\n\n${thought.join("")}` }];
      const item = { type: "reasoning", id: newId("rs"), summary, encrypted_content: "fake" };
      yield typed({ type: "response.output_item.added", output_index: 0, item: { ...item, summary: [] } });
      const at = { item_id: item.id, output_index: 0, summary_index: 0 };
      yield typed({ type: "response.reasoning_summary_part.added", ...at, part: { type: "summary_text", text: "" } });
      for (const delta of ["**Thinking about it**\n\n", ...thought]) {
        yield typed({ type: "response.reasoning_summary_text.delta", ...at, delta });
      }
      yield typed({ type: "response.output_item.done", output_index: 0, item });
    }
    const id = newId("item");
    const message = { type: "message", id, role: "assistant", status: "completed" };
    const content = [{ type: "output_text", text: pieces.join(""), annotations: [] }];
    const output: object[] = [{ ...message, content }];
    yield typed({ type: "response.output_item.added", output_index: 0, item: { ...message, content: [] } });
    for (const delta of pieces) {
      yield typed({ type: "response.output_text.delta", item_id: id, output_index: 0, content_index: 0, delta });
    }
    for (const { name, namespace, args } of calls) {
      const own = { name, ...(namespace !== undefined && { namespace }) };
      const call = { type: "function_call", id: newId("fc"), call_id: newId("call"), ...own };
      output.push({ ...call, arguments: JSON.stringify(args), status: "completed" });
    }
    for (const [index, item] of output.entries()) {
      yield typed({ type: "response.output_item.done", output_index: index, item });
    }
    const usage = { input_tokens: 10, output_tokens: 5, total_tokens: 15 };
    yield typed({ type: "response.completed", response: { ...response, status: "completed", output, usage } });
  },
};

/** Gemini's streamGenerateContent. */
const generateContent: Protocol = {
  path: /:streamGenerateContent$/,
  limit: {
    status: 429,
    body: {
      error: {
        code: 429,
        status: "RESOURCE_EXHAUSTED",
        message: "You exceeded your current quota.",
        details: [
          {
            "@type": "type.googleapis.com/google.rpc.QuotaFailure",
            violations: [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier" }],
          },
        ],
      },
    },
  },
  read: (body) => read(body as Body, ({ contents = [] }) => contents),
  *events({ pieces, thought = [], calls = [] }) {
    for (const text of thought) yield candidate([{ text, thought: true }]);
    for (const text of pieces) yield candidate([{ text }]);
    if (calls.length > 0) yield candidate(calls.map((functionCall) => ({ functionCall })));
    yield candidate([{ text: "" }], "STOP");
  },
};

function candidate(parts: object[], finishReason?: string): SseEvent {
  const usageMetadata = { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 };
  return { data: { candidates: [{ content: { role: "model", parts }, finishReason, index: 0 }], usageMetadata } };
}

/** OpenAI chat/completions: opencode. */
const chatCompletions: Protocol = {
  path: /\/chat\/completions$/,
  limit: {
    status: 429,
    body: {
      error: {
        type: "insufficient_quota",
        code: "insufficient_quota",
        message: "You exceeded your current quota, please check your plan and billing details.",
      },
    },
  },
  read: (body) => read(body as Body, ({ messages = [] }) => messages),
  *events({ pieces, thought = [], calls = [] }) {
    const base = { id: newId("chat"), object: "chat.completion.chunk", created: 1, model: "m" };
    const chunk = (delta: object, reason: string | null = null) => ({
      data: { ...base, choices: [{ index: 0, delta, finish_reason: reason }] },
    });
    yield chunk({ role: "assistant", content: "" });
    for (const reasoning_content of thought) yield chunk({ reasoning_content });
    for (const content of pieces) yield chunk({ content });
    for (const [index, { name, args }] of calls.entries()) {
      const call = { name, arguments: JSON.stringify(args) };
      yield chunk({ tool_calls: [{ index, id: newId("call"), type: "function", function: call }] });
    }
    yield chunk({}, calls.length === 0 ? "stop" : "tool_calls");
  },
};

function read(body: Body, steps: (body: Body) => Message[]): { entries: Entry[]; tools: boolean } {
  return { entries: steps(body).flatMap(entriesOf), tools: (body.tools ?? []).length > 0 };
}

function entriesOf({ type, role, content, parts, output }: Message): Entry[] {
  if (type === "function_call_output") return [{ by: "tool", text: JSON.stringify(output) }];
  if (role === "tool") return [{ by: "tool", text: JSON.stringify(content) }];
  if (role !== "user") return [];
  const blocks = content ?? parts ?? [];
  const found: Block[] = typeof blocks === "string" ? [{ text: blocks }] : blocks;
  return found.flatMap((block): Entry[] => {
    const result = block.type === "tool_result" ? block.content : block.functionResponse;
    if (result !== undefined) return [{ by: "tool", text: JSON.stringify(result) }];
    const { text } = block;
    if (text === undefined) return [];
    if (/^<[^]*<task-notification>/.test(text)) return [{ by: "background", text }];
    // What agents add on their own, such as <system-reminder> and <environment_context>, stands in tags; <context> is ours.
    return /^<(?!context>)/.test(text) ? [] : [{ by: "user", text: typedIn(text) }];
  });
}

/** What was typed: Claude puts a pasted text of some lines into a tag. */
function typedIn(text: string): string {
  const pasted = /^\s*<pasted_content id="(\w+)">\n([^]*)\n<\/pasted_content id="\1">\s*$/.exec(text);
  return pasted?.[2] ?? text;
}

function typed(data: { type: string; [field: string]: unknown }): SseEvent {
  return { type: data.type, data };
}

function newId(kind: string): string {
  return `${kind}_${randomUUID()}`;
}
