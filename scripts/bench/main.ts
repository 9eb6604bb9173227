import { mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { arch, cpus, loadavg, platform, release, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { lag, manyShards } from "./bots.ts";
import { chat } from "./chat.ts";
import { commands } from "./commands.ts";
import { chatty, echo, flood, ready, type Sides } from "./emulation.ts";
import { benchOrchestrator } from "./orchestrator.ts";
import { Holders } from "./ours.ts";
import { redaction } from "./redaction.ts";
import { shards } from "./shards.ts";
import { below, markdown, type Row } from "./table.ts";
import { Tmux, tmuxVersion } from "./tmux.ts";

/*
 * `npm run bench [-- --quick] [NAME …]`: measures, prints a table, and writes bench.json; a whole run that is not quick writes docs/bench.md too.
 * What can't be measured is a row that says why, and the exit code is then 1.
 */
const { values, positionals } = parseArgs({ options: { quick: { type: "boolean" } }, allowPositionals: true });
const quick = values.quick ?? false;
const root = join(import.meta.dirname, "../..");
const folder = realpathSync(mkdtempSync(join(tmpdir(), "bench-")));
const tmux = tmuxVersion();
if (tmux === undefined) process.stderr.write("tmux is not installed: only Shardbridge is measured.\n");
let places = 0;
const place = () => join(folder, `p${(places += 1)}`);
const sides: Sides = {
  ours: () => new Holders(place()),
  peer: tmux === undefined ? undefined : () => new Tmux(place()),
  folder,
  quick,
};

const measures: Record<string, () => Promise<Row[]>> = {
  flood: async () => flood(sides),
  chatty: async () => chatty(sides),
  ready: async () => ready(sides),
  echo: async () => echo(sides),
  commands: async () => commands(quick),
  shards: async () => shards(quick),
  chat: async () => chat(quick),
  list: async () => manyShards(quick),
  lag: async () => lag(quick),
  orchestrator: async () => orchestratorRows(),
  redaction: async () => redaction(quick),
};

const unknown = positionals.filter((name) => !(name in measures));
if (unknown.length > 0) {
  const known = Object.keys(measures).join(", ");
  process.stderr.write(`There is no measure ${unknown.join(", ")}. Say one or more of: ${known}.\n`);
  process.exit(2);
}
const began = Date.now();
const load = loadavg()[0] ?? 0;
const rows: Row[] = [];
const wanted = Object.entries(measures).filter(([name]) => positionals.length === 0 || positionals.includes(name));
for (const [name, measure] of wanted) {
  process.stderr.write(`${name} …\n`);
  try {
    rows.push(...(await measure()));
  } catch (error) {
    process.exitCode = 1;
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    rows.push({ name, unit: "ms", ours: undefined, note: `could not be measured: ${String(error).split("\n", 1)[0]}` });
  }
}
rmSync(folder, { recursive: true, force: true });

const machine = {
  date: new Date(began).toISOString().slice(0, 10),
  system: `${platform()} ${release()} ${arch()}`,
  processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? "unknown"}`,
  memory: `${Math.round(totalmem() / 2 ** 30)} GB`,
  node: process.version,
  tmux: tmux ?? "not installed",
  load: load.toFixed(1),
  took: `${Math.round((Date.now() - began) / 1000)} s`,
};
const table = markdown(rows, tmux === undefined ? "no tmux" : "not measured");
const about = Object.entries(machine).map(([key, value]) => `${key} ${value}`);
process.stdout.write(`${table}\n\n${about.join(" · ")}\n`);
writeFileSync(join(root, "bench.json"), `${JSON.stringify({ machine, quick, rows }, undefined, 2)}\n`);
if (!quick && positionals.length === 0) writeFileSync(join(root, "docs/bench.md"), document());

async function orchestratorRows(): Promise<Row[]> {
  const { ours, naive } = await benchOrchestrator();
  const share = (100 * ours) / naive;
  const note = `a scripted conversation of 40 turns over 5 shards; ${Math.round(naive)} tokens where every message and result is sent whole each time`;
  return [
    { name: "orchestrator: input billed", unit: "tokens", ours, note },
    { name: "orchestrator: share of a loop that sends everything", unit: "%", ours: share, bar: below(25, "%", share) },
  ];
}

function document(): string {
  return `# Speed, measured side by side

Made by \`npm run bench\`: Shardbridge and tmux on the same machine in the same run, by turns, with the same programs in terminals of 120×40 with 5,000 rows above
them. tmux is asked through one client in control mode. \`load\` is the load average when the run began; above 1 the numbers say little.
In a flood tmux logs what is printed, as a shard always does (\`pipe-pane\`); its rate without that stands beside it. Nobody can take a flood faster than a PTY
that is only read: nine tenths of its rate reach the bar too. Text that scrolls away before anybody can look at it is hardly parsed; every frame is, which takes
about 1 s of a processor for 100 MB. ✗ is a bar that was missed in this run.

${about.map((line) => `- ${line}`).join("\n")}

${table}
`;
}
