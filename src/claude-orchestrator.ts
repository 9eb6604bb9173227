import { join } from "node:path";
import { ShardbridgeError } from "./errors.ts";
import { createClaudeOrchestrator } from "./orchestrator/claude/claude-orchestrator.ts";
import type { Orchestrator } from "./orchestrator/orchestrator.ts";
import type { ToolTokens } from "./orchestrator/tool-tokens.ts";
import type { Settings } from "./settings.ts";
import { claude } from "./shards/agents/claude/claude.ts";
import { agentEnvironment } from "./shards/process/environment.ts";
import { findProgram } from "./shards/process/find-program.ts";
import { privateFolder } from "./shards/process/places.ts";
import { mcpCommand } from "./installation.ts";
import type { Store } from "./store/store.ts";

/** The person's own Claude Code as the orchestrator. Throws ShardbridgeError "config" where it is not installed. */
export function claudeOrchestrator(
  { config, env, secrets }: Settings,
  store: Store,
  toolTokens: ToolTokens,
): Orchestrator {
  const own = agentEnvironment(env, [...claude.env, ...config.agentEnv], secrets);
  if (findProgram("claude", own) === undefined)
    throw new ShardbridgeError("config", 'ORCHESTRATOR: Claude Code is not installed (no "claude" on PATH).');
  const { model, budgets } = config.orchestrator;
  return createClaudeOrchestrator({
    home: privateFolder(join(config.home, "orchestrator")),
    env: own,
    server: mcpCommand,
    toolTokens,
    model,
    store,
    budgets,
    zone: config.zone,
  });
}
