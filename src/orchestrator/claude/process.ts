import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { readLines } from "../../lines.ts";

/** Milliseconds that a stopped process has to end by itself. */
const patience = 3000;
/** Characters of a line; one has a whole message, such as the result of a tool. */
const maxLine = 64_000_000;
const turnPrefix = "turn-";
const pidFile = "pid";

interface RunOptions {
  args: string[];
  env: Readonly<Record<string, string>>;
  /** Where it runs: Claude Code finds conversations by that. */
  cwd: string;
  /** Folder of this turn, where the process id is noted. */
  folder: string;
  /** Input; never in its arguments, which everybody on the machine can read. */
  input: string;
  signal: AbortSignal;
  onLine(line: string): void;
}

/** End of the process, with the end of its complaints. */
export interface Ended {
  code: number | undefined;
  complaint: string;
}

/** Run `claude` in a process group of its own, which an abort ends as a whole. Rejects where it can't be started. */
export async function runClaude({ args, env, cwd, folder, input, signal, onLine }: RunOptions): Promise<Ended> {
  const child = spawn("claude", args, { cwd, env, detached: true, stdio: ["pipe", "pipe", "pipe"] });
  const closed = new Promise<number | undefined>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code ?? undefined));
  });
  const { pid } = child;
  if (pid !== undefined) writeFileSync(join(folder, pidFile), String(pid), { mode: 0o600 });
  let last: NodeJS.Timeout | undefined;
  const stop = () => {
    endGroup(pid, "SIGTERM");
    last ??= setTimeout(() => endGroup(pid, "SIGKILL"), patience);
  };
  signal.addEventListener("abort", stop, { once: true });
  if (signal.aborted) stop();
  // The process may have ended before it has read everything.
  child.stdin.on("error", () => child.stdin.destroy());
  child.stdin.end(input);
  readLines(child.stdout, { limit: () => maxLine, onLine, last: true });
  const complaint = text(child.stderr).catch(() => "");
  try {
    const code = await closed;
    return { code, complaint: (await complaint).trim().slice(-2000) };
  } finally {
    clearTimeout(last);
    signal.removeEventListener("abort", stop);
    // Whatever it has started, such as the server of our tools, ends with it.
    endGroup(pid, "SIGKILL");
  }
}

/** A new folder for one turn's files, which only this user can enter. */
export function turnFolder(home: string): string {
  return mkdtempSync(join(home, turnPrefix));
}

/** An empty folder: there is nothing for Claude Code to find in it. */
export function emptyFolder(home: string): string {
  const folder = join(home, "empty");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  return folder;
}

/** End what a bot that was killed has left at work: it would go on with a conversation that is ours again. */
export function endLeftovers(home: string): void {
  for (const name of readdirSync(home).filter((one) => one.startsWith(turnPrefix))) {
    const file = join(home, name, pidFile);
    const pid = existsSync(file) ? Number(readFileSync(file, "utf8")) : Number.NaN;
    // The number may be another process's by now.
    const command = Number.isInteger(pid)
      ? spawnSync("ps", ["-o", "args=", "-p", String(pid)], { encoding: "utf8" })
      : undefined;
    if (command?.stdout?.includes(join(home, name))) endGroup(pid, "SIGKILL");
    rmSync(join(home, name), { recursive: true, force: true });
  }
}

function endGroup(pid: number | undefined, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch (error) {
    // The process has ended already.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
