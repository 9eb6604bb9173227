import type { types } from "@slack/bolt";
import { z } from "zod";
import type { Button } from "../adapter.ts";
import { foreign, type Identity, type Incoming, isoTime, placeIn, team, timestamp } from "./origin.ts";

/** Id of a modal of ours, of its one field, and of that field's block. */
const words = "words";
/** Characters that Slack takes in a text field, and in a modal's title. */
const maxAnswer = 3_000;
const maxTitle = 24;

/**
 * A button's id in Slack, at most 255 characters: `action`, or `action?heading` for one that asks for words, `action??heading` for a secret. Slack wants every id in a message
 * to be another, so there is a number behind it.
 */
export function actionId({ action, asks, secret }: Pick<Button, "action" | "asks" | "secret">, number: number): string {
  return `${asks === undefined ? action : `${action}${secret ? "??" : "?"}${asks}`}#${number}`;
}

/** Read a button's id back, without the number. */
export function readActionId(id: string): { action: string; asks: string | undefined; secret: boolean } {
  const [, action = id, marks, asks] = /^([^?]*)(?:(\?{1,2})([^]*))?$/.exec(id.replace(/#\d+$/, "")) ?? [];
  return { action, asks, secret: marks === "??" };
}

const blockActions = z.object({
  type: z.literal("block_actions"),
  trigger_id: z.string().optional(),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: team }),
  container: z.object({
    channel_id: z.string(),
    message_ts: timestamp,
    thread_ts: timestamp.nullish(),
    is_ephemeral: z.boolean().nullish(),
  }),
  message: z.object({ thread_ts: timestamp.nullish() }).nullish(),
  actions: z.tuple([
    z.object({
      action_id: z.string(),
      action_ts: timestamp,
      value: z.string().nullish(),
      selected_option: z.object({ value: z.string() }).nullish(),
      text: z.object({ text: z.string() }).nullish(),
    }),
  ]),
});

/** The press of a button, if that is what a payload tells; one that asks for words is none before they are given. */
export function readPress(body: unknown, self: Identity): Incoming | undefined {
  const { data } = blockActions.safeParse(body);
  if (data === undefined) return undefined;
  const [pressed] = data.actions;
  const { action, asks } = readActionId(pressed.action_id);
  if (asks !== undefined) return undefined;
  const { channel_id, message_ts, thread_ts } = data.container;
  const place = { ...placeIn(self, channel_id), thread: thread_ts ?? data.message?.thread_ts ?? message_ts };
  const { platform, space, channel, thread } = place;
  return {
    event: {
      type: "action",
      id: `action/${channel_id}/${message_ts}/${data.user.id}/${pressed.action_ts}`,
      at: isoTime(pressed.action_ts),
      place,
      action,
      value: pressed.value ?? pressed.selected_option?.value ?? "",
      post: { thread: { platform, space, channel, thread }, id: message_ts, at: isoTime(message_ts) },
    },
    user: data.user.id,
    external: foreign(self, data.team?.id, data.user.team_id),
  };
}

/** Somebody pressed a button that asks for words. */
export interface Asking {
  /** Opens one modal, within three seconds. */
  trigger: string;
  view: types.ModalView;
}

/** State that a modal carries from the press to the words. Slack keeps 3,000 characters. */
const carried = z.object({
  channel: z.string(),
  /** Absent for a post that one person was shown outside of any thread. */
  thread: z.exactOptional(timestamp),
  message: timestamp,
  action: z.string(),
  value: z.string(),
  secret: z.exactOptional(z.literal(true)),
});

/** The modal that is to be opened, if a payload is the press of a button that asks for words. */
export function readAsking(body: unknown): Asking | undefined {
  const { data } = blockActions.safeParse(body);
  if (data?.trigger_id === undefined) return undefined;
  const [pressed] = data.actions;
  const { action, asks, secret } = readActionId(pressed.action_id);
  if (asks === undefined) return undefined;
  const { channel_id: channel, message_ts: message, thread_ts, is_ephemeral } = data.container;
  const thread = thread_ts ?? data.message?.thread_ts ?? (is_ephemeral === true ? undefined : message);
  const state: z.infer<typeof carried> = {
    channel,
    message,
    action,
    value: pressed.value ?? "",
    ...(secret && { secret: true as const }),
    ...(thread !== undefined && { thread }),
  };
  const view: types.ModalView = {
    type: "modal",
    callback_id: words,
    private_metadata: JSON.stringify(state),
    title: plain(clip(pressed.text?.text ?? asks, maxTitle)),
    submit: plain("Send"),
    close: plain("Cancel"),
    blocks: [
      {
        type: "input",
        block_id: words,
        label: plain(asks),
        element: {
          type: "plain_text_input",
          action_id: words,
          multiline: !secret,
          min_length: 1,
          max_length: maxAnswer,
        },
      },
    ],
  };
  return { trigger: data.trigger_id, view };
}

const submission = z.object({
  type: z.literal("view_submission"),
  team: z.object({ id: z.string() }).nullish(),
  user: z.object({ id: z.string(), team_id: team }),
  view: z.object({
    id: z.string(),
    callback_id: z.literal(words),
    private_metadata: z.string(),
    state: z.object({ values: z.object({ [words]: z.object({ [words]: z.object({ value: z.string() }) }) }) }),
  }),
});

/** The press of a button with the words that were typed for it, if that is what a payload tells. Throws for what was not made here. */
export function readWords(body: unknown, self: Identity): Incoming | undefined {
  const { data } = submission.safeParse(body);
  if (data === undefined) return undefined;
  const { view, user } = data;
  const { channel, thread, message, action, value, secret } = carried.parse(JSON.parse(view.private_metadata));
  const place = placeIn(self, channel);
  const ref = thread === undefined ? undefined : { platform: place.platform, space: place.space, channel, thread };
  return {
    event: {
      type: "action",
      // A modal is submitted once, however often that is delivered.
      id: `words/${view.id}`,
      at: new Date().toISOString(),
      place: { ...place, ...ref },
      action,
      value,
      text: view.state.values[words][words].value,
      ...(secret && { secret }),
      ...(ref && { post: { thread: ref, id: message, at: isoTime(message) } }),
    },
    user: user.id,
    external: foreign(self, data.team?.id, user.team_id),
  };
}

function plain(text: string): types.PlainTextElement {
  return { type: "plain_text", text, emoji: false };
}

function clip(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
