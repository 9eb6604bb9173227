import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { spawn } from "node-pty";
import { median, quantile, type Row, times } from "./table.ts";
import { memory, processorTime, type Terminal, type Terminals, until, untilFile } from "./terminals.ts";

/* What a terminal costs, ours and another program's side by side: the same programs in both, by turns. */

export interface Sides {
  ours(): Terminals;
  /** Undefined where it is not installed. */
  peer: (() => Terminals) | undefined;
  /** A folder for files of the measure. */
  folder: string;
  quick: boolean;
}

/** Programs that print as much as is taken, and how much they print. */
const floods: Record<string, (bytes: number) => string> = {
  "`yes`": (bytes) => "y\n".repeat(bytes / 2),
  "log lines": (bytes) => fill(bytes, (n) => `${n} the quick brown fox jumps over the lazy dog, and so on\n`),
  "full-screen frames": (bytes) => fill(bytes, frame),
};

/** 40 rows in seven colours, each erased to its end, drawn over the ones before. */
function frame(n: number): string {
  const row = (index: number) =>
    `\u001B[${31 + ((index + n) % 7)}mrow ${index} frame ${n}\u001B[0m some text that is on the row, sixty characters\u001B[K`;
  return `\u001B[H${Array.from({ length: 40 }, (_, index) => row(index)).join("\r\n")}`;
}

function fill(bytes: number, piece: (n: number) => string): string {
  let text = "";
  for (let n = 0; text.length < bytes; n++) text += piece(n);
  return text;
}

/** How fast a flood is taken and shown, with all clamps on. */
export async function flood({ ours, peer, folder, quick }: Sides): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, make] of Object.entries(floods)) {
    const file = join(folder, "flood");
    writeFileSync(file, make(quick ? 4_000_000 : name === "`yes`" ? 24_000_000 : 96_000_000));
    const found: Record<"mine" | "logging" | "plain", Flooded[]> = { mine: [], logging: [], plain: [] };
    const bare: number[] = [];
    for (let round = 0; round < (quick ? 1 : 5); round++) {
      bare.push(await onlyRead(file));
      found.mine.push(await floodOnce(ours(), file, folder));
      if (!peer) continue;
      found.logging.push(await floodOnce(peer(), file, folder, true));
      found.plain.push(await floodOnce(peer(), file, folder));
    }
    const [mine, logging, plain] = [found.mine, found.logging, found.plain].map(middle);
    const sides = peer ? [mine, logging, plain] : [mine];
    const most = median(bare) ?? Number.NaN;
    const notes = [
      `a PTY that is only read: ${most.toFixed(1)} MB/s`,
      ...(peer ? [`tmux without a log: ${plain?.rate?.toFixed(1)} MB/s`] : []),
      `processor time for 100 MB: ${sides.map((side) => side?.spent?.toFixed(1) ?? "–").join(", ")} s`,
    ];
    const bar = times(1.5, mine?.rate, logging?.rate, most);
    rows.push({
      name: `flood: ${name}`,
      unit: "MB/s",
      ours: mine?.rate,
      peer: logging?.rate,
      bar,
      note: notes.join("; "),
    });
  }
  return rows;
}

interface Flooded {
  /** MB a second. */
  rate: number;
  /** Seconds of the processor for 100 MB, where they are known. */
  spent: number | undefined;
}

function middle(found: readonly Flooded[]): { rate: number | undefined; spent: number | undefined } {
  const spent = found.flatMap((one) => (one.spent === undefined ? [] : [one.spent]));
  return { rate: median(found.map(({ rate }) => rate)), spent: median(spent) };
}

/** MB a second of a PTY whose reader throws everything away: what nobody can be faster than. */
async function onlyRead(file: string): Promise<number> {
  const start = performance.now();
  const pty = spawn("cat", [file], { encoding: null });
  pty.onData(() => undefined);
  await new Promise((resolve) => pty.onExit(resolve));
  return statSync(file).size / 1000 / (performance.now() - start);
}

/** From the first byte until its end is on the screen. */
async function floodOnce(terminals: Terminals, file: string, folder: string, log = false): Promise<Flooded> {
  const done = join(folder, "done");
  rmSync(done, { force: true });
  try {
    const terminal = await terminals.open(
      `stty -echo; echo ready; read go; s=$(date +%s%N); cat ${file}; echo; echo THE END; echo $s >${done}.new; mv ${done}.new ${done}; read x`,
      log,
    );
    await until(terminal, "ready");
    const before = processorTime(terminals.processes);
    await terminal.type("go\n");
    await untilFile(done);
    await until(terminal, "THE END");
    const end = performance.timeOrigin + performance.now();
    const after = processorTime(terminals.processes);
    const megabytes = statSync(file).size / 1e6;
    const start = Number(readFileSync(done, "utf8")) / 1e6;
    const spent = before === undefined || after === undefined ? undefined : ((after - before) / 1000 / megabytes) * 100;
    return { rate: megabytes / ((end - start) / 1000), spent };
  } finally {
    await terminals.close();
  }
}

