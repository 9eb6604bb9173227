import { expect, it } from "vitest";
import { benchOrchestrator } from "../../scripts/bench/orchestrator.ts";

it("bills at most a quarter of what a loop costs that sends everything each time", async () => {
  const { ours, naive } = await benchOrchestrator();
  expect(ours).toBeGreaterThan(0);
  expect(ours / naive).toBeLessThanOrEqual(0.25);
}, 240_000);
