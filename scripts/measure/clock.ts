import { setTimeout as sleep } from "node:timers/promises";
import type { ShardState } from "../../src/shards/host.ts";
import type { Machine } from "../../tests/real-agents/machine.ts";

/** How long a shard was told to be in a state that it was not in. */
export interface Wrong {
  milliseconds: number;
  told: ShardState | "";
  was: ShardState | "";
}

const every = 25;

/** Compares the state that a host tells with what the model and the keyboard know, for as long as it runs. */
export class StateClock {
  readonly #machine: Machine;
  /** The open dialog comes from this request, which is not answered yet. */
  #asking = false;
  /** How many requests there were when something was typed: what comes of it is not known before the next one. */
  #typed = 0;
  #stopped = false;
  #longest: Wrong = { milliseconds: 0, told: "", was: "" };

  private constructor(machine: Machine) {
    this.#machine = machine;
  }

  /** Measures while something is done. */
  static async during(machine: Machine, doing: (clock: StateClock) => Promise<void>): Promise<Wrong> {
    const clock = new StateClock(machine);
    clock.typed();
    const watching = clock.#watch();
    try {
      await doing(clock);
    } finally {
      clock.#stopped = true;
      await watching;
    }
    return clock.#longest;
  }

  /** A prompt, or the answer to a dialog, is typed now. */
  typed(): void {
    this.#typed = this.#machine.api.requests.length;
    this.#asking = false;
  }

  /** The next call of a tool asks a person. */
  asks(): void {
    this.#asking = true;
  }

  async #watch(): Promise<void> {
    let wrong: { since: number; told: ShardState; was: ShardState } | undefined;
    while (!this.#stopped) {
      const [shard] = await this.#machine.host.list();
      const told = shard?.status.state;
      const was = this.#known();
      const now = performance.now();
      if (told === undefined || was === undefined || told === was) wrong = undefined;
      else if (wrong?.was !== was || wrong.told !== told) wrong = { since: now, told, was };
      if (wrong && now - wrong.since > this.#longest.milliseconds)
        this.#longest = { milliseconds: Math.round(now - wrong.since), told: wrong.told, was: wrong.was };
      await sleep(every);
    }
  }

  #known(): ShardState | undefined {
    const { requests } = this.#machine.api;
    const last = requests.at(-1);
    if (!last || requests.length <= this.#typed) return undefined;
    if ((!last.done && !last.left) || last.again) return "working";
    if (!last.calls) return "idle";
    return this.#asking ? "waiting" : "working";
  }
}
