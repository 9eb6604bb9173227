import { threadOf, type Accepted, type ChatEvent, type Post } from "../../adapters/adapter.ts";
import type { Choice } from "../posts/deciding.ts";
import type { ButtonValues } from "./button-values.ts";

/** Says the same to the orchestrator once more. */
export function tryAgainButton(text: string): Choice {
  return { label: "Try again", does: { action: "ask", text } };
}

/** Sends the same prompt to a shard once more. */
export function resendButton(shard: string, text: string): Choice {
  return { label: "Resend", does: { action: "resend", shard, text } };
}

/** Types a prompt into a shard although nothing on its screen shows where it goes. */
export function anywayButton(shard: string, text: string): Choice {
  return { label: "Type anyway", does: { action: "anyway", shard, text } };
}

/** An event as it is handled: "Try again" is the message itself, said anew by who presses. Once for its post, however often it is pressed. */
export function asHandled(event: ChatEvent, buttonValues: ButtonValues): ChatEvent {
  if (event.type !== "action" || threadOf(event.place) === undefined) return event;
  const pressed = buttonValues.pressed(event);
  if (pressed?.action !== "ask") return event;
  const { at, place, by, post } = event;
  const id = post ? `ask/${post.id}` : event.id;
  return { type: "message", id, at, place, by, text: pressed.text, toBot: false };
}

/** Reply to an event that was taken before: nothing, but to who presses "Try again" once more. */
export function takenBefore(given: ChatEvent): Accepted {
  const pressed = given.type === "action" && given.action === "ask";
  const post: Post = { kind: "notice", text: "That was asked again already: its answer comes in the thread." };
  return { reply: Promise.resolve(pressed ? { post } : {}) };
}
