import { setTimeout as delay } from "node:timers/promises";
import { waitingId } from "../bot/commands/waiting.ts";
import type { Outcome, WaitRequest } from "../shards/events.ts";
import type { QueuedPrompt, Receipt } from "../shards/host.ts";
import type { LineVerb } from "../verbs/types.ts";

/** Seconds of one call: the bot stops looking soon after somebody has stopped waiting. */
const slice = 20;

/** Has one verb done, as `callControl` and `runVerb` do. */
export type Ask = (verb: LineVerb, request: unknown) => Promise<unknown>;

/** The number of the turn that a prompt has become, or will; undefined where that can't be told any more. */
export async function turnOf(
  sent: { name: string; text: string },
  receipt: Receipt,
  ask: Ask,
): Promise<number | undefined> {
  if (receipt.outcome === "submitted") return receipt.turn;
  const queue = async (request: { name: string }) => (await ask("queue", request)) as QueuedPrompt[];
  return waitingId({ queue }, sent, receipt);
}

/**
 * Outcome of a turn of a shard, or of the last one that it has. Throws what `ask` throws.
 * @param timeout seconds; for as long as it takes where there are none
 */
export async function outcomeOf(name: string, turn: number | undefined, timeout: number | undefined, ask: Ask) {
  const end = timeout === undefined ? Infinity : performance.now() + timeout * 1000;
  for (let number = turn; ; await delay(0)) {
    const left = Math.max(0, end - performance.now()) / 1000;
    const request: WaitRequest = { name, turn: number, seconds: Math.min(slice, left) };
    const outcome = (await ask("wait", request)) as Outcome;
    if (outcome.outcome !== "timeout" || performance.now() >= end) return outcome;
    number = outcome.turn;
  }
}
