/**
 * The contract of a host: a machine's shards and what can be done with them. Each verb takes one object, which is also what the
 * orchestrator's tool takes, so names can't drift between chat command, tool and host. Everything is plain JSON data.
 * Every method throws ShardbridgeError for what the caller may do wrong ("not_found", "exists", "refused", "unsaved_work", …).
 */

/** `[a-z0-9][a-z0-9-]{0,39}`, unique on the host. */
type ShardName = string;

export const shardNamePattern = /^[a-z0-9][a-z0-9-]{0,39}$/;

/**
 * starting: not ready for input. working: a turn is running. idle: waits for a prompt. waiting: a dialog is open (see `waitingFor`).
 * stalled: was typed to and does not react. unsure: the witnesses disagree. exited: the process ended. lost: its holder is gone.
 */
export type ShardState = "starting" | "working" | "idle" | "waiting" | "stalled" | "unsure" | "exited" | "lost";

export interface ShardStatus {
  state: ShardState;
  waitingFor?: "approval" | "question";
  /** Since when (ISO 8601). */
  since: string;
  /** The evidence in a few words. */
  why: string;
  /** How the process ended; a signal goes before the code. */
  exit?: { code: number; signal?: number };
}

export interface ShardInfo {
  name: ShardName;
  repo: string;
  agent: string;
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
  createdAt: string;
  createdBy: string;
}

export interface SpawnRequest {
  name: ShardName;
  /** A known repo's name; the only one where there is one. */
  repo?: string | undefined;
  /** An agent kind; the default kind otherwise. */
  agent?: string | undefined;
  /** Branch or commit to start from; the repo's default branch otherwise. */
  base?: string | undefined;
  /** A first prompt, sent when the agent is ready. */
  prompt?: string | undefined;
  by?: string | undefined;
}

export interface SendRequest {
  name: ShardName;
  text: string;
  /** Who says it; agents are told where their kind wants it. */
  by?: string | undefined;
}

/** What became of a send. Exactly one of these; nothing is called sent that was only written. */
export type Receipt =
  /** The agent showed that it took the prompt. */
  | { outcome: "submitted"; turn: number }
  /** The agent is busy or starting; the prompt is kept and typed when it is idle. `position` counts from 1. */
  | { outcome: "queued"; position: number }
  /** A dialog is open, or the agent has ended; nothing was typed. */
  | { outcome: "refused"; reason: string; question?: Question }
  /** Typed, and the agent did not react within the time its kind allows; `screen` shows what is there. */
  | { outcome: "stalled"; screen: string };

/** A question on an agent's screen. */
export interface Question {
  /** Fingerprint of the dialog: an answer must name the one that it answers. */
  id: string;
  kind: "approval" | "question";
  text: string;
  /** The full command, diff or explanation that it is about; may be empty. */
  detail: string;
  options: { key: string; label: string }[];
}

export interface ReadRequest {
  name: ShardName;
  /** How many of the last cleaned lines: 1 to 500, 40 by default. */
  lines?: number | undefined;
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
  by?: string | undefined;
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
}

/** What happened in a shard. `seq` grows by one with every event of a shard; `id` is the same when an event is delivered again. */
export type ShardEvent = { shard: ShardName; seq: number; at: string } & (
  | { type: "state"; status: ShardStatus; was: ShardState }
  /** Some cleaned last lines of the running turn, for a live view. Newest wins; may be dropped. */
  | { type: "output"; tail: string; status: ShardStatus }
  /** A finished turn's whole text: Markdown where the agent has it, otherwise terminal text. `by` is who prompted, absent for the keyboard. */
  | {
      type: "answer";
      id: string;
      turn: number;
      text: string;
      form: "markdown" | "terminal";
      by?: string;
      truncated: boolean;
    }
  | { type: "question"; id: string; question: Question }
  | { type: "question-closed"; id: string; answer?: string; by?: string }
  /** A queued prompt was typed, or could not be. */
  | { type: "receipt"; id: string; text: string; receipt: Receipt; by?: string }
  | { type: "exited"; id: string; exit: { code: number; signal?: number }; tail: string }
  | { type: "destroyed"; id: string }
);

/**
 * Callback 2 of the program. Events of a shard come one after the other, each when the one before has resolved. An event with an
 * `id` is delivered again, also after a restart, until the listener has resolved for it: at least once, so listeners go by `id`.
 */
export type ShardListener = (event: ShardEvent) => Promise<void>;

export interface ShardHost {
  /** Worktree, branch and a running agent; leaves nothing behind when it fails. Resolves when the process runs, not when it is ready. */
  spawn(request: SpawnRequest): Promise<ShardInfo>;
  send(request: SendRequest): Promise<Receipt>;
  read(request: ReadRequest): Promise<ShardOutput>;
  list(): Promise<ShardInfo[]>;
  /** Ends the agent and removes worktree and branch. Throws "unsaved_work" when that would lose work and `force` is not set. */
  destroy(request: DestroyRequest): Promise<Destroyed>;
  /** Chooses an option of the open question; throws "refused" when that question is not open any more. */
  answer(request: AnswerRequest): Promise<void>;
  /** Interrupts the running turn. */
  stop(request: { name: ShardName; by?: string | undefined }): Promise<void>;
  /** The names that a spawn can use. */
  choices(): Promise<{ repos: string[]; agents: string[]; defaultAgent: string }>;
  /** One listener at most; events that were not delivered yet come first. */
  subscribe(listener: ShardListener): void;
  /** Let go of the shards; their agents go on. */
  close(): Promise<void>;
}
