import { existsSync } from "node:fs";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import { SerialQueue } from "../../serial.ts";
import type { HostContext } from "./host-context.ts";
import { openShard } from "./open-shard.ts";
import { removeOrphans } from "./orphans.ts";
import { Link } from "../link.ts";
import { tellMissing } from "./missing.ts";
import type { Roster } from "./roster.ts";
import type { Shard } from "../shard.ts";

/** Milliseconds from the end of one look to the next one. */
const every = 60_000;

/** A host that looks after what happens behind its back. */
export interface Watchful {
  /**
   * Compare records with holders, worktrees and folders, and mend what differs, as happens at the start and every minute: a lost shard whose
   * holder answers again is taken back, a worktree that somebody removed is told of, and what is left of shards that are gone is removed. Never
   * work. Waits for a look that is under way, and never touches a shard that a verb is changing. Failures are logged.
   */
  reconcile(): Promise<void>;
}

/** The looks of one host, one after the other. */
export class Reconciler implements Watchful {
  readonly #roster: Roster;
  readonly #context: HostContext;
  readonly #looks = new SerialQueue();
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(roster: Roster, context: HostContext) {
    this.#roster = roster;
    this.#context = context;
  }

  /** Look now, and every minute from then on; a process does not live for that. */
  start(): void {
    void this.reconcile().then(() => {
      if (!this.#stopped) this.#timer = setTimeout(() => this.start(), every).unref();
    });
  }

  async reconcile(): Promise<void> {
    await this.#looks.run(async () => (this.#stopped ? undefined : this.#look()));
  }

  /** Resolves when the present look is over. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    await this.#looks.settled();
  }

  async #look(): Promise<void> {
    const roster = this.#roster;
    await Promise.all(
      roster.all.map(async (shard) => {
        await this.#attempt(shard.name, () => takeBack(shard, roster, this.#context));
        await this.#attempt(shard.name, () =>
          shard.alone(async () => {
            if (roster.holds(shard)) await tellMissing(shard);
          }),
        );
      }),
    );
    for (const [name, path] of Object.entries(this.#context.options.repos)) {
      await this.#attempt(name, () => this.#prune({ name, path }));
    }
    await this.#attempt("", () => removeOrphans(this.#context));
  }

  async #prune(repo: { name: string; path: string }): Promise<void> {
    if (!existsSync(repo.path)) return;
    const { records, worktrees } = this.#context;
    // A spawn saves its record before it makes anything.
    const pruned = await worktrees.prune(repo, (shard) => records.shards.get(shard) !== undefined);
    if (pruned.length > 0) log.info("took worktrees off git's list whose folders are gone", { pruned });
  }

  async #attempt(about: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (error instanceof ShardbridgeError) log.warn("could not reconcile", { about, reason: messageOf(error) });
      else logBug(error, "could not reconcile", { about });
    }
  }
}

/** A lost shard whose holder answers after all goes on as if it had never been lost; a person is told. */
async function takeBack(shard: Shard, roster: Roster, context: HostContext): Promise<void> {
  const { store, events, name } = shard;
  const isLost = () => shard.status.state === "lost" && store.record.phase === "ready" && roster.holds(shard);
  if (!isLost() || !(await answers(store.record)) || !isLost()) return;
  await roster.change(name, async () => {
    // That it was lost comes first.
    await shard.settle();
    await shard.retire();
    const number = store.record.questions + 1;
    const found = { type: "found" as const, id: store.id("found", number) };
    await events.say(found, [store.change({ ended: false, questions: number })]);
    roster.set(await openShard(store.record, events, context));
  });
}

async function answers({ socket, secret }: Shard["store"]["record"]): Promise<boolean> {
  if (!existsSync(socket)) return false;
  const link = await Link.open({ socket, secret }, () => undefined).catch(() => undefined);
  link?.close();
  return link !== undefined;
}
