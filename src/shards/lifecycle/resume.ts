import { randomBytes, randomUUID } from "node:crypto";
import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import { resumeOf } from "../state/conversation.ts";
import { pauseAfter } from "./crashes.ts";
import type { HostContext } from "./host-context.ts";
import type { Mode } from "../host.ts";
import { requireMode } from "./kinds.ts";
import { Link } from "../link.ts";
import { newToolToken } from "./tool-token.ts";
import { openShard } from "./open-shard.ts";
import { newSocket } from "../process/places.ts";
import { dropFinalOutput } from "../turns/final-output.ts";
import type { EventQueue } from "../saved/event-queue.ts";
import type { ShardRecord } from "../saved/records.ts";
import { endAgent, forgetTurns, quitHolder } from "./remove.ts";
import type { Shard } from "../shard.ts";
import { launchShard } from "./spawn.ts";

/** Milliseconds: a holder that reads its spec listens within 2 s, also on a busy machine. */
const startingTries = 20;
const startingGap = 100;

/** How an agent is started again. */
interface Plan {
  record: ShardRecord;
  start: "resumed" | "fresh";
}

/**
 * Start the agent of an ended or lost shard again, in a new holder: intent, effect, result. A failure leaves it ended or lost as it was.
 * `replace` is called with the shard that takes the place of the given one. Throws "refused": see `ShardHost.resume`.
 */
export async function resumeShard(
  shard: Shard,
  mode: Mode | undefined,
  context: HostContext,
  replace: (shard: Shard) => void,
): Promise<Shard> {
  requireEnded(shard);
  await shard.settle();
  const plan = planResume(shard, mode, context.options.home);
  const { events } = shard;
  await endOldAgent(shard.store.record, shard.link);
  await shard.retire();
  try {
    const opened = await startAgain(plan, shard, context);
    replace(opened);
    return opened;
  } catch (error) {
    replace(await undoResume(plan.record, shard.store.record, events, context));
    throw error;
  }
}

/**
 * Finish or undo a resume that a crash interrupted: it is finished when its holder runs.
 * @param record in the phase "resuming"
 */
export async function settleResume(record: ShardRecord, events: EventQueue, context: HostContext): Promise<Shard> {
  try {
    if (await holderAnswers(record)) return await finishResume({ record, start: "resumed" }, events, context);
  } catch (error) {
    log.warn("a resume could not be finished", { shard: record.name, reason: messageOf(error) });
  }
  return undoResume(record, record, events, context);
}

function requireEnded({ name, status: { state } }: Shard): void {
  if (state === "exited" || state === "lost") return;
  throw new ShardbridgeError("refused", `${name} runs (${state}): there is nothing to resume.`);
}

/** What a resume makes of the record. Throws "refused" or "usage" where there is none. */
function planResume({ name, store, kind }: Shard, mode: Mode | undefined, home: string): Plan {
  const { record } = store;
  const refuse = (why: string) => new ShardbridgeError("refused", `${name} ${why}`);
  if (!kind.resumes) throw refuse(`can't be resumed: ${kind.title} can't go on. Destroy it, and spawn another one.`);
  requireMode(kind, mode);
  if (!existsSync(record.worktree)) {
    throw refuse(`can't be resumed: its worktree ${record.worktree} is gone. Destroy it, and spawn another one.`);
  }
  const pause = pauseAfter(record.crashes, Date.now());
  if (pause > 0) throw refuse(loopSentence(record, pause));
  const start = resumeOf(record, kind);
  if (start === undefined) {
    const why = `${kind.title} has not told which conversation it had`;
    throw refuse(
      `can't be resumed: ${why}. Its work is in ${record.worktree}; spawn another shard for what is left to do.`,
    );
  }
  // An id that was given once may be in use, even if nothing was said: claude refuses it after a slash command.
  const anew = { conversation: randomUUID(), told: false, begun: false };
  const next: ShardRecord = {
    ...record,
    ...(start === "fresh" && anew),
    ...(mode !== undefined && { mode }),
    phase: "resuming",
    socket: newSocket(home),
    secret: randomBytes(32).toString("hex"),
    ...(record.pass !== undefined && { pass: newToolToken() }),
    launchedAt: new Date().toISOString(),
    resumes: (record.resumes ?? 0) + 1,
  };
  return { record: next, start };
}

/** Nothing of the old agent may act in the worktree beside the new one. */
async function endOldAgent(record: ShardRecord, link: Shard["link"]): Promise<void> {
  const { survivors } = await endAgent(record, link);
  await quitHolder(record, link);
  if (survivors.length === 0) return;
  const which = `process${survivors.length === 1 ? "" : "es"} ${survivors.join(", ")}`;
  throw new ShardbridgeError("refused", `${which} of ${record.name} can't be ended: end them by hand, then resume it.`);
}

async function startAgain(plan: Plan, { kind, events }: Shard, context: HostContext): Promise<Shard> {
  const { record, start } = plan;
  await context.records.shards.set(record.name, record);
  await launchShard(record, kind, context.options, { resume: start === "resumed" });
  return finishResume(plan, events, context);
}

/** The holder runs: from now on the shard is what it was before it ended. Prompts of which nothing is known stay in the past. */
async function finishResume({ record, start }: Plan, events: EventQueue, context: HostContext): Promise<Shard> {
  await forgetTurns(record, context.records);
  const started = { ...record, ended: false, end: undefined };
  const was = record.end ? "exited" : "lost";
  const shard = await openShard(started, events, context, { how: start, was });
  if (!shard.link) {
    await shard.retire();
    throw new ShardbridgeError("failed", `The holder of ${record.name} was gone at once: try again.`);
  }
  await shard.begin(undefined, undefined);
  dropFinalOutput(record);
  return shard;
}

/** What a resume may have started is ended, and the record is what it was. */
async function undoResume(
  started: ShardRecord,
  before: ShardRecord,
  events: EventQueue,
  context: HostContext,
): Promise<Shard> {
  await endOldAgent(started, undefined).catch((error: unknown) =>
    logBug(error, "a resume could not be undone", { shard: before.name }),
  );
  const kept = { ...before, phase: "ready" as const };
  await context.records.shards.set(before.name, kept);
  return openShard(kept, events, context);
}

/** Whether a holder runs that a killed process may have started: it takes a moment, but none that has not read its spec yet. */
async function holderAnswers({ folder, socket, secret }: ShardRecord): Promise<boolean> {
  const specs = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith(".spec")) : [];
  for (const name of specs) rmSync(join(folder, name), { force: true });
  for (let tries = 0; tries < startingTries; tries++) {
    const link = await Link.open({ socket, secret }, () => undefined).catch(() => undefined);
    link?.close();
    if (link) return true;
    await delay(startingGap);
  }
  return false;
}

function loopSentence({ name, end }: ShardRecord, pause: number): string {
  const why = end ? ` (${end.why})` : "";
  const when = `try again in ${Math.ceil(pause / 1000)} s`;
  return `has crashed three times within a minute${why}, so it is not started again now: ${when}. \`read ${name}\` shows its last lines.`;
}
