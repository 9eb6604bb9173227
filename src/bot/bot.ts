import type { AccessLists, Adapter } from "../adapters/adapter.ts";
import { messageOf, ShardbridgeError } from "../errors.ts";
import { logBug } from "../log.ts";
import type { Orchestrator } from "../orchestrator/orchestrator.ts";
import { shownData, type Redact } from "../redaction/shown.ts";
import type { ShardEvent } from "../shards/events.ts";
import type { ShardHost } from "../shards/host.ts";
import type { Store } from "../store/store.ts";
import type { Asker } from "./access/asker.ts";
import { actionsFor as makeActions, type Actions } from "./commands/actions.ts";
import { apartActions } from "./orchestration/apart-actions.ts";
import { Asking } from "./orchestration/asking.ts";
import { shownActions, type ShownActions } from "./orchestration/shown-actions.ts";
import { agentActions, ToolGrants } from "./orchestration/tool-grants.ts";
import { ButtonValues } from "./delivery/button-values.ts";
import { Dispatcher } from "./intake/dispatcher.ts";
import { Watermarks } from "./intake/watermarks.ts";
import { ShardThreads } from "./threads/shard-threads.ts";
import { Intake } from "./intake/intake.ts";
import { StatusCards } from "./delivery/status-cards.ts";
import { Orchestration, type WakeSettings } from "./orchestration/orchestration.ts";
import { Outbox } from "./delivery/outbox.ts";
import type { Outlet } from "./delivery/outlet.ts";
import { Pacer } from "./delivery/pacer.ts";
import { People } from "./access/people.ts";
import { Relay } from "./relay.ts";
import { commands } from "./commands/commands.ts";
import { Secrets } from "./access/secrets.ts";
import { Streams } from "./delivery/streams.ts";
import { ShardIdentities } from "./threads/shard-identities.ts";
import { Threads } from "./threads/threads.ts";
import { pace as usualPace, type Pace } from "./intake/pace.ts";
import { StorageAlerts } from "./intake/storage-alerts.ts";
import { KeyedQueue } from "../serial.ts";

/** Milliseconds that a stop gives to what is under way. */
const patience = 5000;
/** Milliseconds for which somebody may wait for the answer of a turn that has ended. */
const lately = 60_000;

/** Events that people decide by, or whose prompt may have to be typed again: they stay as they are, and are redacted where they are posted. */
const decidedBy: ReadonlySet<ShardEvent["type"]> = new Set(["question", "setup", "attention", "receipt"]);

interface BotOptions {
  platforms: { adapter: Adapter; access: AccessLists | "everything" }[];
  host: ShardHost;
  orchestrator: Orchestrator | undefined;
  store: Store;
  redact: Redact;
  wakes?: WakeSettings;
  /** How long the intake waits; a test waits for less. */
  pace?: Pace;
}

/** Between the platforms and the host: takes each event over once, asks for the right, does it in the thread's order, and answers. */
export class Bot {
  readonly #options: BotOptions;
  readonly #actionsFor: (asker: Asker) => Actions;
  readonly #asking: Asking;
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
  readonly #identities: ShardIdentities;

