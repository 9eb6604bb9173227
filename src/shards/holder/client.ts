import { connect as dial, type Socket } from "node:net";
import { ShardbridgeError } from "../../errors.ts";
import { readLines, readObject } from "../../lines.ts";
import type { ScreenView } from "../agents/agent.ts";
import {
  type Exit,
  type Hello,
  type HolderEvent,
  maxLine,
  type Picture,
  protocolVersion,
  type Reply,
  type Request,
  type Row,
  type Span,
  type Welcome,
} from "./protocol.ts";

export interface ClientHandlers {
  view(view: ScreenView): void;
  /** The agent has ended while the client was there; see `welcome.exit` for before. */
  exit(exit: Exit): void;
  /** See `attach`. */
  picture?(picture: Picture): void;
  /** For who watches or is attached: who has the keyboard now, and whether that is this client. */
  keyboard?(by: string | undefined, yours: boolean): void;
  /** The holder is gone, or has closed the connection. Not called after `close` or `quit`. */
  closed(): void;
}

export interface ClientOptions {
  socket: string;
  secret: string;
  handlers: ClientHandlers;
  /** Milliseconds that the handshake and each call may take; 5,000 by default. */
  timeout?: number;
}

/** A connection to a holder. Calls throw "unavailable" when the holder is gone or too slow, and "failed" with its reason when it can't. */
export class HolderClient {
  readonly welcome: Welcome;
  readonly #socket: Socket;
  readonly #handlers: ClientHandlers;
  readonly #timeout: number;
  readonly #pending = new Map<number, { resolve(reply: Success): void; reject(error: Error): void }>();
  #lastId = 0;
  #leaving = false;

