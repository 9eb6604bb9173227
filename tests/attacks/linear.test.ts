import { threadCpuUsage } from "node:process";
import { describe } from "vitest";
import { kinds } from "../../src/shards/agents/registry.ts";
import { blocked } from "./attempt.ts";

const firstRows = { claude: "● ", codex: "• ", gemini: "✦ ", opencode: "  " };
type Kind = keyof typeof firstRows;

/** Milliseconds of this thread's own time that an answer of so many full rows takes to be cleaned, the best of three. */
function cost(kind: Kind, rows: number): number {
  const columns = kind === "opencode" ? 120 : 160;
  const row = `  ${"xyz…".repeat(50)}`.slice(0, columns - 2);
  const answer = [firstRows[kind] + "x".repeat(columns - 4), ...Array.from({ length: rows }, () => row)];
  const times = Array.from({ length: 3 }, () => {
    const before = threadCpuUsage();
    kinds[kind]?.clean(answer, "", columns);
    const { user, system } = threadCpuUsage(before);
    return (user + system) / 1000;
  });
  return Math.min(...times);
}

/** Milliseconds below which a time tells more of the machine than of the cleaner. */
const leastTold = 10;

/** Whether four times the rows cost far more than four times the time: a quadratic cleaner took ten times (measured), and takes up to sixteen. */
function grows(kind: Kind): boolean {
  cost(kind, 100);
  return cost(kind, 1600) > 6.5 * Math.max(cost(kind, 400), leastTold);
}

describe("an answer of full rows that costs more the longer it is", () => {
  blocked("in claude", () => grows("claude"));
  blocked("in codex", () => grows("codex"));
  blocked("in gemini", () => grows("gemini"));
  blocked("in opencode", () => grows("opencode"));
});
