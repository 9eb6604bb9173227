import { existsSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

/** Many terminals of 120×40 with 5,000 rows above them: ours, or those of another program, asked in the same way. */
export interface Terminals {
  readonly title: string;
  /** Run a bash script in a terminal; `log`: what it prints goes to a file too, as it always does with ours. */
  open(script: string, log?: boolean): Promise<Terminal>;
  /** Ids of the processes that the terminals themselves are, the programs in them left out. */
  readonly processes: number[];
  close(): Promise<void>;
}

export interface Terminal {
  type(text: string): Promise<void>;
  /** The visible text. */
  snapshot(): Promise<string>;
  /** Type one key; resolves when the program's echo of it is there. */
  echo(key: string): Promise<void>;
  close(): Promise<void>;
}

export const size = { cols: 120, rows: 40 };
export const scrollback = 5000;

/** Resolves when a terminal shows the text; looks every `every` milliseconds. Throws after 60 s. */
export async function until(terminal: Terminal, text: string, every = 5): Promise<void> {
  for (const end = Date.now() + 60_000; Date.now() < end; await sleep(every)) {
    if ((await terminal.snapshot()).includes(text)) return;
  }
  throw new Error(`The terminal never showed ${text}.`);
}

/** The same for a file. */
export async function untilFile(path: string, every = 5): Promise<void> {
  for (const end = Date.now() + 120_000; Date.now() < end; await sleep(every)) if (existsSync(path)) return;
  throw new Error(`${path} was never made.`);
}

/** Processor time of processes so far, in milliseconds; undefined where there is no /proc. */
export function processorTime(pids: readonly number[]): number | undefined {
  if (process.platform !== "linux") return undefined;
  return pids.reduce((sum, pid) => {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    const [user, system] = stat
      .slice(stat.lastIndexOf(")") + 2)
      .split(" ")
      .slice(11, 13);
    // In ticks, of which every Linux has 100 a second.
    return sum + (Number(user) + Number(system)) * 10;
  }, 0);
}

/** Memory of processes in MB, what they share with others divided among them; undefined where there is no /proc. */
export function memory(pids: readonly number[]): number | undefined {
  if (process.platform !== "linux") return undefined;
  return pids.reduce((sum, pid) => {
    const [, kilobytes] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8")) ?? [];
    return sum + Number(kilobytes) / 1024;
  }, 0);
}
