import type { ScreenView } from "../agents/agent.ts";

/**
 * What goes over a holder's socket: one JSON object a line, UTF-8. The client speaks first with `Hello`; the holder answers with
 * `Welcome`, or with `{ error }` and closes. Then requests and replies are paired by `id`, and events come in between, in order.
 *
 * Holders outlive the bot and its upgrades, so this file may only grow: new operations, new optional fields. A client asks
 * `Welcome.operations` before it uses one that an older holder may lack.
 */
export const protocolVersion = 1;

/** Characters that a JSON line may have; a longer one closes the connection. */
export const maxLine = 8_000_000;

export interface Hello {
  hello: number;
  secret: string;
}

export interface Welcome {
  hello: number;
  operations: string[];
  shard: string;
  /** The holder's own process, and the agent's, which leads a session and a process group of its own. */
  pid: number;
  child: number;
  startedAt: string;
  exit?: Exit;
}

export interface Exit {
  code: number;
  signal?: number;
}

/** A row of the normal buffer, or of the alternate screen, by its index since the first row ever printed. */
export interface Row {
  text: string;
  wrapped: boolean;
}

export type Request =
  /** The present screen. */
  | { op: "view" }
  /** Send a `view` event whenever the screen has changed, coalesced; the present one at once. */
  | { op: "watch" }
  /** Rows from index `from` on, up to the bottom of the screen; those that are gone from the scrollback are left out (see the reply's `from`). */
  | { op: "rows"; from: number }
  /** Write to the PTY; fails when the agent has ended. */
  | { op: "write"; data: string }
  /** Raw bytes of the log from `offset`, base64, at most `length`. */
  | { op: "log"; offset: number; length: number }
  /** End the holder, its agent with it if it still runs, and remove the socket. */
  | { op: "quit" };

export type Reply =
  | { id: number; ok: false; error: string }
  | { id: number; ok: true; view: ScreenView }
  | { id: number; ok: true; from: number; rows: Row[] }
  | { id: number; ok: true; offset: number; data: string; end: number }
  | { id: number; ok: true };

export type HolderEvent = { event: "view"; view: ScreenView } | { event: "exit"; exit: Exit };

/** What a holder is started with: a file that only its owner may read, removed by the holder once it is read. */
export interface HolderSpec {
  shard: string;
  secret: string;
  /** At most 100 bytes: the limit of a unix socket's path is 104 on macOS. */
  socket: string;
  file: string;
  args: string[];
  cwd: string;
  /** The agent's whole environment. */
  env: Record<string, string>;
  size: { cols: number; rows: number };
  /** Raw output goes here, at most `logLimit` bytes in two files. */
  log: string;
  logLimit: number;
}
