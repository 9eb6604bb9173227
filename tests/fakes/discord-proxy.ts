import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { DiscordSpec } from "./discord-spec.ts";

/** The parts of bodies that are looked into. */
interface Body {
  content?: string;
  flags?: number;
  nonce?: string;
  enforce_nonce?: boolean;
  allowed_mentions?: unknown;
  components?: { components: { custom_id: string; label: string }[] }[];
  type?: number;
  data?: {
    flags?: number;
    choices?: { name: string; value: string }[];
    custom_id?: string;
    title?: string;
    components?: { type: number; label: string; component: { custom_id: string } }[];
  };
  name?: string;
  archived?: boolean;
  auto_archive_duration?: number;
}

interface Command {
  name: string;
  description: string;
  required?: boolean;
  options?: Command[];
}

export interface SeenRequest {
  method: string;
  /** Without `/api/v10`, and without the query. */
  path: string;
  query: string;
  /** A list of commands in the one request that has such a list. */
  body: Body | undefined;
  commands: Command[];
  files: { name: string; text: string }[];
  at: number;
}

export interface Answer {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

type Fault = {
  matches: (request: SeenRequest) => boolean;
  answer: Answer | Promise<Answer> | "hang" | "reset" | "lose";
  times: number;
};

const discordEpoch = 1_420_070_400_000n;

/**
 * Discord's REST interface as seen from the client: every request is recorded, checked against Discord's own document and the rules that
 * it lacks, and answered by a planted fault, by what the twin behind lacks (list of commands, uploads, nonces, limits), or by that twin.
 */
export class DiscordProxy {
  readonly requests: SeenRequest[] = [];
  readonly violations: string[] = [];
  /** Files by the id of their message. */
  readonly files = new Map<string, { name: string; text: string }[]>();
  /**
   * For how many milliseconds an acknowledgement of an interaction is taken: 3,000 at Discord. Without a bound here, where a busy machine
   * makes everybody late; that the adapter does not wait for longer is a test of its own.
   */
  interactionTime = Infinity;
  /** Which gateway the client is sent to, instead of the twin's. */
  gatewayUrl: string | undefined;
  readonly #spec = new DiscordSpec();
  readonly #upstream: string | undefined;
  readonly #server: Server;
  readonly #faults: Fault[] = [];
  readonly #commands = new Map<string, unknown[]>();
  readonly #nonces = new Map<string, Answer>();

