import type { Button, Post } from "../../adapters/adapter.ts";
import { wireOf, type DecidingAction } from "../delivery/button-action.ts";

declare const brand: unique symbol;

/**
 * A post with a button that lets something run. `decide` alone makes one, of the whole text of that; `fit`, which knows the platform's
 * limits, shows all of it before the button, and where that can't be the button goes.
 */
export type Deciding<P extends Post = Post> = P & { readonly [brand]: true };

/** A button that lets something run. */
export interface Choice extends Pick<Button, "label" | "asks" | "secret" | "style"> {
  does: DecidingAction;
}

/** A post that has no button yet. */
export type Undecided =
  | Omit<Extract<Post, { kind: "question" }>, "buttons">
  | Omit<Extract<Post, { kind: "notice" }>, "buttons">;

/**
 * A post under which people decide. Its texts are whole, however long: nothing of what will run is left out of them. A text that a button
 * carries itself is added where they do not have it.
 */
export function decide<P extends Undecided>(
  post: P,
  choices: readonly Choice[],
): Deciding<Extract<Post, { kind: P["kind"] }>> {
  const buttons = choices.map(({ does, ...button }): Button => ({ ...button, ...wireOf(does) }));
  const told = choices.reduce<Undecided>((sofar, { does }) => withText(sofar, does), post);
  return { ...told, buttons } as unknown as Deciding<Extract<Post, { kind: P["kind"] }>>;
}

function withText(post: Undecided, does: DecidingAction): Undecided {
  const carried = "text" in does ? does.text : "";
  const shown = post.kind === "question" ? `${post.question}\n${post.detail}` : post.text;
  if (shown.includes(carried)) return post;
  const told = `It says this:\n${carried.replaceAll(/^/gm, "> ")}`;
  return post.kind === "question"
    ? { ...post, detail: [post.detail, told].filter((part) => part !== "").join("\n\n") }
    : { ...post, text: `${post.text}\n${told}` };
}
