import type { Shard } from "../shard.ts";

/** Tell a person once that a shard's program floods its terminal, until it has stopped and the agent waits for a prompt. */
export async function tellFlood({ book, feed, link, status }: Shard): Promise<boolean> {
  const rate = link?.ended === false ? link.view.flood : undefined;
  const told = book.record.flooded ?? false;
  if (rate !== undefined && !told) {
    const number = (book.record.floods ?? 0) + 1;
    const event = { type: "flood" as const, id: book.id("flood", number), why: floodText(rate) };
    await feed.say(event, [book.change({ flooded: true, floods: number })]);
    return true;
  }
  if (rate !== undefined || !told || status.state !== "idle") return false;
  await book.note({ flooded: false });
  return true;
}

/** Such as "floods its terminal: 12.3 MB/s". */
export function floodText(rate: number): string {
  if (rate >= 100_000) return `floods its terminal: ${(rate / 1e6).toFixed(1)} MB/s`;
  return `floods its terminal with what is hard to show: ${Math.round(rate / 1000)} kB/s`;
}
