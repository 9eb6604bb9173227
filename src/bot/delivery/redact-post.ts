import type { Button, Limits, Post } from "../../adapters/adapter.ts";
import type { Redact, Shown } from "../../redaction/shown.ts";
import { fit } from "./fit.ts";

/** A post with every text in it redacted. Ids and values of buttons are no text. */
export function redactPost(post: Post, redact: Redact): Shown<Post> {
  return redacted(post, redact) as Shown<Post>;
}

/** A post as it may be shown within a platform's limits, in one or more. Cut after it was redacted: half a secret is not known for one. */
export function postsToShow(post: Post, redact: Redact, limits: Limits): Shown<Post>[] {
  return fit(redactPost(post, redact), limits) as Shown<Post>[];
}

function redacted(post: Post, redact: Redact): Post {
  const labels = (buttons: Button[]) =>
    buttons.map((button) => ({
      ...button,
      label: redact(button.label),
      ...(button.asks !== undefined && { asks: redact(button.asks) }),
    }));
  switch (post.kind) {
    case "answer":
      return { ...post, markdown: redact(post.markdown), ...(post.calls && { calls: post.calls.map(redact) }) };
    case "terminal":
      return { ...post, text: redact(post.text), ...(post.title !== undefined && { title: redact(post.title) }) };
    case "card":
      return {
        ...post,
        agent: redact(post.agent),
        why: redact(post.why),
        tail: redact(post.tail),
        buttons: labels(post.buttons),
      };
    case "question":
      return {
        ...post,
        question: redact(post.question),
        detail: redact(post.detail),
        buttons: labels(post.buttons),
        ...(post.settled !== undefined && { settled: redact(post.settled) }),
      };
    case "notice":
      return {
        ...post,
        text: redact(post.text),
        ...(post.threads && { threads: post.threads.map((link) => ({ ...link, label: redact(link.label) })) }),
        ...(post.buttons && { buttons: labels(post.buttons) }),
      };
    case "file":
      return { ...post, name: redact(post.name), text: redact(post.text), note: redact(post.note) };
  }
}
