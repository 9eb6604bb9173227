import type { SetupOutcome } from "./repo-says.ts";
import type { Background, Question, Receipt, ShardName, ShardState, ShardStatus, Trouble } from "./status.ts";

/**
 * Tells a shard from every other one, also from a later one of its name: a name is free again after a destroy, an id never is. `host` names
 * the machine that has it.
 */
export interface ShardIdentity {
  shardId: string;
  host: string;
}

/** The same in what is told of the shard itself; absent where a host has no ids. */
export interface OwnIdentity {
  id?: string;
  host?: string;
}

/** Name of the host on the bot's own machine. */
export const localHostName = "local";

interface OfShard extends Partial<ShardIdentity> {
  shard: ShardName;
  seq: number;
  at: string;
}

/** An event in a shard. `seq` grows by one with every event of a shard; `id` is the same when an event is delivered again. */
export type ShardEvent = OfShard &
  (
    | { type: "state"; status: ShardStatus; was: ShardState }
    /** Some cleaned last lines of the running turn, for a live view. Newest wins; may be dropped. */
    | { type: "output"; tail: string; status: ShardStatus }
    /**
     * A finished turn's whole text: Markdown where the agent has it, otherwise terminal text. `by` is who prompted, absent for the keyboard;
     * `waiting` is how many prompts waited when it ended, none where it is absent; `background` is what goes on after it; `cut`: the agent
     * has ended, or is lost, before it was done; `stopped`: a stop was asked for while it ran.
     */
    | {
        type: "answer";
        id: string;
        turn: number;
        text: string;
        form: "markdown" | "terminal";
        by?: string;
        waiting?: number;
        background?: Background;
        truncated: boolean;
        cut?: true;
        stopped?: true;
      }
    /** `by` is who prompted the turn that asks; absent for none and for the keyboard. */
    | { type: "question"; id: string; question: Question; by?: string }
    /** `text` is the words that went with the answer. */
    | { type: "question-closed"; id: string; answer?: string; text?: string; by?: string }
    /** A queued prompt was typed, or could not be. */
    | { type: "receipt"; id: string; text: string; receipt: Receipt; by?: string }
    /**
     * The agent's process ended: it was closed by us, left by itself with code 0, or crashed; `looping` when it has crashed three times
     * within a minute.
     */
    | {
        type: "exited";
        id: string;
        exit: { code: number; signal?: number };
        how: "closed" | "left" | "crashed";
        looping: boolean;
        tail: string;
      }
    /** `by` has come to the keyboard, in a terminal that is attached, or `was` has left it; both: the one has taken over from the other. */
    | { type: "keyboard"; id: string; by?: string; was?: string }
    /** The shard waits for something that no rule can read: a person has to look, and to press keys. */
    | { type: "attention"; id: string; why: string; screen: string }
    /** The agent can't go on; told once until it works again. */
    | { type: "trouble"; id: string; trouble: Trouble }
    /** Its program "floods its terminal: 12.3 MB/s"; told once until it is idle again. */
    | { type: "flood"; id: string; why: string }
    /** Somebody removed the folder of its worktree; told once until it is there again. */
    | { type: "missing"; id: string; worktree: string; branch: string }
    /** The shard was lost, and its holder answers again. */
    | { type: "found"; id: string }
    /** Outcome of its repo's setup file. */
    | ({ type: "setup"; id: string } & SetupOutcome)
    | { type: "destroyed"; id: string }
  );

/** Which shard an event is of, for a record that is made of it; nothing where its host has not told. */
export function identityIn({ shardId, host }: Partial<ShardIdentity>): Partial<ShardIdentity> {
  return { ...(shardId !== undefined && { shardId }), ...(host !== undefined && { host }) };
}

/**
 * Callback 2 of the program. Events of a shard come one after the other, each when the one before has resolved. An event with an
 * `id` is delivered again, also after a restart, until the listener has resolved for it: at least once, so listeners go by `id`.
 */
export type ShardListener = (event: ShardEvent) => Promise<void>;

/** Outcome of a turn for somebody who has waited for it. */
export type Outcome =
  /** The turn is over. `text` is its answer; "" where there was no turn, and the agent is ready. */
  | { outcome: "done"; turn?: number; text: string; truncated: boolean }
  /** The agent asks, or its screen waits for something that only a person can read. */
  | { outcome: "asks"; question?: Question; screen: string }
  /** Its prompt was typed, and the agent did not react. */
  | { outcome: "stalled"; screen: string }
  /** The agent can't go on. */
  | { outcome: "trouble"; trouble: Trouble }
  /** The agent has ended before the turn did, or is lost; or its prompt was taken out of the queue. */
  | { outcome: "ended"; how: "closed" | "left" | "crashed" | "lost" | "unqueued"; tail: string }
  /** The turn goes on; with `turn` the wait for it can go on too. */
  | { outcome: "timeout"; turn?: number; status: ShardStatus };

/** Seconds that one `wait` may take. */
export const longestWait = 60;

export interface WaitRequest {
  name: ShardName;
  /** The number of the turn, as a receipt or the id of a waiting prompt says it; otherwise the last one that the shard has, or has had. */
  turn?: number | undefined;
  /** 0 to `longestWait`. */
  seconds: number;
}
