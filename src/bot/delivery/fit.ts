import type { Button, Limits, Post } from "../../adapters/adapter.ts";
import { excerpt, lastLines, splitLines, splitMarkdown } from "../posts/split.ts";
import { decides } from "./button-action.ts";

/** Most lines and characters of terminal text in a card. */
const tailLines = 20;
const tailText = 1500;
/** Characters of a button's label that every platform shows, and buttons that each has room for. */
const labelText = 70;
const mostButtons = 25;

type QuestionPost = Extract<Post, { kind: "question" }>;
type NoticePost = Extract<Post, { kind: "notice" }>;

/**
 * One post as the platform's limits allow: the same, several, or a first look with the whole text as a file. The buttons of a question
 * are always in the last post, and all that they are about is in it or in those before.
 */
export function fit(post: Post, limits: Limits): Post[] {
  switch (post.kind) {
    case "answer": {
      const { calls, ...said } = post;
      if (calls && post.markdown.length + calls.join("\n").length + 10 * calls.length > limits.text)
        return [{ ...said, markdown: "", calls }, ...(said.markdown === "" ? [] : fit(said, limits))];
      if (calls) return [post];
      const pieces = split(post.markdown, splitMarkdown, limits);
      const whole = { name: `${post.shard ?? "answer"}.md`, text: post.markdown };
      return withinPosts(
        pieces.map((markdown): Post => ({ ...post, markdown })),
        whole,
        limits,
      );
    }
    case "terminal": {
      const pieces = split(post.text, splitLines, limits);
      const posts = pieces.map((text, index): Post => (index === 0 ? { ...post, text } : { kind: "terminal", text }));
      return withinPosts(posts, { name: "output.txt", text: post.text }, limits);
    }
    case "question":
      return fitQuestion(labelled(post), limits);
    case "card": {
      const tail = post.tail.split("\n").slice(-tailLines).join("\n");
      return [{ ...post, why: excerpt(post.why, 200), tail: lastLines(tail, Math.min(tailText, limits.text / 2)) }];
    }
    case "notice":
      return fitNotice(labelled(post), limits);
    case "file":
      return [post];
  }
}

/** The one post of a reply: terminal text shows its last lines, and what is too long can't be decided there. */
export function fitReply(post: Post, limits: Limits): Post {
  if (post.kind === "terminal" && post.text.length > limits.text)
    return { ...post, text: lastLines(post.text, limits.text) };
  const posts = fit(post, limits);
  const [first = post] = posts;
  if (posts.length === 1) return first;
  if (post.kind === "notice")
    return {
      ...post,
      text: `${firstLines(post.text, limits.text / 2)}\nIt is too long to be shown here: press its button in its thread.`,
      buttons: [],
    };
  if (post.kind !== "question") return first;
  return {
    ...post,
    question: excerpt(post.question, limits.text / 2),
    detail: "It is too long to be shown here: answer it in its thread.",
    buttons: [],
  };
}

function split(text: string, by: (text: string, limit: number) => string[], limits: Limits): string[] {
  return by(text, limits.text).filter((piece) => piece.trim() !== "");
}

function withinPosts(posts: Post[], whole: { name: string; text: string }, limits: Limits): Post[] {
  const [first] = posts;
  if (posts.length <= limits.posts || first === undefined) return posts;
  return [first, { kind: "file", ...whole, note: "That is only the beginning: the whole text is in this file." }];
}

/** Labels that a platform would cut are told whole in the text. */
function labelled<P extends QuestionPost | NoticePost>(post: P): P {
  const { buttons = [] } = post;
  const long = buttons.some(({ label }) => label.length > labelText);
  if (!long && buttons.length <= mostButtons) return post;
  const listed = `The buttons are:\n${buttons.map(({ label }) => label).join("\n")}`;
  const short = buttons.map((button): Button => ({ ...button, label: excerpt(button.label, labelText) }));
  return post.kind === "question"
    ? { ...post, detail: [post.detail, listed].filter((part) => part !== "").join("\n\n"), buttons: short }
    : { ...post, text: `${post.text}\n${listed}`, buttons: short };
}

/** Nobody should approve what can't be seen: a long text comes before the question, whole. */
function fitQuestion(post: QuestionPost, limits: Limits): Post[] {
  if (plainCost(post.question) + literalCost(post.detail) <= limits.text) return [post];
  const question =
    plainCost(post.question) <= limits.text / 2 ? post.question : excerpt(post.question, limits.text / 4);
  const whole = question === post.question ? post.detail : `${post.question}\n\n${post.detail}`.trimEnd();
  const before = fit({ kind: "terminal", text: whole, title: `${post.shard} asks about this` }, limits);
  const detail = [firstLines(post.detail, limits.text / 4), "(all of it is above)"].filter((part) => part !== "");
  return [...before, { ...post, question, detail: detail.join("\n") }];
}

/** A notice under which something is decided comes after its whole text, where that is too long. Any other one is cut, but for how it ended. */
function fitNotice(post: NoticePost, limits: Limits): Post[] {
  const { text, buttons = [] } = post;
  if (!buttons.some(decides)) {
    if (text.length <= limits.text) return [post];
    const last = text.slice(text.lastIndexOf("\n") + 1);
    const end = post.buttons && last !== text && last.length < limits.text / 4 ? `\n${last}` : "";
    return [{ ...post, text: `${text.slice(0, limits.text - end.length - 1)}…${end}` }];
  }
  if (plainCost(text) <= limits.text) return [post];
  const before = fit({ kind: "terminal", text, title: "this is what is asked" }, limits);
  return [...before, { ...post, text: `${firstLines(text, limits.text / 4)}\n(all of it is above)` }];
}

/** Characters that a text takes where each of its signs may be escaped. */
function plainCost(text: string): number {
  return text.length + (text.match(/[\p{P}\p{S}]/gu)?.length ?? 0);
}

/** Characters that a text takes in a block, whose own fences are broken up. */
function literalCost(text: string): number {
  return text.length + (text.match(/`/g)?.length ?? 0);
}

/** The first lines of a text, as many as have room: a look at what is whole elsewhere. */
function firstLines(text: string, room: number): string {
  if (text.length <= room) return text;
  const [first = ""] = splitLines(text, Math.floor(room));
  return `${first.trimEnd()}\n…`;
}
