import { isLooping, withCrash } from "./crashes.ts";
import type { ShardEvent } from "./events.ts";
import type { Exit } from "./holder/protocol.ts";
import { keepRemains } from "./remains.ts";
import type { TurnRecord } from "./records.ts";
import { type Said, shortened } from "./said.ts";
import type { Shard } from "./shard.ts";

type Exited = Extract<ShardEvent, { type: "exited" }>;

/** What was said in a turn, saved together with the turn's end. A turn of the keyboard that brought nothing is none. */
export async function tellAnswer(
  { book, feed, kind, notes, status }: Shard,
  turn: TurnRecord,
  said: Said,
): Promise<void> {
  const { number, by } = turn;
  const { text, truncated } = said;
  if (turn.typed !== "" || text !== "") {
    const waiting = book.queue.length;
    const { background, state } = status;
    const cut = state === "exited" || state === "lost" || book.record.phase === "closing";
    const about = {
      ...(by !== undefined && { by }),
      ...(background && { background }),
      ...(cut && { cut: true as const }),
    };
    const answer = { turn: number, text, form: kind.form, truncated, waiting, ...about };
    await feed.say({ type: "answer", id: book.id("answer", number), ...answer }, [book.answered(turn)]);
  }
  await book.forget(turn);
  notes.forget();
}

/** The agent has ended by itself: keep what can be read of it, tell the listener, then let its holder go. */
export async function tellExit(shard: Shard, exit: Exit): Promise<void> {
  const { book, feed, status } = shard;
  const at = status.since;
  const crashed = exit.code !== 0 || exit.signal !== undefined;
  const crashes = crashed ? withCrash(book.record.crashes, at) : (book.record.crashes ?? []);
  const tail = shortened(await keepRemains(shard));
  const how = crashed ? "crashed" : "left";
  const saved = book.change({ ended: true, end: { at, why: status.why, exit }, crashes });
  await feed.say(exited(shard, { exit, how, looping: crashed && isLooping(crashes), tail }), [saved]);
  await shard.letGo();
}

/** The event of an agent's end; its id is of each time that the agent was started, since each of them ends. */
export function exited({ book }: Shard, about: Pick<Exited, "exit" | "how" | "looping" | "tail">) {
  return { type: "exited" as const, id: book.id("exited", book.record.resumes), ...about };
}
