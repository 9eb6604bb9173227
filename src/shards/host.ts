import type { RepoOverlap, ShardDiff, ShardHistory } from "./compare.ts";
import type { OwnIdentity, Outcome, ShardListener, WaitRequest } from "./events.ts";
import type { ApproveInstructions, ApproveSetup, RepoInstructions } from "./repo-says.ts";
import type { Background, Question, QuestionOption, Receipt, ShardName, ShardStatus } from "./status.ts";

export type { Background, Question, QuestionOption, Receipt, ShardState, ShardStatus, Trouble } from "./status.ts";

/**
 * The contract of a host: a machine's shards and what can be done with them. Each verb takes one object, which is also what the
 * orchestrator's tool takes, so names can't drift between chat command, tool and host. Everything is plain JSON data.
 * Every method throws ShardbridgeError for what the caller may do wrong ("not_found", "exists", "refused", "unsaved_work", …).
 */

/** Pattern of a `ShardName`. */
export const shardNamePattern = /^[a-z0-9][a-z0-9-]{0,39}$/;

export interface ShardInfo extends OwnIdentity {
  name: ShardName;
  repo: string;
  agent: string;
  /** The mode that it was spawned in, or resumed in last; absent where the agent's own settings hold. */
  mode?: Mode;
  /** Branch of the worktree, and the branch or commit that it started from. */
  branch: string;
  base: string;
  /** Absolute path of the worktree. */
  worktree: string;
  /** Whether the agent's process runs. */
  alive: boolean;
  status: ShardStatus;
  /** Prompts that wait until the agent is idle. */
  queued: number;
  /** Bytes per second that its program prints, while that is a flood. */
  flood?: number;
  /** Person at the keyboard, in a terminal that is attached: prompts wait meanwhile. */
  keyboard?: string;
  /** Id of the agent's own conversation, once it is known: what a resume goes on with. */
  conversation?: string;
  createdAt: string;
  createdBy: string;
  /** Surprises of its worktree, in sentences. */
  remark?: string;
}

/**
 * Acts that an agent may do without asking: "ask" nothing that changes anything, "edits" edit files, "all" everything. Each kind has its own
 * way to say so; without a mode the user's own settings for the agent hold.
 */
export type Mode = "ask" | "edits" | "all";

export interface SpawnRequest {
  name: ShardName;
  /** A known repo's name; the only one where there is one. */
  repo?: string | undefined;
  /** An agent kind, or the command line of any other program (`python3 -i`); the default kind otherwise. */
  agent?: string | undefined;
  mode?: Mode | undefined;
  /** Branch or commit to start from; the repo's default branch otherwise. */
  base?: string | undefined;
  /** A first prompt, sent when the agent is ready. */
  prompt?: string | undefined;
  /** Give its agent the orchestrator's tools, by MCP. Throws "usage" for a kind that can't have them. */
  orchestrator?: boolean | undefined;
  by?: string | undefined;
}

export interface SendRequest {
  name: ShardName;
  text: string;
  /** Author; agents are told where their kind wants it. */
  by?: string | undefined;
  /**
   * Treatment of a prompt for a busy agent: "queue" keeps it until the turn ends (so it is without a value), "steer" types it at
   * once, for the agent to take it into its turn as it does, "interrupt" stops the turn first.
   */
  when?: "queue" | "steer" | "interrupt" | undefined;
  /** Type it although nothing on the screen shows where it would go; a person has looked at it. */
  anyway?: boolean | undefined;
}

/** A prompt that waits until the agent is idle. */
export interface QueuedPrompt {
  /** Names the prompt for as long as it waits. */
  id: number;
  /** Counts from 1. */
  position: number;
  text: string;
  by?: string;
}

/** Kinds whose program runs what is typed into it, with nobody asked. */
export const runningKinds: readonly string[] = ["shell"];

/** Names of keys that `press` knows, besides single letters, digits and signs. */
export const keyNames: readonly string[] = (
  "enter esc tab shift-tab space backspace up down left right page-up page-down home end " +
  "ctrl-c ctrl-d ctrl-e ctrl-l ctrl-o ctrl-r ctrl-u ctrl-z"
).split(" ");

/** The options as people see them, counted from 1 in their order, which is how `answer` takes them too. */
export function numberedOptions(options: readonly QuestionOption[]): string[] {
  return options.map(({ label, chosen }, index) => `${index + 1}. ${label}${chosen ? " (preselected)" : ""}`);
}

export interface ReadRequest {
  name: ShardName;
  /** Number of the last cleaned lines: 1 to 500, 40 by default. */
  lines?: number | undefined;
  /** List the tool calls of the running or last turn instead, one line each. */
  tools?: boolean | undefined;
}

export interface ShardOutput {
  name: ShardName;
  /** Cleaned text: what was said, with no spinner, box or status line. */
  text: string;
  /** Whether there is more above. */
  truncated: boolean;
  status: ShardStatus;
  /** The open question, when the state is waiting. */
  question?: Question;
}

