import { signOf, type Button, type Post } from "../adapter.ts";
import { cut, rows, width, wordRows } from "../../width.ts";
import type { LivePost } from "./live.ts";
import type { Style } from "./style.ts";

/** Facts that a post needs to be drawn. */
export interface Look {
  style: Style;
  /** Gives a button the number that a person types to press it. */
  number(button: Button): number;
  /** Text before each row. */
  before: string;
  /** Of the terminal. */
  columns: number;
}

type CardPost = Post & { kind: "card" };

/** Rows of a live post at most, besides its first. */
const liveRows = 6;
/** Between two buttons. */
const gap = "   ";

/** A post as lines of a terminal. */
export function renderPost(post: Post, look: Look): string {
  return prefixed(body(post, look), look);
}

/** News in a post that was shown before; empty where there are none. */
export function renderChange(before: Post | undefined, post: Post, look: Look): string {
  const { style } = look;
  if (post.kind === "question" && post.settled !== undefined)
    return post.quiet ? "" : prefixed(style.paint("good", said(`✓ ${post.shard}: ${post.settled}`, look)), look);
  if (before?.kind !== "notice" || post.kind !== "notice") return renderPost(post, look);
  if (before.text === post.text) return "";
  const added = post.text.startsWith(`${before.text}\n`) ? post.text.slice(before.text.length + 1) : post.text;
  return renderPost({ ...post, text: added }, look);
}

/** A post that will change yet, in few rows that are no wider than the terminal. */
export function renderLive(post: LivePost, look: Look): string[] {
  const { style, columns, before } = look;
  const room = Math.max(10, columns - before.length);
  const shown = (line: string) => cut(inert(line).replaceAll("\t", " "), room);
  const text = post.kind === "card" ? post.tail : post.markdown;
  const wrapped = text.split("\n").flatMap((line) => rows(inert(line).replaceAll("\t", " "), room - 2));
  const last = wrapped.filter((row) => row.trim() !== "").slice(-liveRows);
  const calls = post.kind === "answer" ? (post.calls ?? []).slice(-liveRows).map((line) => shown(`· ${line}`)) : [];
  const head = post.kind === "card" ? [cardHead(post, look, room)] : calls.map((line) => style.paint("quiet", line));
  const tail = last.map((row) => (post.kind === "card" ? style.paint("quiet", `  ${row}`) : row));
  return [...head, ...tail].map((row) => style.paint("quiet", before) + row);
}

/** Text with nothing in it that a terminal acts on: no escape, no other control character but line feed and tab. */
export function inert(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, "");
}

function body(post: Post, look: Look): string {
  const { style } = look;
  const strong = (text: string) => style.paint("strong", inert(text));
  const room = look.columns - look.before.length - 1;
  const screen = (text: string) =>
    inert(text)
      .split("\n")
      .map((line) => (room === Infinity ? line : cut(line.replaceAll("\t", " "), Math.max(10, room))))
      .join("\n");
  switch (post.kind) {
    case "answer":
      return lines(
        post.shard === undefined ? "" : strong(`${post.shard} says:`),
        style.paint("quiet", (post.calls ?? []).map((line) => `· ${inert(line)}`).join("\n")),
        inert(post.markdown),
      );
    case "terminal": {
      const text = style.text(post.wide ? screen(post.text) : inert(post.text));
      return post.title === undefined ? text : `${strong(`${post.title}:`)}\n${text}`;
    }
    case "card":
      return lines(cardHead(post, look, Infinity), indent(inert(post.tail)));
    case "question":
      return lines(
        style.paint("strong", said(`${style.sign(signOf("waiting"))}${post.shard} asks: ${post.question}`, look)),
        // What a button is pressed for is seen whole.
        indent(post.wide && post.buttons.length === 0 ? screen(post.detail) : inert(post.detail)),
        buttons(post.buttons, look),
      );
    case "notice":
      return lines(
        post.tone === "error"
          ? style.paint("error", said(`✗ ${post.text}`, look))
          : said(style.text(inert(post.text)), look),
        (post.threads ?? []).map(({ label, thread }) => inert(`→ ${label}: /thread ${thread.thread}`)).join("\n"),
        buttons(post.buttons ?? [], look),
      );
    case "file":
      return lines(inert(post.note), inert(`${post.name} (${post.text.length} characters)`));
  }
}

/** A sentence in whole words; a terminal would break them where its edge is. */
function said(text: string, { columns, before }: Look): string {
  const room = Math.max(10, columns - width(before));
  return inert(text)
    .split("\n")
    .flatMap((line) => wordRows(line, room))
    .join("\n");
}

function cardHead(post: CardPost, look: Look, room: number): string {
  const { style } = look;
  const state = inert(`${post.shard} (${post.agent}) is ${post.state}`);
  const pressed = buttons(post.buttons, { ...look, columns: Infinity });
  const head = `${style.sign(signOf(post.state))}${state}`;
  return head.length + pressed.length + 3 > room || pressed === "" ? head : `${head}   ${pressed}`;
}

function prefixed(text: string, { style, before }: Look): string {
  return before === "" || text === "" ? text : text.replaceAll(/^/gm, style.paint("quiet", before));
}

function lines(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

function indent(text: string): string {
  return text === "" ? "" : text.replaceAll(/^/gm, "  ");
}

/** As many in a row as fit; one that is wider has its own. */
function buttons(list: readonly Button[], { style, number, columns, before }: Look): string {
  const room = columns - width(before);
  const shown: string[] = [];
  let taken = 0;
  for (const button of list) {
    const key = `[/${number(button)}]`;
    const label = inert(button.label);
    const wide = width(`${key} ${label}`);
    const fits = taken > 0 && taken + gap.length + wide <= room;
    const rest = wordRows(label, room - key.length - 1).join("\n");
    shown.push(taken === 0 ? "" : fits ? gap : "\n", `${style.paint("button", key)} ${rest}`);
    taken = fits ? taken + gap.length + wide : wide;
  }
  return shown.join("");
}
