/** Characters of one message's content; the service refuses more (its published OpenAPI document says 4,000, which holds for some accounts). */
export const maxContent = 2_000;

/** Text in a code block, in which Discord parses nothing; fences of its own are broken up by a zero-width space. */
export function codeBlock(text: string): string {
  const literal = visible(text).replaceAll(/``(?=`)/g, "``\u200B");
  return `\`\`\`\n${literal.trim() === "" ? "\u200B" : literal}\n\`\`\``;
}

/** Characters that a code block adds to its text. */
export const codeBlockCost = codeBlock("x").length - 1;

/** Text with no Markdown in it, as it is but for `code`, which stays code; masked links and mentions can't come about. */
export function plain(text: string): string {
  return visible(text)
    .split(/(`[^`\n]+`|https?:\/\/\S+)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(/[\\*_~|`[<]|^[>#](?=[ #>])/gm, "\\$&")))
    .join("");
}

/**
 * An agent's Markdown, with its links shown for what they are: `[label](target)` outside of code gets a blank in its middle, by which
 * Discord shows label and target both. Mentions are left to `allowed_mentions`.
 */
export function openLinks(markdown: string): string {
  return visible(markdown)
    .split(/((?<!\\)```[^]*?(?:```|$)|(?<![\\`])`[^`\n]+`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll("](", "] (")))
    .join("");
}

/** The first `max` characters, with an ellipsis where something was left out. */
export function clip(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, Math.max(0, max - 1)).replace(/[\uD800-\uDBFF]$/, "")}…`;
}

/** The last `max` characters, with an ellipsis where something was left out. */
export function clipStart(text: string, max: number): string {
  return text.length <= max
    ? text
    : `…${text.slice(text.length - Math.max(0, max - 1)).replace(/^[\uDC00-\uDFFF]/, "")}`;
}

/** Text without control characters other than line feed and tab, and without those that reverse its direction. */
function visible(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, "");
}
