import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { record } from "./recorder.ts";
import { report } from "./report.ts";
import { modes, scenarios } from "../tests/real-agents/scenarios.ts";
import type { AgentName } from "../tests/real-agents/seeds.ts";

const ours = join(import.meta.dirname, "../tests/fixtures/recordings");

const usage = `npm run record -- AGENT SCENARIO [--mode MODE] [--size COLSxROWS] [--out FOLDER]
npm run record -- --report [FOLDER...]

Records the real program of an agent against a fake model, as a folder of the tests: recording.cast and said.json. Or reports how well
the recordings in these folders are read.

AGENT     ${Object.keys(modes).join(", ")}
SCENARIO  ${Object.keys(scenarios).join(", ")}
--mode    ${Object.entries(modes)
  .map(([agent, own]) => `${agent}: ${Object.keys(own).filter(Boolean).join(", ")}`)
  .join("; ")}
--size    120x40 by default
--out     tests/fixtures/recordings by default
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    mode: { type: "string", default: "" },
    size: { type: "string", default: "120x40" },
    out: { type: "string", default: ours },
    report: { type: "boolean", default: false },
  },
});
const [agent = "", name = ""] = positionals;
const own = modes[agent as AgentName] as (typeof modes)[AgentName] | undefined;
const scenario = scenarios[name];
const size = /^(?<cols>\d+)x(?<rows>\d+)$/.exec(values.size)?.groups;
if (values.report) {
  const folders = positionals.length > 0 ? positionals : [ours];
  console.table(report(folders, (line) => process.stderr.write(`${line}\n`)));
} else if (
  !own?.[values.mode] ||
  !scenario ||
  !size ||
  (scenario.only && !scenario.only.includes(agent as AgentName))
) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  const { title, cast, said } = await record({
    agent: agent as AgentName,
    mode: values.mode,
    name,
    scenario,
    size: { cols: Number(size["cols"]), rows: Number(size["rows"]) },
  });
  const folder = join(values.out, title);
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "recording.cast"), cast);
  writeFileSync(join(folder, "said.json"), `${JSON.stringify(said, null, 2)}\n`);
  process.stdout.write(`${folder}\n`);
}
