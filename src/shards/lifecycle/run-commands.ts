import { spawn } from "node:child_process";
import { once } from "node:events";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf } from "../../errors.ts";
import { appendToFile } from "../process/regular-file.ts";
import { withUsersUmask } from "../process/umask.ts";

/** Bytes of output that are kept in the log, and characters that are told of it. */
const mostKept = 1_000_000;
const mostTold = 1_500;
/** Milliseconds for output that comes after a command's end; what it has left running may hold the pipe for ever. */
const lateOutput = 200;

interface Where {
  folder: string;
  env: Record<string, string>;
  /** Their output is appended to this file. */
  log: string;
  /** Milliseconds for all of them. */
  patience: number;
}

/**
 * Run shell commands one after the other, until one fails; one that takes too long is ended with all that it has started. Resolves with what
 * went wrong, and what was printed last; undefined when all have ended well.
 */
export async function runCommands(commands: readonly string[], where: Where): Promise<string | undefined> {
  const end = Date.now() + where.patience;
  for (const command of commands) {
    const { failure, printed } = await run(command, where, end - Date.now());
    if (failure !== undefined) return [`"${command}" ${failure}`, printed.trim()].filter(Boolean).join("\n");
  }
  return undefined;
}

async function run(
  command: string,
  { folder, env, log }: Where,
  patience: number,
): Promise<{ failure?: string; printed: string }> {
  const output = new Output(log);
  output.add(Buffer.from(`$ ${command}\n`));
  output.forget();
  // A process group of its own, which can be ended as a whole.
  const child = withUsersUmask(() =>
    spawn("/bin/sh", ["-c", command], { cwd: folder, env, detached: true, stdio: ["ignore", "pipe", "pipe"] }),
  );
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk: Buffer) => output.add(chunk));
  const closed = once(child, "close");
  let late = false;
  const timer = setTimeout(
    () => {
      late = true;
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    },
    Math.max(0, patience),
  );
  try {
    const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
    await Promise.race([closed, delay(lateOutput, undefined, { ref: false })]);
    if (late) return { failure: "took too long and was ended", printed: output.last };
    if (code === 0) return { printed: output.last };
    return { failure: `ended with ${signal ?? `exit code ${code}`}`, printed: output.last };
  } catch (error) {
    return { failure: `could not be run: ${messageOf(error)}`, printed: output.last };
  } finally {
    clearTimeout(timer);
    child.stdout.destroy();
    child.stderr.destroy();
  }
}

/** Output of a command: on its way to a file, and the last of it. */
class Output {
  readonly #log: string;
  #written = 0;
  #last = "";

  constructor(log: string) {
    this.#log = log;
  }

  get last(): string {
    return this.#last.toWellFormed();
  }

  add(chunk: Buffer): void {
    const room = mostKept - this.#written;
    if (room > 0) appendToFile(this.#log, chunk.subarray(0, room));
    this.#written += chunk.length;
    this.#last = (this.#last + chunk.toString("utf8")).slice(-mostTold);
  }

  forget(): void {
    this.#last = "";
  }
}
