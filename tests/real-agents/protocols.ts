import { randomUUID } from "node:crypto";

/** What the model says, piece by piece, and the shell command that it wants to run then. */
export interface Reply {
  pieces: string[];
  command?: string;
}

/** A step of the conversation: what a person said, or what a tool gave. */
export interface Entry {
  by: "user" | "tool";
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
}

export function protocolOf(path: string): Protocol | undefined {
  return [messages, responses, generateContent, chatCompletions].find((protocol) => protocol.path.test(path));
}

type Content = string | { type?: string; text?: string; functionResponse?: unknown }[] | null;

interface Message {
  type?: string;
  role?: string;
  content?: Content;
  parts?: Content;
}

interface Body {
  messages?: Message[];
  input?: Message[];
  contents?: Message[];
  tools?: unknown[];
}

const description = "Do it";

/** Anthropic Messages: claude. */
const messages: Protocol = {
  path: /\/messages$/,
  read: (body) => read(body as Body, ({ messages = [] }) => messages),
  *events({ pieces, command }) {
    const usage = { input_tokens: 10, output_tokens: 5 };
    const message = { id: newId("msg"), type: "message", role: "assistant", model: "fake", content: [], usage };
    yield typed({ type: "message_start", message: { ...message, stop_reason: null, stop_sequence: null } });
    yield typed({ type: "content_block_start", index: 0, content_block: { type: "text", text: "" } });
    for (const text of pieces) {
      yield typed({ type: "content_block_delta", index: 0, delta: { type: "text_delta", text } });
    }
    yield typed({ type: "content_block_stop", index: 0 });
    if (command !== undefined) {
      const tool = { type: "tool_use", id: newId("toolu"), name: "Bash", input: {} };
      const delta = { type: "input_json_delta", partial_json: JSON.stringify({ command, description }) };
      yield typed({ type: "content_block_start", index: 1, content_block: tool });
      yield typed({ type: "content_block_delta", index: 1, delta });
      yield typed({ type: "content_block_stop", index: 1 });
    }
    const reason = command === undefined ? "end_turn" : "tool_use";
    yield typed({ type: "message_delta", delta: { stop_reason: reason, stop_sequence: null }, usage });
    yield typed({ type: "message_stop" });
  },
};

/** OpenAI Responses: codex. */
const responses: Protocol = {
  path: /\/responses$/,
  read: (body) => read(body as Body, ({ input = [] }) => input),
  *events({ pieces, command }) {
    const response = { id: newId("resp"), object: "response" };
    yield typed({ type: "response.created", response: { ...response, status: "in_progress", output: [] } });
    const id = newId("item");
    const message = { type: "message", id, role: "assistant", status: "completed" };
    const content = [{ type: "output_text", text: pieces.join(""), annotations: [] }];
    const output: object[] = [{ ...message, content }];
    yield typed({ type: "response.output_item.added", output_index: 0, item: { ...message, content: [] } });
    for (const delta of pieces) {
      yield typed({ type: "response.output_text.delta", item_id: id, output_index: 0, content_index: 0, delta });
    }
    // Only what wants out of codex's sandbox is asked about.
    const escalated = { sandbox_permissions: "require_escalated", justification: description };
    if (command !== undefined) {
      const call = { type: "function_call", id: newId("fc"), call_id: newId("call"), name: "exec_command" };
      output.push({ ...call, arguments: JSON.stringify({ cmd: command, ...escalated }), status: "completed" });
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
  read: (body) => read(body as Body, ({ contents = [] }) => contents),
  *events({ pieces, command }) {
    for (const text of pieces) yield candidate([{ text }]);
    const args = { command, description };
    if (command !== undefined) yield candidate([{ functionCall: { name: "run_shell_command", args } }]);
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
  read: (body) => read(body as Body, ({ messages = [] }) => messages),
  *events({ pieces, command }) {
    const base = { id: newId("chat"), object: "chat.completion.chunk", created: 1, model: "m" };
    const chunk = (delta: object, reason: string | null = null) => ({
      data: { ...base, choices: [{ index: 0, delta, finish_reason: reason }] },
    });
    yield chunk({ role: "assistant", content: "" });
    for (const content of pieces) yield chunk({ content });
    if (command !== undefined) {
      const call = { name: "bash", arguments: JSON.stringify({ command, description }) };
      yield chunk({ tool_calls: [{ index: 0, id: newId("call"), type: "function", function: call }] });
    }
    yield chunk({}, command === undefined ? "stop" : "tool_calls");
  },
};

function read(body: Body, steps: (body: Body) => Message[]): { entries: Entry[]; tools: boolean } {
  return { entries: steps(body).flatMap(entriesOf), tools: (body.tools ?? []).length > 0 };
}

function entriesOf({ type, role, content, parts }: Message): Entry[] {
  if (type === "function_call_output" || role === "tool") return [{ by: "tool", text: "" }];
  if (role !== "user") return [];
  const blocks = content ?? parts ?? [];
  const found = typeof blocks === "string" ? [{ text: blocks }] : blocks;
  return found.flatMap((block): Entry[] => {
    if (("type" in block && block.type === "tool_result") || "functionResponse" in block)
      return [{ by: "tool", text: "" }];
    // What agents add on their own, such as <system-reminder> and <environment_context>, stands in tags.
    return block.text === undefined || block.text.startsWith("<") ? [] : [{ by: "user", text: block.text }];
  });
}

function typed(data: { type: string; [field: string]: unknown }): SseEvent {
  return { type: data.type, data };
}

function newId(kind: string): string {
  return `${kind}_${randomUUID()}`;
}
