import type { Receipt } from "../host.ts";
import { screenText } from "./answer-text.ts";
import type { ShardContext } from "../shard-context.ts";

type Refusal = Extract<Receipt, { outcome: "refused" }>;

/** Why nothing can be typed into a shard, now or later; undefined when it can. */
export function refusalOf(shard: ShardContext): Refusal | undefined {
  const { name, status, watch } = shard;
  const { state, why } = status;
  const over = endedRefusal(shard);
  if (over) return over;
  const { question } = watch;
  if (state === "waiting" && question) {
    return { outcome: "refused", reason: `${name} waits for an answer.`, question };
  }
  if (state === "waiting") return withScreen(shard, `${name} waits for an answer (${why}).`);
  if (!isBlind(shard)) return undefined;
  return withScreen(shard, `${name} is ${state} (${why}): what is typed may do anything, so nothing was.`);
}

/** Why a prompt can't be typed that a person has looked at the screen for: only rules know that an open question is one. */
export function refusalAnyway(shard: ShardContext): Refusal | undefined {
  const asks = shard.status.state === "waiting" && shard.watch.question && !shard.kind.input;
  return asks ? refusalOf(shard) : endedRefusal(shard);
}

/** A program that no rule knows is silent, and nothing shows that it takes a text. */
export function isBlind({ status: { state }, watch }: ShardContext): boolean {
  return watch.blind && (state === "unsure" || state === "stalled");
}

function endedRefusal({ name, status: { state, why } }: ShardContext): Refusal | undefined {
  if (state === "exited") return { outcome: "refused", reason: `The agent of ${name} has ended (${why}).` };
  return state === "lost" ? { outcome: "refused", reason: `${name} is lost: ${why}.` } : undefined;
}

function withScreen({ link }: ShardContext, reason: string): Refusal {
  return { outcome: "refused", reason, screen: link ? screenText(link.view) : "" };
}
