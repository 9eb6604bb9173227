import type { Verb } from "../../verbs/verbs.ts";
import { beyondShard, saysSame } from "./beyond-shard.ts";
import type { Policy } from "./policies.ts";

/** An act of the orchestrator on one shard. */
export interface Act {
  verb: Verb;
  /** "new": it is started by this. "here": the thread's own, or started from there. */
  shard: "new" | "here" | "elsewhere";
  /** Text that its agent gets. */
  text?: string | undefined;
  /** What is typed there is run: a shell, or a program that no rule knows. */
  runs?: boolean;
  /** Its agent does everything without asking. */
  unasked?: boolean;
  /** Its agent gets the orchestrator's tools. */
  orchestrator?: boolean;
  /** It answers an approval: the agent does something then. */
  approves?: boolean;
  /** Names that are known to be of the repo rather than of the shard: branches that shards start from. */
  repoNames?: readonly string[];
  /** Agents' output of other shards was read in this turn. */
  heard?: boolean;
}

/** What a turn is. */
export interface Occasion {
  policy: Policy;
  /** Words of the person who has asked for this turn; undefined where nobody has, since the orchestrator was woken. */
  said: string | undefined;
}

/** Why an act waits for a person's button. */
export type Why =
  | "for good"
  | "woken"
  | "elsewhere"
  | "orchestrator"
  | "shell"
  | "approval"
  | "own words"
  | "unasked"
  | "heard"
  | "outside";

/** Verbs that a person's request covers; every other verb that changes something waits. */
const covered: ReadonlySet<Verb> = new Set<Verb>(["spawn", "send", "answer", "stop"]);

/**
 * The one rule for what the orchestrator does: what a person has asked for in this turn, about shards of this thread, goes; everything else
 * waits for a person's button. A text counts as asked for when it is the person's own, word for word; or when it is for an agent that asks
 * by itself before it does things, is made of nothing but the turn itself, and names nothing beyond the shard that the person has not named.
 *
 * It looks at where an act comes from and where it goes, not at what a text means: what an agent may do without asking is its mode.
 * Returns undefined for what goes.
 */
export function waitsFor(act: Act, { policy, said }: Occasion): Why | undefined {
  if (policy === "allow") return undefined;
  const { verb, shard, text } = act;
  if (!covered.has(verb)) return "for good";
  if (act.approves) return "approval";
  if (said === undefined) return "woken";
  if (shard === "elsewhere") return "elsewhere";
  if (act.orchestrator) return "orchestrator";
  if (verb === "stop") return undefined;
  if (act.runs) return "shell";
  if (text === undefined || saysSame(said, text)) return act.unasked && verb === "spawn" ? "unasked" : undefined;
  if (verb === "answer") return "own words";
  if (act.unasked) return "unasked";
  if (act.heard) return "heard";
  return beyondShard(text, said, act.repoNames ?? []).length > 0 ? "outside" : undefined;
}
