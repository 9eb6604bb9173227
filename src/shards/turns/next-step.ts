import { tellFlood } from "../state/flood.ts";
import { longSilence } from "../state/judge.ts";
import { promptTyped, report } from "./prompting.ts";
import type { TurnRecord } from "../saved/records.ts";
import { screenText } from "./answer-text.ts";
import { isBlind, refusalOf } from "./refusal.ts";
import type { ShardContext } from "../shard-context.ts";
import { tellExit, tellTurn } from "./publish.ts";
import { tellTrouble } from "../state/trouble.ts";
import { baselineOf } from "./turn.ts";

/** Do the first thing that is due in a shard, by its status. Resolves with false when nothing is. */
export async function doDue(shard: ShardContext): Promise<boolean> {
  // Whoever makes it, closes it or starts it again does what is due first.
  if (shard.store.record.phase !== "ready") return false;
  if (await shard.questions.tell(shard.watch)) return true;
  if (await tellFlood(shard)) return true;
  if (await tellTrouble(shard)) return true;
  const { status, store } = shard;
  const { state } = status;
  const { running, queue } = store;
  const over = state === "exited" || state === "lost";
  if (await tellKeyboard(shard, over)) return true;
  if (running && (over || state === "idle")) {
    await tellTurn(shard, running);
    return true;
  }
  if (over) return tellEnd(shard, queue[0]);
  if (queue[0] && isBlind(shard) && !waits(shard)) return refuseQueued(shard, queue[0]);
  if ((state === "unsure" && shard.keyboard === undefined) || store.record.puzzled) return puzzle(shard);
  if (state === "working" && !running) return begin(shard);
  if (state === "idle" && queue[0] && !shard.promised) return typeQueued(shard, queue[0]);
  return false;
}

/** Somebody has come to the keyboard, or has left it. With the agent's end everybody has. */
async function tellKeyboard({ store, events, keyboard: by }: ShardContext, over: boolean): Promise<boolean> {
  const { keyboard: was, questions } = store.record;
  if (by === was) return false;
  if (over) {
    await store.note({ keyboard: by });
    return true;
  }
  const number = questions + 1;
  const event = { type: "keyboard" as const, id: store.id("keyboard", number) };
  const people = { ...(by !== undefined && { by }), ...(was !== undefined && { was }) };
  await events.say({ ...event, ...people }, [store.change({ questions: number, keyboard: by })]);
  return true;
}

/** The agent has ended or is lost: that it is so, then what becomes of the prompts that waited. */
async function tellEnd(shard: ShardContext, queued: TurnRecord | undefined): Promise<boolean> {
  const { store, events, status, was } = shard;
  if (!store.record.ended) {
    if (status.exit) await tellExit(shard, status.exit);
    else await events.say({ type: "state", status, was }, [store.change({ ended: true })]);
    return true;
  }
  const refused = refusalOf(shard);
  if (!queued || !refused) return false;
  await report(shard, queued, refused);
  await store.forget(queued);
  return true;
}

/** The agent waits for something that can't be read: a person is told once, with the screen, until it is clear again. */
async function puzzle({ store, events, link, status }: ShardContext): Promise<boolean> {
  const unsure = status.state === "unsure";
  const clear = status.state === "idle" || status.state === "working" || status.state === "waiting";
  if (unsure ? store.record.puzzled : !clear) return false;
  if (!unsure) {
    await store.note({ puzzled: false });
    return true;
  }
  const number = store.record.questions + 1;
  const event = { type: "attention" as const, id: store.id("attention", number), why: status.why };
  const screen = link ? screenText(link.view) : "";
  await events.say({ ...event, screen }, [store.change({ questions: number, puzzled: true })]);
  return true;
}

/** The agent works on nothing that it was seen to take: our last prompt was taken after all, or somebody used the keyboard. */
async function begin(shard: ShardContext): Promise<boolean> {
  const { store, lastIdle, follower } = shard;
  if (store.doubtful) {
    await store.save({ ...store.doubtful, state: "submitted" });
    return true;
  }
  if (!lastIdle) return false;
  const turn = store.draft("submitted", "", "", undefined);
  const journal = follower.positions;
  await store.save({ ...turn, baseline: baselineOf(lastIdle), ...(journal && { journal }) });
  return true;
}

/** A turn that goes on in silence may show an input place again: what waits for its end does so for a while. */
function waits({ store, link, keyboard }: ShardContext): boolean {
  return keyboard !== undefined || (store.running !== undefined && (link?.quiet ?? Infinity) < longSilence);
}

/** A prompt has come up, and nothing shows where it would go: its sender is told so with the screen, which says what to look at too. */
async function refuseQueued(shard: ShardContext, turn: TurnRecord): Promise<boolean> {
  const refused = refusalOf(shard);
  if (!refused) return false;
  await report(shard, turn, refused);
  await shard.store.note({ puzzled: true });
  await shard.store.forget(turn);
  return true;
}

async function typeQueued(shard: ShardContext, turn: TurnRecord): Promise<boolean> {
  return (await promptTyped(shard, turn, "told")) !== undefined;
}
