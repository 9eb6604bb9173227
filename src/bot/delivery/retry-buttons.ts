import { threadOf, type Accepted, type Button, type ChatEvent, type Post } from "../../adapters/adapter.ts";
import type { ButtonValues } from "./button-values.ts";

/** Says the same to the orchestrator once more. */
export function tryAgainButton(text: string): Button {
  return { label: "Try again", action: "ask", value: kept(text) };
}

/** Sends the same prompt to a shard once more. */
export function resendButton(shard: string, text: string): Button {
  return { label: "Resend", action: "resend", value: `${shard}/${kept(text)}` };
}

/** Types a prompt into a shard although nothing on its screen shows where it goes. */
export function anywayButton(shard: string, text: string): Button {
  return { label: "Type anyway", action: "anyway", value: `${shard}/${kept(text)}` };
}

/** What `kept` was given. */
export function textOf(value: string): string {
  return value.replace(/^\n/, "");
}

/** An event as it is handled: "Try again" is the message itself, said anew by who presses. Once for its post, however often it is pressed. */
export function asHandled(event: ChatEvent, buttonValues: ButtonValues): ChatEvent {
  const said = event.type === "action" && event.action === "ask" ? buttonValues.resolve(event.value) : undefined;
  if (event.type !== "action" || said === undefined || threadOf(event.place) === undefined) return event;
  const { at, place, by, post } = event;
  const id = post ? `ask/${post.id}` : event.id;
  return { type: "message", id, at, place, by, text: textOf(said), toBot: false };
}

/** What is shown for an event that was taken before: nothing, but to who presses "Try again" once more. */
export function takenBefore(given: ChatEvent): Accepted {
  const pressed = given.type === "action" && given.action === "ask";
  const post: Post = { kind: "notice", text: "That was asked again already: its answer comes in the thread." };
  return { reply: Promise.resolve(pressed ? { post } : {}) };
}

/** With a line break in it a value is no id, so that it is kept on this side, and the button has a code for it. */
function kept(text: string): string {
  return `\n${text}`;
}
