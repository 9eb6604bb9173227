import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:agents`: the real CLIs, two at a time, since each takes seconds and most of a core to start. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["tests/real-agents/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    pool: "forks",
    maxWorkers: 2,
    setupFiles: ["tests/quiet.ts", "tests/patient.ts"],
    // Where nobody looks at once, a test that failed on a busy moment says so and is run again.
    retry: process.env["CI"] ? 1 : 0,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
