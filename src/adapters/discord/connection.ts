import { setTimeout as delay } from "node:timers/promises";
import {
  Client,
  Events,
  GatewayIntentBits,
  Options,
  SimpleShardingStrategy,
  type RESTOptions,
  type WebSocketOptions,
} from "discord.js";
import { ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import { checkApplication, fatalCloses, startFailure } from "./preflight.ts";

/** Closes within a minute after which the gateway connection is given up; the client itself would go on for ever, twice a second. */
const maxCloses = 10;
const minute = 60_000;
/** The code for a socket that broke: the network's doing, after which trying again is right for as long as it takes. */
const brokenSocket = 1006;
/** Milliseconds that the other side has for a handshake, and for answering a close. */
const handshakeTime = 4_000;
const closeTime = 2_000;

export interface ConnectionOptions {
  token: string;
  rest: Partial<RESTOptions> & { api: string };
  /** Milliseconds that the start may take; failing then can take two more seconds. */
  deadline: number;
  /** The connection is away, and may come back. */
  onLost(): void;
  /** The connection is back. Discord has sent all that was missed, or, when not `resumed`, nothing of it. */
  onBack(resumed: boolean): void;
}

type GatewayManager = Parameters<NonNullable<WebSocketOptions["buildStrategy"]>>[0];

/** The manager's events that are used here; its own names for them are not exported by discord.js. */
interface GatewayEvents {
  on(event: "closed", listener: (close: { code: number }) => void): void;
  on(event: "ready" | "resumed", listener: () => void): void;
}

/** The parts of a socket (of the package ws) that are used here. */
interface Socket {
  readyState: number;
  on(event: "error" | "close", listener: () => void): void;
  terminate(): void;
}

/** The client with its one gateway connection: opened with checks, watched while it stands, and closed for certain. */
export class Connection {
  readonly client: Client;
  /** Resolves with the reason when the connection can't come back. */
  readonly ended: Promise<ShardbridgeError>;
  readonly #options: ConnectionOptions;
  readonly #end: (reason: ShardbridgeError) => void;
  #strategy: SimpleShardingStrategy | undefined;
  #closes: number[] = [];
  #wasReady = false;
  #closing: Promise<void> | undefined;

  constructor(options: ConnectionOptions) {
    const { promise, resolve } = Promise.withResolvers<ShardbridgeError>();
    this.ended = promise;
    this.#end = resolve;
    this.#options = options;
    this.client = new Client({
      intents: [GatewayIntentBits.Guilds, GatewayIntentBits.GuildMessages, GatewayIntentBits.MessageContent],
      allowedMentions: { parse: [], repliedUser: false },
      makeCache: Options.cacheWithLimits({ ...Options.DefaultMakeCacheSettings, MessageManager: 0 }),
      rest: options.rest,
      shards: [0],
      shardCount: 1,
      waitGuildTimeout: 5_000,
      ws: { buildStrategy: (manager) => this.#watch(manager) },
    });
    this.client.on(Events.Warn, (reason) => log.warn("discord.js warns", { reason }));
    this.client.on(Events.Error, ({ message }) => log.warn("discord.js reports an error", { reason: message }));
    this.client.on(Events.ShardError, ({ message }) =>
      log.warn("the gateway connection has a fault", { reason: message }),
    );
  }

  /** Check token and intents, connect, and wait until all servers are known. Throws ShardbridgeError; then nothing of it is left. */
  async open(): Promise<void> {
    const { deadline, rest } = this.#options;
    const over = new AbortController();
    const late = delay(deadline, undefined, { signal: over.signal }).then(() => Promise.reject(tooLate(deadline)));
    const ended = this.ended.then((reason) => Promise.reject(reason));
    try {
      await Promise.race([this.#connect(), late, ended]);
    } catch (error) {
      // A fatal close also makes the login fail, in words of its own; the sentence for the close says more.
      const reason = await Promise.race([this.ended, Promise.resolve(startFailure(error, rest.api))]);
      await this.close();
      throw reason;
    } finally {
      over.abort();
    }
  }

  /** Give the connection up for a reason that has shown elsewhere. */
  giveUp(reason: ShardbridgeError): void {
    this.#end(reason);
    this.close().catch((error: unknown) => logBug(error, "the gateway connection could not be closed"));
  }

  /** Disconnect, whatever the connection is doing. */
  async close(): Promise<void> {
    await (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    // The client (@discordjs/ws 1.2.3) doesn't stop by itself in the half second before it connects anew, nor in the middle of a
    // handshake, whose socket lives on and brings the process down when it fails; and its own destroy() can wait for ever for a
    // connection that had not been greeted. So its sockets are what is waited for.
    const connections = [...connectionsOf(this.#strategy)];
    for (const connection of connections) Reflect.set(connection, "internalConnect", async () => {});
    const sockets = connections
      .map(socketOf)
      .filter((socket) => socket !== undefined)
      .filter((socket) => socket.readyState !== WebSocket.CLOSED);
    const closed = sockets.map((socket) => new Promise<void>((resolve) => socket.on("close", () => resolve())));
    for (const socket of sockets) {
      socket.on("error", () => {});
      if (socket.readyState === WebSocket.CONNECTING) socket.terminate();
    }
    const timer = setTimeout(() => sockets.forEach((socket) => socket.terminate()), closeTime);
    const destroyed = this.client.destroy();
    await (closed.length > 0 ? Promise.all(closed) : destroyed);
    clearTimeout(timer);
  }

  async #connect(): Promise<void> {
    const ready = new Promise<void>((resolve) => this.client.once(Events.ClientReady, () => resolve()));
    this.client.rest.setToken(this.#options.token);
    await checkApplication(this.client.rest);
    await this.client.login(this.#options.token);
    await ready;
  }

  #watch(manager: GatewayManager): SimpleShardingStrategy {
    manager.options.handshakeTimeout = handshakeTime;
    guard(manager);
    const events = manager as unknown as GatewayEvents;
    events.on("closed", ({ code }) => this.#onClosed(code));
    events.on("resumed", () => this.#options.onBack(true));
    events.on("ready", () => {
      if (this.#wasReady) this.#options.onBack(false);
      this.#wasReady = true;
    });
    const strategy = new SimpleShardingStrategy(manager);
    const connect = strategy.connect.bind(strategy);
    // A login that was waiting for an answer goes on after the client is destroyed; this is where it ends then.
    strategy.connect = async () => {
      if (this.#closing === undefined) await connect();
    };
    this.#strategy = strategy;
    return strategy;
  }

  #onClosed(code: number): void {
    const fatal = fatalCloses[code];
    if (fatal !== undefined) return this.giveUp(new ShardbridgeError("config", fatal));
    this.#options.onLost();
    if (code === brokenSocket) return;
    const now = Date.now();
    this.#closes = [...this.#closes.filter((at) => now - at < minute), now];
    if (this.#closes.length < maxCloses) return;
    const sentence = `Discord closed the gateway connection ${maxCloses} times within a minute (last with ${code}): look at https://discordstatus.com, then start again.`;
    this.giveUp(new ShardbridgeError("unavailable", sentence));
  }
}

function tooLate(deadline: number): ShardbridgeError {
  const sentence = `Discord did not let the bot in within ${Math.ceil(deadline / 1000)} seconds: check the network, look at https://discordstatus.com, and start again.`;
  return new ShardbridgeError("unavailable", sentence);
}

/** An event that the client can't take apart is lost, and logged; its exception would otherwise end the process, as nobody awaits it. */
function guard(manager: GatewayManager): void {
  const emit = manager.emit.bind(manager);
  Reflect.set(manager, "emit", (...event: Parameters<typeof emit>) => {
    try {
      return emit(...event);
    } catch (error) {
      logBug(error, "discord.js could not take an event apart");
      return true;
    }
  });
}

/** The gateway connections of the client, which it has in a private field. */
function connectionsOf(strategy: SimpleShardingStrategy | undefined): Iterable<object> {
  const connections: unknown = strategy && Reflect.get(strategy, "shards");
  return connections instanceof Map ? connections.values() : [];
}

/** The socket of a gateway connection, which it has in a private field. */
function socketOf(connection: object): Socket | undefined {
  return (Reflect.get(connection, "connection") as Socket | null) ?? undefined;
}
