import { kinds } from "../src/shards/agents/registry.ts";
import { toldIn, unread } from "../tests/shards/agents/checks.ts";
import { recordingsIn } from "../tests/shards/agents/recorded.ts";
import { compare, looksAt } from "../tests/shards/agents/states.ts";

const filter = new RegExp(process.argv[3] ?? ".");
const by = process.env["LINES"] ? "lines" : "words";
const sums: Record<string, { recordings: number; looks: number; right: number; texts: number; equal: number; bad: number }> = {};
for (const recorded of recordingsIn(process.argv[2] ?? "")) {
  if (!filter.test(recorded.name)) continue;
  const kind = kinds[recorded.kind]!;
  const sum = (sums[`${recorded.kind} ${recorded.mode}`] ??= { recordings: 0, looks: 0, right: 0, texts: 0, equal: 0, bad: 0 });
  sum.recordings++;
  const looks = await looksAt(recorded, kind);
  const found = compare(recorded, looks);
  sum.looks += found.looks;
  sum.right += found.right;
  if (found.longest > 1) {
    sum.bad++;
    console.log(`${recorded.name}: STATE ${found.longest.toFixed(2)} s wrong: ${found.where}`);
  }
  for (const fault of unread(recorded, kind, looks)) console.log(`${recorded.name}: DIALOG ${fault}`);
  for (const told of await toldIn(recorded, kind, by)) {
    sum.texts++;
    const at = told.expected.findIndex((word, index) => word !== told.found[index]);
    const differs = at >= 0 ? at : told.found.length > told.expected.length ? told.expected.length : -1;
    if (differs < 0) sum.equal++;
    else {
      const show = (list: string[]) => JSON.stringify(list.slice(Math.max(0, differs - 3), differs + 12).join(by === "lines" ? "\n" : " "));
      console.log(`${recorded.name}: TEXT ${JSON.stringify(told.typed.slice(0, 40))} found ${told.found.length} of ${told.expected.length}\n   found    ${show(told.found)}\n   expected ${show(told.expected)}`);
    }
    if (process.env["SHOW"]) console.log(told.text);
  }
}
console.table(sums);
