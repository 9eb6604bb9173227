/** What the real Messages API checks of a request before a model sees it, as far as a client with tools can get it wrong. */

type Json = Record<string, unknown>;

const fields = new Set(
  "model messages max_tokens system tools tool_choice stream temperature top_k top_p stop_sequences metadata thinking service_tier output_config".split(
    " ",
  ),
);
const blockFields: Record<string, string[]> = {
  text: ["type", "text", "cache_control", "citations"],
  tool_use: ["type", "id", "name", "input", "cache_control"],
  tool_result: ["type", "tool_use_id", "content", "is_error", "cache_control"],
  thinking: ["type", "thinking", "signature"],
  redacted_thinking: ["type", "data"],
};

/** The complaint that the API answers with status 400, or undefined when the request is fine. */
export function complaint(body: Json): string | undefined {
  try {
    checkFields(body);
    checkTools(body["tools"]);
    const messages = merged(body["messages"]);
    messages.forEach(({ role, content }, index) => checkBlocks(role, content, `messages.${index}`));
    checkPairs(messages);
    checkBreakpoints(body);
    return undefined;
  } catch (error) {
    if (error instanceof Complaint) return error.message;
    throw error;
  }
}

class Complaint extends Error {}

function need(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Complaint(message);
}

function checkFields(body: Json): void {
  for (const field of Object.keys(body)) need(fields.has(field), `${field}: Extra inputs are not permitted`);
  need(typeof body["model"] === "string" && body["model"] !== "", "model: Field required");
  need(Number.isInteger(body["max_tokens"]) && Number(body["max_tokens"]) > 0, "max_tokens: Field required");
  JSON.stringify(body, (_, value: unknown) => {
    need(
      typeof value !== "string" || value.isWellFormed(),
      "The request body is not valid JSON: no low surrogate in string",
    );
    return value;
  });
  const system = body["system"];
  if (Array.isArray(system)) {
    for (const block of system as Json[])
      need(typeof block["text"] === "string" && block["text"] !== "", "system: text content blocks must be non-empty");
  }
}

function checkTools(tools: unknown): void {
  if (tools === undefined) return;
  need(Array.isArray(tools), "tools: Input should be a valid list");
  const names = new Set<unknown>();
  for (const tool of tools as Json[]) {
    need(
      typeof tool["name"] === "string" && /^[a-zA-Z0-9_-]{1,128}$/.test(tool["name"]),
      "tools: name should match pattern '^[a-zA-Z0-9_-]{1,128}$'",
    );
    need(!names.has(tool["name"]), "tools: Tool names must be unique.");
    need((tool["input_schema"] as Json | undefined)?.["type"] === "object", "tools: input_schema.type: Field required");
    for (const field of ["run", "parse"]) need(!(field in tool), `tools: ${field}: Extra inputs are not permitted`);
    names.add(tool["name"]);
  }
}

export interface Merged {
  role: string;
  content: Json[];
}

/** Neighbours of one role count as one message. */
export function merged(messages: unknown): Merged[] {
  need(Array.isArray(messages) && messages.length > 0, "messages: at least one message is required");
  const list: Merged[] = [];
  for (const { role, content, ...rest } of messages as Json[]) {
    need(role === "user" || role === "assistant", "messages: Unexpected role, use the top-level `system` parameter");
    need(Object.keys(rest).length === 0, `messages: ${Object.keys(rest).join()}: Extra inputs are not permitted`);
    need(
      (typeof content === "string" || Array.isArray(content)) && content.length > 0,
      "messages: all messages must have non-empty content",
    );
    const blocks = typeof content === "string" ? [{ type: "text", text: content }] : (content as Json[]);
    const last = list.at(-1);
    if (last?.role === role) last.content.push(...blocks);
    else list.push({ role, content: [...blocks] });
  }
  need(list[0]?.role === "user", 'messages: first message must use the "user" role');
  return list;
}

function checkBlocks(role: string, content: Json[], place: string): void {
  for (const block of content) {
    const known = blockFields[String(block["type"])];
    need(known !== undefined, `${place}: Input tag '${String(block["type"])}' does not match any of the expected tags`);
    for (const field of Object.keys(block))
      need(known.includes(field), `${place}.${String(block["type"])}.${field}: Extra inputs are not permitted`);
    if (block["type"] === "text")
      need(
        typeof block["text"] === "string" && block["text"].trim() !== "",
        `${place}: text content blocks must contain non-whitespace text`,
      );
    if (block["type"] === "tool_use") {
      need(role === "assistant", `${place}: \`tool_use\` blocks can only be in \`assistant\` messages`);
      need(/^[a-zA-Z0-9_-]+$/.test(String(block["id"])), `${place}: tool_use.id: String should match pattern`);
      need(
        typeof block["input"] === "object" && block["input"] !== null,
        `${place}: tool_use.input: Input should be a valid dictionary`,
      );
    }
    if (block["type"] === "tool_result")
      need(role === "user", `${place}: \`tool_result\` blocks can only be in \`user\` messages`);
  }
}

function checkPairs(messages: Merged[]): void {
  const ids = (message: Merged | undefined, type: string, field: string) =>
    (message?.content ?? []).filter((block) => block["type"] === type).map((block) => String(block[field]));
  const seen = new Set<string>();
  messages.forEach((message, index) => {
    for (const id of ids(message, "tool_use", "id")) {
      need(!seen.has(id), "messages: `tool_use` ids must be unique");
      seen.add(id);
    }
    const called = ids(message, "tool_use", "id");
    const answered = ids(messages[index + 1], "tool_result", "tool_use_id");
    const missing = called.filter((id) => !answered.includes(id));
    need(
      missing.length === 0,
      `messages.${index}: \`tool_use\` ids were found without \`tool_result\` blocks immediately after: ${missing.join(", ")}. Each \`tool_use\` block must have a corresponding \`tool_result\` block in the next message.`,
    );
    const before = ids(messages[index - 1], "tool_use", "id");
    const results = ids(message, "tool_result", "tool_use_id");
    const stray = results.filter((id) => !before.includes(id));
    need(
      stray.length === 0,
      `messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: ${stray.join(", ")}`,
    );
    need(new Set(results).size === results.length, `messages.${index}: each tool_use must have a single result`);
    const firstText = message.content.findIndex(({ type }) => type !== "tool_result");
    const lastResult = message.content.findLastIndex(({ type }) => type === "tool_result");
    need(
      firstText < 0 || lastResult < firstText,
      `messages.${index}: \`tool_result\` blocks must come first in the message`,
    );
  });
}

function checkBreakpoints(body: Json): void {
  const system = Array.isArray(body["system"]) ? (body["system"] as Json[]) : [];
  const blocks = [
    ...((body["tools"] as Json[] | undefined) ?? []),
    ...system,
    ...merged(body["messages"]).flatMap(({ content }) => content),
  ];
  const marked = blocks.filter((block) => block["cache_control"] !== undefined && block["cache_control"] !== null);
  need(marked.length <= 4, `A maximum of 4 blocks with cache_control may be provided. Found ${marked.length}.`);
  for (const block of marked)
    need((block["cache_control"] as Json)["type"] === "ephemeral", "cache_control.type: Input should be 'ephemeral'");
}
