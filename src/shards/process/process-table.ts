import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { readdir, readlink } from "node:fs/promises";
import { sep } from "node:path";
import { promisify } from "node:util";

/** A living process. */
export interface Process {
  pid: number;
  parent: number;
  /** Id of the session; where the system doesn't tell it, of the process group. */
  session: number;
  /** When it was started, in the system's own words: a process id can be given away again. */
  start: string;
  /** Has the marker in its environment. */
  marked: boolean;
}

/** All living processes. The marker is `NAME=value`, without blanks. */
export async function readProcesses(marker: string): Promise<Process[]> {
  return process.platform === "linux" ? fromProc(marker) : fromPs(marker);
}

function fromProc(marker: string): Process[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const pid = Number(name);
      try {
        const { alive, ...stat } = readStat(pid);
        return alive ? [{ pid, ...stat, marked: hasMarker(pid, marker) }] : [];
      } catch {
        return [];
      }
    });
}

/** A process by /proc; throws when it is gone. See proc(5): its name, which may have blanks, stands in parentheses. */
export function readStat(pid: number): { alive: boolean; parent: number; session: number; start: string } {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state = "", parent, , session] = fields;
  return { alive: isRunning(state), parent: Number(parent), session: Number(session), start: fields[19] ?? "" };
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
export async function fromPs(marker: string): Promise<Process[]> {
  const all = process.platform === "darwin" ? "-axEww" : "axeww";
  const args = [all, "-o", "pid=,ppid=,pgid=,stat=,lstart=,command="];
  const { stdout } = await promisify(execFile)("ps", args, { maxBuffer: 256_000_000 });
  // lstart: Tue Nov 24 07:25:24 2026
  const row = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\S+\s+\S+\s+\S+\s+\S+\s+\S+)\s+(.*)$/;
  return stdout.split("\n").flatMap((line) => {
    const [, pid, parent, group, state = "", start = "", command = ""] = row.exec(line) ?? [];
    const marked = command.split(" ").includes(marker);
    return isRunning(state)
      ? [{ pid: Number(pid), parent: Number(parent), session: Number(group), start, marked }]
      : [];
  });
}

/** Z is a zombie, X is dead; "" is not there. */
export function isRunning(state: string): boolean {
  return /^[^ZX]/.test(state.trim());
}

/**
 * Ids of processes that work in a folder or have something in it open, and may be looked at; without this one and its children. None
 * where there is no /proc.
 */
export async function processesIn(folder: string): Promise<number[]> {
  if (process.platform !== "linux") return [];
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => ((await isIn(pid, folder)) ? [pid] : [])));
  return found.flat();
}

async function isIn(pid: number, folder: string): Promise<boolean> {
  try {
    const { alive, parent } = readStat(pid);
    if (!alive || pid === process.pid || parent === process.pid) return false;
    const files = await readdir(`/proc/${pid}/fd`);
    for (const link of ["cwd", "root", ...files.map((file) => `fd/${file}`)]) {
      const path = await readlink(`/proc/${pid}/${link}`).catch(() => "");
      if (path === folder || path.startsWith(folder + sep)) return true;
    }
  } catch {
    // Another user's process, or gone.
  }
  return false;
}
