import type { Button, Limits, Post } from "../../adapters/adapter.ts";
import type { Redact, Shown } from "../../redaction/shown.ts";
import { approvedText } from "./approved-text.ts";
import { decides } from "./button-action.ts";
import { fit } from "./fit.ts";

/** A post with every text in it redacted. Ids and values of buttons are no text. What people decide by is redacted as `approvedText` does. */
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
      return toDecide(post, redact);
    case "notice": {
      const threads = post.threads?.map((link) => ({ ...link, label: redact(link.label) }));
      const told = { ...post, ...(threads && { threads }) };
      const { buttons } = post;
      if (buttons && (buttons.length === 0 || buttons.some(decides))) return toDecide(told, redact);
      return { ...told, text: redact(post.text), ...(buttons && { buttons: labels(buttons) }) };
    }
    case "file":
      return { ...post, name: redact(post.name), text: redact(post.text), note: redact(post.note) };
  }
}

type Asking = Extract<Post, { kind: "question" | "notice" }>;

const unsure = "It has what looks like a secret, and what is hidden of it might run";

/** A post that people decide by, or have. Where it can't be told from a text's syntax whether what is hidden in it would run, they can't. */
function toDecide(post: Asking, redact: Redact): Post {
  let sure = true;
  const shown = (text: string) => {
    const approved = approvedText(text, redact);
    sure &&= approved.sure;
    return approved.text;
  };
  const buttons = (post.buttons ?? []).map((button) => ({
    ...button,
    label: shown(button.label),
    ...(button.asks !== undefined && { asks: redact(button.asks) }),
  }));
  const told: Asking =
    post.kind === "question"
      ? {
          ...post,
          question: shown(post.question),
          detail: shown(post.detail),
          buttons,
          ...(post.settled !== undefined && { settled: redact(post.settled) }),
        }
      : { ...post, text: shown(post.text), buttons };
  return sure || !buttons.some(decides) ? told : withoutButton(told, unsure);
}

/** A post without the buttons that would let something run, with the reason, and the way that there is. */
export function withoutButton(post: Post, reason: string): Post {
  if (post.kind !== "question" && post.kind !== "notice") return post;
  const buttons = (post.buttons ?? []).filter((button) => !decides(button));
  if (post.kind === "notice")
    return { ...post, text: `${post.text}\n(${reason}, so there is no button for it.)`, buttons };
  const way = `(${reason}, so there is no button: answer it in a terminal, with shardbridge attach ${post.shard})`;
  return { ...post, detail: post.detail === "" ? way : `${post.detail}\n\n${way}`, buttons };
}