  private constructor(upstream: string | undefined) {
    this.#upstream = upstream;
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        // What is asked last may find the twin gone, and nobody who waits for its answer.
        if (!response.destroyed) this.violations.push(`the proxy failed: ${String(error)}`);
        response.destroy();
      });
    });
  }

  /** `upstream` is the twin's `restUrl`; without it only faults and the most needed answers are there. */
  static async start(upstream?: string): Promise<DiscordProxy> {
    const proxy = new DiscordProxy(upstream);
    await new Promise<void>((resolve) => proxy.#server.listen(0, "127.0.0.1", resolve));
    return proxy;
  }

  /** What `DISCORD_API_URL` is set to. */
  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/api`;
  }

  /** Answer the next `times` requests that match instead of the twin; "lose": the twin does it, but its answer gets lost. */
  plant(method: string, path: RegExp, answer: Fault["answer"], times = 1): void {
    this.#faults.push({ matches: (request) => request.method === method && path.test(request.path), answer, times });
  }

  /** Take all planted faults away. */
  clear(): void {
    this.#faults.length = 0;
  }

  seen(method: string, path: RegExp): SeenRequest[] {
    return this.requests.filter((request) => request.method === method && path.test(request.path));
  }

  /** Throws when a request was not as Discord wants it. */
  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
    if (this.violations.length > 0) throw new Error(`Discord would not take:\n${this.violations.join("\n")}`);
  }

  async #handle(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
    const request = await read(incoming);
    this.requests.push(request);
    const wrong = [...this.#spec.check(request.method, request.path, request.body), ...ownRules(request)];
    this.violations.push(...wrong.map((what) => `${request.method} ${request.path}: ${what}`));
    const fault = this.#faults.find(({ matches, times }) => times > 0 && matches(request));
    if (fault) fault.times -= 1;
    if (fault?.answer === "hang") return;
    if (fault?.answer === "reset") return void response.destroy();
    const planted = fault?.answer === "lose" ? undefined : await fault?.answer;
    const answer = planted ?? this.#own(request) ?? (await this.#ask(request, incoming));
    if (fault?.answer === "lose") return void response.destroy();
    const bucket = `${request.method}:${request.path.replaceAll(/\d{5,}/g, "id")}`;
    const type = answer.body === undefined ? {} : { "content-type": "application/json" };
    response.writeHead(answer.status, { ...type, "x-ratelimit-bucket": bucket, ...answer.headers });
    response.end(answer.body === undefined ? undefined : JSON.stringify(answer.body));
  }

  /** What the twin lacks. */
  #own(request: SeenRequest): Answer | undefined {
    const { method, path, body } = request;
    if (method === "GET" && path === "/gateway/bot" && this.gatewayUrl !== undefined) {
      return {
        status: 200,
        body: {
          url: this.gatewayUrl,
          shards: 1,
          session_start_limit: { total: 1000, remaining: 999, reset_after: 0, max_concurrency: 1 },
        },
      };
    }
    if (/^\/applications\/\d+\/guilds\/\d+\/commands$/.test(path)) {
      if (method === "PUT") this.#commands.set(path, request.commands.map(asDiscordKeepsIt));
      if (method === "GET" || !this.#upstream) return { status: 200, body: this.#commands.get(path) ?? [] };
    }
    if (method === "GET" && /^\/guilds\/\d+\/members\/\d+$/.test(path) && !this.#upstream) {
      return { status: 404, body: { code: 10007, message: "Unknown Member" } };
    }
    const channel = /^\/channels\/(\d+)$/.exec(path)?.[1];
    if (method === "GET" && channel !== undefined && !this.#upstream)
      return { status: 404, body: { code: 10003, message: "Unknown Channel" } };
    if (method === "GET" && path === "/applications/@me" && !this.#upstream) {
      return { status: 200, body: { id: "100000000000000001", name: "TestBot", flags: 1 << 18 } };
    }
    if ((body?.content?.length ?? 0) > 2_000) return invalidForm;
    if (path.endsWith("/callback") && Date.now() - timeOf(path.split("/")[2] ?? "0") > this.interactionTime) {
      return { status: 404, body: { code: 10062, message: "Unknown interaction" } };
    }
    return this.#upstream
      ? this.#nonces.get(nonceOf(request))
      : { status: 404, body: { code: 0, message: "404: Not Found" } };
  }

  async #ask(request: SeenRequest, incoming: IncomingMessage): Promise<Answer> {
    const { method, path, query, body, files } = request;
    const asked = await fetch(`${this.#upstream}/v10${path}${query}`, {
      method,
      headers: { authorization: incoming.headers.authorization ?? "", "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await asked.text();
    const answer: Answer = { status: asked.status, body: text === "" ? undefined : JSON.parse(text) };
    const message = answer.body as { id?: string } | undefined;
    if (files.length > 0 && message?.id !== undefined) this.files.set(message.id, files);
    if (nonceOf(request) !== "" && asked.ok) this.#nonces.set(nonceOf(request), answer);
    return answer;
  }
}

const invalidForm: Answer = {
  status: 400,
  body: {
    code: 50035,
    message: "Invalid Form Body",
    errors: { content: { _errors: [{ code: "BASE_TYPE_MAX_LENGTH", message: "Must be 2000 or fewer in length." }] } },
  },
};

async function read(incoming: IncomingMessage): Promise<SeenRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  const raw = Buffer.concat(chunks);
  const type = incoming.headers["content-type"] ?? "";
  const { pathname, search } = new URL(incoming.url ?? "/", "http://localhost");
  const path = decodeURIComponent(pathname.replace(/^\/api\/v10/, ""));
  const request: SeenRequest = {
    method: incoming.method ?? "GET",
    path,
    query: search,
    body: undefined,
    commands: [],
    files: [],
    at: Date.now(),
  };
  if (raw.length === 0) return request;
  if (!type.startsWith("multipart/")) {
    const body: unknown = JSON.parse(raw.toString());
    return { ...request, body: body as Body, commands: Array.isArray(body) ? (body as Command[]) : [] };
  }
  const form = await new Response(raw, { headers: { "content-type": type } }).formData();
  for (const value of form.values()) {
    if (typeof value !== "string") request.files.push({ name: value.name, text: await value.text() });
  }
  const payload = form.get("payload_json");
  return { ...request, body: JSON.parse(typeof payload === "string" ? payload : "{}") as Body };
}

/** Rules of the service that its document does not have. */
function ownRules({ method, path, body = {}, commands, files }: SeenRequest): string[] {
  const wrong = commands.flatMap(commandRules);
  const posts = method === "POST" && /^\/channels\/\d+\/messages$/.test(path);
  if ((body.content?.length ?? 0) > 2_000) wrong.push(`content of ${body.content?.length} characters`);
  if (posts && body.content === "" && files.length === 0) wrong.push("empty message");
  if (posts && (body.enforce_nonce !== true || body.nonce === undefined)) wrong.push("no enforced nonce");
  if (posts || /\/messages\/[^/]+$|^\/webhooks/.test(path) ? method === "POST" || method === "PATCH" : false) {
    if (JSON.stringify(body.allowed_mentions) !== '{"parse":[],"replied_user":false}')
      wrong.push("mentions are not off");
    if (((body.flags ?? 0) & 4) === 0) wrong.push("link previews are not off");
  }
  const ids = (body.components ?? []).flatMap((row) => row.components.map((button) => button.custom_id));
  if (new Set(ids).size < ids.length) wrong.push("the same custom_id twice");
  return wrong;
}

function commandRules({ name, options = [] }: Command): string[] {
  const wrong = name === name.toLowerCase() ? [] : [`command name ${name}`];
  const optional = options.findIndex(({ required }) => required === false);
  if (optional !== -1 && options.slice(optional).some(({ required }) => required))
    wrong.push("a required option after another");
  return [...wrong, ...options.flatMap(commandRules)];
}

/** With an id, a version, and all that is at its default left out or filled in. */
function asDiscordKeepsIt(command: object): object {
  return {
    ...(omitFalse(command) as object),
    id: "100000000000000007",
    application_id: "100000000000000001",
    version: "1",
    default_member_permissions: null,
    nsfw: false,
    contexts: null,
  };
}

function omitFalse(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(omitFalse);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, field]) => field !== false)
      .map(([key, field]) => [key, omitFalse(field)]),
  );
}

function nonceOf({ method, path, body }: SeenRequest): string {
  return method === "POST" && body?.enforce_nonce === true ? `${path} ${body.nonce}` : "";
}

function timeOf(snowflake: string): number {
  return Number((BigInt(snowflake) >> 22n) + discordEpoch);
}
