import { randomBytes } from "node:crypto";
import { asRead } from "./as-read.ts";

/** Characters of one agent's output that the model gets to see at once. */
export const outputLimit = 12_000;

/** Names of blocks that are ours or of a model's own surroundings, in which texts of others must not seem to stand. */
const blocks = [
  "shard_output",
  "context",
  "event",
  "instruction",
  "repo_notes",
  "repo_file",
  "summary",
  "system",
  "function_results",
  "tool_result",
];

const gap = String.raw`[\s_\-\u2800]*`;
const names = blocks.map((name) => Array.from(name.replace("_", "")).join(gap));
const [label = "", ...others] = names;
const tag = new RegExp(String.raw`<[\s/!?\u2800]*(?:${label}|(?:${others.join("|")})(?![a-z0-9]))`, "g");

/**
 * An agent's text as labelled data: capped, and unable to end its own label or to open another. The label's name ends in letters that are
 * made for this text alone, so nothing that was written before can name it. `facts` become attributes of the label and must be ours, not
 * the agent's.
 */
export function labelled(facts: Record<string, string>, text: string, limit = outputLimit): string {
  const name = `shard_output_${randomBytes(8).toString("hex")}`;
  const attributes = Object.entries(facts).map(
    ([fact, value]) => ` ${fact}="${plain(value, /["＂<>＜＞﹤﹥\s\u2800]+/g)}"`,
  );
  return `<${name}${attributes.join("")}>\n${capped(inert(text), limit)}\n</${name}>`;
}

/** A short text of somebody else on one line. */
export function oneLine(text: string, limit: number): string {
  const line = plain(text, /[\s<>＜＞﹤﹥\u2800]+/g).trim();
  return line.length <= limit ? line : `${line.slice(0, limit - 1)}…`.toWellFormed();
}

function plain(text: string, spaces: RegExp): string {
  return inert(text).replaceAll(spaces, " ");
}

/** The text with its middle left out when it is longer than `limit` characters; its end tells more than its start. */
export function capped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const mark = `\n… ${text.length - limit} characters and more left out …\n`;
  const room = Math.max(0, limit - mark.length);
  const head = Math.floor(room / 3);
  return `${text.slice(0, head)}${mark}${text.slice(text.length - (room - head))}`.toWellFormed();
}

/**
 * A text that can end none of our labels and open none, however it is read: tags are looked for in the text as a reader may see it
 * (`asRead`), and their brackets replaced. Invisible characters go, lines end in \n alone; everything else stays as it is.
 */
export function inert(text: string): string {
  const shown = text
    .toWellFormed()
    .replaceAll(/[\u2028\u2029]/g, "\n")
    .replaceAll(/(?![\n\t])[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "");
  const { read, places } = asRead(shown);
  const brackets = [...read.matchAll(tag)].map(({ index }) => places[index] ?? 0);
  let from = 0;
  const parts = brackets.map((at) => {
    const part = `${shown.slice(from, at)}‹`;
    from = at + ((shown.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
    return part;
  });
  return parts.join("") + shown.slice(from);
}
