import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmTableFromMarkdown } from "mdast-util-gfm-table";
import { gfmTable } from "micromark-extension-gfm-table";

type Root = ReturnType<typeof fromMarkdown>;
export type MarkdownNode = Root | Root["children"][number];
export type Code = Extract<MarkdownNode, { type: "code" | "inlineCode" }>;

/** What a platform writes in the place of a node, given the node's text with its children rewritten; undefined where that stays. */
export type Rewrite = (node: MarkdownNode, source: NodeSource) => string | undefined;

/** A node's place in the Markdown that it was read from. */
export interface NodeSource {
  /** Its text, as it stands there. */
  text: string;
  /** What is between its outermost marks, rewritten; "" where it has no children. */
  inner: string;
  /** What stands before it in its line: the marks of the lists and quotes that it is in. */
  before: string;
}

/** Edits by which links may show themselves anew; text that is not done after so many is made for that. */
const mostRounds = 20;

/** CommonMark with tables. HTML is text: neither platform has it, and so a link in it is one to them. */
export function readMarkdown(markdown: string): Root {
  return fromMarkdown(markdown, {
    extensions: [gfmTable(), { disable: { null: ["htmlFlow", "htmlText"] } }],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
}

/** Markdown with nodes written anew until there is nothing left to write; what never comes to that is shown as code. */
export function rewriteMarkdown(markdown: string, rewrite: Rewrite): string {
  let text = markdown;
  for (let round = 0; round < mostRounds; round++) {
    const next = written(readMarkdown(text), text, rewrite);
    if (next === text) return text;
    text = next;
  }
  return fence(text, "");
}

/** Code, blocks and spans, and what is between them. */
export function markdownParts(markdown: string): { code: boolean; text: string }[] {
  const parts: { code: boolean; text: string }[] = [];
  let end = 0;
  for (const node of codeIn(readMarkdown(markdown))) {
    const [from, to] = placeOf(node, end);
    parts.push({ code: false, text: markdown.slice(end, from) }, { code: true, text: markdown.slice(from, to) });
    end = to;
  }
  return [...parts, { code: false, text: markdown.slice(end) }];
}

/** Code blocks and spans, in their order. */
export function codeIn(node: MarkdownNode): Code[] {
  if (node.type === "code" || node.type === "inlineCode") return [node];
  return "children" in node ? node.children.flatMap(codeIn) : [];
}

/**
 * A code block as a fence of backticks, longer than any in it, which every Markdown knows: not all know those of tildes and of indents.
 * @param before what stands before it in its line; the next lines get the same, with blanks for a list's marks
 */
export function fence(code: string, before: string, language = ""): string {
  const longest = Math.max(2, ...(code.match(/`+/g) ?? []).map((run) => run.length));
  const marks = "`".repeat(longest + 1);
  const margin = withoutTabs(before)
    .replaceAll(/>(?! )/g, "> ")
    .replaceAll(/[^>\s]/g, " ");
  return [`${marks}${language}`, ...code.split("\n"), marks].join(`\n${margin}`);
}

/** Blanks up to the columns, four by four, that tabs lead to. */
function withoutTabs(text: string): string {
  let line = "";
  for (const character of text) line += character === "\t" ? " ".repeat(4 - (line.length % 4)) : character;
  return line;
}

/** A span of code in one line: blanks stand for its line breaks, as they do where it is shown. */
export function oneLine(text: string, value: string): string {
  const marks = /^`+/.exec(text)?.[0] ?? "`";
  const edge = /^`|`$/.test(value) ? " " : "";
  return `${marks}${edge}${value.replaceAll(/\s*\n\s*/g, " ")}${edge}${marks}`;
}

/** An address as text that is no Markdown and has no invisible character. */
export function shownAddress(url: string): string {
  return url
    .toWellFormed()
    .replaceAll(/[\s<>[\]\\`|\p{C}\p{Default_Ignorable_Code_Point}]/gu, (character) => encodeURIComponent(character))
    .replaceAll(/&(?=#?\w+;)/g, "&amp;");
}

/** Words in which nothing is Markdown. */
export function escapeMarkdown(words: string): string {
  return words.replaceAll(/[\\`*_~|<>[\]&]/g, "\\$&");
}

function written(
  node: MarkdownNode,
  markdown: string,
  rewrite: Rewrite,
  [from, to]: Place = [0, markdown.length],
): string {
  const children = "children" in node ? node.children : [];
  let text = "";
  let end = from;
  let start: number | undefined;
  for (const child of children) {
    const [childFrom, childTo] = placeOf(child, end, to);
    text += markdown.slice(end, childFrom);
    start ??= text.length;
    text += written(child, markdown, rewrite, [childFrom, childTo]);
    end = childTo;
  }
  const inner = start === undefined ? "" : text.slice(start);
  if (node.type === "root") return text + markdown.slice(end);
  text += markdown.slice(end, to);
  const before = markdown.slice(markdown.lastIndexOf("\n", from - 1) + 1, from);
  const anew = rewrite(node, { text, inner, before });
  // A fence that its quote's end has closed has that line's end in it.
  return anew !== undefined && text.endsWith("\n") ? `${anew}\n` : (anew ?? text);
}

type Place = [from: number, to: number];

/** Where a node stands, between what is before it and the end of what it is in: a fence that a list has closed reaches into the next item. */
function placeOf({ position, type }: MarkdownNode, least: number, most = Infinity): Place {
  const from = position?.start.offset;
  const to = position?.end.offset;
  if (from === undefined || to === undefined) throw new Error(`A ${type} of Markdown has no place.`);
  const begin = Math.min(Math.max(from, least), most);
  return [begin, Math.max(begin, Math.min(to, most))];
}
