import { setTimeout as delay } from "node:timers/promises";
import {
  MessageFlags,
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Interaction,
  type ModalSubmitInteraction,
} from "discord.js";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log, logBug } from "../../log.ts";
import type { ChatEvent, CommandSpec, OnEvent, Place, Post, Reply } from "../adapter.ts";
import { modalFor, readCustomId, wordsIn } from "./asking.ts";
import { callOf, typedIn } from "./commands.ts";
import { personOf, placeOf } from "./events.ts";

/** Discord takes an acknowledgement for three seconds; ours must have arrived by then. */
const patience = 2_000;
const maxChoices = 25;
const maxChoice = 100;

export type Answerable = ChatInputCommandInteraction | ButtonInteraction | ModalSubmitInteraction;

/** Parts with which interactions are taken. */
export interface InteractionContext {
  commands: readonly CommandSpec[];
  onEvent: OnEvent;
  /** Show a post to the one who acted, and to nobody else. May reject. */
  show(interaction: Answerable, post: Post): Promise<void>;
}

/** Take over a slash command, a press of a button, the words that one asked for, or a completion. Never rejects. */
export async function takeInteraction(interaction: Interaction, context: InteractionContext): Promise<void> {
  try {
    const asks = interaction.isButton() ? readCustomId(interaction.customId).asks : undefined;
    // Nothing has happened yet, so nothing is recorded; a modal must be the first answer, and within the three seconds.
    if (interaction.isButton() && asks !== undefined) await interaction.showModal(modalFor(interaction, asks));
    else if (interaction.isChatInputCommand() || interaction.isButton() || interaction.isModalSubmit())
      await answer(interaction, context);
    else if (interaction.isAutocomplete()) await complete(interaction, context);
  } catch (error) {
    // Most often 10062 or 40060: the person was gone or the three seconds were over. There is nobody left to tell.
    log.warn("an interaction could not be answered", { interaction: interaction.id, reason: messageOf(error) });
  }
}

/** Acknowledge once the event is recorded, but in time in any case; then show the reply when it comes. */
async function answer(interaction: Answerable, { onEvent, show }: InteractionContext): Promise<void> {
  const recorded = onEvent({ ...(await basisOf(interaction)), ...actOf(interaction) });
  const reply = recorded.then((accepted) => accepted.reply).catch(notTaken);
  await within(recorded);
  // A modal of ours is always opened from a message.
  await (interaction.isChatInputCommand()
    ? interaction.deferReply({ flags: MessageFlags.Ephemeral })
    : interaction.deferUpdate());
  const { post } = await reply;
  if (post !== undefined) await show(interaction, post);
  else if (interaction.isChatInputCommand()) await interaction.deleteReply();
}

async function complete(
  interaction: AutocompleteInteraction,
  { onEvent, commands }: InteractionContext,
): Promise<void> {
  const word = typedIn(interaction, commands);
  let choices: string[] = [];
  if (word !== undefined) {
    const event: ChatEvent = { ...(await basisOf(interaction)), type: "completion", ...word };
    const reply = onEvent(event).then((accepted) => accepted.reply);
    const taken = reply.then((given) => (choices = given.choices ?? []));
    await within(taken.catch((error: unknown) => log.warn("a completion was not taken", { reason: messageOf(error) })));
  }
  const known = [...new Set(choices)]
    .filter((choice) => choice !== "" && choice.length <= maxChoice)
    .slice(0, maxChoices);
  await interaction.respond(known.map((choice) => ({ name: choice, value: choice })));
}

function actOf(interaction: Answerable) {
  if (interaction.isChatInputCommand()) return { type: "command" as const, command: callOf(interaction) };
  const { action, value, secret } = readCustomId(interaction.customId);
  const text = interaction.isModalSubmit() ? { text: wordsIn(interaction), ...(secret && { secret }) } : {};
  const act = { type: "action" as const, action, value, ...text };
  const { message } = interaction;
  const thread = interaction.channel && placeOf(interaction.channel);
  if (!message || !thread || thread.thread === undefined) return act;
  const { platform, space, channel } = thread;
  const post = {
    thread: { platform, space, channel, thread: thread.thread },
    id: message.id,
    at: message.createdAt.toISOString(),
  };
  return { ...act, post };
}

async function basisOf(interaction: Interaction) {
  return {
    id: interaction.id,
    at: interaction.createdAt.toISOString(),
    place: await whereOf(interaction),
    by: personOf(interaction.user, interaction.member),
  };
}

/** A thread that the gateway has not told of is asked for; one that can't be seen stays a place that no list names. */
async function whereOf(interaction: Interaction): Promise<Place> {
  const { guildId: space, channelId: channel } = interaction;
  const known =
    interaction.channel ??
    (channel === null ? null : await interaction.client.channels.fetch(channel).catch(() => null));
  if (known !== null) return placeOf(known);
  return {
    platform: "discord",
    space: space ?? "",
    channel: channel ?? "",
    ...(space === null ? { direct: true } : {}),
  };
}

function notTaken(error: unknown): Reply {
  const sentence =
    error instanceof ShardbridgeError
      ? error.message
      : `It is a bug of ours, with the id ${logBug(error, "an interaction was not taken")}.`;
  return { post: { kind: "notice", tone: "error", text: `This was not taken. ${sentence}` } };
}

/** Wait for something, but not so long that an acknowledgement would come too late. How it ends is for its owner to see to. */
async function within(work: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  const late = delay(patience, undefined, { signal: over.signal, ref: false });
  await Promise.allSettled([Promise.race([work, late])]);
  over.abort();
}
