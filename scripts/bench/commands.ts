import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { makeFolders, type TestFolders } from "../../tests/shards/test-host.ts";
import { BotProcess, environment } from "./bot-process.ts";
import { below, median, type Row } from "./table.ts";

const root = join(import.meta.dirname, "../..");
const hint = "Try:";

/** What a person waits for at the shell, as it is typed there: a second start, a command beside the running bot. */
export async function commands(quick: boolean): Promise<Row[]> {
  const folders = makeFolders();
  const times = quick ? 2 : 7;
  try {
    const starts: number[] = [];
    // The first one compiles what it loads, and is not counted.
    for (let n = 0; n <= times; n++) starts.push(await startOnce(folders));
    const bot = new BotProcess(folders);
    try {
      await bot.prints(hint);
      const lists: number[] = [];
      for (let n = 0; n <= times; n++) lists.push(await finished(folders, "node", ["bin/shardbridge.mjs", "list"]));
      const [start, list] = [median(starts.slice(1)), median(lists.slice(1))];
      const how = `node ${process.versions.node}; the launcher's is the machine's own`;
      return [
        {
          name: "`npm start` again, until its first hint",
          unit: "ms",
          ours: start,
          bar: below(800, "ms", start),
          note: how,
        },
        { name: "`shardbridge list` beside a bot", unit: "ms", ours: list, bar: below(350, "ms", list), note: how },
      ];
    } finally {
      await bot.stop();
    }
  } finally {
    folders.remove();
  }
}

/** Milliseconds until the bot has said what to try. */
async function startOnce(folders: TestFolders): Promise<number> {
  const at = performance.now();
  const child = spawn("npm", ["--prefix", root, "start", "--", "--console"], {
    cwd: folders.repo,
    env: environment(folders),
    detached: true,
  });
  let out = "";
  const ready = new Promise<number>((resolve, reject) => {
    child.once("close", () => reject(new Error(`It ended without a hint:\n${out}`)));
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        out += chunk.toString();
        if (out.includes(hint)) resolve(performance.now() - at);
      });
    }
  });
  const took = await ready;
  const gone = once(child, "close");
  // npm and what it runs are a group of their own.
  if (child.pid !== undefined) process.kill(-child.pid, "SIGTERM");
  await gone;
  return took;
}

async function finished(folders: TestFolders, file: string, [script = "", ...args]: string[]): Promise<number> {
  const at = performance.now();
  const child = spawn(file, [join(root, script), ...args], {
    cwd: folders.repo,
    env: environment(folders),
    stdio: ["ignore", "ignore", "inherit"],
  });
  await once(child, "close");
  return performance.now() - at;
}
