import type { Script } from "./model-api.ts";
import { answersTo, delayIn, ended, failuresIn } from "./script.ts";
import type { OtherName } from "./others.ts";
import type { AgentName } from "./seeds.ts";
import { callOf } from "./tools.ts";

/**
 * The model of an agent: the answers to the last prompt (see `answersTo`), one after each result of a tool.
 *
 * @param folder tells the agent's working directory
 */
export function scriptFor(agent: AgentName | OtherName, folder: () => string): Script {
  return (entries) => {
    const at = entries.findLastIndex(({ by }) => by === "user");
    const prompt = entries[at]?.text ?? "";
    if (entries.at(-1)?.by === "background") return { prompt, pieces: [ended] };
    const results = entries.slice(at).filter(({ by }) => by === "tool");
    const { says, thinks, tool, status, limit } = answersTo(prompt)[results.length] ?? {
      says: "There is nothing more to do.",
    };
    const result = results.at(-1)?.text;
    return {
      prompt,
      thought: thinks?.split(/(?<=\s)/) ?? [],
      pieces: says.split(says.includes("\n") ? /(?<=\n)/ : /(?<=\s)/),
      calls: tool ? [callOf(agent, tool, folder)] : [],
      gap: delayIn(prompt),
      fails: results.length === 0 ? failuresIn(prompt) : [],
      ...(result !== undefined && { result }),
      ...(status !== undefined && { status }),
      ...(limit && { limit }),
    };
  };
}
