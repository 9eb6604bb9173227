import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type Entry, type Protocol, protocolOf, type Reply, type ToolCall } from "./protocols.ts";

/** A model on loopback that speaks all four agents' protocols and does what keywords in the prompt say (see `replyTo`). */
export interface ModelApi {
  url: string;
  /** What was asked in turns, first to last; side calls, for a title and the like, are answered but not kept. */
  requests: ModelRequest[];
  stop(): Promise<void>;
}

interface ModelRequest {
  prompt: string;
  /** What the tool gave that was called last in this turn. */
  result?: string;
  /** All that the conversation has so far, one text below the other. */
  history: string;
  /** The agent hung up before the answer was whole. */
  left: boolean;
  /** The answer was given whole. */
  done: boolean;
  /** How many pieces of the answer were given so far. */
  given: number;
  /** It wants tools to be run. */
  calls: boolean;
}

/** What the model does, from the conversation so far. */
export type Script = (entries: readonly Entry[]) => Scripted & { prompt: string; status?: number; result?: string };

/** What the model says of a request with ERR400 in it. */
export const refusal = "the fake says no";

/** @param script what the model does; by default, see `replyTo` */
export async function startModelApi(script: Script = replyTo): Promise<ModelApi> {
  const requests: ModelRequest[] = [];
  const server = createServer((request, response) => {
    respond(request, response, { requests, script }).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    server.closeAllConnections();
    await closed;
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, stop };
}

/** `count` paragraphs that can be told apart, as `LONG count` gives them. */
export function paragraphs(count: number): string {
  return longPieces(count).join("");
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  { requests, script }: { requests: ModelRequest[]; script: Script },
): Promise<void> {
  const { pathname } = new URL(request.url ?? "", "http://model");
  const protocol = protocolOf(pathname);
  if (request.method !== "POST" || !protocol) {
    response.writeHead(request.method === "HEAD" ? 200 : 404).end();
    return;
  }
  const body: unknown = JSON.parse(Buffer.concat(await Array.fromAsync<Buffer>(request)).toString());
  const { entries, tools } = protocol.read(body);
  // A call without tools is one for a title.
  if (!tools) return stream(response, protocol, { pieces: ['{"title": "Some topic"}'] });
  const reply = script(entries);
  const { prompt, result } = reply;
  const calls = (reply.command ?? reply.call) !== undefined || (reply.calls ?? []).length > 0;
  const history = entries.map(({ text }) => text).join("\n");
  const seen: ModelRequest = { prompt, history, left: false, done: false, given: 0, calls, ...(result && { result }) };
  requests.push(seen);
  response.on("close", () => {
    seen.left = !response.writableFinished;
    seen.done = !seen.left;
  });
  if (reply.status === undefined) return stream(response, protocol, { ...reply, given: () => (seen.given += 1) });
  const error = { type: "invalid_request_error", message: refusal, code: reply.status };
  response.writeHead(reply.status, { "content-type": "application/json" });
  response.end(JSON.stringify({ type: "error", error }));
}

async function stream(
  response: ServerResponse,
  protocol: Protocol,
  { gap = 0, given, ...reply }: Scripted & { given?: () => void },
): Promise<void> {
  response.writeHead(200, { "content-type": "text/event-stream" }).flushHeaders();
  for (const { type, data } of protocol.events(reply)) {
    if (response.destroyed) return;
    response.write(`${type === undefined ? "" : `event: ${type}\n`}data: ${JSON.stringify(data)}\n\n`);
    given?.();
    if (gap > 0) await delay(gap);
  }
  response.end();
}

interface Scripted extends Reply {
  /** Milliseconds after each piece. */
  gap?: number;
}

/** A Markdown answer with a bit of everything; the same as in the agents' recordings. */
const markdown = [
  "# Result",
  "",
  "Here is a **bold** word, some `inline code` and a [link](https://example.com/docs).",
  "",
  "1. first item",
  "2. second item with a long explanation that surely has to wrap because it is longer than one hundred and twenty columns on the screen of the agent",
  "   - nested bullet",
  "",
  "```ts",
  "export function add(a: number, b: number): number {",
  "  return a + b; // sum",
  "}",
  "```",
  "",
  "| name | value |",
  "|------|-------|",
  "| alpha | 1 |",
  "| beta | 22 |",
  "",
  "Done: ünïcödé, 日本語, 🎉 emoji.",
].join("\n");

interface Answer extends Scripted {
  prompt: string;
  result?: string;
  status?: number;
}

/**
 * The last prompt and what the model does with it: `SAY text ENDSAY` says the text, `LONG n` n paragraphs, `MDTEST` the Markdown, `RUN
 * command ENDRUN` runs a command in the agent's shell and then ends the turn, `ASKME` asks the user with the agent's own tool (`ASKMANY`
 * lets several options be chosen, `ASKTWICE` asks two questions at once), `TOOL name {…} ENDTOOL` calls a tool by its own name, `TASK prompt ENDTASK` has opencode's sub-agent do it, `ERR400` fails with this status; `DELAY=ms` goes slowly, word by word.
 */
function replyTo(entries: readonly Entry[]): Answer {
  const at = entries.findLastIndex(({ by }) => by === "user");
  const prompt = entries[at]?.text ?? "";
  const gap = Number(/DELAY=(\d+)/.exec(prompt)?.[1] ?? 0);
  const status = /ERR(\d{3})/.exec(prompt)?.[1];
  if (status !== undefined) return { prompt, pieces: [], status: Number(status) };
  const called = entries.slice(at).findLast(({ by }) => by === "tool");
  const calls = toolsIn(prompt);
  if (calls.length > 0 && !called) return { prompt, pieces: ["I will use a tool."], calls };
  if (called && calls.length > 0) return { prompt, pieces: ["All done now."], result: called.text };
  const call = callIn(prompt);
  if (call && called) return { prompt, pieces: ["All done now."], result: called.text };
  if (call) return { prompt, pieces: ["ask" in call ? "I need to ask." : "I will run a command."], call };
  const said = /SAY (.*?) ENDSAY/s.exec(prompt)?.[1] ?? (prompt.includes("MDTEST") ? markdown : "A plain answer.");
  const long = /LONG (\d+)/.exec(prompt)?.[1];
  return { prompt, gap, pieces: long === undefined ? said.split(/(?<=\s)/) : longPieces(Number(long)) };
}

function toolsIn(prompt: string): ToolCall[] {
  return [...prompt.matchAll(/TOOL (\S+) (\{.*?\}) ENDTOOL/gs)].map(([, name = "", args = "{}"]) => {
    // Codex has the tools of a server in a namespace.
    const [space, own] = name.includes("/") ? name.split("/") : [undefined, name];
    return { name: own ?? "", ...(space !== undefined && { namespace: space }), args: JSON.parse(args) as object };
  });
}

function callIn(prompt: string): Reply["call"] {
  const task = /TASK (.*?) ENDTASK/s.exec(prompt)?.[1];
  if (task !== undefined) return { prompt: task };
  const command = /RUN (.*?) ENDRUN/s.exec(prompt)?.[1];
  if (command !== undefined) return { command };
  const word = /\bASK(ME|MANY|TWICE)\b/.exec(prompt)?.[1];
  if (word === undefined) return undefined;
  const first = "Which colour should the button have?";
  const ask = word === "TWICE" ? [first, "And which one the text?"] : [first];
  return { ask, options: ["Red", "Blue", "Green"], many: word === "MANY" };
}

function longPieces(count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const line = `Line ${`${index + 1}`.padStart(4, "0")}: the quick brown fox jumps over the lazy dog.`;
    return index === 0 ? line : `\n\n${line}`;
  });
}