  /** Throws "unavailable" when nobody listens, the secret is wrong, or the holder speaks another protocol. */
  static async connect(options: ClientOptions): Promise<HolderClient> {
    const timeout = options.timeout ?? 5000;
    const socket = dial(options.socket);
    const { promise, resolve, reject } = Promise.withResolvers<HolderClient>();
    const fail = (why: string) =>
      reject(new ShardbridgeError("unavailable", `The shard's holder can't be reached: ${why}.`));
    let client: HolderClient | undefined;
    const timer = setTimeout(() => fail("it does not answer"), timeout);
    socket.on("error", (error) => fail(error.message));
    socket.on("close", () => {
      fail("it closed the connection");
      if (client) client.#onClose();
    });
    socket.once("connect", () =>
      socket.write(`${JSON.stringify({ hello: protocolVersion, secret: options.secret } satisfies Hello)}\n`),
    );
    readLines(socket, {
      limit: () => maxLine,
      onLine: (line) => {
        if (client) return client.#onLine(line);
        const problem = problemWith(readObject(line));
        if (problem) return fail(problem);
        client = new HolderClient(socket, JSON.parse(line) as Welcome, options.handlers, timeout);
        return resolve(client);
      },
    });
    try {
      return await promise;
    } catch (error) {
      socket.destroy();
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Use `connect`. */
  private constructor(socket: Socket, welcome: Welcome, handlers: ClientHandlers, timeout: number) {
    this.#socket = socket;
    this.welcome = welcome;
    this.#handlers = handlers;
    this.#timeout = timeout;
  }

  /** Have `handlers.view` called with the present screen, and whenever it has changed. */
  async watch(): Promise<void> {
    await this.#call({ op: "watch" });
  }

  async view(): Promise<ScreenView> {
    const reply = await this.#call({ op: "view" });
    return "view" in reply ? reply.view : unexpected();
  }

  /** Rows from index `from` to the bottom of the screen, or from the first that there still is: see `from` of the result. */
  async rows(from: number): Promise<{ from: number; rows: Row[] }> {
    const reply = await this.#call({ op: "rows", from });
    return "rows" in reply ? { from: reply.from, rows: reply.rows } : unexpected();
  }

  /** Write to the PTY, as it is. */
  async write(data: string): Promise<void> {
    await this.#call({ op: "write", data });
  }

  /** Raw output from `offset` bytes since the start; less than `length` at the end, and 4 MB at most. `end` is the offset of the next byte to come. */
  async log(offset: number, length: number): Promise<{ offset: number; data: Buffer; end: number }> {
    const reply = await this.#call({ op: "log", offset, length });
    if (!("data" in reply)) return unexpected();
    return { offset: reply.offset, data: Buffer.from(reply.data, "base64"), end: reply.end };
  }

  /**
   * Have `handlers.picture` called with the present screen, and whenever it has changed; each tells the rows that are new since the last.
   * Throws "unavailable" when the holder was started by a version that could not do this.
   */
  async attach(as: string): Promise<void> {
    if (!this.welcome.operations.includes("attach"))
      throw new ShardbridgeError(
        "unavailable",
        `The holder of ${this.welcome.shard} is older than attach: close the shard and resume it, then attach.`,
      );
    await this.#call({ op: "attach", as });
  }

  /** Take the keyboard, or give it back. Throws "failed" with who has it, unless it is to be taken `over`. */
  async keyboard(take: boolean, over = false): Promise<void> {
    await this.#call({ op: "keyboard", take, over });
  }

  /** A person's keys, as they are; for who has the keyboard. */
  async keys(data: Uint8Array): Promise<void> {
    await this.#call({ op: "keys", data: Buffer.from(data).toString("base64") });
  }

  /** Give the terminal this size for as long as the keyboard is ours. */
  async resize(cols: number, rows: number): Promise<void> {
    await this.#call({ op: "resize", cols, rows });
  }

  /** Rows that have scrolled away, from index `from` or the oldest that there is; see `Picture.top`. */
  async history(from: number, count: number): Promise<{ from: number; spans: Span[][] }> {
    const reply = await this.#call({ op: "history", from, count });
    return "spans" in reply ? { from: reply.from, spans: reply.spans } : unexpected();
  }

  /** End the agent and the holder; resolves when the agent has ended and the socket is gone. */
  async quit(): Promise<void> {
    this.#leaving = true;
    await this.#call({ op: "quit" });
    this.#socket.destroy();
  }

  /** Let go of the holder, which goes on. */
  close(): void {
    this.#leaving = true;
    this.#socket.destroy();
  }

  async #call(request: Request): Promise<Success> {
    if (this.#socket.destroyed) throw gone();
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<Success>();
    this.#pending.set(id, { resolve, reject });
    const timer = setTimeout(
      () =>
        reject(new ShardbridgeError("unavailable", `The shard's holder did not answer within ${this.#timeout} ms.`)),
      this.#timeout,
    );
    this.#socket.write(`${JSON.stringify({ id, ...request })}\n`);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      this.#pending.delete(id);
    }
  }

  #onLine(line: string): void {
    const message = readObject(line) as unknown as Reply | HolderEvent | undefined;
    if (!message) return void this.#socket.destroy();
    if ("event" in message) return this.#onEvent(message);
    const call = this.#pending.get(message.id);
    if (message.ok) return call?.resolve(message);
    return call?.reject(new ShardbridgeError("failed", message.error));
  }

  #onEvent(event: HolderEvent): void {
    if (event.event === "view") this.#handlers.view(event.view);
    if (event.event === "exit") this.#handlers.exit(event.exit);
    if (event.event === "picture") this.#handlers.picture?.(event.picture);
    if (event.event === "keyboard") this.#handlers.keyboard?.(event.by, event.yours === true);
  }

  #onClose(): void {
    for (const { reject } of this.#pending.values()) reject(gone());
    if (!this.#leaving) this.#handlers.closed();
  }
}

type Success = Extract<Reply, { ok: true }>;

/** The fault in a holder's first line. */
function problemWith(welcome: Record<string, unknown> | undefined): string | undefined {
  if (typeof welcome?.["error"] === "string") return welcome["error"].replace(/\.$/, "");
  const version = welcome?.["hello"];
  if (typeof version !== "number") return "what listens there is no holder";
  return version >= 1 && version <= protocolVersion ? undefined : `it speaks version ${version} of the protocol`;
}

function gone(): ShardbridgeError {
  return new ShardbridgeError("unavailable", "The connection to the shard's holder is closed.");
}

function unexpected(): never {
  throw new Error("The holder's reply is not one to this request.");
}
