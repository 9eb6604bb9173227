import { ShardbridgeError } from "../../../errors.ts";
import type { ToolServer } from "../agent.ts";

/** opencode takes settings from here, over those of all its files: https://opencode.ai/docs/config */
export const configVariable = "OPENCODE_CONFIG_CONTENT";

type Config = Readonly<Record<string, unknown>>;

/**
 * The content of `OPENCODE_CONFIG_CONTENT`: what the user has there, with these settings over it. Objects are merged, of lists each has its part
 * once, anything else is replaced. Throws ShardbridgeError "config" when what the user has is no JSON object.
 */
export function mergeConfig(own: string | undefined, ...settings: readonly Config[]): string {
  return JSON.stringify(settings.reduce(merge, ownConfig(own)));
}

/** A mode in opencode's words. Other tools are as the user has them: a rule for all ("*") would come after the user's own, and count. */
export function permissionsOf(mode: "ask" | "edits"): Config {
  return { permission: { edit: mode === "edits" ? "allow" : "ask", bash: "ask" } };
}

/** The server of the orchestrator's tools, and that it need not ask before it calls them. */
export function serverOf({ command, args }: ToolServer): Config {
  return {
    mcp: { shardbridge: { type: "local", command: [command, ...args], enabled: true } },
    permission: { "shardbridge_*": "allow" },
  };
}

function ownConfig(text: string | undefined): Config {
  if (text === undefined || text.trim() === "") return {};
  const parsed = parse(text);
  if (isConfig(parsed)) return parsed;
  throw new ShardbridgeError("config", `${configVariable} is no JSON object: correct it where the bot is started.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** New rules come last: among permissions that counts. */
function merge(under: Config, over: Config): Config {
  const kept = Object.entries(under).filter(([key]) => !Object.hasOwn(over, key));
  const merged = Object.entries(over).map(([key, value]) => [key, mergedValue(under[key], value)]);
  return Object.fromEntries([...kept, ...merged]) as Config;
}

function mergedValue(under: unknown, over: unknown): unknown {
  if (Array.isArray(under) && Array.isArray(over)) return [...new Set([...under, ...over])];
  return isConfig(under) && isConfig(over) ? merge(under, over) : over;
}

function isConfig(value: unknown): value is Config {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
