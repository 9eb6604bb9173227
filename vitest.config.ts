import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import { parts } from "./tests/projects.ts";

/** What is pure leaves nothing behind that the next file could trip over: a quarter of the processor time less than in processes of their own. */
const pure = { pool: "threads", isolate: false } as const;

export default defineConfig({
  test: {
    projects: Object.entries(parts).map(([name, { include, exclude }]) => ({
      extends: true,
      test: { name, include, exclude: ["**/node_modules/**", ...exclude], ...(name === "unit" && pure) },
    })),
    pool: "forks",
    // Tests wait for processes more than they compute.
    maxWorkers: 2 * availableParallelism(),
    setupFiles: ["tests/quiet.ts", "tests/patient.ts"],
    // Where nobody looks at once, a test that failed on a busy moment says so and is run again.
    retry: process.env["CI"] ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 20_000 } },
    restoreMocks: true,
  },
});
