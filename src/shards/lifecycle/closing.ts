import { ShardbridgeError } from "../../errors.ts";
import type { HostContext } from "./host-context.ts";
import type { ShardStatus } from "../host.ts";
import { keepFinalOutput } from "../turns/final-output.ts";
import { openShard } from "./open-shard.ts";
import { endAgent, quitHolder, type Ended } from "./remove.ts";
import { saidIn, shortened } from "../turns/answer-text.ts";
import type { Shard } from "../shard.ts";
import { exited, tellAnswer } from "../turns/publish.ts";

/** Milliseconds until a holder has told how its agent ended. */
const tellsWithin = 3000;

/**
 * Close a shard: tell what its agent has said so far, end the agent with all processes of the shard and with its holder, and tell that.
 * Every step can be done again after a crash. Resolves with the ids of processes that could not be ended. The given shard is retired in
 * any case, and `replace` is called with the one that takes its place.
 */
export async function closeShard(
  shard: Shard,
  by: string,
  context: HostContext,
  replace: (shard: Shard) => void,
): Promise<Ended> {
  const { records } = context;
  const { store, events, status } = shard;
  const reopen = async () => openShard(store.record, events, context);
  await shard.retire();
  try {
    // The agent may have ended while it was waited for.
    if (store.record.end) requireLife(shard.name, { state: "exited", why: store.record.end.why });
    await records.write([store.change({ phase: "closing", closedBy: by })]);
    const ended = await endAndTell(shard, by);
    const closed = await reopen();
    replace(closed);
    await events.state(closed.status, status.state);
    return ended;
  } catch (error) {
    await records.write([store.change({ phase: "ready" })]);
    replace(await reopen());
    throw error;
  }
}

/** Throws "refused" for a shard whose agent has ended. */
export function requireLife(name: string, { state, why }: Pick<ShardStatus, "state" | "why">): void {
  if (state === "exited") throw new ShardbridgeError("refused", `The agent of ${name} has ended already (${why}).`);
}

async function endAndTell(shard: Shard, by: string): Promise<Ended> {
  const { store, events, kind, link, follower } = shard;
  // Before the agent says goodbye, and takes its full screen away.
  const { running } = store;
  if (running) {
    await follower.read(true);
    await tellAnswer(shard, running, { ...(await saidIn(running, kind, link, follower.written)), truncated: true });
  }
  const tail = shortened(await keepFinalOutput(shard));
  const ended = await endAgent(store.record, link);
  await link?.until(() => link.ended, tellsWithin);
  await shard.questions.close();
  // A holder that was gone before can't tell.
  const exit = link?.exit ?? { code: 0 };
  const end = { at: new Date().toISOString(), why: by === "" ? "closed" : `closed by ${by}`, exit };
  const saved = store.change({ phase: "ready", closedBy: undefined, ended: true, end });
  await events.say(exited(shard, { exit, how: "closed", looping: false, tail }), [saved]);
  await shard.letGo();
  // A lost one may have a holder all the same.
  if (link?.gone !== false) await quitHolder(store.record, undefined);
  return ended;
}
