import {
  ApplicationCommandOptionType,
  ApplicationCommandType,
  InteractionContextType,
  Routes,
  type AutocompleteInteraction,
  type ChatInputCommandInteraction,
  type REST,
  type RESTPostAPIChatInputApplicationCommandsJSONBody,
} from "discord.js";
import type { CommandCall, CommandSpec, OptionSpec } from "../adapter.ts";
import { namesFor } from "./events.ts";
import { clip } from "./text.ts";

type Definition = RESTPostAPIChatInputApplicationCommandsJSONBody;
type Completed = "shard" | "repo" | "agent";

const maxText = 100;

/** All commands as sub-commands of `/shard`. Who may use it is decided when it is used, not by Discord. */
export function shardCommand(specs: readonly CommandSpec[]): Definition {
  return {
    type: ApplicationCommandType.ChatInput,
    name: "shard",
    description: "Start, prompt, read and stop coding agents.",
    contexts: [InteractionContextType.Guild],
    options: specs.map((spec) => ({
      type: ApplicationCommandOptionType.Subcommand,
      name: spec.verb.toLowerCase(),
      description: clip(spec.summary, maxText),
      // Discord wants those that are required before all others.
      options: [...spec.options].sort((a, b) => Number(b.required) - Number(a.required)).map(optionOf),
    })),
  };
}

/**
 * Make `/shard` known to one server, if what Discord has there differs: only so many commands may be created on a day. Gives whether
 * it did. Throws what the client throws.
 */
export async function registerCommands(
  rest: REST,
  application: string,
  guild: string,
  specs: readonly CommandSpec[],
): Promise<boolean> {
  const route = Routes.applicationGuildCommands(application, guild);
  const wanted = [shardCommand(specs)];
  if (canonical(await rest.get(route)) === canonical(wanted)) return false;
  await rest.put(route, { body: wanted });
  return true;
}

/** The command that was used, with names for the mentions in its options. */
export function callOf(interaction: ChatInputCommandInteraction): CommandCall {
  const options: CommandCall["options"] = {};
  for (const { name, value } of interaction.options.data[0]?.options ?? []) {
    if (value === undefined || value === false) continue;
    options[name] =
      typeof value === "string" && interaction.channel ? namesFor(value, interaction.channel) : String(value);
  }
  return { verb: interaction.options.getSubcommand(), options };
}

/** Field that is being typed, if it is of a kind that is completed. */
export function typedIn(
  interaction: AutocompleteInteraction,
  specs: readonly CommandSpec[],
): { field: Completed; typed: string } | undefined {
  const focused = interaction.options.getFocused(true);
  const spec = specs.find(({ verb }) => verb.toLowerCase() === interaction.options.getSubcommand(false));
  const type = spec?.options.find(({ name }) => name.toLowerCase() === focused.name)?.type;
  return type !== undefined && isCompleted(type) ? { field: type, typed: focused.value } : undefined;
}

function optionOf({ name, summary, required, type, choices }: OptionSpec) {
  const option = { name: name.toLowerCase(), description: clip(summary, maxText), required };
  if (type === "flag") return { ...option, type: ApplicationCommandOptionType.Boolean as const };
  if (type === "number") return { ...option, type: ApplicationCommandOptionType.Integer as const };
  const text = { ...option, type: ApplicationCommandOptionType.String as const };
  if (choices) return { ...text, choices: choices.map((choice) => ({ name: choice, value: choice })) };
  return isCompleted(type) ? { ...text, autocomplete: true as const } : text;
}

function isCompleted(type: OptionSpec["type"]): type is Completed {
  return type === "shard" || type === "repo" || type === "agent";
}

/** The parts of definitions that are ours, written in one way, so that Discord's own additions and defaults make no difference. */
function canonical(definitions: unknown): string {
  if (!Array.isArray(definitions)) return "";
  return JSON.stringify(definitions.map(ours));
}

function ours(definition: unknown): unknown {
  if (typeof definition !== "object" || definition === null) return definition;
  const { type, name, description, required, autocomplete, choices, options } = definition as Record<string, unknown>;
  return [
    type ?? ApplicationCommandType.ChatInput,
    name,
    description,
    required === true,
    autocomplete === true,
    Array.isArray(choices) ? choices.map((choice) => (choice as { value: unknown }).value) : [],
    Array.isArray(options) ? options.map(ours) : [],
  ];
}
