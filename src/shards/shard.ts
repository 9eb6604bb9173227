import { messageOf } from "../errors.ts";
import { log, logBug } from "../log.ts";
import { SerialQueue } from "../serial.ts";
import type { AgentKind, Entry, ScreenView } from "./agents/agent.ts";
import { ShardStore } from "./saved/shard-store.ts";
import { doDue } from "./turns/next-step.ts";
import type { EventQueue } from "./saved/event-queue.ts";
import { floodText } from "./state/flood.ts";
import type { ShardState, ShardStatus } from "./host.ts";
import type { Verdict } from "./state/judge.ts";
import { Link } from "./link.ts";
import { LiveTail } from "./turns/live-tail.ts";
import { journalContext, JournalFollower } from "./state/journal-follower.ts";
import { settleLeft } from "./turns/prompting.ts";
import { Questions } from "./turns/questions.ts";
import type { Records, ShardRecord } from "./saved/records.ts";
import { troubleDue } from "./state/trouble.ts";
import type { ShardContext } from "./shard-context.ts";
import { Watch } from "./state/watch.ts";

/** A timer that is due at once may find the same evidence. */
const soonest = 10;
const whys = { found: "just opened", resumed: "resumed", fresh: "started afresh: there was no conversation" };

export interface ShardParts {
  record: ShardRecord;
  kind: AgentKind;
  records: Records;
  events: EventQueue;
  /** The agent's environment, which tells where it keeps its journal. */
  env: Readonly<Record<string, string>>;
  /** The agent was started again just now: with its conversation, which it shows, or without. */
  start?: { how: "resumed" | "fresh"; was: ShardState };
}

/**
 * One shard over time: what its screen shows becomes its status, and the status decides what is due (`doDue`). Whatever is done to the
 * shard, by a request or because it is due, is done by one writer at a time (`alone`).
 *
 * Three things have a life of their own.
 *
 * The record's phase says what the host is doing with it, so that a crash in between is finished or undone (`adoptShard`):
 *
 *     (none) → creating → ready                 spawn; a failure removes it all again
 *     ready → closing → ready, with an end      close; a failure leaves it ready
 *     ready, ended or lost → resuming → ready   resume; a failure leaves it as it was
 *     ready → destroying → (none)               destroy; a failure leaves it ready
 *
 * The state is what the witnesses show of a running agent (`judge`), and each new one is told:
 *
 *     starting → idle, waiting, unsure          ready for a prompt; asks at once; not what a rule knows
 *     idle → working → idle                     a prompt was taken, from us or the keyboard; its turn is over
 *     idle → stalled → working, idle            typed to, with no reaction; it reacts after all
 *     working, idle ↔ waiting                   a dialog opens, and is answered
 *     any ↔ unsure                              the witnesses disagree, or no rule can read the screen
 *     any → exited                              its process has ended; only a resume leads out of it
 *     any → lost                                its holder is gone; it is taken back when that answers again
 *
 * The object is opened, watches (`look`, `wake`), and is retired for good: what goes on afterwards is a new object of the same record, which
 * takes its place in the roster (`openShard`).
 */
