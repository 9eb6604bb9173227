import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { type Entry, type Protocol, protocolOf, type Reply } from "./protocols.ts";

/** A model on loopback that speaks all four agents' protocols and does what a script says. */
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
  /** It was refused with this status, and `again` that it may be tried again. */
  status?: number;
  again?: true;
  /** Nobody has prompted it: the agent tells of work in the background. */
  woken?: true;
}

/** What the model does, from the conversation so far. */
export type Script = (entries: readonly Entry[]) => Scripted;

interface Scripted extends Reply {
  /** The last prompt, and what the tool gave that was called last since then. */
  prompt: string;
  result?: string;
  /** Milliseconds after each piece. */
  gap?: number;
  /** Statuses with which it fails first, one after the other. */
  fails?: readonly number[];
  /** The status with which it fails for good. */
  status?: number;
  /** It fails since the plan is used up. */
  limit?: boolean;
}

/** What the model says of a request with ERR400 in it. */
export const refusal = "the fake says no";

/** Side calls that have tools: qwen asks what its user might type next, and what is worth to be remembered. */
const aside = /^(?:\[SUGGESTION MODE\b|Managed memory has\b)/;

/** A request that failed and may be tried again is to be so after this many seconds. */
const retryAfter = 1;

export async function startModelApi(script: Script): Promise<ModelApi> {
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
  const { prompt, result, fails = [], limit, calls = [] } = reply;
  if (aside.test(prompt)) return stream(response, protocol, { pieces: ["Go on."] });
  const history = entries.map(({ text }) => text).join("\n");
  const failed = requests.filter((before) => before.again && before.history === history).length;
  const again = failed < fails.length;
  const status = again ? fails[failed] : limit ? protocol.limit.status : reply.status;
  const seen: ModelRequest = {
    prompt,
    history,
    left: false,
    done: false,
    given: 0,
    calls: calls.length > 0,
    ...(result !== undefined && { result }),
    ...(status !== undefined && { status }),
    ...(again && { again }),
    ...(entries.at(-1)?.by === "background" && { woken: true }),
  };
  requests.push(seen);
  response.on("close", () => {
    seen.left = !response.writableFinished;
    seen.done = !seen.left;
  });
  if (status === undefined) return stream(response, protocol, { ...reply, given: () => (seen.given += 1) });
  const error = { type: "invalid_request_error", message: refusal, code: status };
  const refused = limit && !again ? protocol.limit : { body: { type: "error", error }, headers: {} };
  const headers = { ...refused.headers, ...(again && { "retry-after": `${retryAfter}` }) };
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(refused.body));
}

async function stream(
  response: ServerResponse,
  protocol: Protocol,
  { gap = 0, given, ...reply }: Reply & { gap?: number; given?: () => void },
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
