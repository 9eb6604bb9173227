import type { Socket } from "node:net";
import { plain } from "./osc.ts";
import type { HolderEvent, Picture, Request } from "./protocol.ts";
import type { AgentTerminal } from "./terminal.ts";

type PersonsRequest = Extract<Request, { op: "attach" | "keyboard" | "keys" | "resize" }>;

/** People whose terminals are on the shard: each gets the screen as it changes, and one of them may have the keyboard. */
export class Viewers {
  readonly #terminal: AgentTerminal;
  /** Of the terminal when nobody asks for another one, and at present. */
  readonly #usual: Size;
  #size: Size;
  /** Called when the keyboard has changed hands. */
  readonly #passed: () => void;
  readonly #viewers = new Map<Socket, Viewer>();
  #writer: Viewer | undefined;
  #timer: NodeJS.Timeout | undefined;
  #drawnAt = 0;
  #drawnSince: number | undefined;

  constructor(terminal: AgentTerminal, size: Size, passed: () => void) {
    this.#terminal = terminal;
    this.#usual = { cols: size.cols, rows: size.rows };
    this.#size = this.#usual;
    this.#passed = passed;
  }

  /** News for this client of who has the keyboard. */
  keyboard(socket: Socket): Extract<HolderEvent, { event: "keyboard" }> {
    const writer = this.#writer;
    if (!writer) return { event: "keyboard" };
    return { event: "keyboard", by: writer.name, ...(writer.socket === socket && { yours: true as const }) };
  }

  has(socket: Socket): boolean {
    return this.#viewers.has(socket);
  }

  /** Throws an error with a sentence for what can't be done. */
  perform(socket: Socket, request: PersonsRequest): void {
    if (request.op === "attach") return this.#attach(socket, request.as);
    const viewer = this.#viewers.get(socket);
    if (!viewer) throw new Error("Attach first.");
    if (request.op === "keyboard") return this.#pass(viewer, request);
    if (viewer !== this.#writer) throw new Error(this.#writer ? busy(this.#writer) : "Take the keyboard first.");
    if (request.op === "resize") return this.#resize(sizeOf(request));
    if (typeof request.data !== "string") throw new Error("The data must be a text.");
    if (!this.#terminal.write(Buffer.from(request.data, "base64"))) throw new Error("The agent has ended.");
  }

  /** All that was sent to the client is on its way. */
  drained(socket: Socket): void {
    if (this.#viewers.get(socket)?.stale) this.drawn();
  }

  /** The client is gone. */
  left(socket: Socket): void {
    const viewer = this.#viewers.get(socket);
    this.#viewers.delete(socket);
    if (viewer && viewer === this.#writer) this.#give(undefined);
  }

  /** The screen has changed. It is painted when nothing came for a moment: a program draws one picture by several writes. */
  drawn(): void {
    if (this.#viewers.size === 0) return;
    this.#drawnAt = performance.now();
    this.#drawnSince ??= this.#drawnAt;
    this.#timer ??= setTimeout(() => this.#paintWhenDue(), quiet);
  }

  /** Show everybody the screen as it is now. */
  paint(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drawnSince = undefined;
    if (this.#viewers.size === 0) return;
    const { lines, ...frame } = this.#terminal.picture();
    const rows = lines.map((spans) => ({ spans, text: JSON.stringify(spans) }));
    for (const viewer of this.#viewers.values()) viewer.show(frame, rows);
  }

  #attach(socket: Socket, as: unknown): void {
    if (typeof as !== "string") throw new Error("Say who you are.");
    const name = plain(as).trim().slice(0, longestName) || "somebody";
    if (this.#viewers.has(socket)) throw new Error("You are attached already.");
    this.#viewers.set(socket, new Viewer(socket, name));
    this.drawn();
  }

  #pass(viewer: Viewer, { take, over }: { take: boolean; over?: boolean }): void {
    if (!take) {
      if (viewer === this.#writer) this.#give(undefined);
      return;
    }
    if (this.#writer && this.#writer !== viewer && over !== true) throw new Error(busy(this.#writer));
    if (this.#writer !== viewer) this.#give(viewer);
  }

  #give(viewer: Viewer | undefined): void {
    this.#writer = viewer;
    this.#resize(this.#usual);
    this.#passed();
  }

  #resize(size: Size): void {
    if (size.cols === this.#size.cols && size.rows === this.#size.rows) return;
    this.#size = size;
    this.#terminal.resize(size);
  }

  #paintWhenDue(): void {
    const now = performance.now();
    const since = this.#drawnSince ?? now;
    const due = this.#terminal.drawing ? since + wholeWithin : Math.min(this.#drawnAt + quiet, since + patience);
    if (now >= due) return this.paint();
    this.#timer = setTimeout(() => this.#paintWhenDue(), Math.min(quiet, due - now));
  }
}

interface Size {
  cols: number;
  rows: number;
}

/** One attached client. */
class Viewer {
  readonly socket: Socket;
  readonly name: string;
  /** Has not been sent the newest picture. */
  stale = false;
  /** The picture that was sent last: without its rows, and each of them. */
  #frame = "";
  #rows: string[] = [];
  #size = "";

  constructor(socket: Socket, name: string) {
    this.socket = socket;
    this.name = name;
  }

  /** Newest wins: who is behind gets the screen as it is when it has caught up. */
  show(frame: Omit<Picture, "changed">, rows: { spans: Picture["changed"][number]["spans"]; text: string }[]): void {
    this.stale = this.socket.writableLength > behind;
    if (this.stale || !this.socket.writable) return;
    const size = `${frame.cols}x${frame.rows}`;
    if (size !== this.#size) this.#rows = [];
    const changed = rows.flatMap(({ spans, text }, row) => (text === this.#rows[row] ? [] : [{ row, spans }]));
    const head = JSON.stringify(frame);
    if (changed.length === 0 && head === this.#frame) return;
    this.#size = size;
    this.#frame = head;
    this.#rows = rows.map(({ text }) => text);
    this.socket.write(
      `${JSON.stringify({ event: "picture", picture: { ...frame, changed } } satisfies HolderEvent)}\n`,
    );
  }
}

/** Milliseconds without output after which a picture is taken for whole, and that one is waited for at most. */
const quiet = 3;
const patience = 30;
/** The same for one whose program says that it is not whole. */
const wholeWithin = 500;
/** Bytes that wait in a viewer's socket. */
const behind = 64_000;
const longestName = 60;

function busy({ name }: Viewer): string {
  return `${name} is at the keyboard.`;
}

function sizeOf({ cols, rows }: Size): Size {
  const fits = (count: unknown, least: number, most: number) =>
    typeof count === "number" && Number.isInteger(count) && count >= least && count <= most;
  if (fits(cols, 20, 500) && fits(rows, 6, 150)) return { cols, rows };
  throw new Error("A terminal has 20 to 500 columns and 6 to 150 rows.");
}
