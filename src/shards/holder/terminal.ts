import { setTimeout as sleep } from "node:timers/promises";
import { type IPty, spawn } from "node-pty";
import type { ScreenView } from "../agents/agent.ts";
import { withUsersUmask } from "../process/umask.ts";
import { FloodGauge } from "./flood.ts";
import { Inflow } from "./inflow.ts";
import { type Exit, type HolderSpec, type Picture, type Row, type Span, viewAfter } from "./protocol.ts";
import { readToEnd } from "./read-to-end.ts";
import { Screen } from "./screen.ts";
import { TtyWatch } from "./tty.ts";

export interface TerminalHandlers {
  /** Raw bytes, as they come. */
  output(chunk: Uint8Array): void;
  /** The screen has changed and is whole: at most ten times a second. */
  changed(): void;
  /** Something is new on the screen, or its size: whenever a slice is parsed. */
  drawn(): void;
  /** The agent has ended, and all its output is on the screen. */
  ended(exit: Exit): void;
  /** Something that should not have been thrown was, and is survived. */
  fault(error: unknown): void;
}

/** The agent in its PTY, and its screen. Every output passes through: raw to `output`, then into the emulator. */
export class AgentTerminal {
  /** Process id of the agent, which leads a session and a process group of its own. */
  readonly child: number;
  readonly #pty: IPty;
  readonly #screen: Screen;
  readonly #inflow: Inflow;
  readonly #flood = new FloodGauge(() => this.#noteChange());
  readonly #handlers: TerminalHandlers;
  /** Only for programs that no rule knows, and for what a shell runs: how they read is a sign of whether they do. */
  readonly #tty: TtyWatch | undefined;
  readonly #replies = new Allowance(10_000);
  /** Called after a slice that leaves no frame half drawn. */
  readonly #wholeFrame = new Set<() => void>();
  readonly #ended = Promise.withResolvers<void>();
  #exit: Exit | undefined;
  #running = true;
  #paused: NodeJS.Timeout | undefined;
  #lastChunk = 0;
  #changedSince: number | undefined;
  #reporting = false;

