import { z } from "zod";
import { threadKey, type ThreadRef } from "../../../adapters/adapter.ts";
import { ShardbridgeError } from "../../../errors.ts";
import type { Condition, Schedule, StandingTask } from "../../../orchestrator/orchestrator.ts";
import type { ShardEvent } from "../../../shards/events.ts";
import type { ShardHost, ShardInfo } from "../../../shards/host.ts";
import type { Change, Collection, Store } from "../../../store/store.ts";
import { identityOf, mayBeSame } from "../../threads/shard-identities.ts";
import type { Coming } from "../wakes/wake-records.ts";
import type { News } from "../wakes/shard-news.ts";
import type { Clock } from "./clock.ts";
import {
  conditionText,
  hasWords,
  taskSchema,
  type Promiser,
  type TaskRecord,
  type WaitCondition,
} from "./task-records.ts";
import { localText, nextTime, repeats, scheduleText } from "./times.ts";

/** Standing tasks that a thread may have. */
const most = 50;
/** Milliseconds after which a task is late enough for it to be said. */
const late = 120_000;

interface TasksOptions {
  store: Store;
  host: Pick<ShardHost, "list">;
  /** IANA name of the time zone that people mean. */
  zone: string;
  /** Told when something was promised for a time. */
  clock: Pick<Clock, "look">;
}

/** Outcome of tasks that are due: the events that wake their orchestrator, and the changes that go with them. */
export interface Due {
  coming: Coming[];
  changes: Change[];
}

/** Standing tasks by thread; each is handed over once, however often the bot is restarted. */
export class Tasks {
  readonly #options: TasksOptions;
  readonly #records: Collection<TaskRecord>;
  readonly #count: Collection<{ last: number }>;
  #last: number;
  /** When shards were last done with all that they had (milliseconds since 1970), as far as this run of the bot has heard. */
  readonly #done = new Map<string, number>();

  constructor(options: TasksOptions) {
    this.#options = options;
    this.#records = options.store.collection("task", taskSchema);
    this.#count = options.store.collection("task-count", z.object({ last: z.number() }));
    this.#last = this.#count.get("task")?.last ?? 0;
  }

