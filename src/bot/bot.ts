import type { AccessLists, Adapter } from "../adapters/adapter.ts";
import { messageOf, ShardbridgeError } from "../errors.ts";
import { logBug } from "../log.ts";
import type { Orchestrator, TurnActions } from "../orchestrator/orchestrator.ts";
import type { ShardHost } from "../shards/host.ts";
import type { Store } from "../store/store.ts";
import { actionsFor, type Actions, type Asker } from "./commands/actions.ts";
import { apartActions } from "./orchestration/apart-actions.ts";
import { ToolGrants } from "./orchestration/tool-grants.ts";
import { ButtonValues } from "./delivery/button-values.ts";
import { Dispatcher } from "./intake/dispatcher.ts";
import { Watermarks } from "./intake/watermarks.ts";
import { ShardThreads } from "./threads/shard-threads.ts";
import { Intake } from "./intake/intake.ts";
import { StatusCards } from "./delivery/status-cards.ts";
import { Orchestration, type WakeSettings } from "./orchestration/orchestration.ts";
import { Outbox } from "./delivery/outbox.ts";
import { Pacer } from "./delivery/pacer.ts";
import { People } from "./access/people.ts";
import { Relay } from "./relay.ts";
import { commands } from "./commands/commands.ts";
import { Secrets } from "./access/secrets.ts";
import { Streams } from "./delivery/streams.ts";
import { Threads } from "./threads/threads.ts";
import { StorageAlerts } from "./intake/storage-alerts.ts";
import { KeyedQueue } from "./intake/keyed-queue.ts";

/** Milliseconds that a stop gives to what is under way. */
const patience = 5000;
/** Milliseconds for which somebody may wait for the answer of a turn that has ended. */
const lately = 60_000;

interface BotOptions {
  platforms: { adapter: Adapter; access: AccessLists | "everything" }[];
  host: ShardHost;
  orchestrator: Orchestrator | undefined;
  store: Store;
  redact: (text: string) => string;
  wakes?: WakeSettings;
}

/** Between the platforms and the host: takes each event over once, asks for the right, does it in the thread's order, and answers. */
export class Bot {
  readonly #options: BotOptions;
  readonly #actions: (asker: Asker) => Actions;
  readonly #buttonValues: ButtonValues;
  readonly #outbox: Outbox;
  readonly #statusCards: StatusCards;
  readonly #shardThreads: ShardThreads;
  readonly #relay: Relay;
  readonly #intake: Intake;
  readonly #orchestration: Orchestration;
  readonly #watermarks: Watermarks;
  readonly #storageAlerts: StorageAlerts;
  readonly #toolGrants: ToolGrants;
  readonly #secrets: Secrets;

