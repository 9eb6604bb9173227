import { promptTyped, report } from "./prompting.ts";
import type { TurnRecord } from "./records.ts";
import { saidIn } from "./said.ts";
import type { Shard } from "./shard.ts";
import { tellAnswer, tellExit } from "./tell.ts";
import { baselineOf } from "./turn.ts";

/** Do the first thing that is due in a shard, by its status. Resolves with false when nothing is. */
export async function doDue(shard: Shard): Promise<boolean> {
  // Whoever makes it, closes it or starts it again does what is due first.
  if (shard.book.record.phase !== "ready") return false;
  if (await shard.questions.tell(shard.watch)) return true;
  const { state } = shard.status;
  const { running, queue } = shard.book;
  const over = state === "exited" || state === "lost";
  if (running && (over || state === "idle")) return finish(shard, running);
  if (over) return tellEnd(shard, queue[0]);
  if (state === "working" && !running) return begin(shard);
  if (state === "idle" && queue[0] && !shard.promised) return typeQueued(shard, queue[0]);
  return false;
}

/** A turn has ended: its answer. */
async function finish(shard: Shard, turn: TurnRecord): Promise<boolean> {
  const { kind, status } = shard;
  const said = await saidIn(turn, kind, shard.link);
  // It went on while its rows were fetched.
  if (shard.status.state !== status.state) return true;
  await tellAnswer(shard, turn, { ...said, truncated: said.truncated || status.state === "lost" });
  return true;
}

/** The agent has ended or is lost: that it is so, then what becomes of the prompts that waited. */
async function tellEnd(shard: Shard, queued: TurnRecord | undefined): Promise<boolean> {
  const { book, feed, status, was } = shard;
  if (!book.record.ended) {
    if (status.exit) await tellExit(shard, status.exit);
    else await feed.say({ type: "state", status, was }, [book.change({ ended: true })]);
    return true;
  }
  const refused = shard.refusal();
  if (!queued || !refused) return false;
  await report(shard, queued, refused);
  await book.forget(queued);
  return true;
}

/** The agent works on nothing that it was seen to take: our last prompt was taken after all, or somebody used the keyboard. */
async function begin(shard: Shard): Promise<boolean> {
  const { book, lastIdle } = shard;
  if (book.doubtful) {
    await book.save({ ...book.doubtful, state: "submitted" });
    return true;
  }
  if (!lastIdle) return false;
  const turn = book.draft("submitted", "", "", undefined);
  await book.save({ ...turn, baseline: baselineOf(lastIdle) });
  return true;
}

async function typeQueued(shard: Shard, turn: TurnRecord): Promise<boolean> {
  return (await promptTyped(shard, turn, "told")) !== undefined;
}
