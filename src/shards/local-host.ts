import { setTimeout as delay } from "node:timers/promises";
import { ShardbridgeError } from "../errors.ts";
import { adoptShard } from "./lifecycle/adopt.ts";
import { gitEnvironment } from "./process/environment.ts";
import { answerQuestion } from "./turns/answering.ts";
import { awaitTurn } from "./turns/awaiting.ts";
import { closeShard, requireLife } from "./lifecycle/closing.ts";
import type { RepoOverlap, ShardDiff, ShardHistory } from "./compare.ts";
import type { Outcome, ShardListener, WaitRequest } from "./events.ts";
import type { ApproveInstructions, ApproveSetup, RepoInstructions } from "./repo-says.ts";
import { type HolderAddress, addressOf, type HolderAddresses, type HostSecrets } from "./lifecycle/holder-address.ts";
import { destroyShard } from "./lifecycle/destroying.ts";
import { diffOf } from "./worktree/diff.ts";
import { explain } from "./state/explain.ts";
import { defaultAgentOf, type HostContext, installedAgents, type LocalHostOptions } from "./lifecycle/host-context.ts";
import type {
  AnswerRequest,
  Destroyed,
  DestroyRequest,
  Explanation,
  Mode,
  QueuedPrompt,
  ReadRequest,
  Receipt,
  SendRequest,
  ShardHost,
  ShardInfo,
  ShardOutput,
  SpawnRequest,
  Stopped,
} from "./host.ts";
import { infoOf } from "./state/info.ts";
import { interrupt } from "./turns/interrupting.ts";
import { pressKeys } from "./turns/keys.ts";
import { makeShard } from "./lifecycle/make.ts";
import { overlapOf } from "./worktree/overlap.ts";
import { shardOfToken } from "./lifecycle/tool-token.ts";
import { privateFolder, worktreesRoot } from "./process/places.ts";
import { openRecords } from "./saved/records.ts";
import { lastLines, lastScreen, mostLines } from "./turns/final-output.ts";
import { unsavedWork } from "./lifecycle/remove.ts";
import { resumeShard } from "./lifecycle/resume.ts";
import { lastTools } from "./turns/answer-text.ts";
import { Reconciler, type Watchful } from "./lifecycle/reconcile.ts";
import { Roster } from "./lifecycle/roster.ts";
import { sendCommand, sendPrompt, takeAway, waitingPrompts } from "./turns/sending.ts";
import { approveInstructions, approveSetup, repoInstructions } from "./lifecycle/setting-up.ts";
import type { Shard } from "./shard.ts";
import { planShard } from "./lifecycle/spawn.ts";
import { Worktrees } from "./worktree/worktree.ts";

export type { LocalHostOptions } from "./lifecycle/host-context.ts";

/** Lines that `read` gives when it is not told how many. */
const usualLines = 40;
/** Milliseconds that `close` waits for a prompt that is being typed. */
const lastPatience = 3000;

/**
 * The shards of this machine. Living holders are adopted, spawns and removals that a crash interrupted are finished or undone. Throws
 * ShardbridgeError "failed" for records that can't be read.
 */
export async function openLocalHost(
  options: LocalHostOptions,
): Promise<ShardHost & HolderAddresses & HostSecrets & Watchful> {
  const worktrees = new Worktrees({
    root: privateFolder(worktreesRoot(options.home)),
    env: gitEnvironment(options.env),
  });
  const host = new LocalHost({ options, worktrees, records: openRecords(options.store) });
  await host.adopt();
  host.watch();
  return host;
}

class LocalHost implements ShardHost, HolderAddresses, HostSecrets, Watchful {
  readonly #context: HostContext;
  readonly #roster: Roster;
  readonly #reconciler: Reconciler;
  readonly #over = new AbortController();

  constructor(context: HostContext) {
    this.#context = context;
    this.#roster = new Roster(context.records);
    this.#reconciler = new Reconciler(this.#roster, context);
  }