  constructor(options: BotOptions) {
    this.#options = options;
    const { store, host, orchestrator, redact } = options;
    const adapters = new Map(options.platforms.map(({ adapter }) => [adapter.platform, adapter]));
    const threads = new Threads(store);
    const buttonValues = new ButtonValues(store);
    const outbox = new Outbox({ store, adapters, redact, onGone: (thread) => threads.gone(thread) });
    const pacers = new Map([...adapters].map(([name, adapter]) => [name, new Pacer(adapter.limits.editEvery)]));
    const statusCards = new StatusCards({ store, adapters, pacers, redact });
    const streams = new Streams({ outbox, adapters, pacers, redact });
    const shardThreads = new ShardThreads({ store, host, adapters, threads, outbox });
    const people = new People(store, new Map(options.platforms.map((one) => [one.adapter.platform, one.access])));
    const queue = new KeyedQueue();
    const toolGrants = () => this.#toolGrants;
    const controls = (asker: Asker) => orchestration.controls(asker);
    const actions = (asker: Asker) =>
      actionsFor({ controls, host, shardThreads, threads, store, redact, toolGrants }, asker);
    const ready = Promise.withResolvers<boolean>();
    const orchestration = new Orchestration({
      store,
      host,
      orchestrator,
      threads,
      outbox,
      buttonValues,
      streams,
      people,
      queue,
      redact,
      ready: ready.promise,
      actionsFor: actions,
      settings: options.wakes ?? {},
    });
    const { asking, button, owners } = orchestration;
    const apart = (asker: Asker) => this.toolsFor(asker);
    this.#toolGrants = new ToolGrants({ store, threads, people, owners, asking, apart });
    const oneView = (platform: string) => adapters.get(platform)?.oneView === true;
    const dispatcher = new Dispatcher({
      host,
      asking,
      threads,
      buttonValues,
      actionsFor: actions,
      controlsButton: button,
      oneView,
    });
    this.#actions = actions;
    this.#orchestration = orchestration;
    this.#buttonValues = buttonValues;
    this.#outbox = outbox;
    this.#statusCards = statusCards;
    this.#shardThreads = shardThreads;
    const { zone = "UTC" } = options.wakes ?? {};
    this.#relay = new Relay({ store, host, threads, shardThreads, outbox, statusCards, buttonValues, zone });
    const busy = () =>
      statusCards.shardsLately(lately).flatMap((shard) => threads.of(shard).map(({ thread }) => thread));
    const storageAlerts = (this.#storageAlerts = new StorageAlerts({ store, adapters, busy }));
    const secrets = (this.#secrets = new Secrets(threads, host, commands.keys()));
    const parts = {
      store,
      adapters,
      redact,
      threads,
      shardThreads,
      outbox,
      buttonValues,
      dispatcher,
      storageAlerts,
      secrets,
    };
    this.#intake = new Intake({ ...parts, asking, people, queue, ready });
    this.#watermarks = new Watermarks(store, adapters, threads);
  }

  /** The verbs for somebody who is not in a chat, or not by an event. */
  actionsFor(asker: Asker): Actions {
    return this.#actions(asker);
  }

  /** Tools of the orchestrator for somebody who is in no thread. */
  toolsFor(asker: Asker): TurnActions {
    const { host, redact } = this.#options;
    return apartActions({ host, actionsFor: this.#actions, redact }, asker);
  }

  /** The same for the agent of a shard that has them; `local` is who is at this machine. Throws ShardbridgeError. */
  toolsOf(shard: string, local: Asker): TurnActions {
    return this.#toolGrants.actions(shard, local);
  }

  /**
   * Connect, and go on where an earlier run ended: its unfinished events, posts, threads and cards. Throws one ShardbridgeError with a
   * line for every platform that could not be reached.
   */
  async start(): Promise<void> {
    await this.#secrets.recover();
    // In each thread the turn that was cut off goes on before anything that came after it.
    await this.#orchestration.start();
    const left = this.#intake.unfinished();
    const cutOff = new Set(left.filter((one) => this.#intake.canGoOn(one)));
    for (const one of left) {
      if (one.state !== "received" && !cutOff.has(one)) continue;
      const { platform } = one.event.place;
      const access = this.#options.platforms.find(({ adapter }) => adapter.platform === platform)?.access;
      background(this.#intake.again(one, access), "an event could not be taken up again");
    }
    const started = await Promise.allSettled(
      this.#options.platforms.map(async ({ adapter, access }) =>
        adapter.start((event) => this.#intake.take(event, access), this.#watermarks.gap(adapter.platform)),
      ),
    );
    const failures = started.flatMap((result) => (result.status === "rejected" ? [result.reason as unknown] : []));
    if (failures.length > 0) throw together(failures);
    this.#watermarks.start();
    this.#outbox.start();
    await this.#buttonValues.prune();
    await this.#toolGrants.keep((await this.#options.host.list()).map(({ name }) => name));
    await this.#shardThreads.recover();
    await this.#relay.recover();
    for (const one of left) {
      if (one.state === "working" && !cutOff.has(one))
        background(this.#intake.missed.cut(one), "a cut event could not be named");
    }
    this.#options.host.subscribe(async (event) => {
      await this.#secrets.hear(event);
      await this.#relay.take(event);
      await this.#orchestration.take(event);
    });
    this.#intake.open();
  }

  /** Take no more events, let what is under way end (5 seconds at most), send what is to be sent, and disconnect. Shards go on. */
  async stop(): Promise<void> {
    this.#options.store.stopWaiting();
    this.#storageAlerts.stop();
    const marked = this.#watermarks.stop();
    await Promise.all([this.#orchestration.stop(), this.#intake.close(patience), marked]);
    this.#shardThreads.stop();
    await this.#statusCards.stop();
    await this.#outbox.stop(patience);
    const stopped = await Promise.allSettled(this.#options.platforms.map(async ({ adapter }) => adapter.stop()));
    for (const result of stopped) {
      if (result.status === "rejected") logBug(result.reason, "an adapter could not be stopped");
    }
  }
}

/** Let work wait for a platform that is out of order; the start does not. */
function background(work: Promise<void>, failure: string): void {
  work.catch((error: unknown) => void logBug(error, failure));
}

function together(failures: unknown[]): ShardbridgeError {
  const [first] = failures;
  const only = failures.every((error) => error instanceof ShardbridgeError && error.code === "config");
  const code = only
    ? "config"
    : first instanceof ShardbridgeError && first.code !== "config"
      ? first.code
      : "unavailable";
  return new ShardbridgeError(code, failures.map((error) => messageOf(error)).join("\n"), { cause: first });
}
