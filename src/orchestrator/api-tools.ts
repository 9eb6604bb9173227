import type { BetaRunnableTool } from "@anthropic-ai/sdk/lib/tools/BetaRunnableTool";
import { ToolError } from "@anthropic-ai/sdk/lib/tools/ToolError";
import type { TurnActions } from "./orchestrator.ts";
import { schemaOf, type AnyTool } from "./tool.ts";

/** The tools for the model's API; each call's line goes to `onLine`. The last one ends the cached part. */
export function apiTools(
  tools: readonly AnyTool[],
  actions: TurnActions,
  onLine: (line: string) => void,
): BetaRunnableTool[] {
  return tools.map((each, index) => ({
    type: "custom",
    name: each.name,
    description: each.description,
    input_schema: { ...schemaOf(each), type: "object" },
    ...(index === tools.length - 1 && { cache_control: { type: "ephemeral" } }),
    parse: (args) => args,
    run: async (args) => {
      const { text, line, failed } = await each.call(args, actions);
      onLine(line);
      if (failed) throw new ToolError(text);
      return text;
    },
  }));
}
