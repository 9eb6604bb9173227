import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

/** `npm run test:agents`: the real CLIs, one after the other, since each takes seconds and most of a core to start. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL("../..", import.meta.url)),
    include: ["tests/real-agents/**/*.test.ts"],
    exclude: ["**/node_modules/**"],
    pool: "forks",
    fileParallelism: false,
    setupFiles: ["tests/quiet.ts", "tests/patient.ts"],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
