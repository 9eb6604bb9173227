import type { AnyTool } from "./tool.ts";
import { laterTools } from "./tools-later.ts";
import { lookTools } from "./tools-look.ts";
import { shardTools } from "./tools-shards.ts";

/**
 * All tools of the orchestrator. Definitions are the same bytes in every request and process, for the prompt cache: what exists now is in
 * no schema, and the order is fixed.
 */
export const tools: readonly AnyTool[] = [...shardTools, ...lookTools, ...laterTools];

/** The tool by which a woken orchestrator says nothing; its name is known to the loop, which ends the turn with it. */
export { stayingSilent } from "./tools-later.ts";
