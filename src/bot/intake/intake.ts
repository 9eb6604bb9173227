import {
  DeliveryError,
  threadKey,
  threadOf,
  type Accepted,
  type AccessLists,
  type ChatEvent,
  type Post,
  type Reply,
  type ThreadRef,
} from "../../adapters/adapter.ts";
import { NotSavedError, ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import type { Redact } from "../../redaction/shown.ts";
import type { Store } from "../../store/store.ts";
import type { Right } from "../../verbs/facts.ts";
import { audit, rightAt, Refusals } from "../access/access.ts";
import type { Asker } from "../access/asker.ts";
import { asHandled, takenBefore } from "../delivery/retry-buttons.ts";
import type { Asking } from "../orchestration/asking.ts";
import { attempt, bugPost } from "./attempt.ts";
import type { ButtonValues } from "../delivery/button-values.ts";
import { turnOf, type Dispatcher } from "./dispatcher.ts";
import { keyOf, titleOf } from "../access/events.ts";
import { fitReply } from "../delivery/fit.ts";
import type { ShardThreads } from "../threads/shard-threads.ts";
import { Inbox, type Unfinished } from "./inbox.ts";
import type { Outbox } from "../delivery/outbox.ts";
import { isTooLate, Missed } from "./missed.ts";
import { within } from "./pause.ts";
import type { People } from "../access/people.ts";
import type { Outlet, ShownAccepted } from "../delivery/outlet.ts";
import { redactPost } from "../delivery/redact-post.ts";
import { InboxWriter } from "./inbox-writer.ts";
import type { Pace } from "./pace.ts";
import type { Secrets } from "../access/secrets.ts";
import type { Threads } from "../threads/threads.ts";
import type { StorageAlerts } from "./storage-alerts.ts";
import type { KeyedQueue } from "../../serial.ts";

interface IntakeOptions {
  store: Store;
  adapters: ReadonlyMap<string, Outlet>;
  /** Access lists, by platform. */
  access: ReadonlyMap<string, AccessLists | "everything">;
  redact: Redact;
  threads: Threads;
  shardThreads: ShardThreads;
  outbox: Outbox;
  buttonValues: ButtonValues;
  dispatcher: Dispatcher;
  storageAlerts: StorageAlerts;
  asking: Asking;
  people: People;
  secrets: Secrets;
  pace: Pace;
  /** The order of a thread's turns. */
  queue: KeyedQueue;
  /** Settles with whether the bot is connected: no event is handled before. */
  ready: PromiseWithResolvers<boolean>;
}

/** Takes events over, each once and only from those who may, and has them done in the order of their threads. */
export class Intake {
  readonly #options: IntakeOptions;
  readonly #inbox: Inbox;
  readonly #inboxWriter: InboxWriter;
  readonly #missed: Missed;
  readonly #refusals = new Refusals();
  /** Events that an earlier run was busy with; nobody knows how far it got. */
  #cutOff: Unfinished[] = [];
  #closing = false;
  #abandoned = false;

  constructor(options: IntakeOptions) {
    this.#options = options;
    this.#inbox = new Inbox(options.store);
    this.#inboxWriter = new InboxWriter(this.#inbox, options.pace);
    const { outbox, pace } = options;
    this.#missed = new Missed({ inbox: this.#inbox, outbox, pace, threadFor: async (event) => this.#threadOf(event) });
  }

  /**
   * Take up the events that an earlier run did not end, before anything new is taken: those that it had not begun, and those whose turn of
   * the orchestrator can go on. They are done once the intake is open; the others are for `nameCutOff`.
   */
  recover(): void {
    const unfinished = Object.groupBy(this.#inbox.unfinished(), (one) =>
      one.state === "received" || this.#canGoOn(one) ? "again" : "cutOff",
    );
    for (const one of unfinished.again ?? []) background(this.#again(one), "an event could not be taken up again");
    this.#cutOff = unfinished.cutOff ?? [];
  }

  /** Say in their threads which events an earlier run was busy with when it ended. */
  nameCutOff(): void {
    for (const one of this.#cutOff.splice(0)) background(this.#missed.cut(one), "a cut event could not be named");
  }

  /** Begin to handle what has been taken over. */
  open(): void {
    this.#options.ready.resolve(true);
  }

  /** Take nothing more, and wait for what is under way, `ms` milliseconds at most. What has not begun is done after the next start. */
  async close(ms: number): Promise<void> {
    this.#closing = true;
    this.#inboxWriter.close();
    this.#missed.close();
    this.#options.ready.resolve(false);
    if (await within(ms, this.#options.queue.idle())) return;
    log.warn("turns were abandoned at the stop");
    this.#abandoned = true;
    this.#options.dispatcher.abandon();
  }

  /** Resolves once the event is on disk, or was refused. Rejects when it could not be taken over. */
  async take(given: ChatEvent): Promise<ShownAccepted> {
    const { reply } = await this.#taken(given);
    const { redact } = this.#options;
    return { reply: reply.then(({ post, ...rest }) => (post ? { ...rest, post: redactPost(post, redact) } : rest)) };
  }

  async #taken(given: ChatEvent): Promise<Accepted> {
    if (this.#closing) throw new ShardbridgeError("unavailable", "The bot is stopping: try again when it is back.");
    const event = this.#options.secrets.without(asHandled(given, this.#options.buttonValues));
    const { right, silent } = this.#rightOf(event);
    if (event.type === "message" && !this.#isForUs(event)) return nothing();
    if (right === "none") return this.#refuse(event, silent);
    if (event.type === "completion") return { reply: this.#complete(event) };
    if (event.type === "message" && right === "viewer" && !this.#options.dispatcher.mayBeCommand(event)) {
      return this.#refuse(event, silent);
    }
    try {
      return (await this.#inboxWriter.take(event, () => this.#begin(event, right, Date.now()))) ?? takenBefore(given);
    } catch (error) {
      if (error instanceof NotSavedError) void this.#tell(event, error);
      throw error;
    }
  }

  async #begin(event: ChatEvent, right: Right, taken: number): Promise<Reply> {
    const { platform, channel, thread } = event.place;
    log.debug("an event is taken", { event: event.id, type: event.type, where: { platform, channel, thread }, right });
    return isTooLate(event, taken) ? this.#missed.add(event) : this.#handle(event, right);
  }

  /** Say to the author of a message that it is not taken; whoever uses a command or a button is told by the platform. Never rejects. */
  async #tell(event: ChatEvent, fault: NotSavedError): Promise<void> {
    if (event.type !== "message") return;
    const { shardThreads, storageAlerts } = this.#options;
    const thread = await shardThreads.threadAt(event.place, this.#title(event)).catch(() => undefined);
    if (thread) await storageAlerts.tell(thread, fault);
  }

  #isForUs(event: ChatEvent & { type: "message" }): boolean {
    const thread = threadOf(event.place);
    return event.toBot || (thread !== undefined && this.#options.threads.get(thread) !== undefined);
  }

  #refuse(event: ChatEvent, silent: boolean): Accepted {
    audit(event, event.type, "denied");
    const seen = this.#options.people.seen(event.place.platform, event.by, false);
    seen.catch((error: unknown) => void logBug(error, "somebody without a right was not noted"));
    if (silent || event.type === "completion" || event.type === "stop") return nothing();
    // People talk to each other in a thread, too; and one refusal is enough for a while.
    const asked = event.type !== "message" || (event.toBot && this.#refusals.first(event.place.platform, event.by.id));
    if (!asked) return nothing();
    return { reply: Promise.resolve({ post: { kind: "notice", text: "You may not do that here." } }) };
  }

  async #complete(event: ChatEvent & { type: "completion" }): Promise<Reply> {
    try {
      return { choices: await this.#options.dispatcher.complete(event) };
    } catch (error) {
      logBug(error, "completion failed");
      return { choices: [] };
    }
  }

  /** Whether an earlier run has begun the orchestrator's turn for it, which then goes on where it was, and repeats nothing. */
  #canGoOn({ event, state, thread }: Unfinished): boolean {
    const place = thread ?? threadOf(event.place);
    if (state !== "working" || event.type !== "message" || place === undefined) return false;
    return this.#options.asking.begun(place, turnOf(event));
  }

  /** An event that an earlier run took over and did not end, and that can be handled; its asker waits for no reply any more. */
  async #again({ event: taken, at, thread: opened }: Unfinished): Promise<void> {
    const place = opened && taken.type === "message" ? { ...taken.place, thread: opened.thread } : taken.place;
    const event = { ...taken, place };
    const { right } = this.#rightOf(event);
    if (right === "none") return this.#options.store.write([this.#inbox.done(event)]);
    const { post } = await this.#begin(event, right, at);
    const thread = threadOf(event.place);
    if (post && thread) await this.#options.outbox.record([{ id: `${keyOf(event)}/reply`, thread, post }]);
  }

  /** On a platform that is not configured any more nobody has one. */
  #rightOf({ place, by }: ChatEvent): ReturnType<typeof rightAt> {
    const access = this.#options.access.get(place.platform);
    return access ? rightAt(access, place, by) : { right: "none", silent: true };
  }

  /** Never rejects. */
  async #handle(event: ChatEvent, right: Right): Promise<Reply> {
    const place = threadOf(event.place);
    const queue = this.#options.dispatcher.urgent(event) || !place ? keyOf(event) : threadKey(place);
    try {
      return await this.#options.queue.run(queue, async () => {
        if (!(await this.#options.ready.promise) || this.#abandoned) return {};
        await this.#inbox.working(event);
        await this.#options.people.seen(event.place.platform, event.by, true);
        if (event.type === "message") return await this.#answer(event, right);
        const post = await attempt(() => this.#do(event, { person: event.by, right, place: event.place }));
        await this.#options.store.write([this.#inbox.done(event)]);
        return post ? { post: await this.#finished(post, event.place.platform) } : {};
      });
    } catch (error) {
      return { post: bugPost(error) };
    }
  }

  async #do(event: ChatEvent, asker: Asker): Promise<Post | undefined> {
    switch (event.type) {
      case "command":
        return this.#options.dispatcher.command(event, asker);
      case "action":
        return this.#options.dispatcher.action(event, asker);
      case "stop":
        return this.#options.dispatcher.stop(event, asker);
      case "message":
      case "completion":
        return undefined;
    }
  }

  /** A message is answered in its thread, which is opened where there is none. */
  async #answer(event: ChatEvent & { type: "message" }, right: Right): Promise<Reply> {
    const thread = await this.#threadOf(event);
    if (!thread) {
      await this.#options.store.write([this.#inbox.done(event)]);
      return {};
    }
    await this.#options.threads.know(thread);
    const { message: _message, ...place } = event.place;
    const asker: Asker = { person: event.by, right, place: { ...place, thread: thread.thread } };
    const post = await attempt(() => this.#options.dispatcher.message(event, thread, asker));
    const shortened = post && this.#options.buttonValues.shorten(post);
    const reply = shortened && { id: `${keyOf(event)}/reply`, thread, post: shortened.post };
    const posts = reply ? this.#options.asking.final(turnOf(event), reply) : [];
    await this.#options.outbox.record(posts, [...(shortened?.changes ?? []), this.#inbox.done(event)]);
    return {};
  }

  async #threadOf(event: ChatEvent & { type: "message" }): Promise<ThreadRef | undefined> {
    const there = threadOf(event.place);
    if (there) return there;
    try {
      const thread = await this.#options.shardThreads.threadAt(event.place, this.#title(event));
      await this.#inbox.opened(event, thread);
      return thread;
    } catch (error) {
      if (!(error instanceof DeliveryError)) throw error;
      log.error("no thread could be opened for a message", {
        event: event.id,
        outcome: error.outcome,
        why: error.message,
      });
      return undefined;
    }
  }

  /** Redacted before it is cut: half a secret is not known for one. */
  #title(event: ChatEvent & { type: "message" }): string {
    return titleOf({ ...event, text: this.#options.redact(event.text) });
  }

  /** A post as a reply: its codes saved, its text redacted and within the limits. */
  async #finished(post: Post, platform: string): Promise<Post> {
    const { post: short, changes } = this.#options.buttonValues.shorten(redactPost(post, this.#options.redact));
    if (changes.length > 0) await this.#options.store.write(changes);
    const limits = this.#options.adapters.get(platform)?.limits;
    return limits ? fitReply(short, limits) : short;
  }
}

/** Work that may wait for a platform that is out of order; the start does not. */
function background(work: Promise<void>, failure: string): void {
  work.catch((error: unknown) => void logBug(error, failure));
}

function nothing(): Accepted {
  return { reply: Promise.resolve({}) };
}
