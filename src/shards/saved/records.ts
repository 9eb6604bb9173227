import { z } from "zod";
import type { Collection, Store } from "../../store/store.ts";
import { localHostName, type ShardEvent, type ShardIdentity } from "../events.ts";
import { Answers } from "./answers.ts";
import { Histories } from "./history.ts";

const row = z.object({ text: z.string(), wrapped: z.boolean() });

const mark = z.object({
  kind: z.enum(["prompt", "command", "done"]),
  exit: z.number().exactOptional(),
  row: z.number(),
  ready: z.literal(true).exactOptional(),
  prompts: z.number().exactOptional(),
});

const baseline = z.object({
  top: z.number(),
  rows: z.array(row),
  alternate: z.boolean(),
  resized: z.number().exactOptional(),
  mark: mark.exactOptional(),
  row: z.number().exactOptional(),
});

const around = z.enum(["rule", "text", "nothing"]);
const landing = z.object({
  alternate: z.boolean(),
  hidden: z.boolean(),
  before: z.string(),
  above: around,
  below: around,
});

const end = z.object({
  at: z.string(),
  why: z.string(),
  exit: z.object({ code: z.number(), signal: z.number().exactOptional() }),
  /** Its last lines, as they were told: what its last turn left besides its answer. */
  tail: z.string().exactOptional(),
});

const shard = z.object({
  name: z.string(),
  /** Never changes, and is never another shard's; absent in a record of before there were ids, whose marker serves as well. */
  id: z.string().exactOptional(),
  /** Name of the host that has it. */
  host: z.string().exactOptional(),
  repo: z.string(),
  repoPath: z.string(),
  worktree: z.string(),
  branch: z.string(),
  base: z.string(),
  /** The commit that the branch started from; "" until the worktree is made. */
  commit: z.string(),
  agent: z.string(),
  /** The mode that it was spawned in, or resumed in last; absent where its own settings hold. */
  mode: z.enum(["ask", "edits", "all"]).exactOptional(),
  /** The mode that it began in by its own settings, in the agent's own words. */
  ownMode: z.string().exactOptional(),
  /** Folder of this shard alone: files of the kind, the log. */
  folder: z.string(),
  socket: z.string(),
  secret: z.string(),
  /** The secret with which its agent uses the orchestrator's tools, until it ends. */
  pass: z.string().exactOptional(),
  /** Value of the environment variable by which its processes are found. */
  marker: z.string(),
  /** Process id of the agent; absent until it runs. */
  child: z.number().exactOptional(),
  /** Id of the agent's conversation: a UUID of ours, or the agent's own once it has told it. */
  conversation: z.string(),
  /** The agent has told the id of its conversation. */
  told: z.boolean().exactOptional(),
  /** A prompt was taken, so that there is a conversation. */
  begun: z.boolean().exactOptional(),
  /** When the agent was started, and how often it was resumed. */
  launchedAt: z.string().exactOptional(),
  resumes: z.number().exactOptional(),
  phase: z.enum(["creating", "ready", "closing", "resuming", "destroying"]),
  /** Who closes it. */
  closedBy: z.string().optional(),
  createdAt: z.string(),
  createdBy: z.string(),
  /** What people may not expect of its worktree. */
  remark: z.string().exactOptional(),
  /** How many turns and questions it has had, and what else a person was told of; their numbers are never used again. */
  turns: z.number(),
  questions: z.number(),
  /** The question that the listener was told of and that was open when last seen. */
  asked: z.object({ number: z.number(), question: z.string() }).optional(),
  /** The listener was told that a person has to look, and nothing else happened since. */
  puzzled: z.boolean().exactOptional(),
  /** The listener was told that the program floods, and it has not been idle since; and how often it was. */
  flooded: z.boolean().exactOptional(),
  floods: z.number().exactOptional(),
  /** The kind of trouble that the listener was told of, and the agent has not been idle without it since. */
  troubled: z.string().optional(),
  /** The listener was told that the worktree's folder is gone, and it has not come back since. */
  missing: z.boolean().exactOptional(),
  /** Who is at the keyboard, as the listener was told. */
  keyboard: z.string().optional(),
  /** The listener was told that the agent has ended, or is lost. */
  ended: z.boolean(),
  /** How it has ended, as the listener was told; it has no holder any more. */
  end: end.optional(),
  /** Where its prompts have landed on the screen of a program that no rule knows. */
  landings: z.array(landing).exactOptional(),
  /** When it crashed, at most the last three times. */
  crashes: z.array(z.string()).exactOptional(),
  /** Hash of its repo's setup file, as long as it waits for an admin's approval of that. */
  unapproved: z.string().optional(),
  /** Commands that undo the setup of its worktree. */
  teardown: z.array(z.string()).exactOptional(),
});

