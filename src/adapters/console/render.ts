import type { Button, Post } from "../adapter.ts";

/** A post as lines of a terminal. `number` gives a button the number that a person types to press it. */
export function renderPost(post: Post, number: (button: Button) => number): string {
  switch (post.kind) {
    case "answer":
      return lines(
        post.shard === undefined ? "" : `${post.shard} says:`,
        (post.calls ?? []).map((line) => `· ${line}`).join("\n"),
        post.markdown,
      );
    case "terminal":
      return post.title === undefined ? post.text : `${post.title}:\n${post.text}`;
    case "card":
      return lines(`${post.shard} (${post.agent}) is ${post.state}`, indent(post.tail), buttons(post.buttons, number));
    case "question":
      return lines(
        `${post.shard} asks: ${post.question}`,
        indent(post.detail),
        post.settled === undefined ? buttons(post.buttons, number) : `✓ ${post.settled}`,
      );
    case "notice":
      return lines(
        post.tone === "error" ? `✗ ${post.text}` : post.text,
        (post.threads ?? []).map(({ label, thread }) => `→ ${label}: /thread ${thread.thread}`).join("\n"),
        buttons(post.buttons ?? [], number),
      );
    case "file":
      return lines(post.note, `${post.name} (${post.text.length} characters)`);
  }
}

/** Text with nothing in it that a terminal acts on: no escape, no other control character but line feed and tab. */
export function inert(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/g, "");
}

function lines(...parts: string[]): string {
  return parts.filter((part) => part !== "").join("\n");
}

function indent(text: string): string {
  return text === "" ? "" : text.replaceAll(/^/gm, "  ");
}

function buttons(list: readonly Button[], number: (button: Button) => number): string {
  return list.map((button) => `[/${number(button)}] ${button.label}`).join("   ");
}
