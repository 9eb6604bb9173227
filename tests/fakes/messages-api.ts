import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout } from "node:timers/promises";
import { complaint } from "./messages-rules.ts";
import { PromptCache, type CacheUsage } from "./prompt-cache.ts";

/** What the model says to one request. Text comes before tools; an empty reply is an empty message. */
export interface Reply {
  text?: string;
  tools?: { name: string; input: unknown; id?: string }[];
  thinking?: string;
  /** "tool_use" with tools and "end_turn" without, unless said otherwise. */
  stop?: string;
  error?: { status: number; type: string; message: string; /** Seconds. */ retryAfter?: number };
  /** After the text: an `error` event in the stream, a dropped connection, or silence until the client leaves. */
  broken?: "error" | "drop" | "hang";
  /** Milliseconds between the pieces of a stream: none otherwise. */
  pace?: number;
  usage?: Partial<CacheUsage & { output_tokens: number }>;
}

export interface Block {
  type: string;
  text?: string;
  id?: string;
  name?: string;
  input?: unknown;
  tool_use_id?: string;
  content?: string;
  is_error?: boolean;
  cache_control?: unknown;
}

export interface ApiRequest {
  /** The parsed body. */
  body: {
    model: string;
    max_tokens: number;
    stream?: boolean;
    system?: Block[];
    tools?: { name: string; description: string; input_schema: unknown; cache_control?: unknown }[];
    messages: { role: "user" | "assistant"; content: Block[] }[];
  };
  headers: Record<string, string>;
  path: string;
  /** What was answered, in HTTP and in tokens; usage only with status 200. */
  status: number;
  usage: CacheUsage | undefined;
  /** Resolves when the client has gone or has everything. */
  over: Promise<void>;
}

/** `n` counts from 0 the requests that were in order; those that were refused don't count. */
export type Script = ((request: ApiRequest, n: number) => Reply | Promise<Reply>) | Reply[];

export interface MessagesApi {
  /** For ANTHROPIC_BASE_URL. */
  url: string;
  /** All requests so far, refused ones too. */
  requests: ApiRequest[];
  stop(): Promise<void>;
}

export interface ApiOptions {
  /** The one key that is accepted; any otherwise. */
  apiKey?: string;
  /** The models there are; any otherwise. */
  models?: string[];
  /** Tokens that a prefix must have to be cached: 1,024 otherwise. */
  cacheMinimum?: number;
  /** Characters a request may have before it is too long. */
  contextLimit?: number;
}

/** A Messages API on loopback: strict about requests, scripted in its answers. */
export async function startMessagesApi(script: Script, options: ApiOptions = {}): Promise<MessagesApi> {
  const requests: ApiRequest[] = [];
  const cache = new PromptCache(options.cacheMinimum ?? 1024);
  let served = 0;
  const server = createServer((message, response) => {
    void serve(message, response).catch((error: unknown) => {
      if (!response.headersSent) refuse(response, 400, "invalid_request_error", `the script threw: ${String(error)}`);
      else response.destroy();
    });
  });

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await bodyOf(message);
    const headers = Object.fromEntries(Object.entries(message.headers).map(([name, value]) => [name, String(value)]));
    const over = new Promise<void>((resolve) => void response.once("close", resolve));
    const body = (text.startsWith("{") ? JSON.parse(text) : {}) as ApiRequest["body"];
    const request: ApiRequest = { body, headers, path: message.url ?? "", status: 200, usage: undefined, over };
    requests.push(request);
    const wrong = wrongRequest(request, message.method ?? "", text, options);
    if (wrong !== undefined) {
      request.status = wrong.status;
      return refuse(response, wrong.status, wrong.type, wrong.message);
    }
    const n = served++;
    const reply = Array.isArray(script) ? script[n] : await script(request, n);
    if (reply === undefined) throw new Error(`there is no reply ${n}`);
    if (reply.error !== undefined) {
      request.status = reply.error.status;
      return refuse(response, reply.error.status, reply.error.type, reply.error.message, reply.error.retryAfter);
    }
    const unknown = reply.tools?.find(({ name }) => !body.tools?.some((tool) => tool.name === name));
    if (unknown !== undefined) throw new Error(`the request has no tool ${unknown.name}`);
    request.usage = { ...cache.account(body), ...reply.usage };
    if (body.stream === true) return await streamReply(response, body.model, reply, request.usage);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify(wholeMessage(body.model, reply, request.usage)));
  }

  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** What the person said in a request's last turn, without the context block in front. */
export function lastSaid(request: ApiRequest): string {
  const said = request.body.messages.findLast(
    ({ role, content }) => role === "user" && content.some(({ type }) => type === "text"),
  );
  return said?.content.findLast(({ type }) => type === "text")?.text ?? "";
}

/** The tool results at the end of a request, in order. */
export function lastResults(request: ApiRequest): { text: string; failed: boolean }[] {
  const last = request.body.messages.at(-1)?.content ?? [];
  return last
    .filter(({ type }) => type === "tool_result")
    .map(({ content, is_error }) => ({ text: content ?? "", failed: is_error === true }));
}

async function bodyOf(message: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}

interface Wrong {
  status: number;
  type: string;
  message: string;
}