  /** Start the agent. Throws when there is no PTY to be had. */
  constructor(spec: HolderSpec, handlers: TerminalHandlers) {
    this.#handlers = handlers;
    this.#screen = new Screen({
      ...spec.size,
      marks: spec.marks,
      reply: (data) => this.#replies.take(data.length) && this.write(data),
      fault: (error) => handlers.fault(error),
    });
    this.#inflow = new Inflow(this.#screen, () => this.#parsed());
    const options = {
      ...spec.size,
      name: spec.env["TERM"] ?? "xterm-256color",
      cwd: spec.cwd,
      env: spec.env,
      encoding: null,
    };
    this.#pty = withUsersUmask(() => spawn(spec.file, spec.args, options));
    this.child = this.#pty.pid;
    if (spec.tty || spec.marks !== undefined) {
      this.#tty = new TtyWatch({
        pty: this.#pty,
        runs: () => this.#running && (spec.marks === undefined || this.#screen.commandRuns),
        changed: () => this.#noteChange(),
      });
      // A program may read without having printed anything.
      if (spec.tty) this.#tty.typed();
    }
    // Without an encoding node-pty gives bytes, whatever its types say.
    this.#pty.onData((chunk) => this.#receive(chunk as unknown as Uint8Array));
    readToEnd(this.#pty, () => this.#resume());
    // node-pty reports the end of the process when the PTY is closed.
    this.#pty.onExit(({ exitCode, signal }) => void this.#onExit({ code: exitCode, ...(signal && { signal }) }));
  }

  /** End of the agent; known when its last output is on the screen. */
  get exit(): Exit | undefined {
    return this.#exit;
  }

  view(): ScreenView {
    const flood = this.#flood.rate;
    const tty = this.#tty?.seen;
    return { ...this.#screen.view(), ...(tty && { tty }), ...(flood !== undefined && { flood }) };
  }

  rows(from: number): { from: number; rows: Row[] } {
    return this.#screen.rows(from);
  }

  /** See `Screen.picture`. */
  picture(): Omit<Picture, "changed"> & { lines: Span[][] } {
    return this.#screen.picture();
  }

  /** See `Screen.history`. */
  history(from: number, count: number): { from: number; spans: Span[][] } {
    return this.#screen.history(from, count);
  }

  /** The program is in the middle of drawing a frame. */
  get drawing(): boolean {
    return this.#screen.drawing;
  }

  /** Give the program and its screen another size; nothing happens when it has ended. */
  resize({ cols, rows }: { cols: number; rows: number }): void {
    if (!this.#running) return;
    this.#pty.resize(cols, rows);
    this.#screen.resize(cols, rows);
    this.#handlers.drawn();
    this.#noteChange();
  }

  /** Write to the agent; false when it has ended. */
  write(data: string | Buffer): boolean {
    if (this.#running) this.#pty.write(data);
    this.#tty?.typed();
    return this.#running;
  }

  /**
   * Resolves when all that was received is on the screen and no frame is half drawn. A program that floods with what is dear to
   * parse, or leaves a frame open, is waited for 1 s and 0.5 s at most.
   */
  async settle(): Promise<void> {
    await within(1000, (done) => this.#inflow.settle(done));
    if (!this.#screen.drawing) return;
    await within(500, (done) => this.#wholeFrame.add(done));
  }

  /** Hang up on the agent's process group, and kill it when that has not ended it after 2 s. */
  async end(): Promise<void> {
    for (const signal of ["SIGHUP", "SIGTERM"] as const) this.#signal(signal);
    await Promise.race([this.#ended.promise, sleep(2000)]);
    this.#signal("SIGKILL");
    await Promise.race([this.#ended.promise, sleep(1000)]);
  }

  #receive(chunk: Uint8Array): void {
    this.#handlers.output(chunk);
    this.#tty?.printed();
    this.#flood.printed(chunk.length);
    this.#inflow.take(chunk);
    if (this.#inflow.unparsed > pauseAbove && this.#running) this.#pause();
    this.#lastChunk = performance.now();
    this.#noteChange();
  }

  #parsed(): void {
    if (this.#inflow.unparsed < resumeBelow) this.#resume();
    this.#tty?.printed();
    this.#handlers.drawn();
    if (this.#wholeFrame.size === 0 || this.#screen.drawing) return;
    for (const done of this.#wholeFrame) done();
    this.#wholeFrame.clear();
  }

  #pause(): void {
    if (this.#paused) return;
    this.#pty.pause();
    // node-pty closes a PTY 200 ms after its process ended: what is left in it must be read before.
    this.#paused = setInterval(() => {
      if (!this.#signal(0)) this.#resume();
    }, 50);
  }

  #resume(): void {
    if (!this.#paused) return;
    clearInterval(this.#paused);
    this.#paused = undefined;
    this.#pty.resume();
  }

  async #onExit(exit: Exit): Promise<void> {
    this.#running = false;
    this.#tty?.close();
    this.#resume();
    // Nothing comes after this, so that it is parsed to its end however long that takes on a busy machine.
    await new Promise<void>((resolve) => this.#inflow.settle(resolve));
    this.#exit = exit;
    this.#ended.resolve();
    this.#handlers.ended(exit);
  }

  #noteChange(): void {
    this.#changedSince ??= performance.now();
    if (this.#reporting) return;
    this.#reporting = true;
    setTimeout(() => void this.#report(), viewAfter);
  }

  /** Report after `viewAfter` without output, or every `patience` where it goes on and on. */
  async #report(): Promise<void> {
    const now = performance.now();
    const longest = this.#flood.rate === undefined ? patience : floodPatience;
    const due = Math.min(this.#lastChunk + viewAfter, (this.#changedSince ?? now) + longest);
    if (due - now >= 1) {
      setTimeout(() => void this.#report(), due - now);
      return;
    }
    this.#changedSince = undefined;
    await this.settle();
    this.#handlers.changed();
    this.#reporting = false;
    if (this.#changedSince !== undefined || this.#inflow.unparsed > 0) this.#noteChange();
  }

  /** Signal the agent's process group; with 0, tell whether the agent's process is there. */
  #signal(signal: "SIGHUP" | "SIGTERM" | "SIGKILL" | 0): boolean {
    if (!this.#running) return false;
    try {
      return process.kill(signal === 0 ? this.child : -this.child, signal);
    } catch {
      return false;
    }
  }
}

/** Bytes that wait to be parsed. */
const pauseAbove = 100_000;
const resumeBelow = 5000;
/** Milliseconds. */
const patience = 100;
/** In a flood each look costs a scrollback to be parsed. */
const floodPatience = 200;

/** Resolves when `start` calls back, or after `ms`. */
function within(ms: number, start: (done: () => void) => void): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    start(() => {
      clearTimeout(timer);
      resolve();
    });
  });
}

/** So much a second and no more: a file full of terminal queries must not fill a program's input with answers. */
class Allowance {
  readonly #perSecond: number;
  #since = 0;
  #used = 0;

  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  take(amount: number): boolean {
    const now = performance.now();
    if (now - this.#since > 1000) [this.#since, this.#used] = [now, 0];
    this.#used += amount;
    return this.#used <= this.#perSecond;
  }
}