  /** Each part is made of parts that are there already: stored data first, then what posts, the orchestrator, what takes events. */
  constructor(options: BotOptions) {
    const { store, host, orchestrator, redact, wakes: settings = {}, pace = usualPace } = options;
    const { zone = "UTC" } = settings;
    const adapters = new Map<string, Outlet>(options.platforms.map(({ adapter }) => [adapter.platform, adapter]));
    const access = new Map(options.platforms.map((one) => [one.adapter.platform, one.access]));
    const ready = Promise.withResolvers<boolean>();
    const queue = new KeyedQueue();
    const identities = new ShardIdentities();
    const threads = new Threads(store, identities);
    const people = new People(store, access);
    const secrets = new Secrets(threads, host, commands.keys());

    const buttonValues = new ButtonValues(store, identities);
    const outbox = new Outbox({ store, adapters, redact, onGone: (thread) => threads.gone(thread) });
    const pacers = new Map([...adapters].map(([name, adapter]) => [name, new Pacer(adapter.limits.editEvery)]));
    const statusCards = new StatusCards({ store, adapters, pacers, redact, identities });
    const streams = new Streams({ outbox, adapters, pacers, redact });
    const shardThreads = new ShardThreads({ store, host, adapters, redact, threads, outbox, identities });
    const busy = () =>
      statusCards.shardsLately(lately).flatMap((shard) => threads.of(shard).map(({ thread }) => thread));
    const storageAlerts = new StorageAlerts({ store, adapters, redact, busy, pace });

    const posting = { store, host, threads, outbox, buttonValues };
    const orchestration = new Orchestration({
      ...posting,
      orchestrator,
      people,
      queue,
      identities,
      ready: ready.promise,
      settings,
    });
    const { owners, tasks, approvals, choices, policies, instructions } = orchestration;
    const toolGrants = new ToolGrants({ store, threads, people, owners, identities });
    const actionsFor = (asker: Asker) =>
      makeActions(
        {
          controls: (one) => orchestration.controls(one),
          withTools: (shard, one, spawn) => toolGrants.start(shard, one, spawn),
          host,
          shardThreads,
          threads,
          store,
          redact,
        },
        asker,
      );
    const turnParts = {
      host,
      threads,
      identities,
      owners,
      tasks,
      approvals,
      choices,
      policies,
      instructions,
      actionsFor,
      redact,
    };
    const asking = new Asking({ ...turnParts, orchestrator, threads, streams });

    const dispatcher = new Dispatcher({
      host,
      asking,
      threads,
      buttonValues,
      identities,
      actionsFor,
      controlsButton: (...press) => orchestration.button(...press),
      oneView: (platform) => adapters.get(platform)?.oneView === true,
    });
    this.#intake = new Intake({
      ...posting,
      adapters,
      access,
      redact,
      shardThreads,
      dispatcher,
      storageAlerts,
      pace,
      secrets,
      asking,
      people,
      queue,
      ready,
    });
    this.#relay = new Relay({ ...posting, shardThreads, statusCards, zone });
    this.#watermarks = new Watermarks(store, adapters, threads);
    this.#options = options;
    this.#actionsFor = actionsFor;
    this.#asking = asking;
    this.#buttonValues = buttonValues;
    this.#outbox = outbox;
    this.#statusCards = statusCards;
    this.#shardThreads = shardThreads;
    this.#orchestration = orchestration;
    this.#storageAlerts = storageAlerts;
    this.#toolGrants = toolGrants;
    this.#secrets = secrets;
    this.#identities = identities;
  }

  /** The verbs for somebody who is not in a chat, or not by an event. */
  actionsFor(asker: Asker): Actions {
    return this.#actionsFor(asker);
  }

  /** Tools of the orchestrator for somebody who is in no thread; `shard`: of whose agent. */
  toolsFor(asker: Asker, shard?: string): ShownActions {
    const { host, redact } = this.#options;
    const parts = { host, identities: this.#identities, actionsFor: this.#actionsFor, redact };
    return shownActions(apartActions(parts, asker, shard), redact);
  }

  /** The same for the agent of a shard that has them; `local` is who is at this machine. Throws ShardbridgeError. */
  toolsOf(shard: string, local: Asker): ShownActions {
    const turn = this.#toolGrants.turnOf(shard);
    const actions = turn === "local" ? this.toolsFor(local, shard) : this.#asking.actionsIn(turn);
    return shownActions(agentActions(actions), this.#options.redact);
  }

  /**
   * Connect, and go on where an earlier run ended: its unfinished events, posts, threads and cards. Throws one ShardbridgeError with a
   * line for every platform that could not be reached.
   */
  async start(): Promise<void> {
    for (const info of await this.#options.host.list()) this.#identities.learn(info);
    await this.#secrets.recover();
    // In each thread the turn that was cut off goes on before anything that came after it.
    await this.#orchestration.start(this.#asking);
    this.#intake.recover();
    const started = await Promise.allSettled(
      this.#options.platforms.map(async ({ adapter }: { adapter: Outlet }) =>
        adapter.start((event) => this.#intake.take(event), this.#watermarks.gap(adapter.platform)),
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
    this.#intake.nameCutOff();
    this.#options.host.subscribe(async (event) => {
      this.#identities.take(event);
      await this.#secrets.hear(event);
      const shown = shownData(event, this.#options.redact);
      await this.#relay.take(decidedBy.has(event.type) ? event : shown);
      await this.#orchestration.take(shown);
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
