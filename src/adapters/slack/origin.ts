import { z } from "zod";
import type { ChatEvent, Place } from "../adapter.ts";

/** Our own identity in Slack. */
export interface Identity {
  team: string;
  /** The bot's user id. */
  user: string;
  /** The bot's own id; absent on a server that has none. */
  bot: string | undefined;
  /** The workspace's address, with a slash at its end. */
  url: string;
}

type WithoutPerson<T> = T extends ChatEvent ? Omit<T, "by"> : never;

/** An event without its person, who has to be looked up first. */
export interface Incoming {
  event: WithoutPerson<ChatEvent>;
  user: string;
  /** From another organisation, by what the payload itself says. */
  external: boolean;
}

/** When a Slack timestamp ("1767224888.280449") was, in ISO 8601. */
export function isoTime(ts: string): string {
  return new Date(Number(ts) * 1_000).toISOString();
}

/** A timestamp, which is also a message's id in its channel. */
export const timestamp = z.string().regex(/^\d+\.\d+$/);

/** A workspace's id, where Slack gives one. */
export const team = z.string().nullish();

/** A channel as a place; `type` is Slack's word for its kind, where it is told. */
export function placeIn(self: Identity, channel: string, type?: string | null): Place {
  const direct = type === "im" || type === "mpim" || channel.startsWith("D");
  return { platform: "slack", space: self.team, channel, ...(direct ? { direct } : {}) };
}

/** Whether any of these ids is another workspace's. */
export function foreign(self: Identity, ...teams: (string | null | undefined)[]): boolean {
  return teams.some((team) => team != null && team !== self.team);
}
