import type { AgentKind, Reading, ScreenView } from "../agents/agent.ts";
import type { Receipt } from "../host.ts";
import { type Landing, landingOf } from "../state/landing.ts";
import type { TurnRecord } from "../saved/records.ts";
import { saidIn, screenText } from "./answer-text.ts";
import { refusalOf } from "./refusal.ts";
import type { ShardContext } from "../shard-context.ts";
import { takenInstead } from "./taken.ts";
import { baselineOf, sameMark } from "./turn.ts";
import { steerPrompt, type Typed, typePrompt } from "./typing.ts";

/**
 * Type a turn's prompt, at most once whatever happens: that it is being typed is saved before the first byte. Undefined when nothing was
 * typed, since the agent is not ready for it, or somebody is at its keyboard. With "told" the receipt goes to the listener too, saved
 * together with what became of the turn. `anyway`: whatever is on the screen, since a person has looked at it.
 */
export async function promptTyped(
  shard: ShardContext,
  turn: TurnRecord,
  to: "told" | "caller",
  anyway = false,
): Promise<Receipt | undefined> {
  const { store, kind, link, watch, follower } = shard;
  if (!link || link.ended || link.keyboard !== undefined || (watch.blind && !anyway)) return undefined;
  let saved = turn;
  const begin = async (view: ScreenView) => {
    if (store.doubtful) await store.forget(store.doubtful);
    const journal = follower.positions;
    const sending: TurnRecord = { ...turn, state: "sending", baseline: baselineOf(view), ...(journal && { journal }) };
    saved = await store.save(sending);
    follower.typed();
    watch.typed(view, kind.isCommand(turn.typed));
  };
  const { outweighed } = watch;
  watch.typed(link.view);
  let typed: Typed | undefined;
  let landing: Landing | undefined;
  try {
    const shown = (view: ScreenView) => (landing = kind.input && landingOf(view, turn.typed));
    typed = await typePrompt(link, withoutRule(kind, outweighed), turn.typed, begin, { shown, anyway });
  } finally {
    shard.tried(typed === "submitted" ? "taken" : typed === "stalled" ? "stalled" : "none");
  }
  if (typed === "submitted" && landing && watch.landed(landing)) await store.landed(landing);
  const receipt = await receiptOf(shard, typed, turn, turn.number);
  if (!receipt) return undefined;
  const after: TurnRecord = { ...saved, state: typed === "submitted" ? "submitted" : "unknown" };
  if (to === "told") await report(shard, after, receipt);
  else await store.save(after);
  if (typed === "ended") await store.forget(after);
  return receipt;
}

/** The kind to which a screen is idle that shows words of work by this rule alone: its journal has told the turn's end long ago. */
function withoutRule(kind: AgentKind, outweighed: string | undefined): AgentKind {
  if (outweighed === undefined) return kind;
  const state = (view: ScreenView): Reading | undefined => {
    const reading = kind.state(view);
    return reading?.rule === outweighed ? { ...reading, state: "idle" } : reading;
  };
  return { ...kind, state };
}

/**
 * Type a prompt into the running turn, at most once whatever happens: that it is being typed is saved before the first byte, and
 * forgotten when it is known what became of it. Undefined when nothing was typed, since the agent is not at work or something stands
 * in its input line.
 */
export async function steered(shard: ShardContext, turn: TurnRecord): Promise<Receipt | undefined> {
  const { store, kind, link, watch, follower } = shard;
  const { running } = store;
  if (!link || !running) return undefined;
  const idle = () => kind.state(link.view)?.state === "idle";
  // A turn that has just begun shows no work yet.
  const works = () => !link.ended && link.keyboard === undefined && shard.status.state === "working" && !idle();
  await link.until(() => link.ended || shard.status.state !== "working" || !idle(), kind.reactsWithin);
  if (!works()) return undefined;
  const steering: TurnRecord = { ...turn, state: "sending", into: running.number };
  const begin = async () => {
    await store.save(steering);
    follower.typed();
  };
  watch.typed(link.view);
  let typed: Typed | undefined;
  try {
    typed = await steerPrompt(link, kind, turn.typed, begin);
  } finally {
    shard.tried(typed === "submitted" ? "taken" : "none");
  }
  if (typed !== "blocked") await store.forget(steering);
  return receiptOf(shard, typed, turn, running.number);
}

/** Tell the listener what became of a prompt whose sender does not wait any more, and save the turn with it. */
export async function report({ store, events }: ShardContext, turn: TurnRecord, receipt: Receipt): Promise<void> {
  const { number, text, by } = turn;
  const event = { type: "receipt" as const, id: store.id("receipt", number), text, receipt };
  await events.say({ ...event, ...(by !== undefined && { by }) }, store.put(turn));
}

/**
 * Settle the turns that a killed process left. A prompt that was being typed was taken when the screen shows so; otherwise it may have been
 * typed or not, is never typed again, and the listener is told with the screen.
 */
export async function settleLeft(shard: ShardContext): Promise<void> {
  const { store, link } = shard;
  for (const turn of store.left("answered")) await store.forget(turn);
  for (const turn of store.left("sending")) {
    const screen = link ? screenText(link.view) : "";
    if (turn.into !== undefined) {
      // Whether an agent at work has taken it, nothing tells.
      await report(shard, { ...turn, state: "answered" }, { outcome: "stalled", screen });
      await store.forget(turn);
    } else if (await wasTaken(shard, turn)) {
      await report(shard, { ...turn, state: "submitted" }, { outcome: "submitted", turn: turn.number });
    } else {
      await report(shard, { ...turn, state: "unknown" }, { outcome: "stalled", screen });
    }
  }
}

async function wasTaken({ kind, link, follower }: ShardContext, turn: TurnRecord): Promise<boolean> {
  if (!link || !turn.baseline) return false;
  const { view } = link;
  if (follower.told?.state === "working") return true;
  if (kind.question(view) || kind.state(view)?.state === "working") return true;
  if (!sameMark(view.mark, turn.baseline.mark)) return true;
  return kind.composer(view) === "" && (await saidIn(turn, kind, link, follower.written)).text !== "";
}

async function receiptOf(
  shard: ShardContext,
  typed: Typed,
  turn: TurnRecord,
  number: number,
): Promise<Receipt | undefined> {
  if (typed === "submitted") {
    const took = await tookInstead(shard, turn);
    return { outcome: "submitted", turn: number, ...(took !== undefined && { took }) };
  }
  if (typed === "stalled") return { outcome: "stalled", screen: shard.link ? screenText(shard.link.view) : "" };
  if (typed === "blocked") return undefined;
  return refusalOf(shard) ?? { outcome: "refused", reason: `The agent of ${shard.name} has ended.` };
}

/** The prompt as the agent's journal has it, where that is not what was typed. Of its own commands it may say anything. */
async function tookInstead({ kind, follower }: ShardContext, { typed }: TurnRecord): Promise<string | undefined> {
  if (!kind.journal || kind.isCommand(typed)) return undefined;
  const others = (await follower.prompts()).map((took) => takenInstead(typed, took));
  return others.includes(undefined) ? undefined : others.at(-1);
}
