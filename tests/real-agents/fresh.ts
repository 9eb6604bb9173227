import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentName } from "./seeds.ts";

/** Take back what the seed said about trust and sign-in: the agent asks for it, as at its very first start. */
export function unseed(agent: AgentName, { home, env }: { home: string; env: Record<string, string> }): void {
  if (agent === "claude") {
    writeFileSync(join(home, ".claude.json"), JSON.stringify({ hasCompletedOnboarding: true, theme: "dark" }));
  }
  if (agent === "codex") {
    const file = join(env["CODEX_HOME"] ?? "", "config.toml");
    writeFileSync(file, readFileSync(file, "utf8").replace(/\[projects\.[^]*$/, ""));
  }
  if (agent === "gemini") writeFileSync(join(home, ".gemini", "settings.json"), "{}");
}
