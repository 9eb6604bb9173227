import type { Post } from "../../../adapters/adapter.ts";
import type { Account, WakeEvent } from "../../../orchestrator/orchestrator.ts";
import { encodeButton } from "../../delivery/button-action.ts";
import { excerpt } from "../../posts/split.ts";
import { clockText } from "../tasks/times.ts";

/** The breaker of a thread has opened. */
export function openedPost(why: "fast" | "hops"): Post {
  const what =
    why === "fast"
      ? "The orchestrator has acted nine times within a minute with nobody asking, so it is held."
      : "Shards have set each other to work through the orchestrator eight times in a row with nobody asking, so it is held.";
  const text = `${what} Nothing is lost: what happens is kept, and it goes on with that when somebody presses the button, or says tasks go-on.`;
  return {
    kind: "notice",
    tone: "error",
    text,
    buttons: [{ label: "Go on", ...encodeButton({ action: "go-on", held: "breaker" }), style: "primary" }],
  };
}

/** An hour has had its share of automatic turns. */
export function cappedPost(until: number, zone: string): Post {
  const text = `The orchestrator has been woken here as often as it may within an hour. What happens is kept for it until ${clockText(until, zone)}; press the button to have it go on now.`;
  return { kind: "notice", text, buttons: [{ label: "Go on", ...encodeButton({ action: "go-on", held: "cap" }) }] };
}

/** Somebody has a task here and no right any more. */
export function mayNotPost({ what, instruction = "" }: WakeEvent, name: string): Post {
  const text = `Not done, because ${name} has no right to it any more: ${excerpt(instruction, 300)} (${excerpt(what, 200)})`;
  return { kind: "notice", tone: "error", text };
}

/** A budget is used up; an admin can let it go on. */
export function budgetPost(sentence: string, account: Account | undefined): Post {
  const buttons = account ? [{ label: "Go on", ...encodeButton({ action: "budget", account }) }] : [];
  return { kind: "notice", tone: "error", text: sentence, buttons };
}
