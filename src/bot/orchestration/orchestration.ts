import type { ThreadRef } from "../../adapters/adapter.ts";
import type { ShardEvent } from "../../shards/events.ts";
import type { ShardHost } from "../../shards/host.ts";
import type { Store } from "../../store/store.ts";
import type { Asker } from "../access/asker.ts";
import type { ButtonValues } from "../delivery/button-values.ts";
import type { Asking } from "./asking.ts";
import type { OrchestratorControls } from "./controls.ts";
import type { ToldOrchestrator } from "./shown-actions.ts";
import { controlsButton, controlsFor, type ControlsParts, type PressButton } from "./orchestrator-controls.ts";
import type { Outbox } from "../delivery/outbox.ts";
import type { People } from "../access/people.ts";
import { Policies } from "./policies.ts";
import { Clock } from "./tasks/clock.ts";
import { Tasks } from "./tasks/tasks.ts";
import type { ShardIdentities } from "../threads/shard-identities.ts";
import type { Threads } from "../threads/threads.ts";
import type { KeyedQueue } from "../../serial.ts";
import { Choices } from "./wakes/choices.ts";
import { Conflicts } from "./wakes/conflicts.ts";
import { WakeTriggers } from "./wakes/wake-triggers.ts";
import { Limits } from "./wakes/limits.ts";
import { Owners } from "./wakes/owners.ts";
import { InstructionsApprovals } from "./instructions-approvals.ts";
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
  orchestrator: ToldOrchestrator | undefined;
  threads: Threads;
  outbox: Outbox;
  buttonValues: ButtonValues;
  people: People;
  queue: KeyedQueue;
  identities: ShardIdentities;
  /** Settles when the platforms are connected. */
  ready: Promise<unknown>;
  settings: WakeSettings;
}

/** Everything that the orchestrator does beside answering a message: what wakes it, what it has promised, what people decide about it. */
export class Orchestration {
  /** Whose orchestrator a shard's events wake. */
  readonly owners: Owners;
  readonly tasks: Tasks;
  readonly approvals: Approvals;
  readonly instructions: InstructionsApprovals;
  readonly choices: Choices;
  readonly policies: Policies;
  readonly #options: OrchestrationOptions;
  readonly #wakes: Wakes;
  readonly #wakeTriggers: WakeTriggers;
  readonly #clock = new Clock();
  /** Absent where events wake nobody. */
  readonly #conflicts: Conflicts | undefined;
  readonly #controls: ControlsParts;

  constructor(options: OrchestrationOptions) {
    const { store, host, orchestrator, threads, outbox } = options;
    const { perHour = 30, window = 1000, zone = "UTC" } = options.settings;
    const records = new WakeRecords(store);
    const limits = new Limits(store, perHour);
    const owners = new Owners(store, options.identities);
    const policies = new Policies(store);
    const wakes = new Wakes({ ...options, records, limits, window, zone });
    const woken = (thread: ThreadRef) => {
      wakes.look(thread);
      wakes.again(thread);
    };
    const approvals = new Approvals({ store, outbox, owners, wakes: records, woken, identities: options.identities });
    const choices = new Choices({ store, outbox, wakes: records, woken });
    const tasks = new Tasks({ store, host, zone, clock: this.#clock });
    this.#wakeTriggers = new WakeTriggers({ owners, tasks, approvals, threads, wakes, events: perHour > 0 });
    if (perHour > 0)
      this.#conflicts = new Conflicts({ store, host, owners, take: (coming, also) => wakes.take(coming, also) });
    const instructions = new InstructionsApprovals({ store, outbox, host });
    this.#controls = { orchestrator, instructions, tasks, approvals, choices, policies, limits, wakes };
    this.#options = options;
    this.#wakes = wakes;
    this.owners = owners;
    this.tasks = tasks;
    this.approvals = approvals;
    this.instructions = instructions;
    this.choices = choices;
    this.policies = policies;
  }

  controls(asker: Asker): OrchestratorControls {
    return controlsFor(this.#controls, asker);
  }

  /** Press a button of the orchestrator's own posts; undefined for another's. */
  button(...press: Parameters<PressButton>): ReturnType<PressButton> {
    return controlsButton(this.#controls, ...press);
  }

  /**
   * Take up what an earlier run has left, in turns of `asking`; to be called before anything else is done in a thread. Nothing begins before
   * `ready`.
   */
  async start(asking: Asking): Promise<void> {
    const { orchestrator, host } = this.#options;
    if (!orchestrator) return;
    await this.owners.keep((await host.list()).map(({ name }) => name));
    await this.tasks.prune();
    this.#wakes.start(asking);
    this.#clock.start({ next: () => this.tasks.next(), tick: () => this.#takeTimed() });
  }

  async #takeTimed(): Promise<void> {
    const { coming, changes } = this.tasks.dueAt(Date.now());
    await this.#wakes.take(coming, changes);
    await this.tasks.prune();
  }

  async take(event: ShardEvent): Promise<void> {
    if (!this.#options.orchestrator) return;
    await this.#wakeTriggers.take(event);
    this.#conflicts?.take(event);
  }

  /** Begin nothing any more. */
  async stop(): Promise<void> {
    this.#wakes.stop();
    await Promise.all([this.#clock.stop(), this.#conflicts?.stop()]);
  }
}
