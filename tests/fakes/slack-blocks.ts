/** As much of Block Kit as a reader needs. */
export interface SlackBlock {
  type: string;
  text?: string | { text: string };
  url?: string;
  action_id?: string;
  value?: string;
  elements?: SlackBlock[];
}

/** As much of a modal. */
export interface SlackView {
  type: string;
  callback_id?: string;
  private_metadata?: string;
  title: { text: string };
  submit?: { text: string };
  close?: { text: string };
  blocks: {
    type: string;
    block_id?: string;
    label?: { text: string };
    element?: { type: string; action_id?: string; multiline?: boolean; min_length?: number; max_length?: number };
  }[];
}

/** Why Slack would refuse a modal, by its reference ("Modal", "Input block", "Plain-text input"). */
export function viewFaults(json: string): string[] {
  const view = JSON.parse(json) as SlackView;
  const faults: string[] = [];
  const texts = [view.title, view.submit, view.close].flatMap((text) => (text ? [text.text] : []));
  if (view.type !== "modal") faults.push(`a view of type ${view.type}`);
  if (texts.some((text) => text === "" || text.length > 24))
    faults.push("a title or button of more than 24 characters");
  if ((view.private_metadata ?? "").length > 3_000) faults.push("more than 3,000 characters of private_metadata");
  if ((view.callback_id ?? "").length > 255) faults.push("a callback_id that is too long");
  if (view.blocks.length === 0 || view.blocks.length > 100) faults.push("no blocks, or more than 100");
  if (view.blocks.some(({ type }) => type === "input") && !view.submit) faults.push("an input without submit");
  for (const { block_id = "", label, element } of view.blocks) {
    if (block_id.length > 255 || (label?.text ?? "").length > 2_000 || label?.text === "") faults.push("an odd block");
    if ((element?.max_length ?? 1) > 3_000 || (element?.min_length ?? 0) > 3_000) faults.push("an odd length");
  }
  return faults;
}

/** What a person reads in blocks, buttons left out. */
export function shownBlocks(blocks: SlackBlock[]): string {
  return blocks
    .filter(({ type }) => type !== "actions")
    .map((block) => shown(block))
    .join("\n");
}

/** Every text in blocks, with what makes it: for checks on the wire. */
export function textsIn(blocks: SlackBlock[]): { type: string; text: string }[] {
  return blocks.flatMap((block) => [
    ...(typeof block.text === "string" ? [{ type: block.type, text: block.text }] : []),
    ...textsIn(block.elements ?? []),
  ]);
}

/** Why Slack would refuse blocks: sizes by its reference, 13,200 for the whole as measured by others (bolt-js issue 2509). */
export function blockFaults(json: string): string[] {
  const blocks = JSON.parse(json) as SlackBlock[];
  const faults: string[] = [];
  if (json.length > 13_200) faults.push("msg_blocks_too_long");
  if (blocks.length > 50) faults.push("more than 50 blocks");
  const markdown = blocks
    .filter(({ type }) => type === "markdown")
    .map(({ text }) => (typeof text === "string" ? text : ""));
  if (markdown.join("").length > 12_000) faults.push("more than 12,000 characters of Markdown");
  if (textsIn(blocks).some(({ text }) => text === "")) faults.push("an empty text");
  const buttons = blocks.flatMap((block) => (block.type === "actions" ? (block.elements ?? []) : []));
  const ids = buttons.map(({ action_id = "" }) => action_id);
  if (new Set(ids).size !== ids.length) faults.push("action ids that are not unique");
  if (ids.some((id) => id.length > 255 || id === "")) faults.push("an action id that is too long or empty");
  if (buttons.some(({ text }) => typeof text === "object" && (text.text.length > 75 || text.text === "")))
    faults.push("a label that is too long or empty");
  if (
    blocks.some(
      ({ type, elements }) => type === "actions" && ((elements ?? []).length > 25 || (elements ?? []).length === 0),
    )
  )
    faults.push("a row without buttons or with more than 25");
  return faults;
}

function shown(block: SlackBlock): string {
  const own = typeof block.text === "string" ? block.text : (block.text?.text ?? "");
  const parts = (block.elements ?? []).map((element) => shown(element));
  return own + parts.join(block.type === "rich_text" ? "\n" : "");
}
