import { execFileSync } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, type Process, readProcesses, readStat } from "./process-table.ts";

interface Ending {
  /** Process id of the agent, which led a session and a process group of its own; it may be gone already. */
  child: number;
  /** `NAME=value`, without blanks, in the environment of the agent, and of no other shard's. */
  marker: string;
  /** Sends a signal; `process.kill` where it is left out. Returns whether the process is there and may be signalled. */
  send?: (pid: number, name: NodeJS.Signals) => boolean;
}

/**
 * End a shard's processes, also those that left its session, and return the ids of those that could not be ended. They are asked
 * first (SIGHUP to the agent's session, SIGTERM to everything) and killed after 3 s. Resolves as soon as all are gone. A process is
 * the shard's when it has its marker, is in the agent's session, or descends from one that is.
 */
export async function endProcesses({ child, marker, send = signal }: Ending): Promise<number[]> {
  const known = new Map<number, string>();
  const look = async () => {
    const found = shardProcesses(await readProcesses(marker), child, known);
    for (const { pid, start } of found) known.set(pid, start);
    return found;
  };
  const asked = await look();
  for (const { pid, session } of asked) {
    if (session === child) send(pid, "SIGHUP");
    send(pid, "SIGTERM");
    // A stopped process takes no signal but these.
    send(pid, "SIGCONT");
  }
  await untilGone(asked, 3000);
  let left = await look();
  // Processes forked while the others were killed are found in the next round.
  for (let round = 0; round < 5 && left.length > 0; round++) {
    for (const { pid } of left) send(pid, "SIGKILL");
    await untilGone(left, 1000);
    left = await look();
  }
  return left.map(({ pid }) => pid);
}

/** Whether a process runs; a zombie does not. */
export function isAlive(pid: number): boolean {
  if (!signal(pid, 0)) return false;
  try {
    return process.platform === "linux"
      ? readStat(pid).alive
      : isRunning(execFileSync("ps", ["-o", "stat=", "-p", `${pid}`], { encoding: "utf8" }));
  } catch {
    return false;
  }
}

/** Milliseconds. Without /proc a look costs a process. */
const pollEvery = process.platform === "linux" ? 20 : 200;

/** Processes of a shard, but never this process or the first one. `known` are those found before: id → start. */
function shardProcesses(all: Process[], child: number, known: ReadonlyMap<number, string>): Process[] {
  const others = all.filter(({ pid }) => pid > 1 && pid !== process.pid);
  const certain = ({ pid, start, marked }: Process) => marked || known.get(pid) === start;
  // The agent's process id may be another program's by now. As long as the session has a process, it is not given away.
  const ours = others.some((one) => one.session === child && certain(one));
  const found = new Map(
    others.filter((one) => certain(one) || (ours && one.session === child)).map((one) => [one.pid, one]),
  );
  // A child can leave the session and drop its environment, but not its parent while that lives.
  for (let size = -1; size !== found.size;) {
    size = found.size;
    for (const one of others) if (found.has(one.parent)) found.set(one.pid, one);
  }
  return [...found.values()];
}

/** Returns whether the process is there and may be signalled. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function untilGone(processes: readonly Process[], ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (processes.some(({ pid }) => isAlive(pid)) && performance.now() < end) await sleep(pollEvery);
}
