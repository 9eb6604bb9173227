import type { ChatEvent } from "../../adapters/adapter.ts";
import { excerpt } from "../posts/split.ts";

export type Message = ChatEvent & { type: "message" };

/** Names an event among those of all platforms. */
export function keyOf(event: ChatEvent): string {
  return `${event.place.platform}:${event.id}`;
}

/** An event as it is saved: of a secret only that one was given. */
export function withoutSecret(event: ChatEvent): ChatEvent {
  if (event.type !== "action" || !event.secret) return event;
  const { text: _text, ...rest } = event;
  return rest;
}

/** Title of a thread that is opened for a message. */
export function titleOf({ text }: Message): string {
  return excerpt(text, 80) || "shards";
}

/** Summary of an event, in few words. */
export function wordsOf(event: ChatEvent): string {
  if (event.type === "message") return event.text;
  if (event.type === "action")
    return ["the button", event.action, event.secret ? "" : (event.text ?? "")].join(" ").trim();
  if (event.type !== "command") return event.type;
  return typeof event.command === "string" ? event.command : event.command.verb;
}
