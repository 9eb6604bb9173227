import { execFile, execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

/**
 * End a shard's processes, also those that left its session, and return the ids of those that could not be ended. They are asked
 * first (SIGHUP to the agent's session, SIGTERM to everything) and killed after 3 s. Resolves as soon as all are gone.
 *
 * @param options.child process id of the agent, which led a session and a process group of its own; it may be gone already.
 * @param options.marker `NAME=value`, without blanks, in the environment of every process of the shard, and of no other.
 */
export async function endProcesses(options: { child: number; marker: string }): Promise<number[]> {
  const asked = await shardProcesses(options);
  for (const { pid, session } of asked) {
    if (session === options.child) signal(pid, "SIGHUP");
    signal(pid, "SIGTERM");
    // A stopped process takes no signal but these.
    signal(pid, "SIGCONT");
  }
  await untilGone(asked, 3000);
  let left = await shardProcesses(options);
  // What was forked while the others were killed is found in the next round.
  for (let round = 0; round < 5 && left.length > 0; round++) {
    for (const { pid } of left) signal(pid, "SIGKILL");
    await untilGone(left, 1000);
    left = await shardProcesses(options);
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

interface Found {
  pid: number;
  /** Id of the session; where the system doesn't tell it, of the process group. */
  session: number;
  marked: boolean;
}

/** Living processes that have the marker or are in the agent's session, but never this one or the first. */
async function shardProcesses({ child, marker }: { child: number; marker: string }): Promise<Found[]> {
  const all = process.platform === "linux" ? fromProc(marker) : await fromPs(marker);
  const found = all.filter(({ pid }) => pid > 1 && pid !== process.pid);
  // The agent's process id may be another program's by now. As long as the session has a process, it is not given away.
  const ours = found.some(({ session, marked }) => marked && session === child);
  return found.filter(({ session, marked }) => marked || (ours && session === child));
}

function fromProc(marker: string): Found[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const pid = Number(name);
      try {
        const { alive, session } = readStat(pid);
        return alive ? [{ pid, session, marked: hasMarker(pid, marker) }] : [];
      } catch {
        return [];
      }
    });
}

/** State and session of a process. Throws when it is gone. See proc(5): its name, which may have blanks, stands in parentheses. */
function readStat(pid: number): { alive: boolean; session: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const [state = "", , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { alive: isRunning(state), session: Number(session) };
}

function hasMarker(pid: number, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(marker);
  } catch {
    // Another user's process, or gone.
    return false;
  }
}

/** Living processes as ps tells them, each with its environment behind its command (macOS; elsewhere for the tests). */
export async function fromPs(marker: string): Promise<Found[]> {
  const all = process.platform === "darwin" ? "-axEww" : "axeww";
  const args = [all, "-o", "pid=,pgid=,stat=,command="];
  const { stdout } = await promisify(execFile)("ps", args, { maxBuffer: 256_000_000 });
  return stdout.split("\n").flatMap((line) => {
    const [, pid, group, state = "", command = ""] = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return isRunning(state)
      ? [{ pid: Number(pid), session: Number(group), marked: command.split(" ").includes(marker) }]
      : [];
  });
}

/** Z is a zombie, X is dead; "" is not there. */
function isRunning(state: string): boolean {
  return /^[^ZX]/.test(state.trim());
}

/** Returns whether the process is there and may be signalled. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

async function untilGone(processes: readonly Found[], ms: number): Promise<void> {
  const end = performance.now() + ms;
  while (processes.some(({ pid }) => isAlive(pid)) && performance.now() < end) await sleep(pollEvery);
}
