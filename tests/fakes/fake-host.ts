import { ShardbridgeError } from "../../src/errors.ts";
import {
  shardNamePattern,
  type AnswerRequest,
  type Destroyed,
  type DestroyRequest,
  type Explanation,
  type QueuedPrompt,
  type Question,
  type ReadRequest,
  type Receipt,
  type SendRequest,
  type ShardEvent,
  type ShardHost,
  type ShardInfo,
  type ShardListener,
  type ShardOutput,
  type ShardState,
  type SpawnRequest,
} from "../../src/shards/host.ts";

type Body<E> = E extends ShardEvent ? Omit<E, "shard" | "seq" | "at"> : never;

interface FakeShard {
  info: ShardInfo;
  lines: string[];
  question: Question | undefined;
  queue: { text: string; by: string | undefined }[];
  turn: number;
  by: string | undefined;
  seq: number;
  events: ShardEvent[];
  delivering: Promise<void> | undefined;
}

/**
 * A host in this process whose agents follow a script: `say TEXT` answers, `hang` works until `finish` is called, `slow` for a moment,
 * `ask` opens a question whose answer is then said, `ignore` does not react, `exit N` ends the agent.
 */
export class FakeHost implements ShardHost {
  /** Shards with work that is nowhere else. */
  readonly unsaved = new Set<string>();
  readonly sent: SendRequest[] = [];
  readonly #shards = new Map<string, FakeShard>();
  readonly #choices: { repos: string[]; agents: string[]; defaultAgent: string };
  #listener: ShardListener | undefined;
  #count = 0;

  constructor(choices = { repos: ["web", "api"], agents: ["fake", "shell"], defaultAgent: "fake" }) {
    this.#choices = choices;
  }

  async spawn({ name, repo, agent, base, prompt, by }: SpawnRequest): Promise<ShardInfo> {
    const { repos, agents, defaultAgent } = this.#choices;
    if (!shardNamePattern.test(name)) {
      throw new ShardbridgeError("usage", `"${name}" is no name for a shard: use a-z, 0-9 and dashes.`);
    }
    if (this.#shards.has(name)) throw new ShardbridgeError("exists", `There is a shard ${name} already.`);
    known("repo", repo, repos);
    known("agent", agent, agents);
    const at = new Date().toISOString();
    const info: ShardInfo = {
      name,
      repo: repo ?? repos[0]!,
      agent: agent ?? defaultAgent,
      branch: `shard/${name}`,
      base: base ?? "main",
      worktree: `/nowhere/${name}`,
      alive: true,
      status: { state: "starting", since: at, why: "launched" },
      queued: 0,
      createdAt: at,
      createdBy: by ?? "",
    };
    const empty = { lines: [], question: undefined, turn: 0, by: undefined, seq: 0, events: [], delivering: undefined };
    const shard: FakeShard = { info: { ...info }, ...empty, queue: prompt === undefined ? [] : [{ text: prompt, by }] };
    this.#shards.set(name, shard);
    this.#state(shard, "idle");
    this.#next(shard);
    return info;
  }

  async send(request: SendRequest): Promise<Receipt> {
    const shard = this.#get(request.name);
    if (request.text.trim() === "") throw new ShardbridgeError("usage", "There is nothing to send.");
    this.sent.push(request);
    if (!shard.info.alive) return { outcome: "refused", reason: "The agent has ended." };
    if (shard.question) return { outcome: "refused", reason: "A question is open.", question: shard.question };
    if (shard.info.status.state === "working") {
      shard.queue.push({ text: request.text, by: request.by });
      shard.info.queued = shard.queue.length;
      return { outcome: "queued", position: shard.queue.length };
    }
    const receipt = this.#begin(shard, request.text, request.by);
    this.#act(shard, request.text);
    return receipt;
  }

  async read({ name, lines = 40 }: ReadRequest): Promise<ShardOutput> {
    const shard = this.#get(name);
    const text = shard.lines.slice(-lines).join("\n");
    const question = shard.question ? { question: shard.question } : {};
    return { name, text, truncated: shard.lines.length > lines, status: shard.info.status, ...question };
  }

  async list(): Promise<ShardInfo[]> {
    return [...this.#shards.values()].map(({ info }) => ({ ...info }));
  }

  async destroy({ name, force = false }: DestroyRequest): Promise<Destroyed> {
    const shard = this.#get(name);
    if (this.unsaved.has(name) && !force) {
      throw new ShardbridgeError(
        "unsaved_work",
        `Shard ${name} has uncommitted work: commit it, or destroy it with force.`,
      );
    }
    this.#say(shard, { type: "destroyed", id: this.#id() });
    this.#shards.delete(name);
    return { name, survivors: [] };
  }

  async answer({ name, question, option, by }: AnswerRequest): Promise<void> {
    const shard = this.#get(name);
    const chosen = shard.question?.options.find(({ key }) => key === option);
    if (shard.question?.id !== question) throw new ShardbridgeError("refused", "That question is not open any more.");
    if (!chosen) throw new ShardbridgeError("usage", `There is no option ${option}.`);
    shard.question = undefined;
    this.#say(shard, {
      type: "question-closed",
      id: this.#id(),
      answer: chosen.label,
      ...(by !== undefined && { by }),
    });
    this.#state(shard, "working");
    this.#answer(shard, `You chose ${chosen.label}`);
  }

