import { ShardbridgeError } from "../../src/errors.ts";
import type { Outcome, ShardEvent, ShardListener, WaitRequest } from "../../src/shards/events.ts";
import type { RepoOverlap, ShardDiff, ShardHistory } from "../../src/shards/compare.ts";
import type { ApproveInstructions, ApproveSetup, RepoInstructions } from "../../src/shards/repo-says.ts";
import {
  keyNames,
  shardNamePattern,
  type AnswerRequest,
  type Destroyed,
  type DestroyRequest,
  type Explanation,
  type Mode,
  type QueuedPrompt,
  type Question,
  type ReadRequest,
  type Receipt,
  type SendRequest,
  type ShardHost,
  type ShardInfo,
  type ShardOutput,
  type ShardState,
  type SpawnRequest,
  type Stopped,
} from "../../src/shards/host.ts";

type Body<E> = E extends ShardEvent ? Omit<E, "shard" | "seq" | "at"> : never;

interface FakeShard {
  info: ShardInfo;
  lines: string[];
  question: Question | undefined;
  /** A screen that waits for keys, and that no rule can read. */
  puzzle: string | undefined;
  queue: { id: number; text: string; by: string | undefined }[];
  /** What was said, by turns; what waits has no number of a turn yet, but that of its prompt. */
  answers: Map<number, string>;
  how?: "closed" | "left" | "crashed";
  turnOf: Map<number, number>;
  tools: string[];
  crashes: number;
  turn: number;
  by: string | undefined;
  seq: number;
  events: ShardEvent[];
  delivering: Promise<void> | undefined;
}

/**
 * A host in this process whose agents follow a script: `say TEXT` answers, `hang` works until `finish` is called, `slow` for a moment,
 * `use TOOL` is a tool call that then works like `hang`, `ask` opens a question whose answer is then said, `choose` one that takes own
 * words, `puzzle` shows a screen that only keys get away, `ignore` does not react, `exit N` ends the agent, `crash` does with code 1.
 */
export class FakeHost implements ShardHost {
  /** Shards with work that is nowhere else. */
  readonly unsaved = new Set<string>();
  readonly sent: SendRequest[] = [];
  /** Every agent that was started, with its mode. */
  readonly started: { name: string; agent: string; mode: Mode | undefined }[] = [];
  readonly pressed: { name: string; keys: string[]; by: string | undefined }[] = [];
  /** Of `close`, by shard. */
  readonly survivors = new Map<string, number[]>();
  /** What `diff` and `overlap` say. */
  readonly diffs = new Map<string, Partial<ShardDiff>>();
  overlaps: RepoOverlap[] = [];
  /** Whether its shards have ids from now on. */
  identified = false;
  /** How often `overlap` was asked. */
  looked = 0;
  /** What `notes` says, and what `approveSetup` was asked. */
  repoNotes: RepoInstructions[] = [];
  readonly approved: ApproveSetup[] = [];
  readonly #shards = new Map<string, FakeShard>();
  readonly #choices: { repos: string[]; agents: string[]; defaultAgent: string };
  #listener: ShardListener | undefined;
  #count = 0;

  constructor(choices = { repos: ["web", "api"], agents: ["fake", "shell"], defaultAgent: "fake" }) {
    this.#choices = choices;
  }

