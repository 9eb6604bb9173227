import type { ShardContext } from "../shard-context.ts";

/** Milliseconds after which it is told: rows are painted in steps, and an agent that tries again gets through most times. */
const toldAfter = 1000;
const retriesFor = 15_000;

/** In how many milliseconds a person is to be told of the agent's trouble; undefined when there is nothing to tell. */
export function troubleDue({
  store,
  watch,
  status,
}: Pick<ShardContext, "store" | "watch" | "status">): number | undefined {
  const { trouble } = status;
  if (!trouble || store.record.troubled === trouble.kind) return undefined;
  // An agent at work tries again to reach what it can't reach.
  const retries = trouble.kind === "retrying" || (trouble.kind === "offline" && status.state === "working");
  return Math.max(0, (retries ? retriesFor : toldAfter) - watch.troubledFor);
}

/** Tell a person that the agent can't go on: once, until it has become idle without that trouble. */
export async function tellTrouble(shard: ShardContext): Promise<boolean> {
  const { store, events, status } = shard;
  const { trouble, state } = status;
  if (trouble && troubleDue(shard) === 0) {
    const number = store.record.questions + 1;
    const event = { type: "trouble" as const, id: store.id("trouble", number), trouble };
    await events.say(event, [store.change({ questions: number, troubled: trouble.kind })]);
    return true;
  }
  if (trouble || store.record.troubled === undefined || state !== "idle") return false;
  await store.note({ troubled: undefined });
  return true;
}
