import type { TaskMeta } from "vitest";
import type { TestModule } from "vitest/node";
type Verdict = TaskMeta["verdict"];

/** A reporter that counts the verdicts of the attacks, by file: `npm run attacks`. */
export default class Summary {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const rows = modules.map((module) => {
      const verdicts = [...module.children.allTests()].map((test) => test.meta().verdict);
      return { name: module.relativeModuleId, ...count(verdicts) };
    });
    const total = rows.reduce(
      (sum, row) => ({ blocked: sum.blocked + row.blocked, through: sum.through + row.through }),
      { blocked: 0, through: 0 },
    );
    for (const { name, blocked, through } of [
      ...rows.toSorted((a, b) => (a.name < b.name ? -1 : 1)),
      { name: "all", ...total },
    ])
      console.log(`${String(blocked).padStart(4)} blocked ${String(through).padStart(4)} THROUGH   ${name}`);
  }
}

function count(verdicts: readonly Verdict[]): { blocked: number; through: number } {
  const of = (verdict: Verdict) => verdicts.filter((one) => one === verdict).length;
  return { blocked: of("blocked"), through: of("THROUGH") };
}
