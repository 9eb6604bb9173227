import { tellFlood } from "./flood.ts";
import { promptTyped, report } from "./prompting.ts";
import type { TurnRecord } from "./records.ts";
import { saidIn, screenText } from "./said.ts";
import { refusalOf } from "./refusal.ts";
import type { Shard } from "./shard.ts";
import { tellAnswer, tellExit, untoldIn } from "./tell.ts";
import { tellTrouble } from "./trouble.ts";
import { baselineOf } from "./turn.ts";

/** Do the first thing that is due in a shard, by its status. Resolves with false when nothing is. */
export async function doDue(shard: Shard): Promise<boolean> {
  // Whoever makes it, closes it or starts it again does what is due first.
  if (shard.book.record.phase !== "ready") return false;
  if (await shard.questions.tell(shard.watch)) return true;
  if (await tellFlood(shard)) return true;
  if (await tellTrouble(shard)) return true;
  const { status, book } = shard;
  const { state } = status;
  const { running, queue } = book;
  const over = state === "exited" || state === "lost";
  if (await tellKeyboard(shard, over)) return true;
  if (running && (over || state === "idle")) return finish(shard, running);
  if (over) return tellEnd(shard, queue[0]);
  if ((state === "unsure" && shard.keyboard === undefined) || book.record.puzzled) return puzzle(shard);
  if (state === "working" && !running) return begin(shard);
  if (state === "idle" && queue[0] && !shard.promised) return typeQueued(shard, queue[0]);
  return false;
}

/** Somebody has come to the keyboard, or has left it. With the agent's end everybody has. */
async function tellKeyboard({ book, feed, keyboard: by }: Shard, over: boolean): Promise<boolean> {
  const { keyboard: was, questions } = book.record;
  if (by === was) return false;
  if (over) {
    await book.note({ keyboard: by });
    return true;
  }
  const number = questions + 1;
  const event = { type: "keyboard" as const, id: book.id("keyboard", number) };
  const people = { ...(by !== undefined && { by }), ...(was !== undefined && { was }) };
  await feed.say({ ...event, ...people }, [book.change({ questions: number, keyboard: by })]);
  return true;
}

/** A turn has ended: its answer. */
async function finish(shard: Shard, turn: TurnRecord): Promise<boolean> {
  const { kind, status, notes } = shard;
  await notes.whole();
  const said = await saidIn(turn, kind, shard.link, notes.written);
  const untold = status.exit ? await untoldIn(shard, turn, said.text) : undefined;
  // It went on while its rows were fetched.
  if (shard.status.state !== status.state) return true;
  shard.untold = untold;
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
  const refused = refusalOf(shard);
  if (!queued || !refused) return false;
  await report(shard, queued, refused);
  await book.forget(queued);
  return true;
}

/** The agent waits for something that can't be read: a person is told once, with the screen, until it is clear again. */
async function puzzle({ book, feed, link, status }: Shard): Promise<boolean> {
  const unsure = status.state === "unsure";
  const clear = status.state === "idle" || status.state === "working" || status.state === "waiting";
  if (unsure ? book.record.puzzled : !clear) return false;
  if (!unsure) {
    await book.note({ puzzled: false });
    return true;
  }
  const number = book.record.questions + 1;
  const event = { type: "attention" as const, id: book.id("attention", number), why: status.why };
  const screen = link ? screenText(link.view) : "";
  await feed.say({ ...event, screen }, [book.change({ questions: number, puzzled: true })]);
  return true;
}

/** The agent works on nothing that it was seen to take: our last prompt was taken after all, or somebody used the keyboard. */
async function begin(shard: Shard): Promise<boolean> {
  const { book, lastIdle, notes } = shard;
  if (book.doubtful) {
    await book.save({ ...book.doubtful, state: "submitted" });
    return true;
  }
  if (!lastIdle) return false;
  const turn = book.draft("submitted", "", "", undefined);
  const journal = notes.positions;
  await book.save({ ...turn, baseline: baselineOf(lastIdle), ...(journal && { journal }) });
  return true;
}

async function typeQueued(shard: Shard, turn: TurnRecord): Promise<boolean> {
  return (await promptTyped(shard, turn, "told")) !== undefined;
}
