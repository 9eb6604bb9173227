import type { CommandCall, CommandSpec, OptionSpec, Post } from "../../adapters/adapter.ts";
import { ShardbridgeError } from "../../errors.ts";
import type { Mode } from "../../shards/host.ts";
import { modes } from "../../verbs/verbs.ts";
import type { Actions } from "./actions.ts";

/** One command of the chat: how it is offered, and what it does. */
export interface Command {
  summary: CommandSpec["summary"];
  options: OptionSpec[];
  /** Done at once, rather than after what the thread is busy with. */
  now: boolean;
  /** The outcome is told in the shard's thread, so that whoever reads there needs no reply. */
  told?: true;
  run(call: CommandCall, actions: Actions): Promise<Post>;
}

export function option(
  name: string,
  type: OptionSpec["type"],
  summary: string,
  more: Partial<OptionSpec> = {},
): OptionSpec {
  return { name, type, summary, required: false, named: false, ...more };
}

/** The option that most commands begin with. */
export const shard: OptionSpec = option("shard", "shard", "Name of the shard; not needed in its thread");

/** A mode by its word; undefined for no word and for any other. */
export function readMode(word: string | undefined): Mode | undefined {
  return modes.find((one) => one === word);
}

/** The shard that a call is for. Throws ShardbridgeError "usage" when it names none and its thread has none. */
export function shardOf({ verb, options }: CommandCall): string {
  const name = options["shard"]?.trim() ?? "";
  if (name !== "") return name;
  throw new ShardbridgeError("usage", `Which shard? Name it: ${verb} SHARD; list shows them all.`);
}
