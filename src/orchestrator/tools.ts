import { ShardbridgeError } from "../errors.ts";
import type { TurnActions } from "./orchestrator.ts";
import type { AnyTool } from "./tool.ts";
import { laterTools } from "./tools-later.ts";
import { lookTools, waitTool } from "./tools-look.ts";
import { shardTools } from "./tools-shards.ts";

/**
 * All tools of the orchestrator. Definitions are the same bytes in every request and process, for the prompt cache: what exists now is in
 * no schema, and the order is fixed.
 */
export const tools: readonly AnyTool[] = [...shardTools, ...lookTools, ...laterTools];

/** Tools that make sense to a client that nothing wakes, and that is in no thread, or in one of an agent. */
export const apartTools: readonly AnyTool[] = [...shardTools, ...lookTools, waitTool];

/** Call a tool by its name. Throws ShardbridgeError "usage" when there is no such tool; what goes wrong in it is a result. */
export async function callTool(
  name: string,
  args: unknown,
  actions: TurnActions,
): Promise<{ text: string; line: string; failed: boolean }> {
  const tool = (actions.wakes ? tools : [...tools, waitTool]).find((one) => one.name === name);
  if (!tool) actions.audit?.({ tool: "unknown", verdict: "denied" });
  if (!tool) throw new ShardbridgeError("usage", `There is no tool "${name}".`);
  return tool.call(args, actions);
}

/** The tool by which a woken orchestrator says nothing; its name is known to the loop, which ends the turn with it. */
export { stayingSilent } from "./tools-later.ts";
