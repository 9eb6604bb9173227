import type { ScreenView } from "../agents/agent.ts";

/**
 * Messages over a holder's socket: one JSON object a line, UTF-8. The client speaks first with `Hello`; the holder answers with
 * `Welcome`, or with `{ error }` and closes. Then requests and replies are paired by `id`, and events come in between, in order.
 *
 * Holders outlive the bot and its upgrades, so this file may only grow: new operations, new optional fields. A client asks
 * `Welcome.operations` before it uses one that an older holder may lack.
 */
export const protocolVersion = 1;

/** Characters that a JSON line may have; a longer one closes the connection. */
export const maxLine = 8_000_000;

/** Milliseconds without output after which a holder sends a view. */
export const viewAfter = 30;

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
  /** A person's terminal is on the shard: `picture` and `keyboard` events from now on. `as` is what others are told, 60 characters at most. */
  | { op: "attach"; as: string }
  /** Take the keyboard, or give it back. Taking fails when somebody else has it, unless `over` is set. */
  | { op: "keyboard"; take: boolean; over?: boolean }
  /** A person's keys or clicks, base64, as it is to the PTY; from whoever has the keyboard. */
  | { op: "keys"; data: string }
  /** The size of the terminal, for as long as the asker has the keyboard: 20 to 500 columns, 6 to 150 rows. */
  | { op: "resize"; cols: number; rows: number }
  /** At most 150 rows that have scrolled away, from index `from` on, with their colours. */
  | { op: "history"; from: number; count: number }
  /** End the holder, its agent with it if it still runs, and remove the socket. */
  | { op: "quit" };

export type Reply =
  | { id: number; ok: false; error: string }
  | { id: number; ok: true; view: ScreenView }
  | { id: number; ok: true; from: number; rows: Row[] }
  | { id: number; ok: true; offset: number; data: string; end: number }
  | { id: number; ok: true; from: number; spans: Span[][] }
  | { id: number; ok: true };

export type HolderEvent =
  | { event: "view"; view: ScreenView }
  | { event: "exit"; exit: Exit }
  /** The screen, for who is attached: newest wins, and each tells what is new since the one that the client got before. */
  | { event: "picture"; picture: Picture }
  /** The person who has the keyboard now, for all who are attached or watch, who take it that nobody has it at first; `yours`: it is you. */
  | { event: "keyboard"; by?: string; yours?: true };

/** Cells of one style, side by side. */
export interface Span {
  /** A text with one UTF-16 unit for each cell, where that is all that they have; otherwise a text for each cell. */
  cells: string | string[];
  /** Each cell takes two columns. */
  wide?: true;
  /** Parameters of SGR, "1;38;5;9"; absent for a terminal's own. */
  style?: string;
}

/** The screen as a terminal shows it: colours, cursor, and what the program asks of a keyboard and a mouse. */
export interface Picture {
  cols: number;
  rows: number;
  /** Index of the top row, as `Row`s have it. */
  top: number;
  /** `shape`: parameter of DECSCUSR, 0 for a terminal's own. */
  cursor: { row: number; col: number; hidden: boolean; shape: number };
  title: string;
  alternate: boolean;
  /** Arrows and keypad as the program wants them (DECCKM, DECNKM), pastes in brackets, a word when the window gets or loses the focus. */
  keys: { application: boolean; keypad: boolean; bracketedPaste: boolean; focus: boolean };
  mouse: MouseMode;
  /** Rows that are not as in the picture before; all of them in the first one, and after a change of size. Blanks at their ends are left out. */
  changed: { row: number; spans: Span[] }[];
}

/** Events of a mouse that the program wants, and how they are written; "pixels" is not to be had from cells. */
export interface MouseMode {
  wants: "none" | "press" | "click" | "drag" | "any";
  written: "bytes" | "sgr" | "pixels";
}

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
  /** See `Launch.marks`; without it any mark counts. */
  marks?: string;
  /** Tell how its terminal takes input (`ScreenView.tty`). */
  tty?: boolean;
}
