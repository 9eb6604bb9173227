import type { AgentKind, ScreenView } from "../agents/agent.ts";
import type { EventQueue } from "../saved/event-queue.ts";
import type { ShardStatus } from "../host.ts";
import type { TurnRecord } from "../saved/records.ts";
import { tailOf } from "./answer-text.ts";

/** Milliseconds between two live views of a running turn. */
const every = 700;

/** Shows the last lines of a running turn from time to time. */
export class LiveTail {
  readonly #events: EventQueue;
  readonly #kind: AgentKind;
  #shown = { at: 0, tail: "" };

  constructor(events: EventQueue, kind: AgentKind) {
    this.#events = events;
    this.#kind = kind;
  }

  /** In how many milliseconds the next view is due; undefined when none is, or when it was shown now: see `showing`. */
  show(
    running: TurnRecord | undefined,
    status: ShardStatus,
    view: ScreenView,
  ): { due?: number; showing?: Promise<void> } {
    if (status.state !== "working" || !running) return {};
    const wait = this.#shown.at + every - Date.now();
    if (wait > 0) return { due: wait };
    const tail = tailOf(running, this.#kind, view);
    if (tail === "" || tail === this.#shown.tail || !this.#events.empty) return {};
    this.#shown = { at: Date.now(), tail };
    return { showing: this.#events.output(tail, status) };
  }
}
