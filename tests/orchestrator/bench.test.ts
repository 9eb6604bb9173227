import { expect, it } from "vitest";
import { benchOrchestrator } from "../../scripts/bench/orchestrator.ts";

it("bills at most a quarter of what a loop costs that sends everything each time", async () => {
  for (const { name, value, bar } of await benchOrchestrator()) {
    expect(value, name).toBeGreaterThan(0);
    if (bar !== undefined) expect(value, name).toBeLessThanOrEqual(bar);
  }
});
