import type { ThreadRef } from "../../adapters/adapter.ts";
import type { Orchestrator } from "../../orchestrator/orchestrator.ts";
import type { ShardEvent } from "../../shards/events.ts";
import type { ShardHost } from "../../shards/host.ts";
import type { Store } from "../../store/store.ts";
import type { Actions, Asker } from "../commands/actions.ts";
import type { ButtonValues } from "../delivery/button-values.ts";
import { Asking } from "./asking.ts";
import { controlsButton, controlsFor, type OrchestratorControls, type Pressed } from "./orchestrator-controls.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { People } from "../access/people.ts";
import { Policies } from "./policies.ts";
import type { Streams } from "../delivery/streams.ts";
import { Clock } from "./tasks/clock.ts";
import { Tasks } from "./tasks/tasks.ts";
import type { Threads } from "../threads/threads.ts";
import type { KeyedQueue } from "../intake/keyed-queue.ts";
import { Choices } from "./wakes/choices.ts";
import { Conflicts } from "./wakes/conflicts.ts";
import { WakeTriggers } from "./wakes/wake-triggers.ts";
import { Limits } from "./wakes/limits.ts";
import { Owners } from "./wakes/owners.ts";
import { Approvals } from "./wakes/approvals.ts";
import { WakeRecords } from "./wakes/wake-records.ts";
import { Wakes } from "./wakes/wakes.ts";

/** Settings for waking the orchestrator; what is left out has the usual value. */
export interface WakeSettings {
  /** Automatic turns that a thread may have in an hour: 30. With 0 events wake nobody. */
  perHour?: number;
  /** Milliseconds for which events are collected into one turn: 1,000. */
  window?: number;
  /** IANA name of the time zone that people mean: UTC. */
  zone?: string;
}

interface OrchestrationOptions {
  store: Store;
  host: ShardHost;
  orchestrator: Orchestrator | undefined;
  threads: Threads;
  outbox: Outbox;
  buttonValues: ButtonValues;
  streams: Streams;
  people: People;
  queue: KeyedQueue;
  redact: (text: string) => string;
  /** Settles when the platforms are connected. */
  ready: Promise<unknown>;
  actionsFor: (asker: Asker) => Actions;
  settings: WakeSettings;
}

/** Everything that the orchestrator does beside answering a message: what wakes it, what it has promised, what people decide about it. */
export class Orchestration {
  readonly asking: Asking;
  /** Whose orchestrator a shard's events wake. */
  readonly owners: Owners;
  readonly #orchestrator: Orchestrator | undefined;
  readonly #host: ShardHost;
  readonly #tasks: Tasks;
  readonly #wakes: Wakes;
  readonly #wakeTriggers: WakeTriggers;
  readonly #clock: Clock;
  /** Absent where events wake nobody. */
  readonly #conflicts: Conflicts | undefined;
  readonly #controls: Parameters<typeof controlsFor>[0];

  constructor(options: OrchestrationOptions) {
    const {
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
      ready,
      actionsFor,
    } = options;
    const { perHour = 30, window = 1000, zone = "UTC" } = options.settings;
    const records = new WakeRecords(store);
    const limits = new Limits(store, perHour);
    const owners = new Owners(store);
    const policies = new Policies(store);
    const woken = (thread: ThreadRef) => {
      this.#wakes.look(thread);
      this.#wakes.again(thread);
    };
    const approvals = new Approvals({ store, outbox, owners, wakes: records, woken });
    const choices = new Choices({ store, outbox, wakes: records, woken });
    const tasks = new Tasks({ store, host, zone, planned: () => this.#clock.look() });
    this.asking = new Asking({
      orchestrator,
      threads,
      streams,
      host,
      owners,
      tasks,
      approvals,
      choices,
      policies,
      actionsFor,
      redact,
    });
    this.#wakes = new Wakes({
      store,
      records,
      limits,
      people,
      threads,
      outbox,
      buttonValues,
      asking: this.asking,
      queue,
      ready,
      window,
      zone,
    });
    this.#wakeTriggers = new WakeTriggers({
      owners,
      tasks,
      approvals,
      threads,
      wakes: this.#wakes,
      events: perHour > 0,
    });
    if (perHour > 0)
      this.#conflicts = new Conflicts({ store, host, owners, take: (coming, also) => this.#wakes.take(coming, also) });
    this.#clock = new Clock(
      () => tasks.next(),
      async () => {
        const { coming, changes } = tasks.timed(Date.now());
        await this.#wakes.take(coming, changes);
        await tasks.prune();
      },
    );
    this.#controls = { orchestrator, tasks, approvals, choices, policies, limits, wakes: this.#wakes };
    this.#orchestrator = orchestrator;
    this.#host = host;
    this.owners = owners;
    this.#tasks = tasks;
  }

  controls(asker: Asker): OrchestratorControls {
    return controlsFor(this.#controls, asker);
  }

  /** Press a button of the orchestrator's own posts; undefined for another's. */
  readonly button: Pressed = (event, pressed, asker, actions) =>
    controlsButton(this.#controls, event, pressed, asker, actions);

  /** Take up what an earlier run has left; to be called before anything else is done in a thread. Nothing begins before `ready`. */
  async start(): Promise<void> {
    if (!this.#orchestrator) return;
    await this.owners.keep((await this.#host.list()).map(({ name }) => name));
    await this.#tasks.prune();
    this.#wakes.start();
    this.#clock.start();
  }

  async take(event: ShardEvent): Promise<void> {
    if (!this.#orchestrator) return;
    await this.#wakeTriggers.take(event);
    this.#conflicts?.heard(event);
  }

  /** Begin nothing any more. */
  async stop(): Promise<void> {
    this.#wakes.stop();
    await Promise.all([this.#clock.stop(), this.#conflicts?.stop()]);
  }
}
