import type { CommandSpec } from "../../adapters/adapter.ts";
import type { ChatVerb } from "../../verbs/types.ts";
import { columns } from "../../width.ts";
import { option, type Command } from "./command.ts";
import { lookCommands } from "./commands-look.ts";
import { shardCommands } from "./commands-shards.ts";
import { talkCommands } from "./commands-talk.ts";
import { orchestratorCommands } from "./commands-orchestrator.ts";
import { specOf, usage } from "./command-line.ts";

const { spawn, ...otherShardCommands } = shardCommands;

/** In the order in which they are shown. */
const table: Record<ChatVerb, Command> = {
  spawn,
  ...talkCommands,
  ...lookCommands,
  ...otherShardCommands,
  ...orchestratorCommands,
  help: {
    summary: "Show all commands, or what can be said with one",
    options: [option("verb", "text", "The command to tell more of")],
    now: true,
    run: async ({ options: { verb } }) =>
      verb === undefined
        ? { kind: "terminal", text: helpText(), title: "Commands" }
        : { kind: "terminal", text: helpOn(specOf(verb.replace(/^[/!]/, "").toLowerCase(), commandSpecs)) },
  },
};

export const commands: ReadonlyMap<string, Command & { verb: ChatVerb }> = new Map(
  Object.entries(table).map(([verb, command]) => [verb, { ...command, verb: verb as ChatVerb }]),
);

/** Commands that the platforms offer and the typed form understands. */
export const commandSpecs: readonly CommandSpec[] = [...commands.values()].map(({ verb, summary, options }) => ({
  verb,
  summary,
  options,
}));

/** Short enough for one post everywhere. */
function helpText(): string {
  return commandSpecs.map((spec) => `${usage(spec)}\n    ${spec.summary}`).join("\n");
}

function helpOn(spec: CommandSpec): string {
  const rows = spec.options.map((option) => {
    const typed = option.named || option.type === "flag" ? `--${option.name}` : option.name.toUpperCase();
    const choices = option.choices ? ` (${option.choices.join(", ")})` : "";
    return [`    ${typed}`, `${option.summary}${choices}`];
  });
  return [usage(spec), `    ${spec.summary}`, ...(rows.length > 0 ? ["", columns(rows)] : [])].join("\n");
}
