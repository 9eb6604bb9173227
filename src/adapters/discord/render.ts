import {
  ButtonStyle,
  ComponentType,
  type APIActionRowComponent,
  type APIButtonComponentWithCustomId,
} from "discord.js";
import type { Button, Post } from "../adapter.ts";
import { customId } from "./asking.ts";
import { clip, clipStart, codeBlock, codeBlockCost, maxContent, openLinks, plain } from "./text.ts";

/** A post as Discord has it. `quiet`: nobody is notified of it. */
export interface Rendered {
  content: string;
  components: APIActionRowComponent<APIButtonComponentWithCustomId>[];
  quiet: boolean;
  file?: { name: string; text: string };
}

/** Discord takes five rows of five buttons. */
const rowLength = 5;
const maxButtons = 25;

/**
 * A post as a message. Content is never above 2,000 characters: a card's tail and a question's detail are shortened for that; what else
 * is too long becomes a file, so that nothing of it is lost. A question with buttons is never shortened: it becomes a file too, without them.
 */
export function render(post: Post): Rendered {
  const rendered = renderFully(post);
  if (rendered.content.length <= maxContent && (rendered.components.length === 0 || isWhole(post))) return rendered;
  // What can't be read whole before it is decided has no button.
  if (post.kind === "question") return { ...rendered, components: [], file: fileOf(post) };
  const content = join(speaker(speakerOf(post)), "This is too long for a message: here it is as a file.");
  return { ...rendered, content, components: [], file: fileOf(post) };
}

function renderFully(post: Post): Rendered {
  switch (post.kind) {
    case "answer":
      return message(
        join(speaker(speakerOf(post)), ...(post.calls ?? []).map(speaker), openLinks(post.markdown)),
        false,
      );
    case "terminal":
      return message(join(speaker(speakerOf(post)), codeBlock(post.text)), true);
    case "card":
      return message(card(post), true, post.buttons);
    case "question":
      return message(question(post), false, post.settled === undefined ? post.buttons : []);
    case "notice":
      return message(notice(post), post.tone !== "error", post.buttons ?? []);
    case "file":
      return { ...message(clip(plain(post.note), maxContent), false), file: { name: post.name, text: post.text } };
  }
}

function message(content: string, quiet: boolean, buttons: readonly Button[] = []): Rendered {
  return { content, components: rows(buttons), quiet };
}

/** The small line above what was said, which tells an agent's words from the bot's. */
function speaker(name: string | undefined): string {
  return name === undefined ? "" : `-# ${plain(clip(name, 80)).replaceAll("\n", " ")}`;
}

/**
 *   **demo** (claude) is working, since 2 minutes ago
 *   -# spinner on the screen
 *   ┌ the last lines of its terminal
 */
function card(post: Extract<Post, { kind: "card" }>): string {
  // Discord's readers see this as a time that keeps counting, without edits.
  const since = Date.parse(post.since);
  const age = Number.isNaN(since) ? "" : ` · <t:${Math.floor(since / 1000)}:R>`;
  const head = `**${plain(clip(post.shard, 80))}** (${plain(clip(post.agent, 40))}) is ${plain(clip(post.state, 100))}${age}`;
  const why = post.why === "" ? "" : `-# ${plain(clip(post.why, 200)).replaceAll("\n", " ")}`;
  const above = join(head, why);
  return join(above, fitted(post.tail, maxContent - above.length, clipStart));
}

function question(post: Extract<Post, { kind: "question" }>): string {
  const whole = wholeQuestion(post);
  if (whole.length <= maxContent) return whole;
  const head = `${asker(post)}${clip(plain(post.question), 700)}`;
  const foot = clip(footOf(post), 500);
  return join(head, fitted(post.detail, maxContent - head.length - foot.length - 1, clip), foot);
}

function wholeQuestion(post: Extract<Post, { kind: "question" }>): string {
  const detail = post.detail.trim() === "" ? "" : codeBlock(post.detail);
  return join(`${asker(post)}${plain(post.question)}`, detail, footOf(post));
}

/** Whether a post is shown with nothing left out. */
function isWhole(post: Post): boolean {
  return post.kind !== "question" || wholeQuestion(post).length <= maxContent;
}

function asker({ shard }: Extract<Post, { kind: "question" }>): string {
  return `**${plain(clip(shard, 80))}** asks: `;
}

function footOf({ settled, buttons }: Extract<Post, { kind: "question" }>): string {
  if (settled !== undefined) return `✓ ${clip(plain(settled), 300)}`;
  return buttons
    .slice(maxButtons)
    .map((button, index) => `${maxButtons + index + 1}. ${plain(button.label)}`)
    .join("\n");
}

function notice(post: Extract<Post, { kind: "notice" }>): string {
  const links = (post.threads ?? []).map(({ label, thread }) =>
    thread.platform === "discord" ? `→ ${plain(label)}: <#${thread.thread}>` : `→ ${plain(label)}`,
  );
  return join(post.tone === "error" ? `✗ ${plain(post.text)}` : plain(post.text), ...links);
}

/** Terminal text as a code block that takes at most `room` characters with the line break before it; "" for no text. */
function fitted(text: string, room: number, shorten: (text: string, max: number) => string): string {
  if (text.trim() === "") return "";
  for (let length = room - codeBlockCost - 1; length > 0; length -= 50) {
    const block = codeBlock(shorten(text, length));
    if (block.length < room) return block;
  }
  return "";
}

function rows(buttons: readonly Button[]): Rendered["components"] {
  const shown = buttons.slice(0, maxButtons).map((button) => ({
    type: ComponentType.Button as const,
    style: styleOf(button),
    label: clip(button.label.trim() === "" ? button.action : button.label, 80),
    custom_id: customId(button),
  }));
  const starts = shown.flatMap((_, index) => (index % rowLength === 0 ? [index] : []));
  return starts.map((start) => ({ type: ComponentType.ActionRow, components: shown.slice(start, start + rowLength) }));
}

function styleOf({ style }: Button): APIButtonComponentWithCustomId["style"] {
  if (style === "primary") return ButtonStyle.Primary;
  return style === "danger" ? ButtonStyle.Danger : ButtonStyle.Secondary;
}

function speakerOf(post: Post): string | undefined {
  if (post.kind === "answer") return post.shard;
  return post.kind === "terminal" ? post.title : undefined;
}

function fileOf(post: Post): { name: string; text: string } {
  if (post.kind === "answer") return { name: "answer.md", text: post.markdown };
  if (post.kind === "question") return { name: "question.txt", text: `${post.question}\n\n${post.detail}` };
  return { name: `${post.kind}.txt`, text: post.kind === "card" ? post.tail : post.text };
}

function join(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}
