import type { AddressInfo } from "node:net";
import { WebSocketServer, type WebSocket } from "ws";

/** What a gateway does with a new connection: serve it, close it at once with a code, let it open and say nothing. */
type Manner = "serve" | "silent" | number;

/** Ids of the little world in which the gateway's one server is. */
export const world = {
  bot: "100000000000000001",
  guild: "200000000000000001",
  channel: "300000000000000001",
  thread: "300000000000000002",
  alice: "400000000000000001",
  botRole: "500000000000000001",
  ops: "500000000000000002",
};

/** Discord's gateway for what the twin can't: closes with a code, silence, resumes that succeed or fail. */
export class FakeGateway {
  manner: Manner = "serve";
  /** Close with this code instead of welcoming who identifies. */
  refusal: number | undefined;
  resumes = true;
  readonly heard: { op: number; d: unknown }[] = [];
  readonly #server = new WebSocketServer({ host: "127.0.0.1", port: 0 });
  #sequence = 0;

  constructor() {
    this.#server.on("connection", (socket) => this.#meet(socket));
  }

  get url(): string {
    return `ws://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get connections(): number {
    return this.#server.clients.size;
  }

  dispatch(t: string, d: unknown): void {
    for (const socket of this.#server.clients) this.#send(socket, { op: 0, t, s: (this.#sequence += 1), d });
  }

  /** A message of a person, as MESSAGE_CREATE has it. */
  say(content: string, fields: object = {}): void {
    this.dispatch("MESSAGE_CREATE", messagePayload(content, fields));
  }

  close(code: number): void {
    for (const socket of this.#server.clients) socket.close(code);
  }

  /** Break the connections as a failing network does. */
  break(): void {
    for (const socket of this.#server.clients) socket.terminate();
  }

  async stop(): Promise<void> {
    for (const socket of this.#server.clients) socket.terminate();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #meet(socket: WebSocket): void {
    if (typeof this.manner === "number") return socket.close(this.manner);
    if (this.manner === "silent") return;
    this.#send(socket, { op: 10, d: { heartbeat_interval: 45_000 } });
    socket.on("message", (raw: Buffer) => {
      const payload = JSON.parse(raw.toString()) as { op: number; d: unknown };
      this.heard.push(payload);
      if (payload.op === 1) this.#send(socket, { op: 11 });
      if (payload.op === 2 && this.refusal !== undefined) socket.close(this.refusal);
      else if (payload.op === 2) this.#welcome();
      if (payload.op === 6 && this.resumes) this.dispatch("RESUMED", {});
      if (payload.op === 6 && !this.resumes) this.#send(socket, { op: 9, d: false });
    });
  }

  #welcome(): void {
    const user = { id: world.bot, username: "TestBot", discriminator: "0", bot: true };
    this.dispatch("READY", {
      v: 10,
      user,
      guilds: [{ id: world.guild, unavailable: true }],
      session_id: "s",
      resume_gateway_url: this.url,
      application: { id: world.bot, flags: 1 << 18 },
    });
    this.dispatch("GUILD_CREATE", guildPayload(user));
  }

  #send(socket: WebSocket, payload: object): void {
    socket.send(JSON.stringify(payload));
  }
}

let lastMessage = 600_000_000_000_000_000n;

/** A message of Alice in the channel; ids rise. */
export function messagePayload(content: string, fields: object = {}): { id: string; content: string } {
  lastMessage += 1n;
  return {
    id: String(lastMessage),
    type: 0,
    channel_id: world.channel,
    guild_id: world.guild,
    author: { id: world.alice, username: "alice", global_name: "Alice", discriminator: "0" },
    member: { roles: [world.ops], nick: null, joined_at: "2026-01-04T20:21:10.139000+00:00" },
    content,
    timestamp: "2026-02-17T00:48:03.193000+00:00",
    edited_timestamp: null,
    mentions: [],
    mention_roles: [],
    attachments: [],
    embeds: [],
    components: [],
    ...fields,
  } as { id: string; content: string };
}

function guildPayload(user: object): object {
  const role = (id: string, name: string, fields: object = {}) => ({
    id,
    name,
    color: 0,
    position: 0,
    permissions: "0",
    managed: false,
    ...fields,
  });
  const thread = {
    id: world.thread,
    type: 11,
    name: "a thread",
    parent_id: world.channel,
    guild_id: world.guild,
    last_message_id: "599999999999999999",
  };
  return {
    id: world.guild,
    name: "Test Server",
    owner_id: world.alice,
    roles: [
      role(world.guild, "@everyone", { permissions: "1024" }),
      role(world.botRole, "TestBot", { managed: true, tags: { bot_id: world.bot } }),
      role(world.ops, "Operators"),
    ],
    channels: [
      { id: world.channel, type: 0, name: "general", guild_id: world.guild, last_message_id: "599999999999999998" },
    ],
    threads: [
      {
        ...thread,
        thread_metadata: {
          archived: false,
          auto_archive_duration: 1440,
          locked: false,
          archive_timestamp: "2026-01-04T20:21:10.139000+00:00",
        },
      },
    ],
    members: [{ user, roles: [world.botRole], joined_at: "2026-01-04T20:21:10.139000+00:00" }],
    member_count: 2,
    emojis: [],
    stickers: [],
    features: [],
    presences: [],
    voice_states: [],
  };
}
