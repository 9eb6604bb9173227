import { randomUUID } from "node:crypto";
import { threadKey, type Post, type ThreadRef } from "../../../adapters/adapter.ts";
import { ShardbridgeError } from "../../../errors.ts";
import { log, logBug } from "../../../log.ts";
import type { WakeEvent } from "../../../orchestrator/orchestrator.ts";
import type { ToldOrchestrator } from "../shown-actions.ts";
import type { Change, Store } from "../../../store/store.ts";
import type { Asker } from "../../access/asker.ts";
import type { Asking } from "../asking.ts";
import type { ButtonValues } from "../../delivery/button-values.ts";
import type { Outbox } from "../../delivery/outbox.ts";
import type { People } from "../../access/people.ts";
import type { Threads } from "../../threads/threads.ts";
import type { KeyedQueue } from "../../../serial.ts";
import type { Limits } from "./limits.ts";
import { budgetPost, cappedPost, mayNotPost, openedPost } from "./wake-posts.ts";
import type { Coming, WakeRecord, WakeRecords } from "./wake-records.ts";

/** Milliseconds that the next try waits after the model could not be reached; doubled each time, up to the last. */
const firstRetry = 30_000;
const lastRetry = 30 * 60_000;

interface WakesOptions {
  store: Store;
  records: WakeRecords;
  limits: Limits;
  people: People;
  threads: Threads;
  outbox: Outbox;
  buttonValues: ButtonValues;
  orchestrator: ToldOrchestrator | undefined;
  /** The order of a thread's turns, which messages keep too. */
  queue: KeyedQueue;
  /** Settles when the platforms are connected: no turn begins before. */
  ready: Promise<unknown>;
  /** Milliseconds for which events are collected, so that several make one turn. */
  window: number;
  /** IANA name of the time zone that people mean. */
  zone: string;
}

/**
 * Wakes a thread's orchestrator for what has happened: events that come together in one turn, in order with people's messages, each event
 * once however often it comes or the bot is restarted, and no more often than the limits allow.
 *
 * An event's record has these states (`WakeRecords`):
 *
 *     (none) → waiting       taken over (`take`); an id that has a record already is passed over
 *     waiting → working      its thread has no other turn and the limits allow one: part of a turn, with all that waits for the same person
 *     waiting → done         its thread is gone
 *     working → done         the turn is over, or has failed and people are told, or nobody has a right to it any more
 *     working → working      the turn goes on where it was: the model is there again, the budget is extended, the bot is back
 *     done → (none)          two days later
 *
 * A thread's breaker holds what waits (`Limits`), but not what a person has just brought about:
 *
 *     closed → open          nine turns within a minute, or eight that led to each other, with nobody asking
 *     open → closed          a person lets it go on (`goOn`), and nothing else, not even a restart
 *
 * The object takes events over from its making, and begins turns from `start` to `stop`.
 */
export class Wakes {
  readonly #options: WakesOptions;
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #tries = new Map<string, number>();
  /** Takes the turns, from the start to the stop. */
  #asking: Pick<Asking, "wake"> | undefined;

  constructor(options: WakesOptions) {
    this.#options = options;
  }

  /** Take events over, with the changes that belong to them. Resolves once they are on disk; known ones are passed over. */
  async take(coming: Coming[], also: Change[] = []): Promise<void> {
    const fresh = this.#options.records.fresh(coming);
    if (fresh.length + also.length > 0) await this.#options.store.write([...fresh, ...also]);
    if (fresh.length === 0) return;
    for (const { thread } of coming) this.look(thread);
    await this.#options.records.prune();
  }

  /** Something may be there to wake a thread's orchestrator for. */
  look(thread: ThreadRef, wait = this.#options.window): void {
    const key = threadKey(thread);
    if (!this.#asking || this.#timers.has(key)) return;
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      if (this.#asking) void this.#options.queue.run(key, () => this.#next(thread)).catch(bug);
    }, wait);
    this.#timers.set(key, timer);
  }

