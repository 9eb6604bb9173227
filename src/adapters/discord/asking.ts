import {
  ComponentType,
  TextInputStyle,
  type APIModalInteractionResponseCallbackData,
  type ButtonInteraction,
  type ModalSubmitInteraction,
} from "discord.js";
import type { Button } from "../adapter.ts";
import { clip } from "./text.ts";

/** Id of the one field of a modal of ours. */
const field = "text";
/** Characters that Discord takes in a text field. */
const maxAnswer = 4_000;
const maxTitle = 45;

/** Write a button's `custom_id` (at most 100 characters): `action|value`, or `action?heading|value` for one that asks for words, with `??` for a secret. */
export function customId({ action, value, asks, secret }: Carried): string {
  const mark = secret ? "??" : "?";
  return asks === undefined ? `${action}|${value}` : `${action}${mark}${asks.replaceAll("|", " ")}|${value}`;
}

type Carried = Pick<Button, "action" | "value" | "asks" | "secret">;

/** Read a `custom_id` back. */
export function readCustomId(id: string): Carried {
  const [, action = id, mark, asks, value = ""] = /^([^|?]*)(?:(\?{1,2})([^|]*))?\|([^]*)$/.exec(id) ?? [];
  return { action, value, ...(asks !== undefined && { asks }), ...(mark === "??" && { secret: true as const }) };
}

/** The modal by which a button asks for words. It carries the button's own action and value. */
export function modalFor(
  { component, customId: id }: ButtonInteraction,
  asks: string,
): APIModalInteractionResponseCallbackData {
  const { action, value, secret } = readCustomId(id);
  const title = "label" in component && typeof component.label === "string" ? component.label : asks;
  return {
    custom_id: customId({ action, value, ...(secret && { asks: "", secret }) }),
    title: clip(title, maxTitle),
    components: [
      {
        type: ComponentType.Label,
        label: clip(asks, maxTitle),
        component: {
          type: ComponentType.TextInput,
          custom_id: field,
          style: secret ? TextInputStyle.Short : TextInputStyle.Paragraph,
          required: true,
          min_length: 1,
          max_length: maxAnswer,
        },
      },
    ],
  };
}

/** The words that were typed into a modal of ours. */
export function wordsIn(interaction: ModalSubmitInteraction): string {
  return interaction.fields.getTextInputValue(field);
}
