import type { Limits, Post } from "../../adapters/adapter.ts";
import { excerpt, lastLines, splitLines, splitMarkdown } from "../posts/split.ts";

/** Most lines and characters of terminal text in a card. */
const tailLines = 20;
const tailText = 1500;

/**
 * One post as the platform's limits allow: the same, several, or a first look with the whole text as a file. The buttons of a question
 * are always in the last post.
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
      return fitQuestion(post, limits);
    case "card": {
      const tail = post.tail.split("\n").slice(-tailLines).join("\n");
      return [{ ...post, why: excerpt(post.why, 200), tail: lastLines(tail, Math.min(tailText, limits.text / 2)) }];
    }
    case "notice":
      return [post.text.length <= limits.text ? post : { ...post, text: `${post.text.slice(0, limits.text - 1)}…` }];
    case "file":
      return [post];
  }
}

/** The one post of a reply: terminal text shows its last lines, and a question that is too long can't be answered there. */
export function fitReply(post: Post, limits: Limits): Post {
  if (post.kind === "terminal" && post.text.length > limits.text)
    return { ...post, text: lastLines(post.text, limits.text) };
  const posts = fit(post, limits);
  const [first = post] = posts;
  if (post.kind !== "question" || posts.length === 1) return first;
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

/** Nobody should approve what can't be seen: a long detail comes before the question, whole. */
function fitQuestion(post: Post & { kind: "question" }, limits: Limits): Post[] {
  if (post.question.length + post.detail.length <= limits.text) return [post];
  const question = excerpt(post.question, limits.text / 2);
  const whole = question === post.question ? post.detail : `${post.question}\n\n${post.detail}`;
  const before = fit({ kind: "terminal", text: whole, title: `${post.shard} asks about this` }, limits);
  return [...before, { ...post, question, detail: `${excerpt(post.detail, limits.text / 4)} (all of it is above)` }];
}
