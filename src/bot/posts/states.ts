import type { ShardStatus } from "../../shards/host.ts";
import { backgroundText } from "./news.ts";

/** Why a shard is in its state, in people's words; how that is known is what `explain` shows. */
export function stateWords(status: ShardStatus): string {
  const { why, trouble } = status;
  const [, apart = "", reason = ""] = /^(its worktree is gone; |floods its terminal: [^;]*; )?([^]*)$/.exec(why) ?? [];
  const words = trouble && status.state !== "exited" ? `can't go on: ${trouble.text}` : wordsFor(status, reason);
  return apart + words;
}

/** The state in a word or two, as it is called in commands: `waiting (approval)`. */
export function stateName({ state, waitingFor }: ShardStatus): string {
  return waitingFor ? `${state} (${waitingFor})` : state;
}

/** An agent with the permission mode in force: "claude (auto)". */
export function agentWords(agent: string, { mode }: ShardStatus): string {
  return mode === undefined ? agent : `${agent} (${mode})`;
}

/** Whether an agent has ended in a way that it should not have. */
export function hasCrashed({ state, why, exit }: ShardStatus): boolean {
  return state === "exited" && !isClosed(why) && exit !== undefined && (exit.code !== 0 || exit.signal !== undefined);
}

/** Time since something was (ISO 8601): "5 s", "3 min", "2 h", "4 days". */
export function age(since: string, now = Date.now()): string {
  const seconds = Math.max(0, Math.floor((now - Date.parse(since)) / 1000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min`;
  if (seconds < 48 * 3600) return `${Math.floor(seconds / 3600)} h`;
  return `${Math.floor(seconds / 86_400)} days`;
}

function wordsFor(status: ShardStatus, reason: string): string {
  switch (status.state) {
    case "starting":
      return "getting ready";
    case "working":
      return "at work";
    case "idle":
      return status.background
        ? `its turn is over, with ${backgroundText(status.background)} in the background`
        : "waits for a prompt";
    case "waiting":
      // "dialog: Do you want to proceed?"
      return reason.startsWith("dialog: ") ? reason.replace("dialog: ", "asks: ") : asksFor(status);
    case "stalled":
      return "was typed to and did not react";
    case "unsure":
      return "shows something that a person has to look at";
    case "exited":
      return hasCrashed(status) ? `crashed with ${reason}` : isClosed(reason) ? reason : "ended by itself";
    case "lost":
      return reason;
  }
}

function asksFor({ waitingFor }: ShardStatus): string {
  return waitingFor === "approval" ? "asks for an approval" : "asks something";
}

/** "closed by ann" */
function isClosed(why: string): boolean {
  return /^closed(?: by |$)/.test(why);
}
