import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { copyOfRepository, follow } from "./page.ts";

const docs = join(import.meta.dirname, "..", "..", "docs");

it.each(["adding-a-platform.md", "adding-an-agent-kind.md"])(
  "what %s says makes something that works",
  { timeout: 300_000 },
  (page) => {
    const { folder, remove } = copyOfRepository();
    try {
      const commands = follow(readFileSync(join(docs, page), "utf8"), folder);
      expect(commands.filter((command) => command.startsWith("npx vitest run "))).toHaveLength(1);
      expect(commands.map((command) => [command, run(command, folder)])).toEqual(
        commands.map((command) => [command, "it works"]),
      );
    } finally {
      remove();
    }
  },
);

/** What a command prints where it fails. */
function run(command: string, cwd: string): string {
  const [, program = "", ...args] = command.split(" ");
  const bin = join(cwd, "node_modules", ".bin", program);
  try {
    // A run within a run is told so by the environment, and would report to this one.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^VITEST|^NODE_ENV$/.test(name)));
    execFileSync(bin, args, { cwd, env, encoding: "utf8", stdio: "pipe" });
    return "it works";
  } catch (error) {
    const { stdout = "", stderr = "" } = error as { stdout?: string; stderr?: string };
    return `${stdout}\n${stderr}`.trim() || String(error);
  }
}
