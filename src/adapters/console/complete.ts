import type { CommandSpec, OptionSpec } from "../adapter.ts";
import type { Offer } from "./paper.ts";
import { ownWords } from "./own-words.ts";

/** Names of people and shards, as the bot knows them. */
export type Names = (field: "shard" | "repo" | "agent" | "thread", typed: string) => Promise<readonly string[]>;

/** Candidates for the last word of a line, in the order in which they are offered. */
export async function complete(before: string, commands: readonly CommandSpec[], names: Names): Promise<Offer> {
  const nothing = { typed: "", candidates: [] };
  const verbs = commands.map(({ verb }) => verb);
  const [, mark = "", rest = ""] = /^(\/shard\s+|[/!]|$)(.*)$/.exec(before) ?? [];
  if (before !== "" && mark === "") return nothing;
  const words = rest.split(/\s+/);
  const typed = words.at(-1) ?? "";
  const [verb = "", ...given] = words.slice(0, -1);
  if (words.length === 1) {
    const own = mark === "/" || before === "" ? [...ownWords.keys()] : [];
    const written = mark === "" ? "/" : mark.length > 1 ? "" : mark;
    return begun(
      [...verbs, ...own].map((word) => written + word),
      written === "/" && before === "" ? "" : written + typed,
    );
  }
  if (mark === "/" && verb === "thread") return begun(given.length === 0 ? await names("thread", typed) : [], typed);
  if (verb === "help") return begun(given.length === 0 ? verbs : [], typed);
  const spec = commands.find((one) => one.verb === verb.toLowerCase());
  return spec ? begun(await candidatesFor(spec, given, typed, names), typed) : nothing;
}

async function candidatesFor(
  spec: CommandSpec,
  given: readonly string[],
  typed: string,
  names: Names,
): Promise<readonly string[]> {
  const valued = (word: string | undefined) =>
    spec.options.find((option) => option.type !== "flag" && option.named && `--${option.name}` === word);
  const wanted = valued(given.at(-1));
  if (wanted) return valuesOf(wanted, typed, names);
  if (typed.startsWith("-")) {
    const flags = spec.options.filter((option) => option.named || option.type === "flag");
    return flags.map(({ name }) => `--${name}`).filter((flag) => !given.includes(flag));
  }
  const count = given.filter((word, index) => !word.startsWith("--") && !valued(given[index - 1])).length;
  const next = spec.options.filter((option) => !option.named && option.type !== "flag")[count];
  return next ? valuesOf(next, typed, names) : [];
}

async function valuesOf(option: OptionSpec, typed: string, names: Names): Promise<readonly string[]> {
  const { type, choices } = option;
  if (choices) return choices;
  return type === "shard" || type === "repo" || type === "agent" ? names(type, typed) : [];
}

function begun(candidates: readonly string[], typed: string): Offer {
  return { typed, candidates: candidates.filter((candidate) => candidate.startsWith(typed)) };
}