/** What many terminals cost whose programs each draw a frame of 1 KB ten times a second. */
export async function chatty(sides: Sides): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of sides.quick ? [1, 5] : [1, 20, 100]) {
    const mine = await chattyOnce(sides.ours(), count, sides);
    const theirs = sides.peer && (await chattyOnce(sides.peer(), count, sides));
    const of = `${count} chatty ${count === 1 ? "shard" : "shards"}`;
    const [p50, peer50] = [median(mine.times), theirs && median(theirs.times)];
    const note = `p99 ${quantile(mine.times, 0.99)?.toFixed(1)} ms${theirs ? ` and ${quantile(theirs.times, 0.99)?.toFixed(1)} ms` : ""}`;
    rows.push({ name: `screen of one of ${of}`, unit: "ms", ours: p50, peer: peer50, note });
    rows.push({
      name: `memory for each of ${of}`,
      unit: "MB",
      ours: mine.memory,
      peer: theirs?.memory,
      note: "PSS, without the programs",
    });
    rows.push({ name: `processor for ${of}`, unit: "%", ours: mine.load, peer: theirs?.load, note: "of one core" });
  }
  return rows;
}

async function chattyOnce(terminals: Terminals, count: number, { folder, quick }: Sides) {
  const clock = join(folder, "clock");
  if (!existsSync(clock)) execFileSync("mkfifo", [clock]);
  // bash sleeps without another process by reading what never comes.
  const row = String.raw`\033[3%dmrow %d\033[0m some text that is on the row, about sixty characters\033[K\r\n`;
  const draw = String.raw`printf '\033[H'; printf '${row}' $c 1 $c 2 $c 3 $c 4 $c 5 $c 6 $c 7 $c 8 $c 9 $c 10 $c 11 $c 12 $c 13`;
  const script = `exec 9<>${clock}; n=0; while :; do c=$((n % 7 + 1)); n=$((n + 1)); ${draw}; read -t 0.1 -u 9; done`;
  try {
    const all: Terminal[] = [];
    for (let n = 0; n < count; n += 4) {
      all.push(
        ...(await Promise.all(Array.from({ length: Math.min(4, count - n) }, async () => terminals.open(script)))),
      );
    }
    await Promise.all(all.map(async (terminal) => until(terminal, "row 13")));
    await sleep(quick ? 500 : 3000);
    const before = processorTime(terminals.processes);
    const start = performance.now();
    const times: number[] = [];
    for (let n = 0; n < (quick ? 20 : 200); n++) {
      const at = performance.now();
      await all[n % count]?.snapshot();
      times.push(performance.now() - at);
      await sleep(10);
    }
    await sleep(quick ? 500 : 2000);
    const after = processorTime(terminals.processes);
    const load =
      before === undefined || after === undefined ? undefined : ((after - before) / (performance.now() - start)) * 100;
    const megabytes = memory(terminals.processes);
    return { times, load, memory: megabytes === undefined ? undefined : megabytes / count };
  } finally {
    await terminals.close();
  }
}

/** From nothing to the first line of the program on the screen. */
export async function ready({ ours, peer, quick }: Sides): Promise<Row[]> {
  const measure = async (terminals: Terminals) => {
    try {
      const times: number[] = [];
      for (let n = 0; n < (quick ? 3 : 10); n++) {
        const at = performance.now();
        const terminal = await terminals.open("echo ready; read x");
        await until(terminal, "ready", 1);
        times.push(performance.now() - at);
        await terminal.close();
      }
      return median(times);
    } finally {
      await terminals.close();
    }
  };
  const [mine, theirs] = [await measure(ours()), peer && (await measure(peer()))];
  return [
    {
      name: "a new terminal, until its program is on the screen",
      unit: "ms",
      ours: mine,
      peer: theirs,
      note: "of tmux: a new window in a running server",
    },
  ];
}

/** From a key to the byte that its program prints for it. */
export async function echo({ ours, peer, quick }: Sides): Promise<Row[]> {
  const measure = async (terminals: Terminals) => {
    try {
      const terminal = await terminals.open("stty raw -echo; echo ready; exec cat");
      await until(terminal, "ready");
      await terminal.echo("k");
      const times: number[] = [];
      for (let n = 0; n < (quick ? 30 : 300); n++) {
        const at = performance.now();
        await terminal.echo("k");
        times.push(performance.now() - at);
        await sleep(2);
      }
      return times;
    } finally {
      await terminals.close();
    }
  };
  const [mine, theirs] = [await measure(ours()), peer && (await measure(peer()))];
  const note = `p99 ${quantile(mine, 0.99)?.toFixed(2)} ms${theirs ? ` and ${quantile(theirs, 0.99)?.toFixed(2)} ms` : ""}`;
  return [{ name: "echo: key to byte", unit: "ms", ours: median(mine), peer: theirs && median(theirs), note }];
}
