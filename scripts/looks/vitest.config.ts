import { join } from "node:path";
import { defineConfig } from "vitest/config";

// The platforms' doubles and the driven program are those of the tests, and so is what they stand on.
export default defineConfig({
  root: join(import.meta.dirname, "..", ".."),
  test: {
    include: ["scripts/looks/*.capture.ts"],
    pool: "forks",
    setupFiles: ["tests/quiet.ts", "tests/patient.ts"],
    testTimeout: 900_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