  async stop({ name }: { name: string }): Promise<void> {
    const shard = this.#get(name);
    if (shard.info.status.state !== "working") throw new ShardbridgeError("refused", `Shard ${name} is not working.`);
    this.#answer(shard, "");
  }

  async command({ name }: { name: string }): Promise<Receipt> {
    throw new ShardbridgeError("refused", `Not yet for ${name}.`);
  }

  async queue({ name }: { name: string }): Promise<QueuedPrompt[]> {
    throw new ShardbridgeError("refused", `Not yet for ${name}.`);
  }

  async unqueue({ name }: { name: string }): Promise<QueuedPrompt> {
    throw new ShardbridgeError("refused", `Not yet for ${name}.`);
  }

  async screen({ name }: { name: string }): Promise<{ name: string; text: string }> {
    throw new ShardbridgeError("refused", `Not yet for ${name}.`);
  }

  async explain({ name }: { name: string }): Promise<Explanation> {
    throw new ShardbridgeError("refused", `Not yet for ${name}.`);
  }

  async press({ name }: { name: string }): Promise<{ name: string; text: string }> {
    throw new ShardbridgeError("refused", `Not yet for ${name}.`);
  }

  async close({ name }: { name: string }): Promise<Destroyed> {
    throw new ShardbridgeError("refused", `Not yet for ${name}.`);
  }

  async resume({ name }: { name: string }): Promise<ShardInfo> {
    throw new ShardbridgeError("refused", `Not yet for ${name}.`);
  }

  async choices() {
    return this.#choices;
  }

  subscribe(listener: ShardListener): void {
    this.#listener = listener;
    for (const shard of this.#shards.values()) {
      // Who listened before may have been killed, and will never resolve.
      shard.delivering = undefined;
      this.#wake(shard);
    }
  }

  async release(): Promise<void> {
    this.#listener = undefined;
    for (const { delivering } of this.#shards.values()) await delivering;
  }

  /** The running turn of a shard ends with this. */
  finish(name: string, text: string, form: "markdown" | "terminal" = "markdown"): void {
    this.#answer(this.#get(name), text, form);
  }

  /** Last lines of a running turn. */
  output(name: string, tail: string): void {
    const shard = this.#get(name);
    this.#say(shard, { type: "output", tail, status: shard.info.status });
  }

  /** Any event, as it is. Resolves when the listener has resolved for all events of the shard. */
  async deliver(name: string, body: Body<ShardEvent>): Promise<void> {
    const shard = this.#get(name);
    this.#say(shard, body);
    await shard.delivering;
  }

  #begin(shard: FakeShard, text: string, by: string | undefined): Receipt {
    if (text.startsWith("ignore")) return { outcome: "stalled", screen: `> ${text}` };
    shard.turn += 1;
    shard.by = by;
    shard.lines.push(`> ${text}`);
    this.#state(shard, "working");
    return { outcome: "submitted", turn: shard.turn };
  }