  async spawn({ name, repo, agent, base, prompt, mode, by }: SpawnRequest): Promise<ShardInfo> {
    const { repos, agents, defaultAgent } = this.#choices;
    if (!shardNamePattern.test(name)) {
      throw new ShardbridgeError("usage", `"${name}" is no name for a shard: use a-z, 0-9 and dashes.`);
    }
    if (this.#shards.has(name)) throw new ShardbridgeError("exists", `There is a shard ${name} already.`);
    known("repo", repo, repos);
    // More than one word is a command line.
    if (!agent?.includes(" ")) known("agent", agent, agents);
    const at = new Date().toISOString();
    const info: ShardInfo = {
      name,
      ...(this.identified && { id: `id-${this.#number()}`, host: "local" }),
      repo: repo ?? repos[0]!,
      agent: agent ?? defaultAgent,
      ...(mode !== undefined && { mode }),
      branch: `shard/${name}`,
      base: base ?? "main",
      worktree: `/nowhere/${name}`,
      alive: true,
      status: { state: "starting", since: at, why: "launched" },
      queued: 0,
      createdAt: at,
      createdBy: by ?? "",
    };
    const shard: FakeShard = {
      info: { ...info },
      lines: [],
      question: undefined,
      puzzle: undefined,
      queue: prompt === undefined ? [] : [{ id: this.#number(), text: prompt, by }],
      answers: new Map(),
      turnOf: new Map(),
      tools: [],
      crashes: 0,
      turn: 0,
      by: undefined,
      seq: 0,
      events: [],
      delivering: undefined,
    };
    this.#shards.set(name, shard);
    this.started.push({ name, agent: info.agent, mode });
    this.#state(shard, "idle");
    this.#next(shard);
    return info;
  }

  async send(request: SendRequest): Promise<Receipt> {
    const { name, text, by, when = "queue" } = request;
    const shard = this.#get(name);
    if (text.trim() === "") throw new ShardbridgeError("usage", "There is nothing to send.");
    this.sent.push(request);
    if (!shard.info.alive) return { outcome: "refused", reason: "The agent has ended." };
    if (shard.question) return { outcome: "refused", reason: "A question is open.", question: shard.question };
    if (shard.puzzle !== undefined && !request.anyway) {
      return { outcome: "refused", reason: "Nothing shows where it goes.", screen: shard.puzzle };
    }
    shard.puzzle = undefined;
    if (this.#working(shard) && when === "queue") {
      shard.queue.push({ id: this.#number(), text, by });
      shard.info.queued = shard.queue.length;
      return { outcome: "queued", position: shard.queue.length };
    }
    if (this.#working(shard) && when === "steer") {
      shard.lines.push(`> ${text}`);
      return { outcome: "submitted", turn: shard.turn };
    }
    if (this.#working(shard)) this.#end(shard, "", "markdown");
    const receipt = this.#begin(shard, text, by);
    this.#act(shard, text);
    return receipt;
  }

  async repoInstructions(): Promise<RepoInstructions[]> {
    return this.repoNotes;
  }

  async approveInstructions({ repo, hash }: ApproveInstructions): Promise<void> {
    const found = this.repoNotes.find((one) => one.repo === repo && one.unapproved === hash);
    if (!found) throw new ShardbridgeError("refused", "That is another one by now.");
    delete found.unapproved;
  }

  async approveSetup(request: ApproveSetup): Promise<void> {
    this.#get(request.name);
    if (this.approved.some(({ hash }) => hash === request.hash))
      throw new ShardbridgeError("refused", "That is approved already.");
    this.approved.push(request);
  }

  async command({ name, text, by }: { name: string; text: string; by?: string | undefined }): Promise<Receipt> {
    this.#get(name);
    if (!/^\/[a-z]/.test(text))
      throw new ShardbridgeError("usage", `"${text}" is no command of the agent: one begins with a slash.`);
    return this.send({ name, text, by });
  }

  async queue({ name }: { name: string }): Promise<QueuedPrompt[]> {
    return this.#get(name).queue.map(queued);
  }

  async unqueue({ name, id }: { name: string; id: number }): Promise<QueuedPrompt> {
    const shard = this.#get(name);
    const at = shard.queue.findIndex((prompt) => prompt.id === id);
    const prompt = shard.queue[at];
    if (!prompt)
      throw new ShardbridgeError("not_found", `No prompt ${id} waits for ${name}: it was typed, or removed.`);
    shard.queue.splice(at, 1);
    shard.info.queued = shard.queue.length;
    return queued(prompt, at);
  }

  async read({ name, lines = 40, tools = false }: ReadRequest): Promise<ShardOutput> {
    const shard = this.#get(name);
    const all = tools ? shard.tools : shard.lines;
    const text = all.slice(-lines).join("\n");
    const question = shard.question ? { question: shard.question } : {};
    return { name, text, truncated: all.length > lines, status: shard.info.status, ...question };
  }

  async wait({ name, turn, seconds }: WaitRequest): Promise<Outcome> {
    for (const end = Date.now() + seconds * 1000; ; await new Promise((resolve) => setTimeout(resolve, 5))) {
      const shard = this.#get(name);
      const { status } = shard.info;
      const number = turn === undefined ? shard.turn : (shard.turnOf.get(turn) ?? turn);
      const open =
        !shard.info.alive ||
        shard.queue.length > 0 ||
        this.#working(shard) ||
        shard.question ||
        shard.puzzle !== undefined;
      const text = shard.answers.get(number) ?? (number === 0 ? "" : undefined);
      if (text !== undefined && (turn !== undefined || !open))
        return { outcome: "done", ...(number > 0 && { turn: number }), text, truncated: false };
      const screen = (await this.screen({ name })).text;
      if (status.state === "lost") return { outcome: "ended", how: "lost", tail: shard.lines.join("\n") };
      if (status.state === "exited")
        return { outcome: "ended", how: shard.how ?? "left", tail: shard.lines.join("\n") };
      if (shard.question) return { outcome: "asks", question: shard.question, screen };
      if (shard.puzzle !== undefined) return { outcome: "asks", screen };
      if (Date.now() >= end) return { outcome: "timeout", turn: turn ?? number, status };
    }
  }

  async screen({ name }: { name: string }): Promise<{ name: string; text: string }> {
    const shard = this.#get(name);
    return { name, text: shard.puzzle ?? `${shard.lines.slice(-20).join("\n")}\n\n> ` };
  }

  async explain({ name }: { name: string }): Promise<Explanation> {
    const { info, turn, question } = this.#get(name);
    const dialog = question ? [{ witness: "screen", says: `a dialog: ${question.text}` }] : [];
    const evidence = [{ witness: "script", says: `${info.status.state}, turn ${turn}` }, ...dialog];
    return { name, status: info.status, decided: `script: it is ${info.status.state}`, evidence };
  }

  async press({ name, keys, by }: { name: string; keys: string[]; by?: string | undefined }) {
    const shard = this.#get(name);
    const names: readonly string[] = keyNames;
    const wrong = keys.find((key) => !names.includes(key) && !/^[a-z0-9]$/i.test(key));
    if (wrong !== undefined || keys.length === 0)
      throw new ShardbridgeError("usage", `There is no key ${wrong ?? ""}; there are ${names.join(", ")}.`);
    if (!shard.info.alive) throw new ShardbridgeError("refused", "The agent has ended.");
    this.pressed.push({ name, keys, by });
    if (shard.puzzle !== undefined && keys.includes("enter")) {
      shard.puzzle = undefined;
      this.#state(shard, "working");
      this.#answer(shard, "The puzzle is solved.");
    }
    return this.screen({ name });
  }

  async close({ name }: { name: string }): Promise<Destroyed> {
    const shard = this.#get(name);
    if (!shard.info.alive) throw new ShardbridgeError("refused", `The agent of ${name} has ended already.`);
    this.#exit(shard, 0, "closed");
    return { name, survivors: this.survivors.get(name) ?? [] };
  }

  async resume({ name, mode }: { name: string; mode?: Mode | undefined }): Promise<ShardInfo> {
    const shard = this.#get(name);
    const refuse = (why: string) => new ShardbridgeError("refused", `${name} can't be resumed: ${why}.`);
    if (shard.info.alive) throw refuse("its agent runs");
    if (shard.crashes >= 3) throw refuse("it crashes again and again");
    if (shard.info.conversation === undefined) throw refuse("it has no conversation to go on with");
    shard.info.alive = true;
    if (mode !== undefined) shard.info.mode = mode;
    this.started.push({ name, agent: shard.info.agent, mode });
    this.#state(shard, "starting");
    const info = { ...shard.info };
    this.#state(shard, "idle");
    this.#next(shard);
    return info;
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

  async answer({ name, question, option, text, by }: AnswerRequest): Promise<void> {
    const shard = this.#get(name);
    const chosen = shard.question?.options.find(({ key }) => key === option);
    if (shard.question?.id !== question) throw new ShardbridgeError("refused", "That question is not open any more.");
    if (!chosen) throw new ShardbridgeError("usage", `There is no option ${option}.`);
    if (text !== undefined && chosen.takes === undefined)
      throw new ShardbridgeError("usage", `The option ${option} takes no words.`);
    if (text === undefined && chosen.takes === "answer")
      throw new ShardbridgeError("usage", `The option ${option} wants words.`);
    shard.question = undefined;
    this.#say(shard, {
      type: "question-closed",
      id: this.#id(),
      answer: chosen.label,
      ...(text !== undefined && { text }),
      ...(by !== undefined && { by }),
    });
    this.#state(shard, "working");
    this.#answer(shard, `You chose ${chosen.label}${text === undefined ? "" : `: ${text}`}`);
  }

  async stop({ name }: { name: string }): Promise<Stopped> {
    const shard = this.#get(name);
    if (shard.info.status.state !== "working") throw new ShardbridgeError("refused", `Shard ${name} is not working.`);
    this.#answer(shard, "");
    return {};
  }

  async diff({ name }: { name: string }): Promise<ShardDiff> {
    const { info } = this.#get(name);
    const nothing = { commits: 0, uncommitted: 0, stat: "", patch: "", truncated: false };
    return { name, base: info.base, commit: "0".repeat(40), ...nothing, ...this.diffs.get(name) };
  }

  async overlap(): Promise<RepoOverlap[]> {
    this.looked += 1;
    return this.overlaps;
  }

  async history({ name, since = 0 }: { name: string; since?: number | undefined }): Promise<ShardHistory> {
    const { lines } = this.#get(name);
    const all = lines.map((text, index) => ({
      mark: index + 1,
      at: "2026-11-22T10:00:00.000Z",
      type: "answer" as const,
      text,
    }));
    return { name, entries: all.filter(({ mark }) => mark > since), mark: lines.length, gaps: false };
  }

  async spawnOptions() {
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

  /** The holder of a shard is gone. */
  lose(name: string): void {
    const shard = this.#get(name);
    shard.info.alive = false;
    this.#state(shard, "lost");
  }

  /** Somebody at the keyboard answered the open question. */
  answerByHand(name: string): void {
    const shard = this.#get(name);
    shard.question = undefined;
    this.#say(shard, { type: "question-closed", id: this.#id() });
    this.#state(shard, "working");
    this.#answer(shard, "You answered");
  }

  /** The shard of a name becomes another one. */
  identify(name: string, id: string): void {
    this.#get(name).info.id = id;
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
    shard.tools = [];
    shard.info.conversation ??= `conversation-${shard.info.name}`;
    shard.lines.push(`> ${text}`);
    this.#state(shard, "working");
    return { outcome: "submitted", turn: shard.turn };
  }

  #act(shard: FakeShard, text: string): void {
    const [, word = "", rest = ""] = /^(\S+)\s*([^]*)$/.exec(text) ?? [];
    const { turn } = shard;
    if (word === "say") this.#answer(shard, rest);
    if (word === "use") shard.tools.push(rest);
    if (word === "ask") this.#ask(shard, "approval", rest);
    if (word === "choose") this.#ask(shard, "question", rest);
    if (word === "puzzle") this.#puzzle(shard);
    if (word === "/compact") this.#answer(shard, "Compacted.");
    if (word === "crash") this.#exit(shard, 1, "crashed");
    if (word === "exit") this.#exit(shard, Number(rest), Number(rest) === 0 ? "left" : "crashed");
    if (word === "slow")
      setTimeout(() => shard.turn === turn && this.#working(shard) && this.#answer(shard, "slow"), 200);
  }

  #working({ info }: FakeShard): boolean {
    return info.status.state === "working";
  }

  #ask(shard: FakeShard, kind: Question["kind"], detail: string): void {
    const questions: Record<Question["kind"], Pick<Question, "text" | "options">> = {
      approval: {
        text: "Do you want to proceed?",
        options: [
          { key: "1", label: "Yes" },
          { key: "2", label: "No", takes: "reason" },
        ],
      },
      question: {
        text: "Which colour?",
        options: [
          { key: "1", label: "Blue" },
          { key: "2", label: "Type something.", takes: "answer" },
        ],
      },
    };
    shard.question = { id: `q${this.#number()}`, kind, detail, ...questions[kind] };
    this.#state(shard, "waiting", kind);
    this.#say(shard, { type: "question", id: this.#id(), question: shard.question });
  }

  #puzzle(shard: FakeShard): void {
    shard.puzzle = "\n  ╭ Odd dialog ╮\n  │ › Go on    │\n  ╰────────────╯\n\n\n";
    this.#state(shard, "unsure");
    this.#say(shard, { type: "attention", id: this.#id(), why: "a dialog that no rule knows", screen: shard.puzzle });
  }

  #exit(shard: FakeShard, code: number, how: "closed" | "left" | "crashed"): void {
    shard.info.alive = false;
    shard.how = how;
    shard.question = undefined;
    shard.puzzle = undefined;
    if (how === "crashed") shard.crashes += 1;
    this.#state(shard, "exited");
    const looping = how === "crashed" && shard.crashes >= 3;
    this.#say(shard, { type: "exited", id: this.#id(), exit: { code }, how, looping, tail: shard.lines.join("\n") });
  }

  #answer(shard: FakeShard, text: string, form: "markdown" | "terminal" = "markdown"): void {
    this.#end(shard, text, form);
    this.#next(shard);
  }

  #end(shard: FakeShard, text: string, form: "markdown" | "terminal"): void {
    if (text !== "") shard.lines.push(...text.split("\n"));
    shard.answers.set(shard.turn, text);
    const by = shard.by === undefined ? {} : { by: shard.by };
    this.#state(shard, "idle");
    this.#say(shard, {
      type: "answer",
      id: this.#id(),
      turn: shard.turn,
      text,
      form,
      truncated: false,
      waiting: shard.queue.length,
      ...by,
    });
  }

  /** Type the prompt that has waited longest. */
  #next(shard: FakeShard): void {
    const next = shard.queue.shift();
    shard.info.queued = shard.queue.length;
    if (!next) return;
    const { text, by } = next;
    const receipt = this.#begin(shard, text, by);
    shard.turnOf.set(next.id, shard.turn);
    this.#say(shard, { type: "receipt", id: this.#id(), text, receipt, ...(by !== undefined && { by }) });
    this.#act(shard, text);
  }

  #state(shard: FakeShard, state: ShardState, waitingFor?: Question["kind"]): void {
    const was = shard.info.status.state;
    const waiting = waitingFor === undefined ? {} : { waitingFor };
    shard.info.status = { state, since: new Date().toISOString(), why: "script", ...waiting };
    this.#say(shard, { type: "state", status: shard.info.status, was });
  }

  #say(shard: FakeShard, body: Body<ShardEvent>): void {
    shard.seq += 1;
    const { name, id, host } = shard.info;
    const of = id !== undefined && host !== undefined ? { shardId: id, host } : {};
    shard.events.push({ ...of, ...body, shard: name, seq: shard.seq, at: new Date().toISOString() });
    this.#wake(shard);
  }

  #wake(shard: FakeShard): void {
    if (shard.delivering || !this.#listener) return;
    const delivering = this.#deliver(shard, this.#listener).then((all) => {
      if (shard.delivering !== delivering) return;
      shard.delivering = undefined;
      // Something may have come between the last one and now.
      if (all && shard.events.length > 0) this.#wake(shard);
    });
    shard.delivering = delivering;
  }

  /** An event with an id stays until the listener has resolved for it. Resolves with whether all were delivered. */
  async #deliver(shard: FakeShard, listener: ShardListener): Promise<boolean> {
    for (let event = shard.events[0]; event && this.#listener === listener; event = shard.events[0]) {
      const heard = await listener(event).then(
        () => true,
        () => false,
      );
      if (this.#listener !== listener || (!heard && "id" in event)) return false;
      shard.events.shift();
    }
    return true;
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
    return `event-${this.#number()}`;
  }

  #number(): number {
    return (this.#count += 1);
  }
}

function queued({ id, text, by }: { id: number; text: string; by: string | undefined }, at: number): QueuedPrompt {
  return { id, position: at + 1, text, ...(by !== undefined && { by }) };
}

function known(what: string, name: string | undefined, names: string[]): void {
  if (name === undefined || names.includes(name)) return;
  throw new ShardbridgeError("not_found", `There is no ${what} ${name}; there are: ${names.join(", ")}.`);
}
