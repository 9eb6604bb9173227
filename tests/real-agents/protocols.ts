import { randomUUID } from "node:crypto";

/** What the model says, piece by piece, and then the shell command that it wants to run, or the tools that it calls by their own names. */
export interface Reply {
  pieces: string[];
  command?: string;
  calls?: ToolCall[];
  call?: Call;
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

/** A shell command to run, questions to the user, of which several options may be chosen where `many` is set, or a task for a sub-agent. */
type Call =
  | { command: string }
  | { ask: readonly string[]; options: readonly string[]; many: boolean }
  | { prompt: string };

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

const description = "Do it";
/** Opencode's sub-agent. */
const general = { subagent_type: "general" };

/** Anthropic Messages: claude. */
const messages: Protocol = {
  path: /\/messages$/,
  read: (body) => read(body as Body, ({ messages = [] }) => messages),
  *events({ pieces, thought = [], ...wanted }) {
    const calls = callsOf(wanted, (call) => {
      if ("ask" in call) return { name: "AskUserQuestion", args: questions(call, { multiSelect: call.many }) };
      return { name: "Bash", args: { ...call, description } };
    });
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
    const calls = callsOf(wanted, (call) => {
      if ("ask" in call) return { name: "request_user_input", args: questions(call, {}) };
      return { name: "exec_command", args: { cmd: "command" in call && call.command, ...escalated } };
    });
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
  read: (body) => read(body as Body, ({ contents = [] }) => contents),
  *events({ pieces, thought = [], ...wanted }) {
    for (const text of thought) yield candidate([{ text, thought: true }]);
    for (const text of pieces) yield candidate([{ text }]);
    const calls = callsOf(wanted, (call) => {
      const choice = { type: "choice", multiSelect: "ask" in call && call.many };
      if ("ask" in call) return { name: "ask_user", args: questions(call, choice) };
      return { name: "run_shell_command", args: { ...call, description } };
    });
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
    const calls = callsOf(wanted, (call) => {
      if ("ask" in call) return { name: "question", args: questions(call, { multiple: call.many }) };
      return { name: "prompt" in call ? "task" : "bash", args: { ...call, description, ...general } };
    });
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

/** The calls of a reply; `own` is how this agent's tools are called for it. */
function callsOf({ command, call, calls = [] }: Omit<Reply, "pieces">, own: (call: Call) => ToolCall): ToolCall[] {
  const wanted = call ?? (command === undefined ? undefined : { command });
  return wanted === undefined ? calls : [own(wanted), ...calls];
}

/** The arguments of a tool that asks: much the same in all agents. */
function questions({ ask, options }: Extract<Call, { ask: unknown }>, more: object): object {
  const choices = options.map((label) => ({ label, description: `The ${label.toLowerCase()} one` }));
  const asked = ask.map((question, index) => ({ id: `q${index}`, header: `Part ${index + 1}`, question, ...more }));
  return { questions: asked.map((one) => ({ ...one, options: choices })) };
}

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
    // What agents add on their own, such as <system-reminder> and <environment_context>, stands in tags; <context> is ours.
    return block.text === undefined || /^<(?!context>)/.test(block.text) ? [] : [{ by: "user", text: block.text }];
  });
}

function typed(data: { type: string; [field: string]: unknown }): SseEvent {
  return { type: data.type, data };
}

function newId(kind: string): string {
  return `${kind}_${randomUUID()}`;
}
