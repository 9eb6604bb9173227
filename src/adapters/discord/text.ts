import { fence, type MarkdownNode, markdownParts, type NodeSource, oneLine, rewriteMarkdown } from "../markdown.ts";

/** Characters of one message's content; the service refuses more (its published OpenAPI document says 4,000, which holds for some accounts). */
export const maxContent = 2_000;

/** Text in a code block, in which Discord parses nothing; fences of its own are broken up by a zero-width space. */
export function codeBlock(text: string): string {
  return `\`\`\`\n${literal(visible(text))}\n\`\`\``;
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
 * Discord shows label and target both; and with nothing that stands for a person, a channel, a command or a time. What is code in
 * Markdown is written so that Discord takes it for code too, and what is not, so that it doesn't.
 */
export function openLinks(markdown: string): string {
  // A mark that is no code's would pair with those that are written.
  const marked = markdownParts(visible(markdown).replaceAll("\u2028", "\n"))
    .map(({ code, text }) => (code ? text : escaped(text, "`")))
    .join("");
  const parts = markdownParts(rewriteMarkdown(marked, asCode));
  const swallowing = marksOver(parts.filter(({ code }) => code).map(({ text }) => text));
  const risky = parts.findLastIndex(({ code, text }) => code && live.test(text));
  return parts
    .map(({ code, text }, index) => {
      if (code) return text;
      const inert = escaped(text, index < risky ? swallowing : "")
        .replaceAll("](", "] (")
        .replaceAll(controls, "<\u2060");
      // The address would take the code's mark in.
      return index + 1 < parts.length && /https?:\/\/\S+$/.test(inert) ? `${inert} ` : inert;
    })
    .join("");
}

/** `<@1>` · `<@&1>` · `<#1>` · `</stop:1>` · `<:emoji:1>` · `<a:emoji:1>` · `<t:1>` · `<id:home>` · `<sound:1:1>` */
const controls = /<(?=[@#:/]|[a-z]+:(?!\/\/))/gi;
/** What would be a link or a mention if it were no code. */
const live = /\]\(|<(?:[@#:/]|[a-z]+:(?!\/\/))/i;
/** Marks of which Discord looks for the other one without a thought for code between the two. */
const pairs: readonly [mark: string, end: string][] = [
  ["[", "]("],
  ["*", "*"],
  ["_", "_"],
  ["~", "~~"],
  ["|", "||"],
  ["<", ">"],
];

/** Marks that find their other one in these pieces of code, and so would make text of them. */
function marksOver(code: readonly string[]): string {
  return pairs.flatMap(([mark, end]) => (code.some((text) => text.includes(end)) ? mark : [])).join("");
}

/** Text with a backslash before each of these marks that has none. */
function escaped(text: string, marks: string): string {
  return text.replaceAll(/\\[^]|[^]/g, (piece) => (marks.includes(piece) ? `\\${piece}` : piece));
}

/** Three marks are a block's to Discord, wherever they stand. */
function span(text: string, value: string): string | undefined {
  if (!text.includes("```")) return text.includes("\n") ? oneLine(text, value) : undefined;
  const apart = value.replaceAll(/`(?=`)/g, "`\u200B");
  return oneLine(apart.includes("`") ? "``" : "`", apart);
}

/** Discord's code blocks are between three backticks, have something in them, and end at the next three. */
function asCode(node: MarkdownNode, { text, before }: NodeSource): string | undefined {
  if (node.type === "inlineCode") return span(text, node.value);
  if (node.type !== "code") return undefined;
  const own = /^```(?!`)[^\n]*\n[^]*\n[> \t]*```$/.test(text);
  const simple = own && !node.value.includes("```") && node.value.trim() !== "" && !before.includes(">");
  const language = /^[\w+\-.#]+$/.test(node.lang ?? "") ? (node.lang ?? "") : "";
  return simple ? undefined : fence(literal(node.value), before, language);
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

function literal(code: string): string {
  return code.trim() === "" ? "\u200B" : code.replaceAll(/``(?=`)/g, "``\u200B");
}

/** Text without control characters other than line feed and tab, and without those that reverse its direction. */
function visible(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, "");
}
