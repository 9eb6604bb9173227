import { threadKey, type ThreadRef } from "../../../adapters/adapter.ts";
import type { WakeEvent } from "../../../orchestrator/orchestrator.ts";
import { identityIn, type ShardEvent } from "../../../shards/events.ts";
import type { Tasks } from "../tasks/tasks.ts";
import type { Threads } from "../../threads/threads.ts";
import type { Owners } from "./owners.ts";
import { concernsOwner, newsOf } from "./shard-news.ts";
import type { Approvals } from "./approvals.ts";
import type { Coming } from "./wake-records.ts";
import type { Wakes } from "./wakes.ts";

interface WakeTriggersOptions {
  owners: Owners;
  tasks: Tasks;
  approvals: Approvals;
  threads: Threads;
  wakes: Wakes;
  /** Whether events wake anybody by themselves, without a task that waits for them. */
  events: boolean;
}

/** Turns what happens in shards into what wakes an orchestrator: in the thread that owns the shard, and where a task waits for it. */
export class WakeTriggers {
  readonly #options: WakeTriggersOptions;

  constructor(options: WakeTriggersOptions) {
    this.#options = options;
  }

  /** Resolves once all that the event brings is on disk; the same event again brings nothing. Comes after people were told of it. */
  async take(event: ShardEvent): Promise<void> {
    const { owners, tasks, approvals, wakes } = this.#options;
    if (event.type === "output") return;
    const { shard } = event;
    const news = newsOf(event);
    const owner = owners.of(shard);
    const due = tasks.dueOn(event, news, owner?.hops ?? 0);
    const woken = owner && this.#options.events && concernsOwner(event) ? owner.thread : undefined;
    const coming: Coming[] = due.coming.map((one) => shortened(one, woken));
    if (news && owner && woken) {
      const told: WakeEvent = { ...news, told: this.#told(shard, woken) };
      coming.unshift({ thread: woken, by: owner.by, hops: owner.hops + 1, event: told, ...identityIn(event) });
    }
    if (coming.length + due.changes.length > 0) await wakes.take(coming, due.changes);
    await tasks.prune();
    if (event.type === "question-closed") await approvals.outdated(shard, ["answer"], "answered elsewhere, or gone");
    if (event.type === "exited") await approvals.outdated(shard, ["answer"], "The agent has ended");
    if (event.type !== "destroyed") return;
    await approvals.outdated(shard, ["answer", "destroy", "send", "stop"], "The shard is destroyed");
    await owners.forget(shard);
  }

  /** The relay has posted it into every thread of the shard. */
  #told(shard: string, thread: ThreadRef): WakeEvent["told"] {
    const threads = this.#options.threads.of(shard).map((record) => threadKey(record.thread));
    if (threads.includes(threadKey(thread))) return "here";
    return threads.length > 0 ? "elsewhere" : "no";
  }
}

/** Output that the same orchestrator is told already is not told it twice. */
function shortened(coming: Coming, woken: ThreadRef | undefined): Coming {
  if (!woken || threadKey(woken) !== threadKey(coming.thread)) return coming;
  const { output: _output, ...event } = coming.event;
  return { ...coming, event };
}
