import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import xterm from "@xterm/headless";
import type { IPty } from "node-pty";
import { expect, vi } from "vitest";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");

/** A machine for one test: a home, a repo with three commits, a state folder; and the real program run in it. */
export class Machine {
  readonly folder = mkdtempSync(join(tmpdir(), "e2e-"));
  readonly repo = join(this.folder, "repo");
  readonly state = join(this.folder, "state");
  readonly env: Record<string, string>;
  readonly #running = new Set<ChildProcess>();
  readonly #terminals = new Set<IPty>();

  constructor(env: Record<string, string> = {}) {
    const home = join(this.folder, "home");
    mkdirSync(home);
    mkdirSync(this.repo);
    writeFileSync(
      join(home, ".gitconfig"),
      "[user]\n\tname = Ada\n\temail = ada@example.org\n[init]\n\tdefaultBranch = main\n",
    );
    this.env = {
      HOME: home,
      PATH: process.env["PATH"] ?? "",
      SHELL: "/bin/bash",
      LANG: "C.UTF-8",
      SHARDBRIDGE_HOME: this.state,
      ...env,
    };
    this.git("init", "--quiet");
    for (const subject of ["first commit", "second commit", "third commit", "fourth commit"]) {
      writeFileSync(join(this.repo, "file.txt"), `${subject}\n`);
      this.git("add", ".");
      this.git("commit", "--quiet", "--message", subject);
    }
  }

  git(...args: string[]): string {
    return execFileSync("git", args, { cwd: this.repo, env: this.env, encoding: "utf8" });
  }

