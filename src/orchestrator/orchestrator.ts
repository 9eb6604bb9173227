import type { RepoInstructions } from "../shards/repo-says.ts";
import type { Destroyed, Receipt, SendRequest, ShardHost, ShardInfo, SpawnRequest, Stopped } from "../shards/host.ts";
import type { HostActions, ToolMethod } from "../verbs/types.ts";

/**
 * The contract of the orchestrator: the model that is asked in a thread, or woken there by what happens, and works the shards with tools.
 * The orchestrator answers with text; posting is the bot's affair. It can do just what `actions` lets it do, which is what the asker may do.
 */

/** A step that only a person may take: the people in the thread were asked with a button, and what comes of it wakes the orchestrator. */
export interface AskedHuman {
  outcome: "asked_human";
  /** Question to the people. */
  question: string;
}

/** Condition for which a shard is waited. In any case the end of the shard ends the wait, and is told. */
export interface Condition {
  shard: string;
  /** done: its turn is over and no prompt waits. answer: its next answer. question: it asks. end: its agent has ended. */
  until: "done" | "answer" | "question" | "end";
  /** With answer and question: only one that has these words in it, in any case of letters. */
  says?: string | undefined;
}

/** When something is to be done, one of the four. Local times are those of the bot's time zone. */
export type Schedule =
  | { in: number }
  /** `2026-12-24T08:00` */
  | { at: string }
  /** `08:00`, on all days or on these. */
  | { daily: string; days?: Day[] | undefined }
  /** Every so many minutes, 5 at least. */
  | { every: number };

export const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;
export type Day = (typeof days)[number];

/** Something that the orchestrator has promised to do later, in one thread. */
export interface StandingTask {
  id: string;
  /** Condition in words. */
  when: string;
  /** Prompt for that time. */
  instruction: string;
  /** Asker of the task. */
  by: string;
}

/** The tools' verbs of a host as they are, with the rights of who asks: each throws ShardbridgeError "not_allowed" where that one may not. */
type ToolActions = Pick<HostActions, Exclude<ToolMethod, "spawn" | "send" | "stop" | "destroy" | "answer">>;

/** All that the orchestrator's tools can do in a turn. */
export interface TurnActions extends ToolActions {
  /** `here`: bind the shard to the asking thread rather than to a thread of its own. */
  spawn(request: SpawnRequest & { here?: boolean | undefined }): Promise<ShardInfo | AskedHuman>;
  send(request: SendRequest): Promise<Receipt | AskedHuman>;
  stop(request: { name: string }): Promise<Stopped | AskedHuman>;
  destroy(request: { name: string }): Promise<Destroyed | AskedHuman>;
  /** Answer the open question of a shard: `option` is a key or the words of a label. */
  answer(request: {
    name: string;
    option: string;
    text?: string | undefined;
  }): Promise<{ outcome: "answered"; option: string } | AskedHuman>;
  choices: ShardHost["spawnOptions"];
  /** Ask the people in the thread, with a button for each option; the choice comes as the next message. */
  askHuman(request: { question: string; options: string[] }): Promise<void>;
  /** Instructions of the repos. */
  notes(): Promise<RepoInstructions[]>;
  /** Shards of this thread. */
  tasks(): Promise<StandingTask[]>;
  /** Resolves with the conditions that hold already, and then nothing was saved, where all that are needed do. */
  waitFor(request: {
    conditions: Condition[];
    any?: boolean | undefined;
    instruction: string;
  }): Promise<{ task: StandingTask } | { already: string[] }>;
  schedule(request: { when: Schedule; instruction: string }): Promise<StandingTask>;
  /** Throws "not_found" for a task that is not there, or not in this thread. */
  cancelTask(request: { id: string }): Promise<StandingTask>;
  /** "ask": what no person has asked for in this turn waits for a person's button. "allow": nothing does. */
  policy(): "ask" | "allow";
  /** Whether who acts is woken by what comes of it; otherwise it has to look, or to wait. */
  wakes: boolean;
  /** Write a call of a tool down: never a text. */
  audit?(call: ToolCall): void;
}

/** A call of a tool, as it is written down. */
export interface ToolCall {
  tool: string;
  /** Name of the shard that it is about. */
  shard?: string;
  /** allowed: done. asked: waits for a person. denied: not allowed. failed: nothing came of it for another reason. */
  verdict: "allowed" | "asked" | "denied" | "failed";
}

/** Something that happened and that nobody asked about. */
export interface WakeEvent {
  /** The same when it is told again. */
  id: string;
  /** When (ISO 8601). */
  at: string;
  /** In a few words of ours, with no text of an agent in it. */
  what: string;
  /** Whether people have been told already: in this thread, in another one of the shard, or not at all. */
  told: "here" | "elsewhere" | "no";
  /** An agent's words or screen. */
  output?: { shard: string; part: string; text: string };
  /** Words of a person by which this has come about just now: the answer that they have chosen, and not the question. */
  said?: string;
  /** Prompt for now: a standing task's, written by the orchestrator itself for the person it acts for. */
  instruction?: string;
}

interface TurnRequest {
  /** Names the turn for ever: the same one again, after a restart, goes on where it was cut off and repeats nothing. */
  id: string;
  /** Key of the thread: one conversation each. */
  thread: string;
  /** Whose rights it has. */
  by: { id: string; name: string };
  /** The shard that the thread is bound to. */
  shard?: string | undefined;
  actions: TurnActions;
  signal?: AbortSignal | undefined;
  /** Is given what there is so far, each time that there is more. */
  progress?: ((sofar: Answer) => void) | undefined;
}

export interface Ask extends TurnRequest {
  text: string;
}

export interface Wake extends TurnRequest {
  events: WakeEvent[];
}

/** Outcome of a turn. */
export interface Answer {
  /** Markdown; "" when it chose to stay silent, as it may when nobody asked. */
  text: string;
  /** Acts of its tools, a line each: "asked auth to add tests · submitted". */
  calls: string[];
}

/** Tokens of requests to the model. */
export interface Tokens {
  /** Input that was read whole, that was written into the cache, and that came from it. */
  input: number;
  cacheWrite: number;
  cacheRead: number;
  output: number;
}

/** Use of the model, and its cost. */
export interface Usage extends Tokens {
  requests: number;
  /** US dollars of the requests whose price is known, and how many others there were. */
  cost: number;
  unpriced: number;
}

/** Counts kept together: a thread for all its life, a person for a day, a day, everything. Days are `2026-12-24` in the bot's time zone. */
export type Account =
  | { of: "thread"; thread: string }
  | { of: "person"; person: string; day: string }
  | { of: "day"; day: string }
  | { of: "total" };

export interface Orchestrator {
  /**
   * Answer a person. The conversation is saved with every whole step, so a crash loses no more than the step under way. Throws
   * ShardbridgeError "unavailable" (no network, bad key, overloaded), "over_budget" or "failed" (too many rounds) with the sentence to show.
   */
  answer(ask: Ask): Promise<Answer>;
  /** The same for what happened, when nobody asked. */
  wake(wake: Wake): Promise<Answer>;
  /** Whether this was the thread's last turn and has begun, so that it can be gone on with. */
  begun(thread: string, id: string): boolean;
  usage(account: Account): Usage;
  /** Today, as accounts name it. */
  today(): string;
  /** The account of a thread or person that has reached its budget, with the sentence that says so; undefined while there is room. */
  overBudget(who: { thread: string; person: string }): { account: Account; sentence: string } | undefined;
  /** Let an account have its budget once more. Throws ShardbridgeError "refused" when it has room. */
  extend(account: Account): Promise<void>;
}
