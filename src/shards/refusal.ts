import type { Receipt } from "./host.ts";
import type { Shard } from "./shard.ts";

/** Why nothing can be typed into a shard, now or later; undefined when it can. */
export function refusalOf({ name, status, watch }: Shard): Extract<Receipt, { outcome: "refused" }> | undefined {
  const { state, why } = status;
  if (state === "exited") return { outcome: "refused", reason: `The agent of ${name} has ended (${why}).` };
  if (state === "lost") return { outcome: "refused", reason: `${name} is lost: ${why}.` };
  if (state !== "waiting") return undefined;
  const { question } = watch;
  return { outcome: "refused", reason: `${name} waits for an answer (${why}).`, ...(question && { question }) };
}
