import { expect, it } from "vitest";
import type { Post } from "../../src/adapters/adapter.ts";
import { answerPosts } from "../../src/bot/posts/news.ts";
import type { ShardEvent } from "../../src/shards/events.ts";

type Answer = Extract<ShardEvent, { type: "answer" }>;

const done: Answer = {
  type: "answer",
  shard: "demo",
  seq: 1,
  at: "2026-01-02T03:04:05.000Z",
  id: "answer:demo:1",
  turn: 1,
  text: "",
  form: "markdown",
  truncated: false,
};
const background = { shells: 2, agents: 1 };

function told(post: Post): string {
  return post.kind === "notice" ? post.text : post.kind === "answer" ? post.markdown : post.kind;
}

it.each<[string, Partial<Answer>, string[]]>([
  ["an answer", { text: "Done." }, ["Done."]],
  ["none", {}, ["demo has finished and said nothing."]],
  ["none of a turn that its agent's end cut off, which that tells", { cut: true }, []],
  ["none of a turn that somebody has stopped, who was told", { stopped: true }, []],
  ["what one said until it was stopped", { text: "One.", stopped: true }, ["One."]],
  [
    "what goes on",
    { text: "Done.", background },
    ["Done.", "demo is idle, with 2 shells and 1 sub-agent in the background."],
  ],
])("posts of a finished turn: %s", (_, answer, posts) => {
  expect(answerPosts({ ...done, ...answer }).map(told)).toEqual(posts);
});
