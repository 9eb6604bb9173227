import { isLooping, withCrash } from "../lifecycle/crashes.ts";
import type { ShardEvent } from "../events.ts";
import type { Exit } from "../holder/protocol.ts";
import { keepFinalOutput } from "./final-output.ts";
import type { TurnRecord } from "../saved/records.ts";
import { type Said, saidIn, shortened, shownIn } from "./answer-text.ts";
import type { ShardContext } from "../shard-context.ts";
import { baselineOf } from "./turn.ts";

type Exited = Extract<ShardEvent, { type: "exited" }>;

const nothing: Said = { text: "", truncated: false };

/** A turn has ended: its answer, unless it goes on while that is fetched. */
export async function tellTurn(shard: ShardContext, turn: TurnRecord): Promise<void> {
  const { kind, status, follower } = shard;
  await follower.whole();
  const said = isRedrawn(shard, turn) ? nothing : await saidIn(turn, kind, shard.link, follower.written);
  const untold = status.exit ? await untoldIn(shard, turn, said.text) : undefined;
  if (shard.status.state !== status.state) return;
  shard.untold = untold;
  await tellAnswer(shard, turn, { ...said, truncated: said.truncated || status.state === "lost" });
}

/**
 * Whether a turn that nobody prompted is none: an agent that writes its turns down has written nothing. It was told to be idle before its
 * screen showed the whole of the turn before, which it drew then as if it worked.
 */
function isRedrawn({ follower, status }: ShardContext, { typed }: TurnRecord): boolean {
  return typed === "" && status.state === "idle" && follower.tells === "turns" && !follower.news;
}

/** The answer of a turn, saved together with the turn's end. A turn of the keyboard that brought nothing is none. */
export async function tellAnswer(shard: ShardContext, turn: TurnRecord, said: Said): Promise<void> {
  const { store, events, kind, follower, status } = shard;
  const { number, by } = turn;
  const { text, truncated } = said;
  const over = status.state === "exited" || status.state === "lost" || store.record.phase === "closing";
  if (turn.typed !== "" || text !== "") {
    const waiting = store.queue.length;
    const { background } = status;
    const about = {
      ...(by !== undefined && { by }),
      ...(background && { background }),
      ...(over && { cut: true as const }),
      ...(shard.watch.stopped && { stopped: true as const }),
    };
    const answer = { turn: number, text, form: kind.form, truncated, waiting, ...about };
    await events.say({ type: "answer", id: store.id("answer", number), ...answer }, [store.answered(turn)]);
  }
  await store.forget(turn);
  follower.forget();
}

/** Output of an agent in its last turn besides its answer; undefined where its screen is another one than before the turn. */
async function untoldIn(shard: ShardContext, turn: TurnRecord, told: string): Promise<string | undefined> {
  const { kind, link } = shard;
  if (!link || turn.baseline?.alternate !== link.view.alternate) return undefined;
  const { text } = await shownIn(turn, kind, link);
  return text === told ? "" : text;
}

/** Output of an agent since it was idle; undefined where it never was, or its screen is another one. */
async function sinceIdle(shard: ShardContext): Promise<string | undefined> {
  const { lastIdle, kind, link } = shard;
  if (!lastIdle || !link || lastIdle.alternate !== link.view.alternate) return undefined;
  return (await shownIn({ typed: "", baseline: baselineOf(lastIdle) }, kind, link)).text;
}

/** The agent has ended by itself: keep what can be read of it, tell the listener, then let its holder go. */
export async function tellExit(shard: ShardContext, exit: Exit): Promise<void> {
  const { store, events, status } = shard;
  const at = status.since;
  const crashed = exit.code !== 0 || exit.signal !== undefined;
  const crashes = crashed ? withCrash(store.record.crashes, at) : (store.record.crashes ?? []);
  const all = await keepFinalOutput(shard);
  const tail = shortened(shard.untold ?? (await sinceIdle(shard)) ?? all);
  const how = crashed ? "crashed" : "left";
  const saved = store.change({ ended: true, end: { at, why: status.why, exit, tail }, crashes });
  await events.say(exited(shard, { exit, how, looping: crashed && isLooping(crashes), tail }), [saved]);
  await shard.letGo();
}

/** The event of an agent's end; its id is of each time that the agent was started, since each of them ends. */
export function exited({ store }: ShardContext, about: Pick<Exited, "exit" | "how" | "looping" | "tail">) {
  return { type: "exited" as const, id: store.id("exited", store.record.resumes), ...about };
}
