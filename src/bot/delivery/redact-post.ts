import type { Button, Post } from "../../adapters/adapter.ts";

/** A post with every text in it redacted. Ids and values of buttons are no text. */
export function redactPost(post: Post, redact: (text: string) => string): Post {
  const labels = (buttons: Button[]) => buttons.map((button) => ({ ...button, label: redact(button.label) }));
  switch (post.kind) {
    case "answer":
      return { ...post, markdown: redact(post.markdown), ...(post.calls && { calls: post.calls.map(redact) }) };
    case "terminal":
      return { ...post, text: redact(post.text), ...(post.title !== undefined && { title: redact(post.title) }) };
    case "card":
      return { ...post, why: redact(post.why), tail: redact(post.tail), buttons: labels(post.buttons) };
    case "question":
      return {
        ...post,
        question: redact(post.question),
        detail: redact(post.detail),
        buttons: labels(post.buttons),
        ...(post.settled !== undefined && { settled: redact(post.settled) }),
      };
    case "notice":
      return { ...post, text: redact(post.text), ...(post.buttons && { buttons: labels(post.buttons) }) };
    case "file":
      return { ...post, text: redact(post.text), note: redact(post.note) };
  }
}

/** Plain data with every string in it redacted. */
export function redactData<T>(data: T, redact: (text: string) => string): T {
  const walk = (value: unknown): unknown => {
    if (typeof value === "string") return redact(value);
    if (Array.isArray(value)) return value.map(walk);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner)]));
  };
  return walk(data) as T;
}