export interface AnswerRequest {
  name: ShardName;
  /** `Question.id`; refused when another question, or none, is open now. */
  question: string;
  /** `key` of the chosen option. */
  option: string;
  /** Words that go with it; see `QuestionOption.takes`. */
  text?: string | undefined;
  /** The text came a way on which nobody else reads it, and nothing saves it: an option that takes a secret wants that. */
  secret?: boolean | undefined;
  by?: string | undefined;
}

/** Evidence of a shard's state, and what follows from it. */
export interface Explanation {
  name: ShardName;
  status: ShardStatus;
  /** The witness and the rule that decided: "journal: its hook said that the turn ended". */
  decided: string;
  /** Every witness with what it says, strongest first. */
  evidence: { witness: string; says: string }[];
}

export interface Stopped {
  /** Absent when nothing goes on. */
  background?: Background;
}

export interface DestroyRequest {
  name: ShardName;
  /** Throw away uncommitted work and commits that are nowhere else. */
  force?: boolean | undefined;
}

export interface Destroyed {
  name: ShardName;
  /** Process ids of the shard that could not be ended. */
  survivors: number[];
  /** Processes that nothing ties to the shard but that they worked in its worktree, or had a file of it open; they were left alone. */
  strays?: number[];
  /** Why the worktree's teardown failed; it is gone all the same. */
  problem?: string;
}

export interface ShardHost {
  /** Worktree, branch and a running agent; leaves nothing behind when it fails. Resolves when the process runs, not when it is ready. */
  spawn(request: SpawnRequest): Promise<ShardInfo>;
  send(request: SendRequest): Promise<Receipt>;
  /** The agent's own slash command, as it is: `/compact`. Throws "usage" for what is none. */
  command(request: { name: ShardName; text: string; by?: string | undefined }): Promise<Receipt>;
  /** Prompts that wait, the next one first. */
  queue(request: { name: ShardName }): Promise<QueuedPrompt[]>;
  /** Takes a waiting prompt away; throws "not_found" when it does not wait any more. */
  unqueue(request: { name: ShardName; id: number; by?: string | undefined }): Promise<QueuedPrompt>;
  read(request: ReadRequest): Promise<ShardOutput>;
  /** Resolves when a turn is over, or can't go on by itself, or when the time is up. */
  wait(request: WaitRequest): Promise<Outcome>;
  list(): Promise<ShardInfo[]>;
  /** The visible screen as it is. */
  screen(request: { name: ShardName }): Promise<{ name: ShardName; text: string }>;
  explain(request: { name: ShardName }): Promise<Explanation>;
  /** Ends the agent and keeps the worktree. Throws "refused" when it has ended already. */
  close(request: { name: ShardName; by?: string | undefined }): Promise<Destroyed>;
  /**
   * Starts the agent of an ended or lost shard again, with its conversation, and in the mode that it had or in another one from now on.
   * Throws "refused" when it runs, has no conversation to go on with, or crashes again and again.
   */
  resume(request: { name: ShardName; mode?: Mode | undefined; by?: string | undefined }): Promise<ShardInfo>;
  /** Ends the agent and removes worktree and branch. Throws "unsaved_work" when that would lose work and `force` is not set. */
  destroy(request: DestroyRequest): Promise<Destroyed>;
  /** Chooses an option of the open question; throws "refused" when that question is not open any more. */
  answer(request: AnswerRequest): Promise<void>;
  /**
   * Interrupts the running turn, and again where it goes on. Resolves when it is over, with what goes on in the background all the same;
   * throws "refused" when nothing runs, and when the turn goes on for 10 seconds.
   */
  stop(request: { name: ShardName; by?: string | undefined }): Promise<Stopped>;
  /**
   * Presses named keys one after the other (`keyNames` and single letters and digits), for dialogs that no rule knows. Resolves with the
   * screen a moment later; throws "usage" for an unknown key.
   */
  press(request: {
    name: ShardName;
    keys: string[];
    by?: string | undefined;
  }): Promise<{ name: ShardName; text: string }>;
  diff(request: { name: ShardName }): Promise<ShardDiff>;
  /** Of one repo, or of each one that has shards; a pair of shards is merged in memory only. */
  overlap(request: { repo?: string | undefined }): Promise<RepoOverlap[]>;
  /** Kept part of a shard's answers and questions after a mark: its last 50, or all of those. */
  history(request: { name: ShardName; since?: number | undefined }): Promise<ShardHistory>;
  /** Instructions of the repos for who works in them. */
  repoInstructions(): Promise<RepoInstructions[]>;
  /** Approves a repo's instructions, as they are. Throws "refused" when they are others by now. */
  approveInstructions(request: ApproveInstructions): Promise<void>;
  /** Approves a repo's setup file, and sets up every shard that waits for it. Throws "refused" when it was approved before and none waits. */
  approveSetup(request: ApproveSetup): Promise<void>;
  /** The names that a spawn can use. */
  spawnOptions(): Promise<{ repos: string[]; agents: string[]; defaultAgent: string }>;
  /** One listener at most; events that were not delivered yet come first. */
  subscribe(listener: ShardListener): void;
  /** Let go of the shards; their agents go on. */
  release(): Promise<void>;
}
