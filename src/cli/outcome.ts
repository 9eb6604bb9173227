import { stateWords } from "../bot/posts/states.ts";
import type { Outcome } from "../shards/events.ts";
import { numberedOptions } from "../shards/host.ts";

/** The exit code that tells a script what came of a wait; those of errors go up to 13. */
export function outcomeCode({ outcome }: Outcome): number {
  return { done: 0, stalled: 9, asks: 14, timeout: 15, ended: 16, trouble: 17 }[outcome];
}

/** Why there is no answer, and what to do; undefined where there is one. */
export function presentOutcome(name: string, outcome: Outcome): string | undefined {
  switch (outcome.outcome) {
    case "done":
      return undefined;
    case "asks": {
      const { question, screen } = outcome;
      if (!question) return `${name} waits for something that only a person can read. Its screen:\n${screen.trimEnd()}`;
      const { text, detail, options } = question;
      const lines = [text, detail, ...numberedOptions(options).map((option) => `  ${option}`)];
      const remedy = `Answer it: shardbridge answer ${name} OPTION`;
      return [`${name} asks: ${lines.filter((line) => line !== "").join("\n")}`, remedy].join("\n");
    }
    case "stalled":
      return `${name} did not react to its prompt. Its screen:\n${outcome.screen.trimEnd()}`;
    case "trouble": {
      const { text, until } = outcome.trouble;
      return `${name} can't go on: ${text}${until === undefined ? "" : ` (until ${until})`}`;
    }
    case "ended":
      return endText(name, outcome);
    case "timeout":
      return `${name} is ${outcome.status.state} still (${stateWords(outcome.status)}): the time is up. Go on with shardbridge wait ${name}.`;
  }
}

function endText(name: string, { how, tail }: Extract<Outcome, { outcome: "ended" }>): string {
  const ends = {
    closed: "was closed before it had answered",
    left: "has left before it had answered",
    crashed: "has crashed",
    lost: "is lost: its holder is gone",
    unqueued: "will not see the prompt: somebody has taken it out of the queue",
  };
  return `${name} ${ends[how]}.${tail === "" ? "" : ` Its last lines:\n${tail}`}`;
}
