import { kinds } from "../src/shards/agents/registry.ts";
import { toldIn, unread } from "../tests/shards/agents/checks.ts";
import { recordingsIn } from "../tests/shards/agents/recorded.ts";
import { compare, looksAt } from "../tests/shards/agents/states.ts";

interface Sum {
  recordings: number;
  texts: string;
  states: string;
  "held wrong (s)": number;
  dialogs: string;
}

/** Numbers of what is read from recordings, by agent and mode; what is wrong goes to `fault`, in a line each. */
export function report(folders: readonly string[], fault: (line: string) => void): Record<string, Sum> {
  const sums: Record<string, Sum> = {};
  const add = (counted: string, right: number, all: number) => {
    const [before = 0, total = 0] = counted.split(" of ").map(Number);
    return `${before + right} of ${total + all}`;
  };
  for (const recorded of folders.flatMap(recordingsIn)) {
    const { name, mode, turns } = recorded;
    const kind = kinds[recorded.kind];
    if (!kind) throw new Error(`${name} is of no agent that is known.`);
    const looks = looksAt(recorded, kind);
    const states = compare(recorded, looks);
    const dialogs = turns.flatMap((turn) => turn.dialogs).length;
    const lost = unread(recorded, kind, looks);
    const told = toldIn(recorded, kind);
    const wrong = told.filter(({ found, expected }) => JSON.stringify(found) !== JSON.stringify(expected));
    if (states.longest > 2) fault(`${name}: ${states.where}`);
    for (const line of lost) fault(`${name}: ${line}`);
    for (const { typed, found, expected } of wrong) {
      const at = Math.max(
        0,
        expected.findIndex((line, index) => line !== found[index]),
      );
      fault(
        `${name}: ${JSON.stringify(typed.slice(0, 40))} says\n  ${found[at] ?? ""}\ninstead of\n  ${expected[at] ?? ""}`,
      );
    }
    const sum = (sums[`${recorded.kind} ${mode}`.trim()] ??= {
      recordings: 0,
      texts: "0 of 0",
      states: "0 of 0",
      "held wrong (s)": 0,
      dialogs: "0 of 0",
    });
    sum.recordings += 1;
    sum.texts = add(sum.texts, told.length - wrong.length, told.length);
    sum.states = add(sum.states, states.right, states.looks);
    sum["held wrong (s)"] = Math.max(sum["held wrong (s)"], Math.round(states.longest * 100) / 100);
    sum.dialogs = add(sum.dialogs, dialogs - Math.min(dialogs, lost.length), dialogs);
  }
  return sums;
}