  async adopt(): Promise<void> {
    const roster = this.#roster;
    const { shards, pending, sequences } = this.#context.records;
    const adopted = shards.entries().map(async ([name, record]) => {
      const shard = await adoptShard(record, roster.eventsOf(name), this.#context);
      if (shard) roster.set(shard);
    });
    await Promise.all(adopted);
    const told = [...pending.entries(), ...sequences.entries()].map(([key]) => key.split("/", 1)[0] ?? key);
    const gone = new Set(told.filter((name) => !roster.has(name)));
    for (const name of gone) await roster.eventsOf(name).end("end");
  }

  /** Look after what happens behind our back, from now on. */
  watch(): void {
    this.#reconciler.start();
  }

  async reconcile(): Promise<void> {
    await this.#reconciler.reconcile();
  }

  async spawn(request: SpawnRequest): Promise<ShardInfo> {
    const { name, prompt, by } = request;
    const plan = planShard(request, this.#context);
    this.#roster.requireRoom(name, this.#context.options.maxShards);
    return this.#roster.change(name, async () => {
      const shard = await makeShard(plan, this.#roster.eventsOf(name), this.#context);
      this.#roster.set(shard);
      await shard.begin(prompt, by);
      return infoOf(shard);
    });
  }

  async send(request: SendRequest): Promise<Receipt> {
    const shard = this.#roster.get(request.name);
    if (request.text.trim() === "") throw new ShardbridgeError("usage", `Say what to send to ${request.name}.`);
    return sendPrompt(shard, request);
  }

  async command({ name, text, by }: { name: string; text: string; by?: string | undefined }): Promise<Receipt> {
    return sendCommand(this.#roster.get(name), text, by);
  }

  async queue({ name }: { name: string }): Promise<QueuedPrompt[]> {
    return waitingPrompts(this.#roster.get(name));
  }

  async unqueue({ name, id }: { name: string; id: number }): Promise<QueuedPrompt> {
    return takeAway(this.#roster.get(name), id);
  }

  async read({ name, lines = usualLines, tools = false }: ReadRequest): Promise<ShardOutput> {
    const shard = this.#roster.get(name);
    const { status, watch } = shard;
    const count = Math.min(Math.max(Math.trunc(lines), 1), mostLines);
    const said = tools ? await lastTools(count, shard) : await lastLines(shard, count);
    const question = status.state === "waiting" ? watch.question : undefined;
    return { name, ...said, status, ...(question && { question }) };
  }

  async list(): Promise<ShardInfo[]> {
    const infos = this.#roster.all.map(infoOf);
    return infos.sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
  }

  async screen({ name }: { name: string }): Promise<{ name: string; text: string }> {
    return { name, text: lastScreen(this.#roster.get(name)) };
  }

  async explain({ name }: { name: string }): Promise<Explanation> {
    const shard = this.#roster.get(name);
    await shard.follower.read();
    shard.look();
    return explain(name, shard.status, shard.watch.evidence, shard.watch.verdict);
  }

  async press({ name, keys }: { name: string; keys: string[] }): Promise<{ name: string; text: string }> {
    return { name, text: await pressKeys(this.#roster.get(name), keys) };
  }

  async close({ name, by = "" }: { name: string; by?: string | undefined }): Promise<Destroyed> {
    const shard = this.#roster.get(name);
    requireLife(name, shard.status);
    return this.#roster.change(name, async () => ({
      name,
      ...(await closeShard(shard, by, this.#context, this.#replace)),
    }));
  }

  async resume({ name, mode }: { name: string; mode?: Mode | undefined }): Promise<ShardInfo> {
    const shard = this.#roster.get(name);
    return this.#roster.change(name, async () => infoOf(await resumeShard(shard, mode, this.#context, this.#replace)));
  }

  async destroy({ name, force }: DestroyRequest): Promise<Destroyed> {
    const shard = this.#roster.get(name);
    const unsaved = force ? [] : await unsavedWork(shard.store.record, this.#context);
    if (unsaved.length > 0) {
      const remedy = "commit and push it, or destroy with force to throw it away";
      throw new ShardbridgeError(
        "unsaved_work",
        `${name} has work that would be lost: ${unsaved.join(", ")}. So ${remedy}.`,
      );
    }
    // Another request may have come first meanwhile.
    const found = this.#roster.get(name);
    return this.#roster.change(name, async () => ({
      name,
      ...(await destroyShard(found, this.#context, this.#roster)),
    }));
  }

  async answer(request: AnswerRequest): Promise<void> {
    await answerQuestion(this.#roster.get(request.name), request);
  }

  async stop({ name }: { name: string }): Promise<Stopped> {
    return interrupt(this.#roster.get(name));
  }

  async wait(request: WaitRequest): Promise<Outcome> {
    const shard = () => this.#roster.get(request.name);
    return awaitTurn(request, { shard, records: this.#context.records, over: this.#over.signal });
  }

  async diff({ name }: { name: string }): Promise<ShardDiff> {
    return diffOf(this.#roster.get(name).store.record, this.#context);
  }

  async overlap({ repo }: { repo?: string | undefined }): Promise<RepoOverlap[]> {
    return overlapOf(this.#roster.records, repo, this.#context);
  }

  async history({ name, since }: { name: string; since?: number | undefined }): Promise<ShardHistory> {
    return this.#context.records.histories.read(this.#roster.get(name).name, since);
  }

  async repoInstructions(): Promise<RepoInstructions[]> {
    return repoInstructions(this.#context);
  }

  async approveInstructions(request: ApproveInstructions): Promise<void> {
    await approveInstructions(request, this.#context);
  }

  async approveSetup(request: ApproveSetup): Promise<void> {
    this.#roster.get(request.name);
    await approveSetup(request, this.#roster.all, this.#context);
  }

  async spawnOptions(): Promise<{ repos: string[]; agents: string[]; defaultAgent: string }> {
    const { options } = this.#context;
    return {
      repos: Object.keys(options.repos),
      agents: installedAgents(options),
      defaultAgent: defaultAgentOf(options),
    };
  }

  holderAddress(name: string): HolderAddress {
    return addressOf(this.#roster.get(name).store.record);
  }

  bearer(secret: string): string | undefined {
    return shardOfToken(secret, this.#roster.all);
  }

  secrets(): string[] {
    return this.#roster.records.flatMap(({ secret, pass }) => (pass === undefined ? [secret] : [secret, pass]));
  }

  folders(): string[] {
    const { repos } = this.#context.options;
    return [...new Set([...Object.values(repos), ...this.#roster.records.map(({ worktree }) => worktree)])];
  }

  subscribe(listener: ShardListener): void {
    this.#roster.listen(listener);
  }

  async release(): Promise<void> {
    this.#over.abort();
    const patience = delay(lastPatience, undefined, { ref: false });
    await Promise.race([patience, this.#reconciler.stop()]);
    const shards = this.#roster.all;
    await Promise.race([patience, Promise.all(shards.map((shard) => shard.retire()))]);
    for (const { link } of shards) link?.close();
    await Promise.race([patience, this.#roster.closeEvents()]);
  }

  readonly #replace = (shard: Shard) => this.#roster.set(shard);
}
