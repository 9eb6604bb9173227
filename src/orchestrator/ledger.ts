import { z } from "zod";
import { ShardbridgeError } from "../errors.ts";
import { SerialQueue } from "../serial.ts";
import type { Collection, Store } from "../store/store.ts";
import { localDay } from "./local-time.ts";
import type { Account, Tokens, Usage } from "./orchestrator.ts";
import { costOf } from "./prices.ts";

const usageRecord = z.object({
  requests: z.number(),
  input: z.number(),
  cacheWrite: z.number(),
  cacheRead: z.number(),
  output: z.number(),
  cost: z.number(),
  unpriced: z.number(),
});
const nothing: Usage = { requests: 0, input: 0, cacheWrite: 0, cacheRead: 0, output: 0, cost: 0, unpriced: 0 };
/** Number of times that an account was given its budget once more. */
const grantRecord = z.object({ times: z.int().min(0) });

/** Budget of an account, in US dollars or in tokens (input, cached or not, and output). */
type Budget = { dollars: number } | { tokens: number };

/** A thread for all its life; a person, and everybody together, for a day. */
export interface Budgets {
  thread?: Budget | undefined;
  person?: Budget | undefined;
  day?: Budget | undefined;
}

interface LedgerOptions {
  store: Store;
  budgets: Budgets;
  /** The time zone that days are counted in. */
  zone: string;
  now: () => Date;
}

/** Cost of the model by thread, person and day, and its budgets. */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #usage: Collection<Usage>;
  /** Each write reads what the one before has written. */
  readonly #writes = new SerialQueue();
  readonly #grants: Collection<z.infer<typeof grantRecord>>;

  constructor(options: LedgerOptions) {
    this.#options = options;
    this.#usage = options.store.collection("usage", usageRecord);
    this.#grants = options.store.collection("budget-grant", grantRecord);
  }

  today(): string {
    return localDay(this.#options.now(), this.#options.zone);
  }

  of(account: Account): Usage {
    return this.#usage.get(keyOf(account)) ?? nothing;
  }

  /** Count one request, or several of which somebody else has told the sum. */
  async add(
    who: { thread: string; person: string },
    model: string,
    tokens: Tokens,
    told: { requests: number; cost?: number | undefined } = { requests: 1, cost: costOf(model, tokens) },
  ): Promise<void> {
    return this.#writes.run(async () => this.#add(who, tokens, told));
  }

  /** The first account that has no room left. */
  over(who: { thread: string; person: string }): { account: Account; sentence: string } | undefined {
    for (const account of this.#accounts(who)) {
      const sentence = this.#exhausted(account);
      if (sentence !== undefined) return { account, sentence };
    }
    return undefined;
  }

  /** Throws ShardbridgeError "over_budget" when an account has no room left. */
  check(who: { thread: string; person: string }): void {
    const over = this.over(who);
    if (over) throw new ShardbridgeError("over_budget", over.sentence);
  }

  /** Throws ShardbridgeError "refused" when the account has room: a button may be pressed twice. */
  async extend(account: Account): Promise<void> {
    return this.#writes.run(async () => {
      if (account.of === "total" || this.#exhausted(account) === undefined) {
        throw new ShardbridgeError("refused", "This budget has room again already: there is nothing to extend.");
      }
      const key = keyOf(account);
      await this.#grants.set(key, { times: (this.#grants.get(key)?.times ?? 0) + 1 });
    });
  }

  async #add(
    who: { thread: string; person: string },
    tokens: Tokens,
    { requests, cost }: { requests: number; cost?: number | undefined },
  ): Promise<void> {
    const changes = [...this.#accounts(who), { of: "total" } as const].map((account) => {
      const before = this.of(account);
      const after: Usage = {
        requests: before.requests + requests,
        input: before.input + tokens.input,
        cacheWrite: before.cacheWrite + tokens.cacheWrite,
        cacheRead: before.cacheRead + tokens.cacheRead,
        output: before.output + tokens.output,
        cost: before.cost + (cost ?? 0),
        unpriced: before.unpriced + (cost === undefined ? requests : 0),
      };
      return this.#usage.change(keyOf(account), after);
    });
    await this.#options.store.write(changes);
  }

  #accounts({ thread, person }: { thread: string; person: string }): (Account & { of: "thread" | "person" | "day" })[] {
    const day = this.today();
    return [
      { of: "thread", thread },
      { of: "person", person, day },
      { of: "day", day },
    ];
  }

  #exhausted(account: Account & { of: "thread" | "person" | "day" }): string | undefined {
    const budget = this.#options.budgets[account.of];
    if (!budget) return undefined;
    const times = 1 + (this.#grants.get(keyOf(account))?.times ?? 0);
    const { input, cacheWrite, cacheRead, output, cost } = this.of(account);
    const used = "dollars" in budget ? cost : input + cacheWrite + cacheRead + output;
    const limit = times * ("dollars" in budget ? budget.dollars : budget.tokens);
    if (used < limit) return undefined;
    const whose = { thread: "This thread has", person: "You have today", day: "All have together today" }[account.of];
    const amount = "dollars" in budget ? `$${limit.toFixed(2)}` : `${limit.toLocaleString("en")} tokens`;
    return `${whose} used up the model's budget of ${amount}: an admin can let it go on.`;
  }
}

function keyOf(account: Account): string {
  switch (account.of) {
    case "thread":
      return `thread/${account.thread}`;
    case "person":
      return `person/${account.day}/${account.person}`;
    case "day":
      return `day/${account.day}`;
    case "total":
      return "total";
  }
}
