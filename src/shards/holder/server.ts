import { createHash, timingSafeEqual } from "node:crypto";
import { createServer, type Server, type Socket } from "node:net";
import { messageOf } from "../../errors.ts";
import { readLines, readObject } from "../../lines.ts";
import type { OutputLog } from "./log.ts";
import {
  type Exit,
  type HolderEvent,
  maxLine,
  protocolVersion,
  type Reply,
  type Request,
  type Welcome,
} from "./protocol.ts";
import type { AgentTerminal } from "./terminal.ts";
import { Viewers } from "./viewers.ts";

/** Listen on a unix socket that only its owner may use. Rejects when the path is taken. */
export async function listen(path: string): Promise<Server> {
  const server = createServer();
  const mask = process.umask(0o177);
  // The socket file is made right here; the agent must not inherit the mask.
  server.listen(path);
  process.umask(mask);
  await new Promise<void>((resolve, reject) => server.once("listening", resolve).once("error", reject));
  return server;
}

export interface Held {
  shard: string;
  secret: string;
  terminal: AgentTerminal;
  /** Of the terminal, as the shard was started. */
  size: { cols: number; rows: number };
  log: OutputLog;
  /** ISO 8601. */
  startedAt: string;
  /** End the agent and remove the socket; resolves when both are gone. */
  quit(): Promise<void>;
  /** The answer to `quit` is sent. */
  left(): void;
}

/** Serves one shard to any number of clients. */
export class HolderServer {
  readonly #held: Held;
  readonly #clients = new Set<Client>();
  readonly #viewers: Viewers;