  /** Go on where an earlier run ended: first with the turns that it was in, before anything else happens in their threads. */
  start(asking: Pick<Asking, "wake">): void {
    this.#asking = asking;
    const { records, queue } = this.#options;
    for (const [turn, working] of byTurn(records.in("working"))) {
      const [first] = working;
      if (first) void queue.run(threadKey(first.thread), () => this.#run(turn, working)).catch(bug);
    }
    for (const { thread } of records.in("waiting")) this.look(thread);
  }

  /** Begin no turn any more; what waits is for the next start. */
  stop(): void {
    this.#asking = undefined;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  /** A person wants a thread to go on: the breaker is closed, and nothing that waits counts as automatic. Resolves with whether it was open. */
  async goOn(thread: ThreadRef): Promise<boolean> {
    const { records, store, limits } = this.#options;
    const changes = records.asked(records.in("waiting", thread));
    if (changes.length > 0) await store.write(changes);
    const was = await limits.close(thread);
    clearTimeout(this.#timers.get(threadKey(thread)));
    this.#timers.delete(threadKey(thread));
    this.look(thread, 0);
    return was;
  }

  /** Put what waits into one turn, if one may begin now. */
  async #next(thread: ThreadRef): Promise<void> {
    const { records, limits, store, threads, ready } = this.#options;
    await ready;
    // A turn that could not be ended yet, for want of the model or of budget, comes first.
    if (!this.#asking || records.in("working", thread).length > 0) return;
    const waiting = records.in("waiting", thread);
    if (threads.get(thread)?.gone === true) return store.write(records.done(waiting));
    const now = Date.now();
    const verdict = limits.verdict(thread, now);
    const [first] = verdict === "go" ? waiting : waiting.filter(({ human }) => human);
    if (!first) {
      if (typeof verdict === "object" && waiting.length > 0) await this.#hold(thread, verdict.until);
      return;
    }
    const batch = waiting.filter(({ by, human }) => by === first.by && (verdict === "go" || human));
    const hops = Math.max(...batch.map((one) => one.hops));
    const automatic = !batch.some(({ human }) => human);
    if (automatic && limits.exceeded(thread, now, hops) === "hops") return this.#trip(thread, "hops");
    const turn = `wake/${randomUUID()}`;
    await store.write([...records.working(batch, turn), ...(automatic ? [limits.started(thread, now)] : [])]);
    await this.#run(turn, records.of(turn));
    if (automatic && limits.exceeded(thread, Date.now(), 0) === "fast") await this.#trip(thread, "fast");
  }

  /** One turn, from its beginning or from where it was cut off. */
  async #run(turn: string, batch: WakeRecord[]): Promise<void> {
    await this.#options.ready;
    const [first] = batch;
    const asking = this.#asking;
    if (!first || !asking) return;
    const { thread } = first;
    const asker = this.#options.people.asker(thread, first.by);
    if (!asker || asker.right === "none" || asker.right === "viewer") return this.#refuse(batch, asker);
    const events = batch.flatMap(({ event }) => event ?? []);
    const hops = batch.some(({ human }) => human) ? 0 : Math.max(...batch.map((one) => one.hops));
    log.info("the orchestrator is woken", {
      thread: threadKey(thread),
      turn,
      events: events.map(({ id }) => id),
      hops,
    });
    try {
      const said = await asking.wake({ id: turn, thread, asker }, events, hops);
      if (said === "abandoned") return;
      this.#tries.delete(turn);
      await this.#end(turn, batch, said);
    } catch (error) {
      await this.#failed(turn, batch, error);
    }
  }

  async #end(turn: string, batch: WakeRecord[], said: Post | undefined): Promise<void> {
    const [first] = batch;
    if (!first) return;
    const notes = batch.flatMap(({ note }) => note ?? []).map((text): Post => ({ kind: "notice", text }));
    const posts = [...notes, ...(said ? [said] : [])];
    const outgoing = posts.map((post, index) => ({ id: `${turn}/${index}`, thread: first.thread, post }));
    const { outbox, records } = this.#options;
    await outbox.record(outgoing, records.done(batch));
    if (records.in("waiting", first.thread).length > 0) this.look(first.thread);
  }

  async #failed(turn: string, batch: WakeRecord[], error: unknown): Promise<void> {
    const [first] = batch;
    if (!first) return;
    const { thread, by } = first;
    if (!(error instanceof ShardbridgeError)) {
      const id = logBug(error, "a wake failed", { turn });
      const text = `Something went wrong when the orchestrator was woken (bug ${id}); the log has more.`;
      return this.#end(turn, batch, { kind: "notice", tone: "error", text });
    }
    if (error.code === "over_budget") {
      const over = this.#options.orchestrator?.overBudget({ thread: threadKey(thread), person: by });
      const { post, changes } = this.#options.buttonValues.shorten(budgetPost(error.message, over?.account));
      return this.#options.outbox.record([{ id: `${turn}/budget`, thread, post }], changes);
    }
    if (error.code !== "unavailable") {
      const text = `The orchestrator could not act on what happened: ${error.message}`;
      return this.#end(turn, batch, { kind: "notice", tone: "error", text });
    }
    const tries = (this.#tries.get(turn) ?? 0) + 1;
    this.#tries.set(turn, tries);
    const text = `The orchestrator could not be woken: ${error.message} It is tried again until it works.`;
    await this.#options.outbox.record([
      { id: `${turn}/unavailable`, thread, post: { kind: "notice", tone: "error", text } },
    ]);
    setTimeout(() => this.again(thread), Math.min(firstRetry * 2 ** (tries - 1), lastRetry)).unref();
  }

  /** Take up what could not be done in a thread: the model is there again, or may be used again. */
  again(thread: ThreadRef): void {
    if (!this.#asking) return;
    const { records, queue } = this.#options;
    for (const turn of byTurn(records.in("working", thread)).keys())
      void queue.run(threadKey(thread), () => this.#run(turn, records.of(turn))).catch(bug);
  }

  /** Nobody acts for somebody who may not do it themselves any more. */
  async #refuse(batch: WakeRecord[], asker: Asker | undefined): Promise<void> {
    const [first] = batch;
    if (!first) return;
    const { thread, by } = first;
    log.warn("nobody is woken for somebody without a right", { thread: threadKey(thread), by });
    const wanted = batch.flatMap(({ event }) => (event?.instruction === undefined ? [] : event));
    const posts = wanted.map((event: WakeEvent) => ({
      id: `${event.id}/refused`,
      thread,
      post: mayNotPost(event, asker?.person.name ?? by),
    }));
    await this.#options.outbox.record(posts, this.#options.records.done(batch));
  }

  async #trip(thread: ThreadRef, why: "fast" | "hops"): Promise<void> {
    const { limits, outbox } = this.#options;
    const now = Date.now();
    log.warn("a thread's breaker has opened", { thread: threadKey(thread), why });
    await outbox.record([{ id: `breaker/${now}`, thread, post: openedPost(why) }], [limits.trip(thread, now, why)]);
  }

  async #hold(thread: ThreadRef, until: number): Promise<void> {
    const { limits, outbox, zone } = this.#options;
    const telling = limits.telling(thread, Date.now());
    if (telling) await outbox.record([{ id: `cap/${until}`, thread, post: cappedPost(until, zone) }], [telling]);
    this.look(thread, Math.min(Math.max(0, until - Date.now()), 600_000));
  }
}

function byTurn(records: WakeRecord[]): Map<string, WakeRecord[]> {
  const turns = new Map<string, WakeRecord[]>();
  for (const record of records) {
    const { turn = "" } = record;
    turns.set(turn, [...(turns.get(turn) ?? []), record]);
  }
  return turns;
}

function bug(error: unknown): void {
  logBug(error, "a wake could not be handled");
}
