import type { Destroyed } from "../../shards/host.ts";

/** Remains of a shard that was ended, in words; undefined when nothing is left. */
export function survivorsText({ survivors, strays = [], problem }: Destroyed): string | undefined {
  const sentences = [
    ...(survivors.length > 0 ? [`these processes of it could not be ended: ${survivors.join(", ")}`] : []),
    ...(strays.length > 0
      ? [`these were at work in its worktree, may be of it, and run on: ${strays.join(", ")}`]
      : []),
    ...(problem === undefined ? [] : [`its teardown failed: ${problem}`]),
  ];
  return sentences.length > 0 ? sentences.join("; ") : undefined;
}