/** Which shard a record is of, beside its name; absent in none but hand-made ones. */
const identity = {
  shardId: z.string().exactOptional(),
  host: z.string().exactOptional(),
};

const turn = z.object({
  shard: z.string(),
  ...identity,
  number: z.number(),
  /** As the person wrote it; "" when the turn was begun at the keyboard. */
  text: z.string(),
  by: z.string().exactOptional(),
  /** "sending" is saved before the first byte is typed, "submitted" when the agent took it; "unknown": it may have been typed. */
  state: z.enum(["queued", "sending", "submitted", "answered", "unknown"]),
  /** What was typed: the text as its kind encodes it. */
  typed: z.string(),
  baseline: baseline.exactOptional(),
  /** How far the agent's journal was read when the prompt was typed, in bytes, by file. */
  journal: z.record(z.string(), z.number()).exactOptional(),
  /** Goes before the queued ones that do not. */
  ahead: z.boolean().exactOptional(),
  /** It is typed into the running turn with this number, and never becomes a turn of its own. */
  into: z.number().exactOptional(),
});

const pending = z.object({ event: z.custom<ShardEvent>((value) => typeof value === "object" && value !== null) });

/** Who approved a repo's setup file or instructions of this content, and when (ISO 8601). */
const approval = z.object({ by: z.string(), at: z.string() });

const sequence = z.object({ next: z.number(), ...identity });

export type ShardRecord = z.infer<typeof shard>;
export type TurnRecord = z.infer<typeof turn>;
type PendingEvent = z.infer<typeof pending>;

/** All that a host saves. */
export interface Records {
  /** By shard name. */
  shards: Collection<ShardRecord>;
  /** By shard name and turn number. */
  turns: Collection<TurnRecord>;
  /** Events that the listener has not resolved for, by shard name and sequence number. */
  pending: Collection<PendingEvent>;
  /** By shard name: from where on sequence numbers are free. */
  sequences: Collection<z.infer<typeof sequence>>;
  histories: Histories;
  answers: Answers;
  /** By repo and hash. */
  approvals: Collection<z.infer<typeof approval>>;
  /** Several records at once, all or none: see `Store.write`. */
  write: Store["write"];
}

/** Throws ShardbridgeError "failed" on a record that this version can't read. */
export function openRecords(store: Store): Records {
  return {
    shards: store.collection("shard", shard),
    turns: store.collection("shard-turn", turn),
    pending: store.collection("shard-event", pending),
    sequences: store.collection("shard-sequence", sequence),
    histories: new Histories(store),
    answers: new Answers(store),
    approvals: store.collection("setup-approval", approval),
    write: async (changes) => store.write(changes),
  };
}

/** Which shard a record is of, for ever. */
export function identityOf({ id, marker, host = localHostName }: ShardRecord): ShardIdentity {
  return { shardId: id ?? marker, host };
}

/** The key of one of a shard's numbered records; in the order of the numbers. */
export function numbered(shard: string, number: number): string {
  return `${shard}/${String(number).padStart(12, "0")}`;
}

/** A shard's numbered records in the order of their numbers. */
export function recordsOf<T>(collection: Collection<T>, shard: string): [string, T][] {
  return collection
    .entries()
    .filter(([key]) => key.startsWith(`${shard}/`))
    .sort(([a], [b]) => (a < b ? -1 : 1));
}
