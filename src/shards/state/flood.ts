import type { ShardContext } from "../shard-context.ts";

/** Tell a person once that a shard's program floods its terminal, until it has stopped and the agent waits for a prompt. */
export async function tellFlood({ store, events, link, status }: ShardContext): Promise<boolean> {
  const rate = link?.ended === false ? link.view.flood : undefined;
  const told = store.record.flooded ?? false;
  if (rate !== undefined && !told) {
    const number = (store.record.floods ?? 0) + 1;
    const event = { type: "flood" as const, id: store.id("flood", number), why: floodText(rate) };
    await events.say(event, [store.change({ flooded: true, floods: number })]);
    return true;
  }
  if (rate !== undefined || !told || status.state !== "idle") return false;
  await store.note({ flooded: false });
  return true;
}

/** Such as "floods its terminal: 12.3 MB/s". */
export function floodText(rate: number): string {
  if (rate >= 100_000) return `floods its terminal: ${(rate / 1e6).toFixed(1)} MB/s`;
  return `floods its terminal with what is hard to show: ${Math.round(rate / 1000)} kB/s`;
}
