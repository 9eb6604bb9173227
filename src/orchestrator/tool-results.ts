import type { RepoOverlap, ShardDiff, ShardHistory } from "../shards/compare.ts";
import type { Outcome } from "../shards/events.ts";
import { numberedOptions, type Question, type Receipt, type ShardInfo, type ShardOutput } from "../shards/host.ts";
import type { AskedHuman } from "./orchestrator.ts";
import { labelled, oneLine } from "./shard-text.ts";

/** A shard in a few fields. */
export function summary(shard: ShardInfo): Record<string, unknown> {
  const { state, waitingFor, since, why, exit, background, trouble, mode } = shard.status;
  return {
    name: shard.name,
    repo: shard.repo,
    agent: shard.agent,
    branch: shard.branch,
    base: shard.base,
    state,
    waitingFor,
    since,
    why: oneLine(why, 160),
    exit,
    background,
    mode: mode === undefined ? undefined : oneLine(mode, 40),
    trouble: trouble && {
      kind: trouble.kind,
      until: trouble.until === undefined ? undefined : oneLine(trouble.until, 80),
    },
    queued: shard.queued,
    keyboard: shard.keyboard === undefined ? undefined : oneLine(shard.keyboard, 80),
    createdAt: shard.createdAt,
    createdBy: oneLine(shard.createdBy, 80),
  };
}

/** A person has to do it. */
export function askedText(
  { outcome, question }: AskedHuman,
  wakes: boolean,
): { text: string; outcome: string; waits: true } {
  const comes = wakes ? "what comes of it wakes you, so don't wait" : "look at the shard later to see what came of it";
  const text = `${JSON.stringify({ outcome, question: oneLine(question, 400) })} Nothing is done yet. A button is in the thread; ${comes} and don't ask again.`;
  return { text, outcome: "a person is asked", waits: true };
}

export function receiptText(shard: string, receipt: Receipt): string {
  switch (receipt.outcome) {
    case "submitted": {
      const { took, ...facts } = receipt;
      const submitted = JSON.stringify({ ...facts, ...(took !== undefined && { differs: true }) });
      return took === undefined
        ? submitted
        : `${submitted}\n${labelled({ shard, part: "prompt as it took it" }, took)}`;
    }
    case "queued":
      return JSON.stringify(receipt);
    case "refused": {
      const refusal = JSON.stringify({ outcome: receipt.outcome, reason: oneLine(receipt.reason, 300) });
      if (receipt.question) return `${refusal}\n${questionText(shard, receipt.question)}`;
      return receipt.screen === undefined
        ? refusal
        : `${refusal}\n${labelled({ shard, part: "screen" }, receipt.screen)}`;
    }
    case "stalled":
      return `${JSON.stringify({ outcome: receipt.outcome })}\n${labelled({ shard, part: "screen" }, receipt.screen)}`;
  }
}

/** Outcome of a turn: an agent's words and screen are labelled as its own. */
export function outcomeText(shard: string, result: Outcome): string {
  const { outcome } = result;
  switch (result.outcome) {
    case "done": {
      const { turn, text, truncated } = result;
      const facts = { shard, part: "answer", ...(truncated && { more: "above" }) };
      return `${JSON.stringify({ outcome, turn })}\n${labelled(facts, text === "" ? "(nothing)" : text)}`;
    }
    case "asks": {
      const { question, screen } = result;
      const shown = question ? questionText(shard, question) : labelled({ shard, part: "screen" }, screen);
      return `${JSON.stringify({ outcome })}\n${shown}`;
    }
    case "stalled":
      return `${JSON.stringify({ outcome })}\n${labelled({ shard, part: "screen" }, result.screen)}`;
    case "trouble":
      return `${JSON.stringify({ outcome })}\n${labelled({ shard, part: "trouble" }, result.trouble.text)}`;
    case "ended":
      return `${JSON.stringify({ outcome, how: result.how })}\n${labelled({ shard, part: "last lines" }, result.tail)}`;
    case "timeout": {
      const { turn, status } = result;
      return JSON.stringify({
        outcome,
        turn,
        state: status.state,
        remedy: "wait again, or do something else meanwhile",
      });
    }
  }
}

export function outputText(
  { name: shard, text: output, truncated, status, question }: ShardOutput,
  tools = false,
): string {
  const { state, waitingFor, since } = status;
  const facts = {
    shard,
    state: waitingFor === undefined ? state : `${state} (${waitingFor})`,
    since,
    ...(tools && { part: "tool calls" }),
    ...(truncated && { more: "above" }),
  };
  const parts = [labelled(facts, output === "" ? "(nothing yet)" : output)];
  if (question !== undefined) parts.push(questionText(shard, question));
  return parts.join("\n");
}

export function diffText({ name: shard, base, commits, uncommitted, stat, patch, truncated }: ShardDiff): string {
  const facts = JSON.stringify({ base: oneLine(base, 80), commits, uncommitted });
  if (stat === "") return `${facts} Nothing differs.`;
  const parts = [labelled({ shard, part: "diff stat" }, stat, 4_000)];
  parts.push(labelled({ shard, part: "patch", ...(truncated && { more: "below" }) }, patch));
  return [facts, ...parts].join("\n");
}

/** Paths are labelled: an agent can name a file as it likes. */
export function overlapText(repos: RepoOverlap[]): string {
  if (repos.length === 0) return "No repo has two shards.";
  const texts = repos.map(({ repo, shards, files, conflicts, problems }) => {
    const pairs = conflicts.map((pair) => `${pair.shards.join(" and ")} conflict in: ${pair.files.join(", ")}`);
    const same = files.map(({ path, shards: both }) => `${path}: ${both.join(", ")}`);
    const lines = [
      pairs.length === 0 ? "No pair conflicts." : pairs.join("\n"),
      same.length === 0 ? "No file is changed by two of them." : `Changed by more than one:\n${same.join("\n")}`,
      ...problems,
    ];
    return labelled({ repo: oneLine(repo, 40), shards: shards.join(" "), part: "overlap" }, lines.join("\n"), 8_000);
  });
  return texts.join("\n");
}

export function historyText({ name: shard, entries, mark, gaps }: ShardHistory): string {
  const texts = entries.map(({ mark: at, type, text, at: when, by }) =>
    labelled({ shard, part: type, mark: String(at), at: when, ...(by !== undefined && { by }) }, text, 4_000),
  );
  const none = texts.length === 0 ? ["Nothing new."] : texts;
  return [...none, JSON.stringify({ mark, ...(gaps && { gaps: "not everything is kept" }) })].join("\n");
}

function questionText(shard: string, question: Question): string {
  const body = [question.text, question.detail, ...numberedOptions(question.options)]
    .filter((part) => part !== "")
    .join("\n");
  return labelled({ shard, part: `open ${question.kind}` }, body, 4_000);
}
