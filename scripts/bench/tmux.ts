import { type ChildProcessWithoutNullStreams, execFileSync, spawn, spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { scrollback, size, type Terminal, type Terminals } from "./terminals.ts";

/** The version of the installed tmux, undefined when there is none. */
export function tmuxVersion(): string | undefined {
  const found = spawnSync("tmux", ["-V"], { encoding: "utf8" });
  return found.status === 0 ? found.stdout.trim() : undefined;
}

/** Terminals of one tmux server, asked through a client in control mode, as a program would. */
export class Tmux implements Terminals {
  readonly title = "tmux";
  readonly processes: number[] = [];
  readonly #folder: string;
  readonly #socket: string;
  readonly #control: Control;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#socket = join(folder, "tmux.sock");
    const config = join(folder, "tmux.conf");
    // No "window-size manual": tmux 3.3a crashes on it. A client in control mode has no size, so that of the windows stays.
    const options = [
      `history-limit ${scrollback}`,
      "default-terminal xterm-256color",
      `default-size ${size.cols}x${size.rows}`,
    ];
    writeFileSync(config, options.map((option) => `set -g ${option}\n`).join(""));
    const env = { PATH: process.env["PATH"], HOME: folder, LANG: "C.UTF-8" };
    execFileSync("tmux", ["-S", this.#socket, "-f", config, "new-session", "-d", "-s", "base", "read x"], { env });
    const pid = execFileSync("tmux", ["-S", this.#socket, "display", "-p", "#{pid}"], { encoding: "utf8" });
    this.processes.push(Number(pid));
    this.#control = new Control(this.#socket, "base", true);
  }

  async open(script: string, log = false): Promise<Terminal> {
    const name = `t${(this.#count += 1)}`;
    const file = join(this.#folder, `${name}.sh`);
    writeFileSync(file, script);
    const control = this.#control;
    const [pane = ""] = await control.ask(
      `new-session -d -P -F "#{pane_id}" -s ${name} -c ${this.#folder} "bash ${file}"`,
    );
    if (log) await control.ask(`pipe-pane -t ${pane} "exec cat >${file}.log"`);
    let listener: Control | undefined;
    return {
      type: async (text) => void (await control.ask(`send-keys -t ${pane} -H ${hex(text)}`)),
      snapshot: async () => (await control.ask(`capture-pane -p -t ${pane}`)).join("\n"),
      echo: async (key) => {
        listener ??= await Control.open(this.#socket, name);
        const came = listener.output();
        await listener.ask(`send-keys -t ${pane} -H ${hex(key)}`);
        await came;
      },
      close: async () => {
        listener?.close();
        await control.ask(`kill-session -t ${name}`);
      },
    };
  }

  async close(): Promise<void> {
    this.#control.close();
    spawnSync("tmux", ["-S", this.#socket, "kill-server"]);
  }
}

function hex(text: string): string {
  return [...Buffer.from(text)].map((byte) => byte.toString(16)).join(" ");
}

/** A client in control mode: `%begin … %end` around each answer, and `%output` when a pane of its session prints. */
class Control {
  readonly #client: ChildProcessWithoutNullStreams;
  readonly #waiting: ((answer: string[] | Error) => void)[] = [];
  #answer: string[] | undefined;
  #ours = false;
  #printed: (() => void) | undefined;

  constructor(socket: string, session: string, silent: boolean) {
    const flags = silent ? ["-f", "no-output"] : [];
    this.#client = spawn("tmux", ["-S", socket, "-C", "attach", "-t", session, ...flags]);
    createInterface({ input: this.#client.stdout }).on("line", (line) => this.#take(line));
  }

  /** One that is told of output, and is there. */
  static async open(socket: string, session: string): Promise<Control> {
    const control = new Control(socket, session, false);
    await control.ask("display -p ready");
    return control;
  }

  async ask(command: string): Promise<string[]> {
    const { promise, resolve, reject } = Promise.withResolvers<string[]>();
    this.#waiting.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer)));
    this.#client.stdin.write(`${command}\n`);
    return promise;
  }

  /** Resolves when a pane of the session prints next. */
  async output(): Promise<void> {
    return new Promise((resolve) => (this.#printed = resolve));
  }

  close(): void {
    this.#client.kill();
  }

  #take(line: string): void {
    const [word, , , flags] = line.split(" ");
    if (this.#answer && (word === "%end" || word === "%error")) {
      const answer = word === "%end" ? this.#answer : new Error(`tmux: ${this.#answer.join(" ")}`);
      this.#answer = undefined;
      if (this.#ours) this.#waiting.shift()?.(answer);
    } else if (this.#answer) {
      this.#answer.push(line);
    } else if (word === "%begin") {
      // Flag 1: the answer to a command of this client.
      this.#ours = flags === "1";
      this.#answer = [];
    } else if (word === "%output") {
      this.#printed?.();
    }
  }
}
