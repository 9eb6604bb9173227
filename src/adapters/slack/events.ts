import { z } from "zod";
import { foreign, type Identity, type Incoming, isoTime, placeIn, team, timestamp } from "./origin.ts";
import { readPress, readWords } from "./presses.ts";
import { readMrkdwn } from "./text.ts";

/**
 * The event in a payload of Slack's, or undefined for one that is not for us: bots, our own posts, edits, deletions, joins, and messages from
 * before `since` (milliseconds). A mention arrives twice, as `app_mention` and as `message`: both have the same id.
 */
export function readEvent(body: unknown, self: Identity, since = Number.NEGATIVE_INFINITY): Incoming | undefined {
  const callback = eventCallback.safeParse(body);
  if (callback.success) return readCallback(callback.data, self, since);
  const command = slashCommand.safeParse(body);
  if (command.success) return readCommand(command.data, self);
  return readPress(body, self) ?? readWords(body, self);
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

/** The text without the mention of us at its front, and whether we are mentioned anywhere. */
function addressed(mrkdwn: string, user: string): { text: string; mentioned: boolean } {
  const mention = `<@${user}(?:\\|[^<>]*)?>`;
  const text = mrkdwn.replace(new RegExp(`^\\s*(?:${mention}[\\s:,]*)+`), "");
  return { text: readMrkdwn(text), mentioned: new RegExp(mention).test(mrkdwn) };
}
