import { randomUUID } from "node:crypto";

/** What the model says, piece by piece, and then the shell command that it wants to run, or the tools that it calls by their own names. */
export interface Reply {
  pieces: string[];
  command?: string;
  calls?: ToolCall[];
  /** What it thinks before, piece by piece. */
  thought?: string[];
}

/** A call of one of the agent's tools. */
export interface ToolCall {
  name: string;
  args: object;
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
  *events({ pieces, thought = [], ...wanted }) {
    const calls = callsOf(wanted, (command) => ({ name: "Bash", args: { command, description } }));
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
  read: (body) => read(body as Body, ({ input = [] }) => input),
  *events({ pieces, thought = [], ...wanted }) {
    // Only what wants out of codex's sandbox is asked about.
    const escalated = { sandbox_permissions: "require_escalated", justification: description };
    const calls = callsOf(wanted, (cmd) => ({ name: "exec_command", args: { cmd, ...escalated } }));
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
    for (const { name, args } of calls) {
      const call = { type: "function_call", id: newId("fc"), call_id: newId("call"), name };
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
  read: (body) => read(body as Body, ({ contents = [] }) => contents),
  *events({ pieces, thought = [], ...wanted }) {
    for (const text of thought) yield candidate([{ text, thought: true }]);
    for (const text of pieces) yield candidate([{ text }]);
    const calls = callsOf(wanted, (command) => ({ name: "run_shell_command", args: { command, description } }));
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
  read: (body) => read(body as Body, ({ messages = [] }) => messages),
  *events({ pieces, thought = [], ...wanted }) {
    const calls = callsOf(wanted, (command) => ({ name: "bash", args: { command, description } }));
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

/** The calls of a reply; `run` is how this agent's shell is called. */
function callsOf({ command, calls = [] }: Omit<Reply, "pieces">, run: (command: string) => ToolCall): ToolCall[] {
  return command === undefined ? calls : [run(command), ...calls];
}

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