  #act(shard: FakeShard, text: string): void {
    const [, word = "", rest = ""] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
    const { turn } = shard;
    if (word === "say") this.#answer(shard, rest);
    if (word === "ask") this.#ask(shard, rest);
    if (word === "exit") this.#exit(shard, Number(rest));
    if (word === "slow")
      setTimeout(() => shard.turn === turn && this.#working(shard) && this.#answer(shard, "slow"), 200);
  }

  #working({ info }: FakeShard): boolean {
    return info.status.state === "working";
  }

  #ask(shard: FakeShard, detail: string): void {
    const options = [
      { key: "1", label: "Yes" },
      { key: "2", label: "No" },
    ];
    shard.question = {
      id: `q${(this.#count += 1)}`,
      kind: "approval",
      text: "Do you want to proceed?",
      detail,
      options,
    };
    this.#state(shard, "waiting");
    this.#say(shard, { type: "question", id: this.#id(), question: shard.question });
  }

  #exit(shard: FakeShard, code: number): void {
    shard.info.alive = false;
    this.#state(shard, "exited");
    this.#say(shard, {
      type: "exited",
      id: this.#id(),
      exit: { code },
      how: code === 0 ? "left" : "crashed",
      looping: false,
      tail: shard.lines.join("\n"),
    });
  }

  #answer(shard: FakeShard, text: string, form: "markdown" | "terminal" = "markdown"): void {
    if (text !== "") shard.lines.push(...text.split("\n"));
    const by = shard.by === undefined ? {} : { by: shard.by };
    this.#state(shard, "idle");
    this.#say(shard, { type: "answer", id: this.#id(), turn: shard.turn, text, form, truncated: false, ...by });
    this.#next(shard);
  }

  /** Type the prompt that has waited longest. */
  #next(shard: FakeShard): void {
    const next = shard.queue.shift();
    shard.info.queued = shard.queue.length;
    if (!next) return;
    const { text, by } = next;
    const receipt = this.#begin(shard, text, by);
    this.#say(shard, { type: "receipt", id: this.#id(), text, receipt, ...(by !== undefined && { by }) });
    this.#act(shard, text);
  }

  #state(shard: FakeShard, state: ShardState): void {
    const was = shard.info.status.state;
    const waiting = state === "waiting" ? { waitingFor: "approval" as const } : {};
    shard.info.status = { state, since: new Date().toISOString(), why: "script", ...waiting };
    this.#say(shard, { type: "state", status: shard.info.status, was });
  }

  #say(shard: FakeShard, body: Body<ShardEvent>): void {
    shard.seq += 1;
    shard.events.push({ ...body, shard: shard.info.name, seq: shard.seq, at: new Date().toISOString() });
    this.#wake(shard);
  }

  #wake(shard: FakeShard): void {
    if (shard.delivering || !this.#listener) return;
    const delivering = this.#deliver(shard, this.#listener).finally(() => {
      if (shard.delivering === delivering) shard.delivering = undefined;
    });
    shard.delivering = delivering;
  }

  /** An event with an id stays until the listener has resolved for it. */
  async #deliver(shard: FakeShard, listener: ShardListener): Promise<void> {
    for (let event = shard.events[0]; event && this.#listener === listener; event = shard.events[0]) {
      const heard = await listener(event).then(
        () => true,
        () => false,
      );
      if (this.#listener !== listener || (!heard && "id" in event)) return;
      shard.events.shift();
    }
  }

  #get(name: string): FakeShard {
    const shard = this.#shards.get(name);
    if (!shard) {
      const names = [...this.#shards.keys()].join(", ");
      throw new ShardbridgeError("not_found", `There is no shard ${name}; there are: ${names}.`);
    }
    return shard;
  }

  #id(): string {
    return `event-${(this.#count += 1)}`;
  }
}

function known(what: string, name: string | undefined, names: string[]): void {
  if (name === undefined || names.includes(name)) return;
  throw new ShardbridgeError("not_found", `There is no ${what} ${name}; there are: ${names.join(", ")}.`);
}
