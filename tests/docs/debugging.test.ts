import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "..", "..");

it("recordings are reported on outside of the tests, as the page says", () => {
  const folder = mkdtempSync(join(tmpdir(), "report-"));
  try {
    symlinkSync(join(root, "tests/fixtures/recordings/claude-markdown"), join(folder, "claude-markdown"));
    const args = [join(root, "scripts/record.ts"), "--report", folder];
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("VITEST")));
    const table = execFileSync(process.execPath, args, { cwd: root, env, encoding: "utf8" });
    expect(table).toMatch(/claude +│ 1 +│ '1 of 1'/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
