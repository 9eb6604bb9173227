import { existsSync, readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createEmulator, type Emulator } from "emulate";
import { expect } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { botScopes } from "../../src/adapters/slack/manifest.ts";
import { blockFaults, type SlackBlock, type SlackView, shownBlocks, viewFaults } from "./slack-blocks.ts";

/** One Web API call as it came over the wire. */
export interface SlackCall {
  method: string;
  args: Record<string, string>;
  token: string;
}

/** What the front answers instead of passing a call on; `hang` never answers, `drop` cuts the line. */
export type SlackAnswer =
  | { json: object; status?: number; headers?: Record<string, string> }
  | { status: number; body?: string; headers?: Record<string, string> }
  | "hang"
  | "drop";

type Rule = (call: SlackCall) => SlackAnswer | undefined | Promise<SlackAnswer | undefined>;

export interface SlackMessage {
  ts: string;
  thread_ts?: string;
  user?: string;
  text?: string;
  blocks?: SlackBlock[];
  files?: { name: string }[];
  metadata?: { event_payload?: { key?: string } };
}

/** Method specifications of the real Web API, beside the project where they are kept. */
const specs = join(import.meta.dirname, "../../../shared/specs/slack-methods");
export const slackSpecs = existsSync(specs);

/**
 * A Slack on loopback: emulate holds the workspace, this front before it does Socket Mode, commands and buttons, checks each Web API call
 * against Slack's method specifications and limits, and fails calls when told to.
 */
export class SlackFront {
  readonly botToken = "xoxb-front-bot";
  readonly appToken = "xapp-front-app";
  /** Each call that came, in order. */
  readonly calls: SlackCall[] = [];
  /** What Slack would not have taken. */
  readonly violations: string[] = [];
  /** Scopes that the bot token is said to have. */
  scopes: string[] = [...botScopes];
  team = "";
  channel = "";
  bot = "";
  person = "";
  api = "";
  /**
   * For how many milliseconds a trigger opens a modal: 3,000 at Slack. Without a bound here, where a busy machine makes everybody late; that
   * nothing is done before a modal opens is a test of its own.
   */
  triggerTime = Infinity;
  /** Sockets that were opened so far. */
  opened = 0;
  readonly #http: Server;
  readonly #sockets: WebSocketServer;
  readonly #acks = new Map<string, (payload: unknown) => void>();
  readonly #replies = new Map<string, (shown: string) => void>();
  readonly #faults: Rule[] = [];
  /** When each trigger that has opened nothing yet was given out (milliseconds since the epoch). */
  readonly #triggers = new Map<string, number>();
  readonly #views: (SlackView & { id: string })[] = [];
  #emulator: Emulator | undefined;
  #count = 0;

