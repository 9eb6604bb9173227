import { setTimeout as delay } from "node:timers/promises";
import { ShardbridgeError } from "../../errors.ts";
import type { Outcome, WaitRequest } from "../events.ts";
import type { Records } from "../saved/records.ts";
import { lastLines, lastScreen } from "./final-output.ts";
import { shortened } from "./answer-text.ts";
import type { ShardContext } from "../shard-context.ts";

/** Milliseconds between two looks. */
const every = 25;
/** Last lines of an agent that has ended. */
const tailLines = 30;

interface Waiting {
  /** The shard as it is now: another object when its agent was started again. Throws ShardbridgeError as the host's verbs do. */
  shard(): ShardContext;
  records: Records;
  /** Nobody waits any more once it is aborted. */
  over: AbortSignal;
}

/** See `ShardHost.wait`. */
export async function awaitTurn({ turn, seconds }: WaitRequest, { shard, records, over }: Waiting): Promise<Outcome> {
  const end = performance.now() + seconds * 1000;
  let seen = shard();
  if (turn !== undefined && turn > seen.store.record.turns)
    throw new ShardbridgeError("not_found", `${seen.name} has had no turn ${turn}.`);
  const awaited = new AwaitedTurn(turn, records);
  for (;;) {
    const outcome = await awaited.look(seen);
    if (outcome) return outcome;
    if (performance.now() >= end) {
      const { number } = awaited;
      return { outcome: "timeout", ...(number !== undefined && { turn: number }), status: seen.status };
    }
    await delay(every);
    if (over.aborted) throw new ShardbridgeError("unavailable", `The bot is ending; ${seen.name} goes on.`);
    seen = again(shard) ?? seen;
  }
}

/** The one turn that is waited for. */
class AwaitedTurn {
  /** Undefined while the shard has none that is open, and none was named. */
  number: number | undefined;
  readonly #records: Records;
  #queued = false;

  constructor(number: number | undefined, records: Records) {
    this.number = number;
    this.#records = records;
  }

  /** Outcome; undefined while it goes on. */
  async look(shard: ShardContext): Promise<Outcome | undefined> {
    const { name, store, status, watch } = shard;
    const { answers } = this.#records;
    this.number ??= store.newest?.number;
    const { number } = this;
    const open = number === undefined ? undefined : store.turn(number);
    const answer = number === undefined ? answers.last(name) : answers.get(name, number);
    const over = number === undefined ? status.state === "idle" : !open || open.state === "answered";
    const ends = status.state === "exited" || status.state === "lost";
    if (over && answer && !answer.cut) {
      const { turn, text, truncated } = answer;
      return { outcome: "done", turn, text, truncated };
    }
    if (ends) return store.record.ended ? ended(shard) : undefined;
    // Its agent was started again since then.
    if (over && answer && number !== undefined) return { outcome: "ended", how: "left", tail: shortened(answer.text) };
    if (over) return this.#queued ? { outcome: "ended", how: "unqueued", tail: "" } : nothingSaid(number);
    this.#queued = open?.state === "queued";
    if (status.trouble && status.trouble.kind !== "retrying") return { outcome: "trouble", trouble: status.trouble };
    const { question } = watch;
    // As the listener is told of it: one that has stood there for a moment, and so is whole.
    if (question && question.id === store.record.asked?.question)
      return { outcome: "asks", question, screen: lastScreen(shard) };
    if (status.state === "unsure" && store.record.puzzled) return { outcome: "asks", screen: lastScreen(shard) };
    if (status.state === "stalled" && store.doubtful) return { outcome: "stalled", screen: lastScreen(shard) };
    return undefined;
  }
}

/** There was no turn, or one of the keyboard that brought nothing. */
function nothingSaid(turn: number | undefined): Outcome {
  return { outcome: "done", ...(turn !== undefined && { turn }), text: "", truncated: false };
}

async function ended(shard: ShardContext): Promise<Outcome> {
  const { end } = shard.store.record;
  const tail = end?.tail ?? shortened((await lastLines(shard, tailLines)).text);
  if (!end) return { outcome: "ended", how: "lost", tail };
  const { exit, why } = end;
  const crashed = exit.code !== 0 || exit.signal !== undefined;
  return { outcome: "ended", how: /^closed\b/.test(why) ? "closed" : crashed ? "crashed" : "left", tail };
}

/** The shard as it is now; undefined while it is being closed or started again. */
function again(shard: () => ShardContext): ShardContext | undefined {
  try {
    return shard();
  } catch (error) {
    if (error instanceof ShardbridgeError && error.code === "refused") return undefined;
    throw error;
  }
}
