import type { types } from "@slack/bolt";
import type { Button, Post, ThreadRef } from "../adapter.ts";
import { actionId } from "./presses.ts";
import { fallbackText, inertMarkdown } from "./text.ts";

/** A post in Slack's terms; `text` is what notifications show. */
export interface Rendered {
  text: string;
  blocks: types.KnownBlock[];
}

/** Slack takes 50 blocks in a message. */
const mostCalls = 40;

type Inline = types.RichTextElement;
type Part = types.RichTextBlockElement;

/**
 * Look of a post. Answers are Markdown, which Slack lays out itself; all else is rich text, in which nothing is parsed and so nobody
 * can be mentioned. A live message starts with the same kind of block all its life: Slack refuses to replace rich text by another kind.
 * `linkTo` gives a thread's address where it has one.
 */
export function render(post: Post, linkTo: (thread: ThreadRef) => string | undefined): Rendered {
  switch (post.kind) {
    case "answer":
      return {
        text: fallbackText(post.markdown || (post.calls ?? []).join("\n")),
        blocks: [
          ...speaker(post.shard),
          ...(post.calls ?? []).slice(0, mostCalls).flatMap((line) => speaker(line)),
          ...(post.calls && post.markdown === ""
            ? []
            : [{ type: "markdown" as const, text: notEmpty(inertMarkdown(post.markdown)) }]),
        ],
      };
    case "terminal": {
      const title = post.title === undefined ? [] : [line(bold(post.title))];
      return { text: fallbackText(post.text), blocks: [rich(...title, literal(post.text))] };
    }
    case "card":
      return card(post);
    case "question":
      return question(post);
    case "notice": {
      const links = (post.threads ?? []).flatMap(({ label, thread }) => [text(" "), link(label, linkTo(thread))]);
      const tone: Inline[] = post.tone === "error" ? [{ type: "emoji", name: "warning" }, text(" ")] : [];
      const labels = (post.threads ?? []).map(({ label }) => ` ${label}`).join("");
      return {
        text: fallbackText(post.text + labels),
        blocks: [rich(line(...tone, ...withCode(post.text), ...links)), ...buttons(post.buttons)],
      };
    }
    case "file":
      return {
        text: fallbackText(post.note),
        blocks: [rich(line(...withCode(post.note)), literal(post.text.slice(0, 3_000)))],
      };
  }
}

/** The line that goes with an upload. Its block's id is the key by which the post is found again: files take no metadata. */
export function renderNote(note: string, key: string): types.RichTextBlock {
  return { ...rich(line(...withCode(note))), block_id: key };
}

/** The first message of a thread that starts from nothing. */
export function renderTitle(title: string): Rendered {
  return { text: fallbackText(title), blocks: [rich(line(bold(title)))] };
}

function card(post: Extract<Post, { kind: "card" }>): Rendered {
  const why = post.why === "" ? "" : ` (${post.why})`;
  const head = ` · ${post.agent} · ${post.state}${why} · since `;
  const seconds = Math.floor(Date.parse(post.since) / 1_000);
  const since: Inline = Number.isNaN(seconds)
    ? text(post.since === "" ? "now" : post.since)
    : { type: "date", timestamp: seconds, format: "{time}", fallback: post.since };
  const tail = post.tail.trim() === "" ? [] : [literal(post.tail)];
  return {
    text: fallbackText(`${post.shard} · ${post.agent} · ${post.state}`),
    blocks: [rich(line(bold(post.shard), text(head), since), ...tail), ...buttons(post.buttons)],
  };
}

function question(post: Extract<Post, { kind: "question" }>): Rendered {
  const detail = post.detail.trim() === "" ? [] : [literal(post.detail)];
  const settled = post.settled === undefined ? [] : [line(text(post.settled))];
  return {
    text: fallbackText(`${post.shard}: ${post.question}`),
    blocks: [
      rich(line(bold(post.shard), text(" asks: "), text(post.question)), ...detail, ...settled),
      ...(post.settled === undefined ? buttons(post.buttons) : []),
    ],
  };
}

/** Slack takes 25 buttons in a row, labels of 75 characters, and wants another action id for each. */
function buttons(wanted: Button[] = []): types.ActionsBlock[] {
  const rows = Array.from({ length: Math.ceil(wanted.length / 25) }, (_, row) => wanted.slice(row * 25, row * 25 + 25));
  return rows.map((row, at) => ({
    type: "actions",
    elements: row.map(({ label, value, style, ...button }, index) => ({
      type: "button",
      text: { type: "plain_text", text: label.length > 75 ? `${label.slice(0, 74)}…` : notEmpty(label), emoji: false },
      action_id: actionId(button, at * 25 + index),
      value,
      ...(style === undefined ? {} : { style }),
    })),
  }));
}

function speaker(shard: string | undefined): types.ContextBlock[] {
  return shard === undefined
    ? []
    : [{ type: "context", elements: [{ type: "plain_text", text: shard, emoji: false }] }];
}

function rich(...elements: Part[]): types.RichTextBlock {
  return { type: "rich_text", elements };
}

function line(...elements: Inline[]): Part {
  return { type: "rich_text_section", elements };
}

function literal(content: string): Part {
  return { type: "rich_text_preformatted", elements: [text(content)] };
}

function text(content: string): types.RichTextText {
  return { type: "text", text: notEmpty(content) };
}

function bold(content: string): Inline {
  return { ...text(content), style: { bold: true } };
}

function link(label: string, url: string | undefined): Inline {
  return url === undefined ? text(label) : { type: "link", url, text: label };
}

/** Our own lines may have `code` in them. */
function withCode(content: string): Inline[] {
  const parts = content.split(/`([^`\n]+)`/).map((part, index) => ({ part, code: index % 2 === 1 }));
  const told = parts.filter(({ part }) => part !== "");
  if (told.length === 0) return [text("")];
  return told.map(({ part, code }) => (code ? { ...text(part), style: { code: true } } : text(part)));
}

/** Slack refuses empty texts. */
function notEmpty(content: string): string {
  return content === "" ? " " : content;
}
