import type { CommandSpec } from "../adapters/adapter.ts";
import type { ChatVerb } from "./access.ts";
import type { Command } from "./command.ts";
import { lookCommands } from "./commands-look.ts";
import { shardCommands } from "./commands-shards.ts";
import { talkCommands } from "./commands-talk.ts";
import { orchestratorCommands } from "./commands-orchestrator.ts";
import { usage } from "./command-line.ts";

const { spawn, ...otherShardCommands } = shardCommands;

/** In the order in which they are shown. */
const table: Record<ChatVerb, Command> = {
  spawn,
  ...talkCommands,
  ...lookCommands,
  ...otherShardCommands,
  ...orchestratorCommands,
  help: {
    summary: "Show all commands",
    options: [],
    now: true,
    run: async () => ({ kind: "terminal", text: helpText(), title: "Commands" }),
  },
};

export const commands: ReadonlyMap<string, Command & { verb: ChatVerb }> = new Map(
  Object.entries(table).map(([verb, command]) => [verb, { ...command, verb: verb as ChatVerb }]),
);

/** What the platforms offer and the typed form understands. */
export const commandSpecs: readonly CommandSpec[] = [...commands.values()].map(({ verb, summary, options }) => ({
  verb,
  summary,
  options,
}));

/** Short enough for one post everywhere. */
function helpText(): string {
  return commandSpecs.map((spec) => `${usage(spec)}\n    ${spec.summary}`).join("\n");
}
