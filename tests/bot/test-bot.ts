import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import type { AccessLists, Limits, Person, Place, ThreadRef } from "../../src/adapters/adapter.ts";
import { Bot } from "../../src/bot/bot.ts";
import type { WakeSettings } from "../../src/bot/orchestration/orchestration.ts";
import { pace } from "../../src/bot/intake/pace.ts";
import { redactor } from "../../src/bot/delivery/redact.ts";
import type { Redact } from "../../src/redaction/shown.ts";
import { ShardbridgeError } from "../../src/errors.ts";
import { configureLog } from "../../src/log.ts";
import type { Account, Answer, Ask, Orchestrator, Usage, Wake } from "../../src/orchestrator/orchestrator.ts";
import type { Store } from "../../src/store/store.ts";
import { Disk } from "../fakes/disk.ts";
import { ann, channel, FakeAdapter, textOf } from "../fakes/fake-adapter.ts";
import { FakeHost } from "../fakes/fake-host.ts";

export const access: AccessLists = { viewers: ["V1"], operators: ["O1", "R-OPS"], admins: [ann.id], channels: ["C1"] };
export const viewer: Person = { id: "V1", name: "Vic", roles: [] };
export const operator: Person = { id: "O1", name: "Oda", roles: [] };
export const stranger: Person = { id: "S1", name: "Sam", roles: [] };
export const secret = "very-secret-token-0123456789";

/** An orchestrator that does what a test says. */
class FakeOrchestrator implements Orchestrator {
  readonly asked: Ask[] = [];
  reply: (ask: Ask) => Promise<string> = async (ask) => `You said: ${ask.text}`;

  /** The wakes so far, and what it says to each; silent unless a test says otherwise. */
  readonly woken: Wake[] = [];
  react: (wake: Wake) => Promise<string | Answer> = async () => "";
  /** The account whose budget is used up. */
  over: Account | undefined;

  async answer(ask: Ask): Promise<Answer> {
    this.asked.push(ask);
    this.#check();
    return { text: await this.reply(ask), calls: [] };
  }

  async wake(wake: Wake): Promise<Answer> {
    this.woken.push(wake);
    this.#check();
    const said = await this.react(wake);
    return typeof said === "string" ? { text: said, calls: [] } : said;
  }

  /** Names of turns that an earlier run has begun. */
  readonly left = new Set<string>();

  begun(_thread: string, id: string): boolean {
    return this.left.has(id);
  }

  usage(): Usage {
    return { requests: 2, input: 1000, cacheWrite: 200, cacheRead: 2800, output: 50, cost: 1.5, unpriced: 0 };
  }

  today(): string {
    return "2026-12-24";
  }

  overBudget(): { account: Account; sentence: string } | undefined {
    return this.over && { account: this.over, sentence: "The budget is used up." };
  }

  async extend(account: Account): Promise<void> {
    if (JSON.stringify(account) !== JSON.stringify(this.over)) throw new ShardbridgeError("refused", "It has room.");
    this.over = undefined;
  }

  #check(): void {
    if (this.over) throw new ShardbridgeError("over_budget", "The budget is used up.");
  }
}

/** A bot over a real store, between a platform and a host that are fakes; `restart` makes a new one over the same three. */
export class TestBot {
  readonly adapter: FakeAdapter;
  readonly host = new FakeHost();
  readonly orchestrator = new FakeOrchestrator();
  readonly log: string[] = [];
  withOrchestrator = true;
  disk!: Disk;
  wakes: WakeSettings = { window: 20 };
  /** The bot's own, but shorter where nothing is tested of it; a test may change it while the bot runs. */
  readonly pace = { ...pace, retry: 100 };
  access: AccessLists = access;
  redact: Redact = redactor([secret]);
  store!: Store;
  bot!: Bot;
  readonly #folder = mkdtempSync(join(tmpdir(), "shardbridge-bot-"));

  constructor(limits: Partial<Limits> = {}) {
    this.adapter = new FakeAdapter({ limits });
    configureLog({ write: (line) => this.log.push(line) });
  }

  async open(): Promise<this> {
    ({ disk: this.disk, store: this.store } = await Disk.open(this.#folder));
    this.bot = new Bot({
      platforms: [{ adapter: this.adapter, access: this.access }],
      host: this.host,
      orchestrator: this.withOrchestrator ? this.orchestrator : undefined,
      store: this.store,
      redact: this.redact,
      wakes: this.wakes,
      pace: this.pace,
    });
    await this.bot.start();
    return this;
  }

  /** Take the store away from under the bot, as a kill does, and start another bot on it. */
  async killAndStart(between: () => void = () => {}): Promise<void> {
    await this.store.close();
    between();
    await this.open();
  }

  /** The bot has been stopped: start another one. */
  async restart(): Promise<void> {
    await this.store.close();
    await this.open();
  }

  /** Press the last button with this label in a thread; resolves with what the person is shown. */
  async press(thread: ThreadRef, label: string, by: Person = ann): Promise<string> {
    const found = this.adapter.in(thread).flatMap(({ post, ref }) => {
      const buttons = "buttons" in post ? (post.buttons ?? []) : [];
      return buttons
        .filter((button) => button.label === label)
        .map(({ action, value }) => ({ action, value, post: ref }));
    });
    const button = await until(() => found.at(-1), `a button ${label}`);
    const { post } = await this.adapter.emit({ type: "action", ...button }, { place: thread, by });
    return post ? textOf(post) : "";
  }

  async dispose(): Promise<void> {
    await this.bot.stop();
    await this.store.close();
    rmSync(this.#folder, { recursive: true, force: true });
  }

  /** A thread that the bot knows, opened by a mention. */
  async thread(): Promise<ThreadRef> {
    const before = this.adapter.opened.length;
    await this.adapter.say("hello");
    const { thread } = await until(() => this.adapter.opened[before], "a thread");
    await until(() => this.adapter.texts(thread)[0], "a post");
    return thread;
  }

  /** A shard with its own thread. */
  async shard(name = "demo"): Promise<ThreadRef> {
    await this.command(`spawn ${name}`);
    const { thread } = this.adapter.opened.find(({ title }) => title.startsWith(name))!;
    await this.shows(thread, `Shard ${name}`);
    return thread;
  }

  /** Use the slash command; resolves with the text of the reply. */
  async command(line: string, place: Place = channel, by: Person = ann): Promise<string> {
    const { post } = await this.adapter.emit({ type: "command", command: line }, { place, by });
    return post ? textOf(post) : "";
  }

  /** Wait until a text is in a thread. */
  async shows(thread: ThreadRef, text: string, times = 1): Promise<void> {
    const found = () => this.adapter.texts(thread).filter((shown) => shown.includes(text)).length;
    await until(
      () => found() === times || undefined,
      `"${text}" ${times} times in: ${this.adapter.texts(thread).join(" | ")}`,
    );
  }
}

/** Resolves with what `look` finds, as soon as it finds it. */
async function until<T>(look: () => T | undefined, what: string): Promise<T> {
  return vi.waitFor(
    () => {
      const found = look();
      if (found === undefined) throw new Error(`there is not ${what}`);
      return found;
    },
    { timeout: 5000, interval: 10 },
  );
}
