import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { configureLog } from "../../src/log.ts";
import { type OtherName, others } from "../../tests/real-agents/others.ts";
import { type AgentName, seeds } from "../../tests/real-agents/seeds.ts";
import { measure, type Measured } from "./agent.ts";

const usage = `npm run measure:agents -- [AGENT...] [--prompts N] [--out FILE]

Runs real agents against a fake model, and prints how often a receipt was true, answers were equal, dialogs were read, and for how long a
state was told that it was not in. What was not right goes into FILE (agents.json), in a line each.

AGENT      ${[...Object.keys(seeds), ...Object.keys(others)].join(", ")}; all by default
--prompts  50 by default
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { prompts: { type: "string", default: "50" }, out: { type: "string", default: "agents.json" } },
});
const all = [...Object.keys(seeds), ...Object.keys(others)] as (AgentName | OtherName)[];
const chosen = positionals.length === 0 ? all : all.filter((name) => positionals.includes(name));
if (chosen.length < positionals.length || !/^[1-9]\d*$/.test(values.prompts)) {
  process.stderr.write(usage);
  process.exitCode = 2;
} else {
  configureLog({ write: () => {} });
  const measured: Measured[] = [];
  for (const name of chosen) {
    measured.push(await measure(name, Number(values.prompts)));
    writeFileSync(values.out, `${JSON.stringify(measured, null, 2)}\n`);
    process.stderr.write(`${name} is measured\n`);
  }
  console.table(
    Object.fromEntries(
      measured.map((one) => [
        `${one.agent} ${one.version}`,
        {
          "true receipts": `${one.trueReceipts} of ${one.prompts}`,
          "honest receipts": `${one.honestReceipts} of ${one.prompts}`,
          "answers equal": `${one.answersEqual} of ${one.prompts}`,
          "with what was said": `${one.answersHave} of ${one.prompts}`,
          "longest wrong state": `${one.wrongState.milliseconds} ms (${one.wrongState.told}, was ${one.wrongState.was})`,
          "dialogs read": `${one.dialogs.read} of ${one.dialogs.of}`,
        },
      ]),
    ),
  );
}