  private constructor() {
    this.#http = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        this.violations.push(`the front failed: ${String(error)}`);
        response.writeHead(500).end();
      });
    });
    this.#sockets = new WebSocketServer({ server: this.#http });
    this.#sockets.on("connection", (socket) => {
      this.opened += 1;
      socket.on("message", (data) => this.#takeAck((data as Buffer).toString()));
      socket.send(JSON.stringify({ type: "hello", num_connections: 1, debug_info: {} }));
    });
  }

  static async start(): Promise<SlackFront> {
    const front = new SlackFront();
    await new Promise<void>((resolve) => front.#http.listen(0, "127.0.0.1", resolve));
    front.api = `http://127.0.0.1:${(front.#http.address() as AddressInfo).port}/api/`;
    const tokens = [
      { token: front.botToken, user: "shardbridge", scopes: [...botScopes, "channels:read"] },
      { token: "xoxp-ann", user: "ann" },
    ];
    const app = {
      client_id: "1.2",
      client_secret: "secret",
      name: "Shardbridge",
      bot_name: "shardbridge",
      redirect_uris: [],
    };
    const users = [{ name: "ann", real_name: "Ann" }];
    front.#emulator = await createEmulator({
      service: "slack",
      port: 0,
      seed: {
        tokens: {},
        slack: { users, channels: [{ name: "dev" }], oauth_apps: [app], tokens, strict_scopes: true },
      },
    });
    await front.#lookAround();
    return front;
  }

  /** Rejects when there was a call that Slack would not have taken. */
  async stop(): Promise<void> {
    for (const socket of this.#sockets.clients) socket.terminate();
    this.#sockets.close();
    this.#http.closeAllConnections();
    await new Promise((resolve) => this.#http.close(resolve));
    await this.#emulator?.close();
    if (this.violations.length > 0) throw new Error(`Slack would not have taken this:\n${this.violations.join("\n")}`);
  }

  /** Answer calls instead of passing them on; the newest rule that answers counts. Returns what ends it. */
  fault(rule: Rule): () => void {
    this.#faults.unshift(rule);
    return () => void this.#faults.splice(this.#faults.indexOf(rule), 1);
  }

  /** The same for just the next call of a method. */
  faultOnce(method: string, answer: SlackAnswer): void {
    const end = this.fault((call) => {
      if (call.method !== method) return undefined;
      end();
      return answer;
    });
  }

  /** Sockets that are open now. */
  get connections(): WebSocket[] {
    return [...this.#sockets.clients].filter((socket) => socket.readyState === socket.OPEN);
  }

  callsOf(method: string): SlackCall[] {
    return this.calls.filter((call) => call.method === method);
  }

  /** Send an envelope as it is; resolves with the payload of its acknowledgement. */
  envelope(type: string, payload: object, more: object = {}): Promise<unknown> {
    const envelope_id = `envelope-${(this.#count += 1)}`;
    const acknowledged = new Promise<unknown>((resolve) => this.#acks.set(envelope_id, resolve));
    this.connections
      .at(-1)
      ?.send(JSON.stringify({ envelope_id, type, payload, accepts_response_payload: false, ...more }));
    return acknowledged;
  }

  /** An event of the Events API. */
  event(event: object, more: object = {}, envelope: object = {}): Promise<unknown> {
    return this.envelope("events_api", this.callback(event, more), envelope);
  }

  callback(event: object, more: object = {}): object {
    return {
      token: "verification",
      type: "event_callback",
      team_id: this.team,
      api_app_id: "A0FRONT",
      event_id: `Ev${(this.#count += 1)}`,
      event_time: Math.floor(Date.now() / 1_000),
      is_ext_shared_channel: false,
      authorizations: [{ enterprise_id: null, team_id: this.team, user_id: this.bot, is_bot: true }],
      event,
      ...more,
    };
  }

  /** A person writes; returns the event that Slack makes of it, which has yet to be sent. `text` is as typed. */
  async write(
    text: string,
    thread?: string,
  ): Promise<{ type: string; user: string; text: string; ts: string; channel: string; [more: string]: unknown }> {
    const mrkdwn = text
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll("&lt;@BOT&gt;", `<@${this.bot}>`);
    const inThread = thread === undefined ? {} : { thread_ts: thread };
    const posted = await this.#emulate<{ ts: string }>("chat.postMessage", "xoxp-ann", {
      channel: this.channel,
      text: mrkdwn,
      ...inThread,
    });
    const ids = { client_msg_id: `client-${posted.ts}`, team: this.team, event_ts: posted.ts, channel_type: "channel" };
    return {
      type: "message",
      user: this.person,
      text: mrkdwn,
      ts: posted.ts,
      channel: this.channel,
      ...inThread,
      ...ids,
    };
  }

  /** Use `/shard`; resolves with what the person is shown. */
  async command(text: string, more: object = {}): Promise<string> {
    const { url, shown } = this.replyUrl();
    const slash = { command: "/shard", text, channel_name: "dev", user_name: "ann", is_enterprise_install: "false" };
    const ids = { team_id: this.team, channel_id: this.channel, user_id: this.person, api_app_id: "A0FRONT" };
    const trigger_id = this.#trigger();
    await this.envelope("slash_commands", { ...slash, ...ids, trigger_id, response_url: url, ...more });
    return shown;
  }

  /** Press a button of a message; resolves with its acknowledgement. */
  async press(thread: string, ts: string, label: string, replyUrl = this.replyUrl().url): Promise<unknown> {
    const message = (await this.messages(thread)).find((candidate) => candidate.ts === ts);
    const buttons = message?.blocks?.flatMap((block) => (block.type === "actions" ? (block.elements ?? []) : [])) ?? [];
    const button = buttons.find(
      ({ text }) => typeof text === "object" && (text.text === label || text.text === `${label.slice(0, 74)}…`),
    );
    if (button === undefined) throw new Error(`no button ${label} in ${JSON.stringify(message)}`);
    return this.envelope("interactive", {
      type: "block_actions",
      user: { id: this.person, username: "ann", name: "ann", team_id: this.team },
      api_app_id: "A0FRONT",
      container: { type: "message", message_ts: ts, channel_id: this.channel, is_ephemeral: false, thread_ts: thread },
      trigger_id: this.#trigger(),
      team: { id: this.team, domain: "emulate" },
      channel: { id: this.channel, name: "dev" },
      message: { ...message, thread_ts: thread },
      response_url: replyUrl,
      actions: [
        {
          ...button,
          block_id: "b1",
          action_ts: `${Math.floor(Date.now() / 1_000)}.${String((this.#count += 1)).padStart(6, "0")}`,
        },
      ],
    });
  }

  /** The next modal that was opened, or is. */
  async view(): Promise<SlackView & { id: string }> {
    await expect.poll(() => this.#views.length).toBeGreaterThan(0);
    return this.#views.shift()!;
  }

  /** Type words into the one field of a modal and send it; resolves with its acknowledgement. `more` changes the payload. */
  async submit({ id, ...view }: SlackView & { id: string }, words: string, more: object = {}): Promise<unknown> {
    const [block] = view.blocks;
    const field = { [block?.element?.action_id ?? ""]: { type: "plain_text_input", value: words } };
    const values = { [block?.block_id ?? ""]: field };
    return this.envelope(
      "interactive",
      {
        type: "view_submission",
        team: { id: this.team, domain: "emulate" },
        user: { id: this.person, username: "ann", name: "ann", team_id: this.team },
        api_app_id: "A0FRONT",
        trigger_id: this.#trigger(),
        view: {
          id,
          team_id: this.team,
          ...view,
          state: { values },
          hash: "1.x",
          previous_view_id: null,
          root_view_id: id,
        },
        response_urls: [],
        is_enterprise_install: false,
        enterprise: null,
        ...more,
      },
      { accepts_response_payload: true },
    );
  }

  /** A response URL, and what comes to be shown through it. */
  replyUrl(): { url: string; shown: Promise<string> } {
    const path = `/respond/${(this.#count += 1)}`;
    const shown = new Promise<string>((resolve) => this.#replies.set(path, resolve));
    return { url: new URL(path, this.api).href, shown };
  }

  /** Messages of a thread, oldest first, as they are in the workspace. */
  async messages(thread: string): Promise<SlackMessage[]> {
    const args = { channel: this.channel, ts: thread };
    return (await this.#emulate<{ messages: SlackMessage[] }>("conversations.replies", "xoxp-ann", args)).messages;
  }

  /** Slack recycles the connection: it asks the client to come back. */
  refresh(): void {
    for (const socket of this.connections)
      socket.send(JSON.stringify({ type: "disconnect", reason: "refresh_requested", debug_info: {} }));
  }

  async #lookAround(): Promise<void> {
    const who = (token: string) => this.#emulate<{ user_id: string; team_id: string }>("auth.test", token, {});
    const channels = await this.#emulate<{ channels: { id: string; name: string }[] }>(
      "conversations.list",
      "xoxp-ann",
      {},
    );
    this.bot = (await who(this.botToken)).user_id;
    ({ user_id: this.person, team_id: this.team } = await who("xoxp-ann"));
    this.channel = channels.channels.find(({ name }) => name === "dev")?.id ?? "";
  }

  async #emulate<T>(method: string, token: string, args: Record<string, string>): Promise<T> {
    const headers = { authorization: `Bearer ${token}`, "content-type": "application/x-www-form-urlencoded" };
    const answer = await fetch(`${this.#emulator?.url}/api/${method}`, {
      method: "POST",
      headers,
      body: new URLSearchParams(args),
    });
    const body = (await answer.json()) as T & { ok: boolean };
    if (!body.ok) throw new Error(`${method}: ${JSON.stringify(body)}`);
    return body;
  }

  #trigger(): string {
    const trigger = `trigger-${(this.#count += 1)}`;
    this.#triggers.set(trigger, Date.now());
    return trigger;
  }

  /** A trigger is good for one modal, for some time. */
  #open({ trigger_id = "", view = "" }: Record<string, string>): object {
    const given = this.#triggers.get(trigger_id);
    if (given === undefined) return { ok: false, error: "exchanged_trigger_id" };
    if (Date.now() - given > this.triggerTime) return { ok: false, error: "expired_trigger_id" };
    this.#triggers.delete(trigger_id);
    const opened = { ...(JSON.parse(view) as SlackView), id: `V0${(this.#count += 1)}` };
    this.#views.push(opened);
    return { ok: true, view: opened };
  }

  #takeAck(data: string): void {
    const { envelope_id, payload } = JSON.parse(data) as { envelope_id: string; payload?: unknown };
    this.#acks.get(envelope_id)?.(payload);
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const raw = Buffer.concat(chunks);
    const { pathname } = new URL(request.url ?? "/", this.api);
    const reply = this.#replies.get(pathname);
    if (reply !== undefined) {
      const { text = "", blocks } = JSON.parse(raw.toString()) as { text?: string; blocks?: SlackBlock[] };
      response.end("ok");
      reply(blocks === undefined ? text : shownBlocks(blocks));
      return;
    }
    const token = (request.headers.authorization ?? "").replace(/^Bearer /, "");
    const call = {
      method: pathname.replace("/api/", ""),
      args: Object.fromEntries(new URLSearchParams(raw.toString())),
      token,
    };
    this.calls.push(call);
    this.violations.push(...faultsOf(call));
    send(response, (await this.#faulty(call)) ?? (await this.pass(call)));
  }

  async #faulty(call: SlackCall): Promise<SlackAnswer | undefined> {
    for (const rule of this.#faults) {
      const answer = await rule(call);
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  /** What the workspace answers to a call; a rule may do this first, and answer something else. */
  async pass(call: SlackCall): Promise<SlackAnswer> {
    const refused = { json: { ok: false, error: "invalid_auth" } };
    if (call.method === "apps.connections.open") {
      if (call.token !== this.appToken) return refused;
      return { json: { ok: true, url: this.api.replace(/^http/, "ws").replace("/api/", "/link/?ticket=1") } };
    }
    if (call.token !== this.botToken) return refused;
    if (call.method === "views.open") return { json: this.#open(call.args) };
    const headers = { authorization: `Bearer ${call.token}`, "content-type": "application/x-www-form-urlencoded" };
    const url = `${this.#emulator?.url}/api/${call.method}`;
    const answer = await fetch(url, { method: "POST", headers, body: new URLSearchParams(call.args) });
    const body = await answer.text();
    return {
      status: answer.status,
      body: call.method === "conversations.history" ? await this.#withReplies(body) : body,
      headers: { "content-type": "application/json", "x-oauth-scopes": this.scopes.join(",") },
    };
  }

  /** The emulator leaves out when a message was last replied to. */
  async #withReplies(body: string): Promise<string> {
    const page = JSON.parse(body) as { messages?: { ts: string; reply_count?: number; latest_reply?: string }[] };
    for (const message of page.messages ?? []) {
      if ((message.reply_count ?? 0) === 0) continue;
      message.latest_reply = (await this.messages(message.ts)).at(-1)?.ts ?? message.ts;
    }
    return JSON.stringify(page);
  }
}

function send(response: ServerResponse, answer: SlackAnswer): void {
  if (answer === "hang") return;
  if (answer === "drop") {
    response.destroy();
    return;
  }
  const body = "json" in answer ? JSON.stringify(answer.json) : (answer.body ?? "");
  response
    .writeHead(answer.status ?? 200, {
      ...("json" in answer ? { "content-type": "application/json" } : {}),
      ...answer.headers,
    })
    .end(body);
}

interface MethodSpec {
  args: { required?: string[]; properties: Record<string, { enum?: string[] }> };
}

/** What Slack would not take in a call: by its method's specification where that is at hand, and by its limits. */
function faultsOf({ method, args }: SlackCall): string[] {
  const faults: string[] = [];
  const file = join(specs, `${method}.json`);
  if (slackSpecs && !existsSync(file)) return [`there is no method ${method}`];
  if (slackSpecs) {
    const { required = [], properties } = (JSON.parse(readFileSync(file, "utf8")) as MethodSpec).args;
    // The token comes in a header.
    for (const name of required)
      if (name !== "token" && args[name] === undefined) faults.push(`${method} wants ${name}`);
    for (const name of Object.keys(args)) {
      const property = properties[name];
      if (property === undefined) faults.push(`${method} knows no ${name}`);
      else if (property.enum !== undefined && !property.enum.includes(args[name] ?? ""))
        faults.push(`${method}: ${name} is ${args[name]}`);
    }
  }
  if ((args["text"] ?? "").length > (method === "chat.update" ? 4_000 : 40_000)) faults.push(`${method}: msg_too_long`);
  if (args["view"] !== undefined) faults.push(...viewFaults(args["view"]).map((fault) => `${method}: ${fault}`));
  if (args["blocks"] !== undefined) faults.push(...blockFaults(args["blocks"]).map((fault) => `${method}: ${fault}`));
  return faults;
}
