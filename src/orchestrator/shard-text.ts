/** Characters of one agent's output that the model gets to see at once. */
export const outputLimit = 12_000;

/**
 * An agent's text as labelled data: capped, and unable to end its own label or to open another. `facts` become attributes of the
 * label and must be ours, not the agent's.
 */
export function labelled(facts: Record<string, string>, text: string, limit = outputLimit): string {
  const attributes = Object.entries(facts).map(([name, value]) => ` ${name}="${value.replaceAll(/["<>\s]+/g, " ")}"`);
  return `<shard_output${attributes.join("")}>\n${capped(inert(text), limit)}\n</shard_output>`;
}

/** A short text of somebody else on one line. */
export function oneLine(text: string, limit: number): string {
  const line = inert(text)
    .replaceAll(/[\s<>]+/g, " ")
    .trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`.toWellFormed();
}

/** The text with its middle left out when it is longer than `limit` characters; its end tells more than its start. */
export function capped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const mark = `\n… ${text.length - limit} characters and more left out …\n`;
  const room = Math.max(0, limit - mark.length);
  const head = Math.floor(room / 3);
  return `${text.slice(0, head)}${mark}${text.slice(text.length - (room - head))}`.toWellFormed();
}

/** A text that can end none of our labels and open none. Invisible characters could hide a tag from us and not from the model, so they go before the tags are looked for. */
export function inert(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}]/gu, "")
    .replaceAll(/<(?=[\s/]*(?:shard_output|context|event|instruction|repo_notes|summary)\b)/gi, "‹");
}
