import type { AccessLists } from "./adapters/adapter.ts";
import { localPlatform, platforms } from "./adapters/registry.ts";
import type { Create } from "./adapters/settings.ts";
import { coreVariables, readConfig, type Config, type Env } from "./config.ts";

interface ChosenPlatform {
  name: string;
  access: AccessLists | "everything";
  create: Create;
}

export interface Settings {
  config: Config;
  platforms: ChosenPlatform[];
  /** Every token and key that is known here: never printed, never in an agent's environment. */
  secrets: string[];
  /** The whole environment, `.env` included. */
  env: Env;
}

/** A sentence for each fault: of the settings that every command needs, and of those that only the bot needs. */
export interface Problems {
  core: string[];
  platforms: string[];
}

/** All settings, with the faults in them. Without a configured chat platform, or when asked for, the console is one. */
export function readSettings(
  env: Env,
  folder: string,
  withConsole: boolean,
): { settings: Settings; problems: Problems } {
  const { config, problems: core } = readConfig(env, folder);
  const problems: Problems = { core, platforms: [] };
  const chosen: ChosenPlatform[] = [];
  const secrets = [config.orchestrator.apiKey, env["SHARDBRIDGE_MCP_TOKEN"]?.trim()].filter((key) => key !== undefined);
  for (const platform of platforms) {
    const configured = platform.configure(env);
    if (configured.use === "wrong") problems.platforms.push(...configured.problems);
    if (configured.use !== "on") continue;
    secrets.push(...configured.secrets);
    chosen.push({ name: platform.name, access: configured.access, create: configured.create });
  }
  const local = localPlatform.configure(env);
  if (local.use === "on" && (withConsole || chosen.length === 0)) {
    chosen.push({ name: localPlatform.name, access: local.access, create: local.create });
  }
  return { settings: { config, platforms: chosen, secrets, env }, problems };
}

/** Every variable that something here reads, or that agents of some kind may have; `*` at the end of one stands for any rest. */
export async function knownVariables(): Promise<string[]> {
  const { kinds } = await import("./shards/agents/registry.ts");
  const ofKinds = Object.values(kinds).flatMap(({ env }) => env);
  return [...coreVariables, ...[...platforms, localPlatform].flatMap(({ variables }) => variables), ...ofKinds];
}