  /** The program with these arguments, in the repo. */
  run(args: string[], env: Record<string, string> = {}): Program {
    const child = spawn(process.execPath, [main, ...args], {
      cwd: this.repo,
      env: { ...this.env, ...env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    this.#running.add(child);
    child.once("exit", () => this.#running.delete(child));
    return new Program(child);
  }

  /** The program in a terminal of this many columns. */
  async runInTerminal(args: string[], columns: number, env: Record<string, string> = {}): Promise<TerminalProgram> {
    const { spawn: spawnInPty } = await import("node-pty");
    const pty = spawnInPty(process.execPath, [main, ...args], {
      cwd: this.repo,
      env: { ...this.env, TERM: "xterm-256color", ...env },
      cols: columns,
      rows: 30,
    });
    this.#terminals.add(pty);
    pty.onExit(() => this.#terminals.delete(pty));
    return new TerminalProgram(pty, columns);
  }

  /** Run to the end; what was printed and the exit code. */
  async finish(args: string[], env: Record<string, string> = {}): Promise<{ code: number; out: string; err: string }> {
    const program = this.run(args, env);
    program.child.stdin?.end();
    const code = await program.exit;
    return { code, out: program.out, err: program.err };
  }

  /** Start the bot where it can't start: it must end with an exit code for that, and one plain sentence, which is returned. */
  async refusal(env: Record<string, string>): Promise<string> {
    const { code, err } = await this.finish(["start"], env);
    expect(code).toBeGreaterThan(1);
    const sentences = err
      .trim()
      .split("\n")
      .filter((line) => !line.startsWith("{"));
    expect(sentences).toHaveLength(1);
    return err;
  }

  /** What is left of shards: worktrees, branches, sockets, processes with a shard's marker in their environment. */
  leftOvers(): { worktrees: string[]; branches: string[]; sockets: string[]; processes: string[] } {
    return {
      worktrees: this.git("worktree", "list", "--porcelain")
        .split("\n")
        .filter((line) => line.startsWith("worktree "))
        .slice(1),
      branches: this.git("branch", "--list", "shard/*", "--format=%(refname:short)").split("\n").filter(Boolean),
      sockets: listFiles(join(this.state, "run")),
      processes: this.processes(),
    };
  }

  /** Process ids whose environment or command line names this machine's state folder, the program's own left out. */
  processes(): string[] {
    const own = [...this.#running].map((child) => String(child.pid));
    return readdirSync("/proc")
      .filter((pid) => /^\d+$/.test(pid) && pid !== String(process.pid) && !own.includes(pid))
      .filter(
        (pid) =>
          readProc(pid, "cmdline").includes(this.state) ||
          (/SHARDBRIDGE_SHARD=/.test(readProc(pid, "environ")) && readProc(pid, "environ").includes(this.folder)),
      );
  }

  /** Ends every shard and takes the machine away. */
  async dispose(): Promise<void> {
    for (const child of this.#running) child.kill("SIGKILL");
    for (const terminal of this.#terminals) terminal.kill("SIGKILL");
    await vi.waitFor(() => expect(this.#running.size + this.#terminals.size).toBe(0));
    const { out } = await this.finish(["list", "--json"]);
    for (const { name } of JSON.parse(out === "" ? "[]" : out) as { name: string }[])
      await this.finish(["destroy", name, "--force"]);
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The running program and what it has printed. */
export class Program {
  readonly child: ChildProcess;
  readonly exit: Promise<number>;
  out = "";
  err = "";

  constructor(child: ChildProcess) {
    this.child = child;
    child.stdout?.on("data", (chunk: Buffer) => (this.out += chunk.toString()));
    child.stderr?.on("data", (chunk: Buffer) => (this.err += chunk.toString()));
    this.exit = new Promise((resolve) => child.once("close", (code) => resolve(code ?? -1)));
  }

  type(line: string): void {
    this.child.stdin?.write(`${line}\n`);
  }

  /** Wait until it has printed this, once per call: looks behind what the last call found. */
  async prints(text: string | RegExp, timeout = 25_000): Promise<string> {
    const matches = () => {
      const rest = this.out.slice(this.#read);
      const at = typeof text === "string" ? rest.indexOf(text) : rest.search(text);
      return at < 0 ? undefined : rest.slice(0, at + 1);
    };
    await expect
      .poll(matches, { timeout, message: `waiting for ${text}; printed so far:\n${this.out}\n${this.err}` })
      .toBeDefined();
    const passed = matches() ?? "";
    this.#read += passed.length;
    return passed;
  }

  #read = 0;

  async kill(signal: NodeJS.Signals): Promise<number> {
    this.child.kill(signal);
    return this.exit;
  }
}

/** The program as a person has it: in a terminal, whose emulator has the text. */
export class TerminalProgram {
  readonly #pty: IPty;
  readonly #terminal: InstanceType<typeof xterm.Terminal>;
  #shown = "";
  readonly exit: Promise<number>;

  constructor(pty: IPty, columns: number) {
    this.#pty = pty;
    this.#terminal = new xterm.Terminal({ cols: columns, rows: 30, scrollback: 10_000, allowProposedApi: true });
    pty.onData((data) => this.#terminal.write(data));
    this.exit = new Promise((resolve) => pty.onExit(({ exitCode }) => resolve(exitCode)));
  }

  /** Press keys; `\r` is Enter. */
  keys(keys: string): void {
    this.#pty.write(keys);
  }

  /** All that it has printed and shows, with wrapped rows joined. */
  async text(): Promise<string> {
    await new Promise<void>((resolve) => this.#terminal.write("", resolve));
    const { active } = this.#terminal.buffer;
    const rows = Array.from({ length: active.length }, (_, y) => active.getLine(y));
    const joined = rows.map((row) => `${row?.isWrapped === true ? "" : "\n"}${row?.translateToString(true) ?? ""}`);
    this.#shown = joined.join("").trimEnd();
    return this.#shown;
  }

  async shows(text: string | RegExp, timeout = 25_000): Promise<string> {
    const found = async () => {
      const shown = await this.text();
      return typeof text === "string" ? shown.includes(text) : text.test(shown);
    };
    await expect.poll(found, { timeout, message: `waiting for ${text}; shown so far:\n${this.#shown}` }).toBe(true);
    return this.text();
  }
}

function listFiles(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function readProc(pid: string, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
