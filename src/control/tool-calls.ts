import type { Bot } from "../bot/bot.ts";
import { ShardbridgeError } from "../errors.ts";
import type { ToolTokens } from "../orchestrator/tool-tokens.ts";
import { callTool } from "../orchestrator/tools.ts";
import type { HolderAddresses } from "../shards/lifecycle/holder-address.ts";
import type { RunTool } from "./protocol.ts";
import type { localActor } from "./local.ts";

interface Parts {
  bot: Bot;
  host: Pick<HolderAddresses, "bearer">;
  toolTokens: ToolTokens;
  /** Whose rights a call without a pass has. */
  local: ReturnType<typeof localActor>;
}

/** Runs the tools that are called over the control socket: for a turn of the orchestrator, an agent that has them, or who is at this machine. */
export function toolCalls({ bot, host, toolTokens, local }: Parts): RunTool {
  return async ({ name, args, pass }) => {
    if (pass === undefined) return callTool(name, args, bot.toolsFor(local));
    const turn = toolTokens.turn(pass);
    if (turn) return turn(name, args);
    const shard = host.bearer(pass);
    if (shard !== undefined) return callTool(name, args, bot.toolsOf(shard, local));
    throw new ShardbridgeError("not_allowed", "That pass is good for nothing (any more): what it was for has ended.");
  };
}