function wrongRequest(
  { path, headers, body }: ApiRequest,
  method: string,
  text: string,
  options: ApiOptions,
): Wrong | undefined {
  const key = headers["x-api-key"] ?? headers["authorization"]?.replace(/^Bearer /, "");
  const bad = (message: string): Wrong => ({ status: 400, type: "invalid_request_error", message });
  if (method !== "POST" || new URL(path, "http://api").pathname !== "/v1/messages")
    return { status: 404, type: "not_found_error", message: "Not found" };
  if (!key || (options.apiKey !== undefined && key !== options.apiKey))
    return { status: 401, type: "authentication_error", message: "invalid x-api-key" };
  if (headers["anthropic-version"] === undefined) return bad("anthropic-version: header is required");
  const problem = complaint(body);
  if (problem !== undefined) return bad(problem);
  if (options.models?.includes(body.model) === false)
    return { status: 404, type: "not_found_error", message: `model: ${body.model}` };
  const limit = options.contextLimit ?? Infinity;
  if (text.length > limit)
    return bad(`prompt is too long: ${Math.ceil(text.length / 4)} tokens > ${Math.floor(limit / 4)} maximum`);
  return undefined;
}

function refuse(response: ServerResponse, status: number, type: string, message: string, retryAfter?: number): void {
  response.statusCode = status;
  response.setHeader("content-type", "application/json");
  response.setHeader("request-id", "req_fake");
  if (retryAfter !== undefined) response.setHeader("retry-after", String(retryAfter));
  response.end(JSON.stringify({ type: "error", error: { type, message }, request_id: "req_fake" }));
}

let ids = 0;

function contentOf(reply: Reply): Record<string, unknown>[] {
  return [
    ...(reply.thinking === undefined ? [] : [{ type: "thinking", thinking: reply.thinking, signature: "c2lnbmVk" }]),
    ...(reply.text === undefined ? [] : [{ type: "text", text: reply.text }]),
    ...(reply.tools ?? []).map(({ name, input, id }) => ({
      type: "tool_use",
      id: id ?? `toolu_${process.pid}_${++ids}`,
      name,
      input,
    })),
  ];
}

function stopOf(reply: Reply): string {
  return reply.stop ?? (reply.tools?.length ? "tool_use" : "end_turn");
}

function wholeMessage(model: string, reply: Reply, usage: CacheUsage): Record<string, unknown> {
  return {
    id: `msg_${++ids}`,
    type: "message",
    role: "assistant",
    model,
    content: contentOf(reply),
    stop_reason: stopOf(reply),
    stop_sequence: null,
    usage: { output_tokens: reply.usage?.output_tokens ?? 10, ...usage },
  };
}

async function streamReply(response: ServerResponse, model: string, reply: Reply, usage: CacheUsage): Promise<void> {
  response.setHeader("content-type", "text/event-stream; charset=utf-8");
  const send = (data: { type: string } & Record<string, unknown>) =>
    response.write(`event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`);
  const message = wholeMessage(model, reply, usage);
  send({ type: "message_start", message: { ...message, content: [], stop_reason: null } });
  send({ type: "ping" });
  for (const [index, block] of contentOf(reply).entries()) {
    const [empty, deltas] = deltasOf(block);
    send({ type: "content_block_start", index, content_block: empty });
    for (const delta of deltas) {
      send({ type: "content_block_delta", index, delta });
      if (reply.pace !== undefined) await setTimeout(reply.pace);
    }
    if (reply.broken === undefined) send({ type: "content_block_stop", index });
  }
  if (reply.broken === "hang") return;
  if (reply.broken === "drop") return void response.write(": \n\n", () => response.destroy());
  if (reply.broken === "error") {
    send({ type: "error", error: { type: "overloaded_error", message: "Overloaded" } });
    return void response.end();
  }
  send({
    type: "message_delta",
    delta: { stop_reason: stopOf(reply), stop_sequence: null },
    usage: { output_tokens: reply.usage?.output_tokens ?? 10 },
  });
  send({ type: "message_stop" });
  response.end();
}

/** A block as it starts, and what it is filled with, in pieces. */
function deltasOf(block: Record<string, unknown>): [Record<string, unknown>, Record<string, unknown>[]] {
  if (block["type"] === "tool_use") {
    const parts = ["", ...pieces(JSON.stringify(block["input"]))];
    return [{ ...block, input: {} }, parts.map((partial_json) => ({ type: "input_json_delta", partial_json }))];
  }
  if (block["type"] === "thinking") {
    const parts = pieces(String(block["thinking"])).map((thinking) => ({ type: "thinking_delta", thinking }));
    return [
      { ...block, thinking: "", signature: "" },
      [...parts, { type: "signature_delta", signature: block["signature"] }],
    ];
  }
  return [{ ...block, text: "" }, pieces(String(block["text"])).map((text) => ({ type: "text_delta", text }))];
}

/** At least three pieces where there is enough, none of them half a character. */
function pieces(text: string): string[] {
  const characters = Array.from(text);
  const size = Math.max(1, Math.min(40, Math.ceil(characters.length / 3)));
  const parts: string[] = [];
  for (let at = 0; at < characters.length; at += size) parts.push(characters.slice(at, at + size).join(""));
  return parts;
}
