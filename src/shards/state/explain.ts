import type { Explanation, ShardStatus } from "../host.ts";
import type { Evidence, Verdict, Witness } from "./judge.ts";

/** Evidence of every witness of a shard's state, strongest first, and which one decided. */
export function explain(
  name: string,
  status: ShardStatus,
  evidence: Evidence | undefined,
  verdict: Verdict | undefined,
): Explanation {
  const decided = verdict ? withWitness(verdict) : `holder: ${status.why}`;
  if (!evidence) return { name, status, decided, evidence: [{ witness: "holder", says: status.why }] };
  const says: Record<Witness, string> = {
    process: evidence.exit ? `ended with ${endOf(evidence.exit)}` : "runs",
    holder: evidence.gone ? "does not answer" : "answers",
    dialog: evidence.question ? `${evidence.question.kind}: ${evidence.question.text.replaceAll(/\s+/g, " ")}` : "none",
    journal: evidence.journalState
      ? `${evidence.journalState.state}, ${seconds(evidence.toldAgo)} ago: ${evidence.journalState.rule}`
      : "says nothing",
    screen: evidence.reading
      ? `${evidence.reading.state}, for ${seconds(evidence.agreed)}, still for ${seconds(evidence.still)}: ${evidence.reading.rule}`
      : evidence.painted
        ? "no rule knows it"
        : "blank",
    silence: `nothing printed for ${seconds(evidence.quiet)}`,
    prompt: evidence.prompt === "none" ? "none under way" : evidence.prompt,
  };
  const rows = Object.entries(says).map(([witness, text]) => ({ witness, says: text }));
  return { name, status, decided, evidence: rows };
}

function endOf({ code, signal }: { code: number; signal?: number }): string {
  return signal ? `signal ${signal}` : `exit code ${code}`;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

/** A dialog's reason begins with its witness already. */
function withWitness({ by, why }: Verdict): string {
  return why.startsWith(`${by}: `) ? why : `${by}: ${why}`;
}
