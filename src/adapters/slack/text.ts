import {
  escapeMarkdown,
  fence,
  markdownParts,
  type MarkdownNode,
  type NodeSource,
  oneLine,
  rewriteMarkdown,
  shownAddress,
} from "../markdown.ts";

/** Text between people, us and Slack. Slack has two languages: its own mrkdwn, and Markdown in markdown blocks. */

/** Text that a person typed, from the mrkdwn that Slack sends: control sequences resolved, entities undone. */
export function readMrkdwn(mrkdwn: string): string {
  return mrkdwn
    .split(/<([^<>]*)>/)
    .map((part, index) => (index % 2 === 0 ? readEntities(part) : readControl(part)))
    .join("");
}

/** Text as it is, in mrkdwn: with these three escaped nothing in it is a mention, a link or a date. */
export function escapeMrkdwn(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** The plain text beside blocks, for notifications: at most 3,000 characters of mrkdwn, no entity cut through. */
export function fallbackText(text: string): string {
  const escaped = escapeMrkdwn(text.trim() === "" ? "(no text)" : text);
  return escaped.length <= 3_000 ? escaped : `${escaped.slice(0, 2_990).replace(/(&[a-z]*|[\uD800-\uDBFF])$/, "")} …`;
}

/**
 * Markdown in which nobody is mentioned and every link shows where it goes. Images and masked links become text with their address: one
 * that is hidden, or fetched unasked, can carry a secret out. Code stays as it is, but for Slack's own control sequences: those are live
 * in its Markdown too, also inside code, so that a word joiner comes behind their `<`.
 */
export function inertMarkdown(markdown: string): string {
  const text = rewriteMarkdown(markdown.replaceAll(/\r\n?/g, "\n"), shown);
  let at = 0;
  return markdownParts(text)
    .map((part) => {
      const from = at;
      at += part.text.length;
      // A sequence may begin in one part and end in another.
      return part.text.replaceAll("<", (mark, index: number) =>
        isSequence(text, from + index, part.code) ? mark + wordJoiner : mark,
      );
    })
    .join("");
}

const wordJoiner = "\u2060";

/** `<@U1>` · `<#C1|dev>` · `<!here>` · `<!date^1^…|today>` · `<https://a.b|label>` */
const sequence =
  /<(?:[@#][A-Z0-9]+|![a-z_]+(?:\^[^<>|]*)?|(?:[A-Za-z][A-Za-z0-9+.-]*:\/\/|mailto:|tel:)[^<>|]*(?=\|))(?:\|[^<>]*)?>/y;
/** Outside of code nothing is lost by a joiner too many: any target with a label, and tags that may have an address. */
const looseSequence =
  /<(?:\\?[@#]\w+|\\?!\w+(?:\\?\^[^<>|]*)?|[^<>\s|]+(?=\|))(?:\\?\|[^<>]*)?\\?>|<[a-z][\w:-]*[\s/][^<>]*=/iy;

function isSequence(text: string, at: number, code: boolean): boolean {
  const patterns = code ? [sequence] : [sequence, looseSequence];
  return patterns.some((pattern) => {
    pattern.lastIndex = at;
    return pattern.test(text);
  });
}

function shown(node: MarkdownNode, { text, inner, before }: NodeSource): string | undefined {
  if (node.type === "link" && !text.startsWith("<"))
    return withAddress(node.children[0]?.type === "text" ? inLine(inner) : inner, node.url);
  if (node.type === "image") return withAddress(inLine(escapeMarkdown(node.alt ?? "")), node.url);
  if (node.type === "definition") return noDefinition(text);
  if (node.type === "code" && !text.startsWith("`")) return fence(node.value, before, languageOf(node.lang));
  if (node.type === "inlineCode" && text.includes("\n")) return oneLine(text, node.value);
  return undefined;
}

/** A reference's address as text, so that nothing refers to it; and with no code where the address was. */
function noDefinition(text: string): string {
  return text
    .replace(/^\[((?:\\[^]|[^\]\\])*)\]:/, "\\[$1\\]:")
    .replaceAll(/\\[^]|`/g, (piece) => (piece === "`" ? "\\`" : piece));
}

function withAddress(words: string, url: string): string {
  const address = shownAddress(url);
  const said = words.trim();
  if (said === "" || said === address || address === "") return said || address;
  return `${said} (${address})`;
}

/** Words that begin no block, such as a list or a fence, where their bracket is gone. */
function inLine(words: string): string {
  return words
    .trim()
    .replace(/^(?:`+|~+)/, (marks) => marks.replaceAll(/[^]/g, "\\$&"))
    .replace(/^(\d*)([>#+\-*=|_.)])/, "$1\\$2");
}

function languageOf(language: string | null | undefined): string {
  return language?.replaceAll("`", "") ?? "";
}

function readEntities(text: string): string {
  return text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
}

/** `@U123|ann` · `#C123|general` · `!here` · `!subteam^S123|@devs` · `!date^…|today` · `https://a.b|label` */
function readControl(sequence: string): string {
  const [target, label] = split(sequence);
  const name = label === undefined ? undefined : readEntities(label);
  if (/^[@#]/.test(target)) return name === undefined ? target : target.charAt(0) + name.replace(/^[@#]/, "");
  if (target.startsWith("!date^")) return name ?? "";
  if (target.startsWith("!")) return name ?? `@${target.slice(1)}`;
  const url = readEntities(target);
  // Slack makes links of what looks like one: then the label is what was typed.
  return name !== undefined && [`http://${name}`, `https://${name}`, `mailto:${name}`, `tel:${name}`].includes(url)
    ? name
    : url;
}

function split(sequence: string): [string, string?] {
  const bar = sequence.indexOf("|");
  return bar < 0 ? [sequence] : [sequence.slice(0, bar), sequence.slice(bar + 1)];
}
