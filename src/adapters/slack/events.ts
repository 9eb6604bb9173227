import { z } from "zod";
import type { ChatEvent, Place } from "../adapter.ts";
import { readMrkdwn } from "./text.ts";

/** Who we are in Slack. */
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

/**
 * The event in a payload of Slack's, or undefined for one that is not for us: bots, our own posts, edits, deletions, joins, and messages from
 * before `since` (milliseconds). A mention arrives twice, as `app_mention` and as `message`: both have the same id.
 */
export function readEvent(body: unknown, self: Identity, since = Number.NEGATIVE_INFINITY): Incoming | undefined {
  const callback = eventCallback.safeParse(body);
  if (callback.success) return readCallback(callback.data, self, since);
  const command = slashCommand.safeParse(body);
  if (command.success) return readCommand(command.data, self);
  const press = blockActions.safeParse(body);
  return press.success ? readPress(press.data, self) : undefined;
}

/** Why Slack has ended our stay, when that is what a payload says. */
export function readRemoval(body: unknown): string | undefined {
  const removal = removed.safeParse(body);
  if (!removal.success) return undefined;
  if (removal.data.event.type === "app_uninstalled")
    return "The Slack app was uninstalled: install it again and set SLACK_BOT_TOKEN to its new token.";
  const bots = removal.data.event.tokens?.bot ?? [];
  return bots.length > 0
    ? "Slack has revoked the app's bot token: reinstall the app and set SLACK_BOT_TOKEN to its new token."
    : undefined;
}

/** When a Slack timestamp ("1767224888.280449") was, in ISO 8601. */
export function isoTime(ts: string): string {
  return new Date(Number(ts) * 1_000).toISOString();
}

const timestamp = z.string().regex(/^\d+\.\d+$/);
const team = z.string().nullish();

const message = z.object({
  type: z.enum(["message", "app_mention"]),
  channel: z.string(),
  ts: timestamp,
  user: z.string().nullish(),
  text: z.string().nullish(),
  subtype: z.string().nullish(),
  thread_ts: timestamp.nullish(),
  channel_type: z.string().nullish(),
  bot_id: z.string().nullish(),
  app_id: z.string().nullish(),
  bot_profile: z.unknown().optional(),
  edited: z.unknown().optional(),
  team,
  user_team: team,
  source_team: team,
});

const stopped = z.object({
  type: z.literal("agent_session_stopped"),
  channel: z.string(),
  thread_ts: timestamp,
  event_ts: timestamp,
  user: z.string().default(""),
});

const eventCallback = z.object({
  type: z.literal("event_callback"),
  team_id: team,
  is_ext_shared_channel: z.boolean().nullish(),
  event: z.discriminatedUnion("type", [message, stopped]),
});

const slashCommand = z.object({
  command: z.string(),
  text: z.string().default(""),
  team_id: team,
  channel_id: z.string(),
  user_id: z.string(),
  trigger_id: z.string(),
});

const blockActions = z.object({
  type: z.literal("block_actions"),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: team }),
  container: z.object({ channel_id: z.string(), message_ts: timestamp, thread_ts: timestamp.nullish() }),
  message: z.object({ thread_ts: timestamp.nullish() }).nullish(),
  actions: z.tuple([
    z.object({
      action_id: z.string(),
      action_ts: timestamp,
      value: z.string().nullish(),
      selected_option: z.object({ value: z.string() }).nullish(),
    }),
  ]),
});

const removed = z.object({
  event: z.discriminatedUnion("type", [
    z.object({ type: z.literal("app_uninstalled"), tokens: z.undefined().optional() }),
    z.object({ type: z.literal("tokens_revoked"), tokens: z.object({ bot: z.array(z.string()).nullish() }) }),
  ]),
});

function readCallback(
  { event, ...body }: z.infer<typeof eventCallback>,
  self: Identity,
  since: number,
): Incoming | undefined {
  if (event.type === "agent_session_stopped") {
    const place = { ...placeIn(self, event.channel), thread: event.thread_ts };
    return {
      event: { type: "stop", id: `stop/${event.channel}/${event.event_ts}`, at: isoTime(event.event_ts), place },
      user: event.user,
      external: body.is_ext_shared_channel === true || foreign(self, body.team_id),
    };
  }
  if (!isOfPerson(event, self) || Number(event.ts) * 1_000 < since) return undefined;
  const place = placeIn(self, event.channel, event.channel_type);
  const at = event.thread_ts == null ? { message: event.ts } : { thread: event.thread_ts };
  const { text, mentioned } = addressed(event.text ?? "", self.user);
  return {
    event: {
      type: "message",
      id: `message/${event.channel}/${event.ts}`,
      at: isoTime(event.ts),
      place: { ...place, ...at },
      text,
      toBot: mentioned || place.direct === true,
    },
    user: event.user ?? "",
    external:
      body.is_ext_shared_channel === true ||
      foreign(self, body.team_id, event.team, event.user_team, event.source_team),
  };
}

/** Said just now by somebody who is neither a bot nor ourselves. Our own edits come as `message_changed` and have no user at all. */
function isOfPerson(event: z.infer<typeof message>, self: Identity): boolean {
  if (event.subtype != null && !["file_share", "thread_broadcast"].includes(event.subtype)) return false;
  if (event.bot_id != null || event.app_id != null || event.bot_profile != null || event.edited != null) return false;
  return event.user != null && event.user !== self.user;
}

function readCommand(body: z.infer<typeof slashCommand>, self: Identity): Incoming {
  return {
    event: {
      type: "command",
      id: `command/${body.trigger_id}`,
      at: new Date().toISOString(),
      place: placeIn(self, body.channel_id),
      command: readMrkdwn(body.text).trim(),
    },
    user: body.user_id,
    external: foreign(self, body.team_id),
  };
}

function readPress(body: z.infer<typeof blockActions>, self: Identity): Incoming {
  const { channel_id, message_ts, thread_ts } = body.container;
  const [pressed] = body.actions;
  const place = { ...placeIn(self, channel_id), thread: thread_ts ?? body.message?.thread_ts ?? message_ts };
  const { platform, space, channel, thread } = place;
  return {
    event: {
      type: "action",
      id: `action/${channel_id}/${message_ts}/${body.user.id}/${pressed.action_ts}`,
      at: isoTime(pressed.action_ts),
      place,
      // Slack wants every action id in a message to be another: ours end in "#" and a number.
      action: pressed.action_id.replace(/#\d+$/, ""),
      value: pressed.value ?? pressed.selected_option?.value ?? "",
      post: { thread: { platform, space, channel, thread }, id: message_ts, at: isoTime(message_ts) },
    },
    user: body.user.id,
    external: foreign(self, body.team?.id, body.user.team_id),
  };
}

function placeIn(self: Identity, channel: string, type?: string | null): Place {
  const direct = type === "im" || type === "mpim" || channel.startsWith("D");
  return { platform: "slack", space: self.team, channel, ...(direct ? { direct } : {}) };
}

function foreign(self: Identity, ...teams: (string | null | undefined)[]): boolean {
  return teams.some((team) => team != null && team !== self.team);
}

/** The text without the mention of us at its front, and whether we are mentioned anywhere. */
function addressed(mrkdwn: string, user: string): { text: string; mentioned: boolean } {
  const mention = `<@${user}(?:\\|[^<>]*)?>`;
  const text = mrkdwn.replace(new RegExp(`^\\s*(?:${mention}[\\s:,]*)+`), "");
  return { text: readMrkdwn(text), mentioned: new RegExp(mention).test(mrkdwn) };
}