  /** Of one thread, or of all. */
  list(thread?: ThreadRef): (StandingTask & { thread: ThreadRef })[] {
    return this.#open()
      .filter(([, record]) => !thread || threadKey(record.thread) === threadKey(thread))
      .map(([id, record]) => ({ ...this.#told(id, record), thread: record.thread }));
  }

  /** Promise something for when conditions have come true. `prompted`: when shards were prompted in this turn, whatever their state says yet. */
  async waitFor(
    promiser: Promiser,
    {
      conditions,
      any = false,
      instruction,
    }: { conditions: Condition[]; any?: boolean | undefined; instruction: string },
    prompted: ReadonlyMap<string, number>,
  ): Promise<{ task: StandingTask } | { already: string[] }> {
    const shards = new Map((await this.#options.host.list()).map((info) => [info.name, info]));
    const already: string[] = [];
    const wanted = conditions.map(({ shard, until, says }): WaitCondition => {
      const info = shards.get(shard);
      if (!info) throw new ShardbridgeError("not_found", `There is no shard ${shard} to wait for.`);
      const met = this.#holds({ shard, until, says }, info, prompted.get(shard));
      if (met !== undefined) already.push(met);
      const wait = { shard, ...identityOf(info), until };
      return { ...wait, ...(says !== undefined && { says }), ...(met !== undefined && { met }) };
    });
    if (isMet(wanted, any)) return { already };
    return { task: await this.#add({ ...promiser, instruction, wait: { conditions: wanted, any } }) };
  }

  /** The part of a condition that is so already: nothing will happen then that could make it come true. */
  #holds({ shard, until, says }: Condition, { status, queued }: ShardInfo, prompted?: number): string | undefined {
    if (status.state === "exited" || status.state === "lost") return `${shard} has ended`;
    if (until === "question") return status.state === "waiting" && says === undefined ? `${shard} asks now` : undefined;
    const since = prompted !== undefined && (this.#done.get(shard) ?? 0) >= prompted;
    if (until === "answer") return since && says === undefined ? `${shard} has answered` : undefined;
    const idle = status.state === "idle" && queued === 0 && (prompted === undefined || since);
    return until === "done" && idle ? `${shard} is idle` : undefined;
  }

  async schedule(promiser: Promiser, when: Schedule, instruction: string): Promise<StandingTask> {
    const schedule = "days" in when && when.days === undefined ? { daily: when.daily } : when;
    const next = nextTime(schedule, Date.now(), this.#options.zone);
    const task = await this.#add({ ...promiser, instruction, plan: { schedule, next } });
    this.#options.clock.look();
    return task;
  }

  /** Throws "not_found" for a task that is not there, or not in this thread. */
  async cancel(id: string, thread?: ThreadRef): Promise<StandingTask> {
    const record = this.#records.get(id);
    if (!record || record.over === true || (thread && threadKey(thread) !== threadKey(record.thread))) {
      const ids = this.list(thread).map((task) => task.id);
      const there = ids.length === 0 ? "there are none here" : `there are ${ids.join(", ")}`;
      throw new ShardbridgeError("not_found", `There is no standing task ${id}: ${there}.`);
    }
    await this.#records.delete(id);
    return this.#told(id, record);
  }

  /** The tasks that an event of a shard makes due. `hops`: automatic turns that led to it. */
  dueOn(event: ShardEvent, news: News | undefined, hops: number): Due {
    const due: Due = { coming: [], changes: [] };
    if (event.type === "answer" && (event.waiting ?? 0) === 0) this.#done.set(event.shard, Date.now());
    const waiting = this.#open().filter(([, { wait }]) =>
      wait?.conditions.some((one) => isAbout(one, event) && one.met === undefined),
    );
    if (!news || waiting.length === 0) return due;
    for (const [id, record] of waiting) {
      const conditions = record.wait?.conditions.map((one) =>
        isAbout(one, event) && one.met === undefined && comesTrue(one, event) ? { ...one, met: news.what } : one,
      );
      if (!conditions || conditions.every((one, index) => one === record.wait?.conditions[index])) continue;
      const wait = { conditions, any: record.wait?.any ?? false };
      const over = isMet(conditions, wait.any);
      due.changes.push(this.#records.change(id, { ...record, wait, ...(over && { over }) }));
      if (over) due.coming.push(this.#coming(id, record, `task/${id}`, metText(conditions), hops, news.output));
    }
    return due;
  }

  /** The tasks whose time has come. */
  dueAt(now: number): Due {
    const due: Due = { coming: [], changes: [] };
    for (const [id, record] of this.#open()) {
      const { plan } = record;
      if (!plan || plan.next > now) continue;
      const again = repeats(plan.schedule);
      const { zone } = this.#options;
      const changed = again
        ? { ...record, plan: { ...plan, next: nextTime(plan.schedule, now, zone) } }
        : { ...record, over: true };
      due.changes.push(this.#records.change(id, changed));
      const when = `it was planned for ${localText(plan.next, zone)}`;
      const coming = this.#coming(id, record, `task/${id}/${plan.next}`, when, 0);
      const note = `This was due at ${localText(plan.next, zone)}, when the bot was not running; it is done now: ${record.instruction}`;
      due.coming.push(now - plan.next > late ? { ...coming, note } : coming);
    }
    return due;
  }

  /** When the next task is due (milliseconds since 1970). */
  next(): number | undefined {
    const times = this.#open().flatMap(([, { plan }]) => (plan ? [plan.next] : []));
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** Let go of what was handed over. */
  async prune(): Promise<void> {
    for (const [id, { over }] of this.#records.entries()) if (over === true) await this.#records.delete(id);
  }

  async #add(record: TaskRecord): Promise<StandingTask> {
    if (this.list(record.thread).length >= most)
      throw new ShardbridgeError("refused", `There are ${most} standing tasks here already: cancel some first.`);
    const last = (this.#last += 1);
    const id = `t${last}`;
    await this.#options.store.write([this.#count.change("task", { last }), this.#records.change(id, record)]);
    return this.#told(id, record);
  }

  #coming(
    id: string,
    { thread, by, instruction, hops: own }: TaskRecord,
    event: string,
    why: string,
    hops: number,
    output?: News["output"],
  ): Coming {
    const what = `standing task ${id} is due: ${why}`;
    const woken = { id: event, at: new Date().toISOString(), what, told: "no" as const, instruction };
    return { thread, by, hops: Math.max(own, hops) + 1, event: output ? { ...woken, output } : woken };
  }

  #open(): [string, TaskRecord][] {
    return this.#records.entries().filter(([, { over }]) => over !== true);
  }

  #told(id: string, { wait, plan, instruction, name }: TaskRecord): StandingTask {
    const { zone } = this.#options;
    const when = plan
      ? scheduleText(plan.schedule, plan.next, zone)
      : (wait?.conditions ?? [])
          .map((one) => (one.met === undefined ? conditionText(one) : `(${one.met})`))
          .join(wait?.any ? " or " : " and ");
    return { id, when, instruction, by: name };
  }
}

function isAbout(condition: WaitCondition, event: ShardEvent): boolean {
  return condition.shard === event.shard && mayBeSame(condition, event);
}

function isMet(conditions: readonly WaitCondition[], any: boolean): boolean {
  const met = conditions.filter((one) => one.met !== undefined).length;
  return any ? met > 0 : met === conditions.length;
}

/** The end of a shard ends every wait for it: nothing else can come. */
function comesTrue({ until, says }: WaitCondition, event: ShardEvent): boolean {
  switch (event.type) {
    case "answer":
      return (until === "done" && isDone(event)) || (until === "answer" && hasWords(event.text, says));
    case "question":
      return until === "question" && hasWords(`${event.question.text}\n${event.question.detail}`, says);
    case "exited":
    case "destroyed":
      return true;
    case "state":
      return event.status.state === "lost";
    case "output":
    case "question-closed":
    case "receipt":
    case "attention":
    case "flood":
    case "trouble":
    case "setup":
    case "keyboard":
    case "missing":
    case "found":
      return false;
  }
}

/** The last of the prompts was answered, and nothing goes on in the background, which begins a turn when it ends. */
function isDone({ waiting = 0, background }: Extract<ShardEvent, { type: "answer" }>): boolean {
  return waiting === 0 && background === undefined;
}

function metText(conditions: readonly WaitCondition[]): string {
  return conditions.flatMap(({ met }) => met ?? []).join("; ");
}
