import type { Button, Post } from "../../adapters/adapter.ts";
import type { ShardEvent } from "../../shards/events.ts";
import type { Background, ShardStatus, Trouble } from "../../shards/host.ts";
import { encodeButton } from "../delivery/button-action.ts";
import { resendButton } from "../delivery/retry-buttons.ts";
import { keyButtons, receiptPost, shownScreen, submittedPost } from "./receipts.ts";
import { excerpt, lastLines } from "./split.ts";
import { decide } from "./deciding.ts";
import { clockText } from "../orchestration/tasks/times.ts";

type EventOf<T extends ShardEvent["type"]> = Extract<ShardEvent, { type: T }>;

/** A finished turn. */
export function answerPosts({ shard, text, form, truncated, background, cut, stopped }: EventOf<"answer">): Post[] {
  const notice = (said: string): Post => ({ kind: "notice", text: said });
  const goesOn = background ? [notice(`${shard} is idle, with ${backgroundText(background)} in the background.`)] : [];
  // A turn that was cut off is told by the end of its agent.
  if (text.trim() === "" && cut) return [];
  // The one who has stopped it is told so.
  if (text.trim() === "" && stopped) return goesOn;
  if (text.trim() === "") return [notice(`${shard} has finished and said nothing.`), ...goesOn];
  const answer: Post =
    form === "markdown" ? { kind: "answer", markdown: text, shard } : { kind: "terminal", text, title: shard };
  const part = truncated ? [notice(`That answer of ${shard} is not whole: read ${shard} 500 shows more of it.`)] : [];
  return [answer, ...part, ...goesOn];
}

/** Such as "2 shells and 1 sub-agent". */
export function backgroundText({ shells, agents }: Background): string {
  const counted = (count: number, one: string) => (count === 0 ? [] : [`${count} ${one}${count === 1 ? "" : "s"}`]);
  return [...counted(shells, "shell"), ...counted(agents, "sub-agent")].join(" and ");
}

/** Outcome of a prompt whose sender does not wait any more. */
export function laterPost({ shard, text, receipt }: EventOf<"receipt">): Post {
  if (receipt.outcome === "submitted") return submittedPost(shard, receipt, text);
  if (receipt.outcome === "refused" && receipt.screen !== undefined) {
    const reason = `${receipt.reason} This prompt had waited: ${excerpt(text, 200)}`;
    return receiptPost(shard, { ...receipt, reason }, { text });
  }
  if (receipt.outcome !== "stalled") return receiptPost(shard, receipt);
  const question = `was this prompt taken? It may have been typed or not, so it is not typed again: ${excerpt(text, 200)}`;
  return decide({ kind: "question", shard, question, detail: receipt.screen.trimEnd() }, [resendButton(shard, text)]);
}

/** A program that prints more than can be shown. */
export function floodPost({ shard, why }: EventOf<"flood">): Post {
  const text = `${shard} ${why}. The other shards go on; stop ${shard} interrupts it.`;
  return { kind: "notice", tone: "error", text };
}

/** An agent that can't go on, with the way out. */
export function troublePost({ shard, trouble: { kind, text, until } }: EventOf<"trouble">): Post {
  const ways: Record<Trouble["kind"], string> = {
    limit: until === undefined ? "It goes on when its limit is reset" : `It goes on when its limit is reset: ${until}`,
    login: `It is not logged in, or no longer: log in at its keyboard (attach ${shard} in a terminal), then prompt it again`,
    offline: "It can't reach its model: see to the connection, and prompt it again where it does not try by itself",
    retrying: `Its model does not answer, and it tries again by itself; stop ${shard} ends that`,
  };
  return { kind: "notice", tone: "error", text: `${shard} can't go on: ${excerpt(text, 300)}. ${ways[kind]}.` };
}

/** An answer with its giver, and the time by the clocks of a time zone: "No: use yarn · ann · 14:03". */
export function settledBy({ answer, text, by, at }: EventOf<"question-closed">, zone: string): string {
  if (answer === undefined && by === undefined) return "answered at the keyboard or gone";
  const what = [answer ?? "closed", ...(text === undefined ? [] : [excerpt(text, 200)])].join(": ");
  return [what, ...(by === undefined ? [] : [by]), clockText(Date.parse(at), zone)].join(" · ");
}

/** The end of an agent, with a way to go on. */
export function exitedPosts({ shard, exit, how, looping, tail }: EventOf<"exited">): Post[] {
  if (how !== "crashed") {
    const text = how === "closed" ? `The agent of ${shard} was closed` : `The agent of ${shard} has ended by itself`;
    return [{ kind: "notice", text: `${text}; its worktree is kept.`, buttons: [resumeButton(shard)] }];
  }
  const cause = exit.signal ? `signal ${exit.signal}` : `exit code ${exit.code}`;
  const told: Post = looping
    ? { kind: "notice", tone: "error", text: `${loopingText(shard)} The last time it was ${cause}.` }
    : {
        kind: "notice",
        tone: "error",
        text: `The agent of ${shard} crashed with ${cause}; its worktree is kept.`,
        buttons: [resumeButton(shard)],
      };
  const lines = lastLines(tail.split("\n").slice(-15).join("\n"), 1500);
  return lines.trim() === "" ? [told] : [told, { kind: "terminal", text: lines, title: `last lines of ${shard}` }];
}

/** The person at the keyboard of an attached terminal, so that nobody waits in vain. */
export function keyboardPost({ shard, by, was }: EventOf<"keyboard">): Post {
  if (by === undefined) return { kind: "notice", text: `${was ?? "Somebody"} has left the keyboard of ${shard}.` };
  const come = was === undefined ? `${by} is at the keyboard of ${shard}` : `${by} has taken the keyboard of ${shard}`;
  return { kind: "notice", text: `${come}${was === undefined ? "" : ` from ${was}`}: prompts wait.` };
}

/** Nothing is known of the agent any more. */
export function lostPost(shard: string, { why }: ShardStatus): Post {
  const text = `Shard ${shard} is lost: ${why}. Its worktree is still there: resume it, or remove it with destroy ${shard}.`;
  return { kind: "notice", tone: "error", text, buttons: [resumeButton(shard)] };
}

/** A worktree that somebody removed by hand. */
export function missingPost({ shard, worktree, branch }: EventOf<"missing">): Post {
  const text = `The worktree of ${shard} is gone: somebody removed ${worktree}. Commits are still on the branch ${branch}; destroy ${shard} removes the rest.`;
  return { kind: "notice", tone: "error", text };
}

export function foundPost({ shard }: EventOf<"found">): Post {
  return { kind: "notice", text: `${shard} is not lost: its holder answers again, and it goes on.` };
}

/** A screen that no rule can read, with keys for it. */
export function attentionPost({ shard, why, screen }: EventOf<"attention">): Post & { kind: "question" } {
  const question = `what now? Look at its screen (${why})`;
  return decide(
    { kind: "question", shard, question, detail: shownScreen(screen), wide: true },
    keyButtons(shard, screen),
  );
}

function loopingText(shard: string): string {
  return `The agent of ${shard} has crashed three times within a minute, so it is left alone. Its last lines may say why: mend that and resume ${shard} in a minute, or destroy ${shard}.`;
}

function resumeButton(shard: string): Button {
  return { label: "Resume", ...encodeButton({ action: "resume", shard }) };
}
