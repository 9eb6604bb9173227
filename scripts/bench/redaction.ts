import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { KnownValues } from "../../src/redaction/known.ts";
import { redact } from "../../src/redaction/redact.ts";
import { below, median, type Row } from "./table.ts";

const size = 10 * 1024;
const root = join(import.meta.dirname, "../..");

/** Processor time that the redaction takes: of sources, of a screen with boxes and colours, and of what costs it most. */
export function redaction(quick: boolean): Row[] {
  const values = Array.from(
    { length: 40 },
    (_, index) => `Zq${(index * 7919).toString(36)}x9Kd${(index * 104_729).toString(36)}LmNo`,
  );
  const known = new KnownValues(values.map((value, index) => ({ value, kind: `KEY_${index}` })));
  const sources = readdirSync(join(root, "src"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(root, "src", name), "utf8"))
    .join("\n");
  const screen = sources
    .split("\n")
    .map((line) => `│ \u001b[32m${line.slice(0, 60).padEnd(60)}\u001b[0m │`)
    .join("\n");
  const rounds = quick ? 20 : 100;
  const cost = (name: string, text: string, note: string): Row => {
    const piece = (round: number) => text.slice((round * size) % (text.length - size)).slice(0, size);
    for (let round = 0; round < 20; round += 1) redact(piece(round), known);
    const costs = Array.from({ length: rounds }, (_, round) => {
      const begun = process.cpuUsage();
      redact(piece(round), known);
      const { user, system } = process.cpuUsage(begun);
      return (user + system) / 1000;
    });
    const ours = median(costs);
    return { name, unit: "ms", ours, bar: below(1, "ms", ours), note };
  };
  return [
    cost("redaction of 10 KB: sources", sources, "40 known secrets; processor time"),
    cost("redaction of 10 KB: a screen in colours", screen, "a box, and a colour in each line"),
  ];
}
