import { spawn } from "node:child_process";
import { closeSync, constants, openSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import { arch, platform } from "node:process";
import type { IPty } from "node-pty";
import type { Tty } from "../agents/agent.ts";

interface TtyWatchOptions {
  pty: IPty;
  /** A command runs that may ask for something. */
  runs(): boolean;
  /** `seen` is another one than before. */
  changed(): void;
}

/** Looks at a terminal whenever its program has been quiet for a moment, and now and then while it goes on to be. */
export class TtyWatch {
  readonly #options: TtyWatchOptions;
  #seen: Tty | undefined;
  #timer: NodeJS.Timeout | undefined;
  #wait = quiet;
  /** Counts what was printed and typed, so that an older look is thrown away. */
  #age = 0;

  constructor(options: TtyWatchOptions) {
    this.#options = options;
  }

  /** Undefined where nothing runs, or was printed just now. */
  get seen(): Tty | undefined {
    return this.#options.runs() ? this.#seen : undefined;
  }

  printed(): void {
    this.#seen = undefined;
    this.#again(quiet);
  }

  /** The awaited change may have come: nothing need be printed for that. */
  typed(): void {
    this.#again(quiet);
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  #again(wait: number): void {
    this.#age += 1;
    this.#wait = wait;
    clearTimeout(this.#timer);
    if (this.#options.runs()) this.#timer = setTimeout(() => void this.#look(), wait);
  }

  async #look(): Promise<void> {
    const { pty, runs, changed } = this.#options;
    const age = this.#age;
    // A terminal that is just being closed has nothing to tell.
    const found = await readTty(deviceOf(pty), pty.pid).catch(() => undefined);
    if (age !== this.#age || !runs()) return;
    const seen = found && { ...found, program: basename(pty.process) };
    const same = JSON.stringify(seen) === JSON.stringify(this.#seen);
    this.#seen = seen;
    this.#wait = Math.min(this.#wait * 2, longest);
    this.#timer = setTimeout(() => void this.#look(), this.#wait);
    if (!same) changed();
  }
}

/** Milliseconds: longer than the pause before the Enter of what we type. */
const quiet = 400;
const longest = 1500;

/** The terminal's file, which node-pty knows and its types don't tell. */
function deviceOf(pty: IPty): string {
  return (pty as IPty & { readonly ptsName: string }).ptsName;
}

/**
 * The way in which a terminal takes input now: by stty, which every Unix has, on the PTY's own device. On Linux the kernel also tells whether
 * one of the foreground processes waits for a line (`/proc/PID/wchan`, proc_pid_wchan(5)), where that may be read. Rejects when there is no terminal
 * any more.
 * @param device such as /dev/pts/3
 * @param leader process id of the shell that leads the session
 */
async function readTty(device: string, leader: number): Promise<Omit<Tty, "program">> {
  const words = new Set((await stty(device)).split(/[\s;]+/));
  const canonical = words.has("icanon");
  const reading = canonical && platform === "linux" ? readsLine(leader) : undefined;
  return { canonical, echo: words.has("echo"), ...(reading !== undefined && { reading }) };
}

async function stty(device: string): Promise<string> {
  // The device must not become anybody's controlling terminal.
  const input = openSync(device, constants.O_RDONLY | constants.O_NOCTTY | constants.O_NONBLOCK);
  try {
    const child = spawn("stty", ["-a"], { stdio: [input, "pipe", "ignore"], env: { ...process.env, LC_ALL: "C" } });
    let text = "";
    child.stdout?.setEncoding("utf8").on("data", (data: string) => (text += data));
    await new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) => (code === 0 ? resolve() : reject(new Error(`stty ended with ${code}.`))));
    });
    return text;
  } finally {
    closeSync(input);
  }
}

/** Whether a process in the foreground reads from the terminal; undefined where the kernel does not tell of one of them. */
function readsLine(leader: number): boolean | undefined {
  const foreground = statOf(leader)?.foreground;
  if (foreground === undefined) return undefined;
  const found = readdirSync("/proc").filter((name) => /^\d+$/.test(name) && statOf(Number(name))?.group === foreground);
  const reads = found.map(readsTerminal);
  if (reads.includes(true)) return true;
  return reads.length === 0 || reads.includes(undefined) ? undefined : false;
}

/** By where it waits in the kernel, and for which file. One that asks for several files at once may wait for any of them. */
function readsTerminal(pid: string): boolean | undefined {
  const wait = read(`/proc/${pid}/wchan`)?.trim() ?? "";
  // Hidden, or not waiting.
  if (wait === "" || wait === "0") return undefined;
  if (/select|poll/.test(wait)) return undefined;
  if (!/^(?:wait_woken|n_tty_read)$/.test(wait)) return false;
  const [call, file] = read(`/proc/${pid}/syscall`)?.split(" ") ?? [];
  if (call === undefined || file === undefined) return undefined;
  return call === readCalls[arch] ? /^\/dev\/(?:pts\/|tty)/.test(linkOf(`/proc/${pid}/fd/${Number(file)}`)) : undefined;
}

/** Number of the system call read (asm/unistd.h). */
const readCalls: Readonly<Record<string, string>> = { x64: "0", arm64: "63" };

/** Process group and the terminal's foreground group, from /proc/PID/stat (proc_pid_stat(5)): the name in parentheses may hold anything. */
function statOf(pid: number): { group: number; foreground: number } | undefined {
  const text = read(`/proc/${pid}/stat`);
  const [, , group, , , foreground] = text?.slice(text.lastIndexOf(")") + 2).split(" ") ?? [];
  return group === undefined || foreground === undefined
    ? undefined
    : { group: Number(group), foreground: Number(foreground) };
}

/** Undefined for a process that has ended, or that is somebody else's. */
function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** "" for a file that is closed, or of a process that is gone. */
function linkOf(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return "";
  }
}
