import { writeSync } from "node:fs";
import { enter, leave } from "./window.ts";

export interface TtyHandlers {
  input(chunk: Buffer): void;
  /** The terminal has another size, or may show anything: it has to be drawn from scratch. */
  redraw(): void;
  /** Everything written has gone out. */
  drained(): void;
  /** A signal asks us to end. */
  signal(name: "SIGINT" | "SIGTERM" | "SIGHUP"): void;
  /** We are about to be stopped (SIGTSTP). */
  pausing(): Promise<void>;
  /** We go on. */
  resumed(): void;
}

/** The terminal that we run in, taken over and given back as it was, however we end. */
export class Tty {
  readonly #handlers: TtyHandlers;
  readonly #signals: [NodeJS.Signals, () => void][];
  readonly #input: (chunk: Buffer) => void;
  readonly #redraw: () => void;
  readonly #drained: () => void;
  readonly #lastly = () => this.#release();
  #taken = false;

  constructor(handlers: TtyHandlers) {
    this.#handlers = handlers;
    this.#input = (chunk) => handlers.input(chunk);
    this.#redraw = () => handlers.redraw();
    this.#drained = () => handlers.drained();
    this.#signals = [
      ...(["SIGINT", "SIGTERM", "SIGHUP"] as const).map((name): [NodeJS.Signals, () => void] => [
        name,
        () => handlers.signal(name),
      ]),
      ["SIGTSTP", () => void this.#pause()],
      ["SIGCONT", () => this.#goOn()],
    ];
  }

  get size(): { cols: number; rows: number } {
    // 0 where a terminal does not tell its size.
    return { cols: process.stdout.columns || 80, rows: process.stdout.rows || 24 };
  }

  /** Earlier output has not gone out yet. */
  get busy(): boolean {
    return process.stdout.writableNeedDrain;
  }

  open(): void {
    process.once("exit", this.#lastly);
    for (const [name, handler] of this.#signals) process.on(name, handler);
    process.stdout.on("resize", this.#redraw).on("drain", this.#drained);
    // A terminal that is gone can be neither read nor written; SIGHUP tells.
    process.stdin.on("data", this.#input).on("error", nothing);
    process.stdout.on("error", nothing);
    this.#take();
  }

  write(data: string): void {
    if (this.#taken) process.stdout.write(data);
  }

  /** Give the terminal back and read no more. */
  close(): void {
    process.off("exit", this.#lastly);
    for (const [name, handler] of this.#signals) process.off(name, handler);
    process.stdout.off("resize", this.#redraw).off("drain", this.#drained).off("error", nothing);
    process.stdin.off("data", this.#input).pause();
    this.#release();
  }

  #take(): void {
    process.stdin.setRawMode(true);
    process.stdin.resume();
    this.#taken = true;
    this.write(enter);
  }

  #release(): void {
    if (!this.#taken) return;
    this.#taken = false;
    try {
      // Now: at the end of a process nothing is sent later.
      writeSync(1, leave);
      process.stdin.setRawMode(false);
    } catch {
      // The terminal itself is gone.
    }
  }

  async #pause(): Promise<void> {
    await this.#handlers.pausing();
    this.#release();
    process.kill(process.pid, "SIGSTOP");
  }

  /** Whoever stopped us has had the terminal meanwhile. */
  #goOn(): void {
    this.#take();
    this.#handlers.resumed();
    this.#handlers.redraw();
  }
}

function nothing(): void {
  // See where it is used.
}
