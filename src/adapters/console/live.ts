import type { Post } from "../adapter.ts";

/** A post that says what goes on: it is edited until that is over. */
export type LivePost = Post & { kind: "card" | "answer" };

const underWay: readonly string[] = ["working", "waiting", "unsure"];

export function isLive(post: Post): post is LivePost {
  if (post.kind === "card") return underWay.includes(post.state);
  return post.kind === "answer" && post.live === true;
}

/** A post that may be edited yet; undefined for one that stays as it is, which need not be kept in memory. */
export function changing(post: Post): Post | undefined {
  const stays = post.kind === "terminal" || post.kind === "file" || (post.kind === "answer" && !isLive(post));
  return stays ? undefined : post;
}
