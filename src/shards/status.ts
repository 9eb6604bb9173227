/** The part of a host's contract about one shard: its state, its question, what became of a send. Read by way of `host.ts`. */

/** `[a-z0-9][a-z0-9-]{0,39}`, unique on the host. */
export type ShardName = string;

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
  /** End of the process; a signal goes before the code. */
  exit?: { code: number; signal?: number };
  /** Background work that keeps an idle agent from being done. */
  background?: Background;
  /** Why it gets nowhere, which its state does not tell. */
  trouble?: Trouble;
  /** The permission mode in force, in the agent's own words: "manual", "auto", "plan". */
  mode?: string;
}

/** Programs and agents that run besides a turn. */
export interface Background {
  shells: number;
  agents: number;
}

/** An agent that can't go on: its plan is used up, its login has expired, its model can't be reached, or it tries again and again. */
export interface Trouble {
  kind: "limit" | "login" | "offline" | "retrying";
  /** In the agent's own words. */
  text: string;
  /** When it ends by itself, as the agent says it: "3pm (Europe/Berlin)". */
  until?: string;
}

/** A question on an agent's screen. */
export interface Question {
  /** Fingerprint of the dialog: an answer must name the one that it answers. */
  id: string;
  kind: "approval" | "question";
  text: string;
  /** The full command, diff or explanation that it is about; may be empty. */
  detail: string;
  options: QuestionOption[];
}

export interface QuestionOption {
  key: string;
  label: string;
  /** The dialog's pointer stands on it: Enter would choose it. */
  chosen?: true;
  /**
   * Words can come with it: "reason" says why something is denied, and is what the agent hears next; "answer" is the answer itself, and the
   * option can't be chosen without it; "secret" is an answer that is typed and nothing else: never saved, logged, echoed or posted.
   */
  takes?: "reason" | "answer" | "secret";
}

/** Outcome of a send. Exactly one of these; nothing is called sent that was only written. */
export type Receipt =
  /** The agent showed that it took the prompt; `took` is what it says that it took, where that is not what was sent. */
  | { outcome: "submitted"; turn: number; took?: string }
  /**
   * The agent is busy or starting, or somebody is at its keyboard; the prompt is kept and typed when it is idle. `position` counts from 1;
   * `keyboard`: who is there. Whoever tells people adds `id`, by which the prompt is taken away again, and that it is `starting`.
   */
  | { outcome: "queued"; position: number; id?: number; starting?: true; keyboard?: string }
  /**
   * A dialog is open, or the agent has ended, or nothing shows that the program takes text; nothing was typed. With `screen` a person can
   * look at it and send the prompt with `anyway`.
   */
  | { outcome: "refused"; reason: string; question?: Question; screen?: string }
  /** Typed, and the agent did not react within the time its kind allows; `screen` shows what is there. */
  | { outcome: "stalled"; screen: string };
