import { join } from "node:path";
import xterm, { type Terminal } from "@xterm/headless";
import { type IPty, spawn } from "node-pty";
import { expect, vi } from "vitest";
import type { Machine } from "./program.ts";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");

/** Somebody's terminal, in which the program runs. */
export class PersonTerminal {
  readonly pty: IPty;
  readonly terminal: Terminal;
  readonly exit: Promise<number>;
  /** All that was sent to the terminal. */
  raw = "";

  /** @param script what runs, with the program as "$@"; the program alone by default */
  constructor(machine: Machine, args: string[], size: { cols: number; rows: number }, script = 'exec "$@"') {
    this.terminal = new xterm.Terminal({ ...size, allowProposedApi: true });
    this.pty = spawn("sh", ["-c", script, "sh", process.execPath, main, ...args], {
      ...size,
      name: "xterm-256color",
      cwd: machine.repo,
      env: machine.env,
    });
    this.pty.onData((data) => {
      this.raw += data;
      this.terminal.write(data);
    });
    this.exit = new Promise((resolve) => this.pty.onExit(({ exitCode, signal }) => resolve(signal || exitCode)));
  }

  type(keys: string): void {
    this.pty.write(keys);
  }

  resize(cols: number, rows: number): void {
    this.terminal.resize(cols, rows);
    this.pty.resize(cols, rows);
  }

  /** The rows that are visible. */
  get rows(): string[] {
    const { active } = this.terminal.buffer;
    return Array.from(
      { length: this.terminal.rows },
      (_, row) => active.getLine(active.baseY + row)?.translateToString(true) ?? "",
    );
  }

  /** The row that the cursor is in. */
  get line(): string {
    return this.rows[this.terminal.buffer.active.cursorY] ?? "";
  }

  get status(): string {
    return this.rows.at(-1) ?? "";
  }

  async shows(text: string | RegExp): Promise<void> {
    await vi.waitFor(() => expect(this.rows.join("\n")).toMatch(text), {
      timeout: 20_000,
      interval: 20,
    });
  }

  /** The program has given the terminal back as it was. */
  async isGivenBack(): Promise<void> {
    await vi.waitFor(() => {
      const { modes, buffer } = this.terminal;
      expect(buffer.active.type).toBe("normal");
      expect(modes).toMatchObject({
        applicationCursorKeysMode: false,
        applicationKeypadMode: false,
        bracketedPasteMode: false,
        mouseTrackingMode: "none",
        sendFocusMode: false,
        wraparoundMode: true,
      });
      expect(this.raw.lastIndexOf("\u001B[?25h")).toBeGreaterThan(this.raw.lastIndexOf("\u001B[?25l"));
    });
  }
}