  constructor(server: Server, held: Held) {
    this.#held = held;
    this.#viewers = new Viewers(held.terminal, held.size, () => this.#keyboardPassed());
    server.on("connection", (socket) => this.#welcome(socket));
  }

  /** Send the present screen to everybody who watches. */
  changed(): void {
    const watching = [...this.#clients].filter((client) => client.watching);
    if (watching.length === 0) return;
    const line = this.#viewLine();
    for (const client of watching) this.#show(client, line);
  }

  /** Something is new on the screen: show it to who is attached, soon. */
  drawn(): void {
    this.#viewers.drawn();
  }

  /** Send the last screen, and that the agent has ended. */
  ended(exit: Exit): void {
    this.changed();
    this.#viewers.paint();
    for (const client of this.#clients) send(client.socket, { event: "exit", exit });
  }

  #welcome(socket: Socket): void {
    let client: Client | undefined;
    const deadline = setTimeout(() => socket.destroy(), helloWithin);
    socket.on("error", () => socket.destroy());
    socket.on("close", () => {
      clearTimeout(deadline);
      if (client) this.#clients.delete(client);
      this.#viewers.left(socket);
    });
    readLines(socket, {
      limit: () => (client ? maxLine : maxHello),
      onLine: (line) => {
        if (client) {
          void this.#answer(client, line);
          return;
        }
        const problem = this.#problem(line);
        if (problem) {
          socket.end(`${JSON.stringify({ error: problem })}\n`);
          return;
        }
        clearTimeout(deadline);
        client = { socket, watching: false, stale: false };
        this.#join(client);
      },
    });
  }

  /** The fault in a client's first line. */
  #problem(line: string): string | undefined {
    const hello = readObject(line);
    if (!hello || !Number.isSafeInteger(hello["hello"])) return "The first line must be a hello.";
    // A newer client is welcome: it sees this holder's version in the answer, and knows all older ones.
    const secret = typeof hello["secret"] === "string" ? hello["secret"] : "";
    return timingSafeEqual(digest(secret), digest(this.#held.secret)) ? undefined : "The secret is wrong.";
  }

  #join(client: Client): void {
    const { shard, terminal, startedAt } = this.#held;
    const { child, exit } = terminal;
    this.#clients.add(client);
    client.socket.on("drain", () => {
      client.socket.resume();
      if (client.stale) this.#show(client, this.#viewLine());
      this.#viewers.drained(client.socket);
    });
    const hello = protocolVersion;
    const welcome: Welcome = { hello, operations, shard, pid: process.pid, child, startedAt, ...(exit && { exit }) };
    send(client.socket, welcome);
  }

  async #answer(client: Client, line: string): Promise<void> {
    const request = readObject(line);
    const id = request?.["id"];
    if (typeof id !== "number") {
      client.socket.destroy();
      return;
    }
    const reply = await this.#perform(client, id, request as unknown as Request).catch((error: unknown): Reply => ({
      id,
      ok: false,
      error: messageOf(error),
    }));
    // A client that does not read its replies is not read from.
    if (!send(client.socket, reply)) client.socket.pause();
    if (!reply.ok) return;
    if (request?.["op"] === "watch") this.#show(client, this.#viewLine());
    if (request?.["op"] === "quit") client.socket.end(() => this.#held.left());
  }

  async #perform(client: Client, id: number, request: Request): Promise<Reply> {
    const { terminal, log, quit } = this.#held;
    switch (request.op) {
      case "view":
        await terminal.settle();
        return { id, ok: true, view: terminal.view() };
      case "watch":
        await terminal.settle();
        client.watching = true;
        this.#tellKeyboard(client);
        return { id, ok: true };
      case "rows":
        return { id, ok: true, ...terminal.rows(count(request.from)) };
      case "write":
        if (typeof request.data !== "string") throw new Error("The data must be a text.");
        if (!terminal.write(request.data)) throw new Error("The agent has ended.");
        return { id, ok: true };
      case "log": {
        const { offset, data, end } = log.read(count(request.offset), Math.min(count(request.length), maxRead));
        return { id, ok: true, offset, data: data.toString("base64"), end };
      }
      case "attach":
      case "keyboard":
      case "keys":
      case "resize":
        this.#viewers.perform(client.socket, request);
        if (request.op === "attach") this.#tellKeyboard(client);
        return { id, ok: true };
      case "history":
        return { id, ok: true, ...terminal.history(count(request.from), Math.min(count(request.count), maxHistory)) };
      case "quit":
        await quit();
        return { id, ok: true };
      default:
        throw new Error("This holder does not know the operation.");
    }
  }

  /** To one who has just come, before the reply: who has the keyboard, if anybody. */
  #tellKeyboard({ socket }: Client): void {
    const { by, ...event } = this.#viewers.keyboard(socket);
    if (by !== undefined) send(socket, { ...event, by });
  }

  #keyboardPassed(): void {
    for (const { socket, watching } of this.#clients)
      if (watching || this.#viewers.has(socket)) send(socket, this.#viewers.keyboard(socket));
  }

  #viewLine(): string {
    const event: HolderEvent = { event: "view", view: this.#held.terminal.view() };
    return `${JSON.stringify(event)}\n`;
  }

  /** Newest wins: a client that is behind gets the screen as it is when it has caught up. */
  #show(client: Client, line: string): void {
    client.stale = client.socket.writableLength > behind;
    if (!client.stale && client.socket.writable) client.socket.write(line);
  }
}

interface Client {
  socket: Socket;
  watching: boolean;
  /** Has not been sent the newest view. */
  stale: boolean;
}

const operations = ["view", "watch", "rows", "write", "log", "attach", "keyboard", "keys", "resize", "history", "quit"];
/** Milliseconds. */
const helloWithin = 5000;
/** Characters of a first line. */
const maxHello = 10_000;
/** Bytes that wait in a client's socket. */
const behind = 1_000_000;
/** Rows of the history in one reply. */
const maxHistory = 150;
/** Bytes of the log in one reply; in base64 they must fit into one line. */
const maxRead = 4_000_000;

function send(socket: Socket, message: Welcome | Reply | HolderEvent): boolean {
  return socket.writable && socket.write(`${JSON.stringify(message)}\n`);
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

/** A whole number of at least 0; throws otherwise. */
function count(value: unknown): number {
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new Error("Offsets and lengths are whole numbers from 0.");
}