export class Shard implements ShardContext {
  readonly kind: AgentKind;
  readonly events: EventQueue;
  readonly env: ShardParts["env"];
  readonly store: ShardStore;
  readonly questions: Questions;
  readonly watch: Watch;
  /** What the agent has shown in its last turn, and nobody was told yet, when it ended. */
  untold: string | undefined;
  readonly follower: JournalFollower;
  readonly #tail: LiveTail;
  readonly #write: Records["write"];
  #link: Link | undefined;
  #status: ShardStatus;
  #was: ShardState = "starting";
  #lastIdle: ScreenView | undefined;
  readonly #writer = new SerialQueue();
  #stepDue = false;
  /** How many senders wait for the receipt of a prompt that is typed at once. */
  #direct = 0;
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  private constructor({ record, kind, records, events, env, start }: ShardParts) {
    this.kind = kind;
    this.events = events;
    this.env = env;
    this.#write = records.write;
    this.store = new ShardStore(record, records);
    this.watch = new Watch(kind, start === undefined && record.turns > 0, start?.how === "resumed", record.landings);
    this.questions = new Questions(this.store, events);
    this.#tail = new LiveTail(events, kind);
    const context = () => journalContext(this.store.record, env);
    this.follower = new JournalFollower(kind, context, this.store.running?.journal, (entries) => this.#heard(entries));
    const state = this.store.running ? "working" : "starting";
    const { end } = record;
    this.#status = end
      ? { state: "exited", since: end.at, why: end.why, exit: end.exit }
      : { state, since: new Date().toISOString(), why: whys[start?.how ?? "found"] };
  }

  /** Connect to the shard's holder; the shard is lost where there is none, unless its agent has ended. */
  static async open(parts: ShardParts): Promise<Shard> {
    const shard = new Shard(parts);
    const { socket, secret, end } = parts.record;
    if (parts.start) shard.#inBackground(parts.events.state(shard.#status, parts.start.was));
    if (!end) shard.#link = await Link.open({ socket, secret }, () => shard.look()).catch(() => undefined);
    if (!end && !shard.#link) shard.#become({ state: "lost", why: "its holder is gone", by: "holder" });
    await shard.follower.read();
    await shard.alone(() => settleLeft(shard));
    shard.look();
    shard.wake();
    return shard;
  }

  get name(): string {
    return this.store.record.name;
  }

  get status(): ShardStatus {
    return this.#status;
  }

  /** The state before the present one. */
  get was(): ShardState {
    return this.#was;
  }

  /** Absent where the holder was gone from the start, or was let go. */
  get link(): Link | undefined {
    return this.#link;
  }

  /** The screen when the agent was last idle: the baseline of a turn that is begun at the keyboard. */
  get lastIdle(): ScreenView | undefined {
    return this.#lastIdle;
  }

  /** Who is at the keyboard, in a terminal that is attached: no prompt of ours is typed meanwhile. */
  get keyboard(): string | undefined {
    return this.#link?.keyboard;
  }

  /** A sender waits for its prompt to be typed: what is queued comes after it. */
  get promised(): boolean {
    return this.#direct > 0;
  }

  /** Do for a sender what comes before anything that is queued. */
  async first<T>(work: () => Promise<T>): Promise<T> {
    this.#direct += 1;
    try {
      return await work();
    } finally {
      this.#direct -= 1;
      this.wake();
    }
  }

  /** The agent runs; this is what it has to do first. */
  async begin(prompt: string | undefined, by: string | undefined): Promise<void> {
    const child = this.#link?.child;
    const first = prompt ? this.store.put(this.store.draft("queued", prompt, this.kind.encode(prompt, by), by)) : [];
    const ready = this.store.change({ phase: "ready", ...(child !== undefined && { child }) });
    await this.#write([...first, ready]);
    this.wake();
  }

  /** What became of a prompt: "none" when nothing was typed. */
  tried(outcome: "none" | "taken" | "stalled"): void {
    if (this.#link) this.watch.became(outcome, this.#link.view);
    if (outcome === "taken") this.#become({ state: "working", why: "took the prompt", by: "prompt" });
    this.look();
  }

  /** End the holder of an agent that has ended. */
  async letGo(): Promise<void> {
    const link = this.#link;
    this.#link = undefined;
    if (!link || link.gone) return;
    await link.quit().catch((error: unknown) => {
      log.warn("a holder did not go", { shard: this.name, reason: messageOf(error) });
    });
  }

  /** Do something to the shard while nothing else is done to it. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    return this.#writer.run(work);
  }

  /** Do whatever is due. */
  async settle(): Promise<void> {
    await this.alone(async () => {
      this.#stepDue = false;
      while (!this.#closed && (await doDue(this)));
    });
  }

  /** Watch no more. Resolves when what is being done to the shard is done; the holder goes on until `link` ends it. */
  async retire(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.follower.close();
    await this.#writer.settled();
  }

  /** Idle, or worth another try, with nobody's prompt before. */
  get free(): boolean {
    const { queue, running } = this.store;
    const listens = this.#status.state === "idle" || this.#status.state === "stalled";
    const ours = this.keyboard === undefined && !this.promised && !running && queue.length === 0;
    return listens && ours && !this.watch.typing;
  }

  /** See what there is to see now, and what follows from it. */
  look(): void {
    const link = this.#link;
    if (!link || this.#closed) return;
    const { view, exit, gone, quiet } = link;
    const { told: journalState, tells } = this.follower;
    const verdict = this.watch.look({ view, exit, gone, quiet, journalState, tells }, this.#status.state);
    if (this.watch.question) this.follower.seen();
    this.#become(verdict);
    this.follower.poke(verdict.state !== "idle" && !link.ended);
    if (verdict.state === "idle" && !this.watch.typing) this.#lastIdle = link.view;
    if (verdict.state === "idle") this.#noteMode();
    const { due, showing } = this.#tail.show(this.store.running, this.#status, view);
    if (showing) this.#inBackground(showing);
    const waits = [verdict.again, this.questions.due(this.watch), troubleDue(this), due];
    const next = Math.min(...waits.map((wait) => wait ?? Infinity));
    clearTimeout(this.#timer);
    if (next !== Infinity) this.#timer = setTimeout(() => this.look(), Math.max(next, soonest));
    this.wake();
  }

  /** The agent has written something: what it is called, or what it does. */
  #heard(entries: readonly Entry[]): void {
    const told = entries.findLast((entry) => entry.type === "conversation");
    const { conversation, told: known } = this.store.record;
    if (told?.type === "conversation" && (told.id !== conversation || known !== true)) {
      this.#inBackground(this.store.note({ conversation: told.id, told: true }));
    }
    this.look();
  }

  /** A resume keeps the mode that the agent's own settings gave it at first: later, a person may have changed it at the keyboard. */
  #noteMode(): void {
    const { mode, ownMode, begun } = this.store.record;
    const shown = this.watch.signs.mode;
    if (shown === undefined || (mode ?? ownMode) !== undefined || begun) return;
    this.#inBackground(this.store.note({ ownMode: shown }));
  }

  #become({ state, waitingFor, why, by }: Verdict): void {
    const was = this.#status;
    const exit = this.#link?.exit;
    const flood = exit ? undefined : this.#link?.view.flood;
    const same = was.state === state && was.waitingFor === waitingFor;
    const since = same ? was.since : new Date().toISOString();
    const said = flood === undefined ? why : `${floodText(flood)}; ${why}`;
    const signs = exit || state === "lost" ? {} : this.watch.signs;
    this.#status = { state, since, why: said, ...(waitingFor && { waitingFor }), ...(exit && { exit }), ...signs };
    if (same) return;
    // A rule's name ends where it quotes the screen.
    const [rule] = why.split(":", 1);
    log.debug("a shard's state has changed", { shard: this.name, from: was.state, to: state, waitingFor, by, rule });
    this.#was = was.state;
    // That a shard is lost must be told for sure: see `doDue`.
    if (state !== "lost") this.#inBackground(this.events.state(this.#status, was.state));
  }

  /** Do what is due, soon. */
  wake(): void {
    if (this.#stepDue || this.#closed) return;
    this.#stepDue = true;
    this.#inBackground(this.settle());
  }

  #inBackground(work: Promise<unknown>): void {
    work.catch((error: unknown) => void logBug(error, "something due in a shard failed", { shard: this.name }));
  }
}
