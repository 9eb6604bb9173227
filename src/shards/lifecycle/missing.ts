import { existsSync } from "node:fs";
import type { Shard } from "../shard.ts";

/** Tell a person once that somebody has removed the worktree of a shard, until it is there again. */
export async function tellMissing({ store, events }: Shard): Promise<void> {
  const { worktree, branch, phase, missing: told = false, questions } = store.record;
  if (phase !== "ready") return;
  const missing = !existsSync(worktree);
  if (missing === told) return;
  if (!missing) return store.note({ missing });
  const number = questions + 1;
  const event = { type: "missing" as const, id: store.id("missing", number), worktree, branch };
  await events.say(event, [store.change({ questions: number, missing })]);
}
