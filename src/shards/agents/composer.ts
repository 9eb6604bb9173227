import type { Reading, ScreenView } from "./agent.ts";
import { unframed } from "./dialogs/menu.ts";

/**
 * The text in an input box that takes these rows of the screen, "" when there is none. What an agent shows in an empty box looks like
 * text: known hints, and suggestions, before which the cursor stands. Only codex leaves the cursor there with real text: after a
 * slash command that it did not know.
 */
export function composerText(
  view: ScreenView,
  box: { first: number; last: number } | undefined,
  pointer: string,
  hint: RegExp,
): string {
  if (!box) return "";
  const rows = view.rows.slice(box.first, box.last + 1).map(({ text }) => text);
  const bare = rows.map((row, index) => (index === 0 ? unframed(row).replace(pointer, "") : unframed(row)).trim());
  const text = bare.join("\n").trim();
  const first = rows[0] ?? "";
  const start = first.length - first.slice(first.indexOf(pointer) + pointer.length).trimStart().length;
  const { row, col } = view.cursor;
  const before = row === box.first && col <= start;
  return hint.test(text) || (before && !text.startsWith("/")) ? "" : text;
}

/** The reading of a screen on which nothing was drawn yet, with no title set either; undefined otherwise. */
export function untouched({ title, rows }: ScreenView): Reading | undefined {
  const blank = title === "" && rows.every(({ text }) => text === "");
  return blank ? { state: "starting", rule: "nothing drawn" } : undefined;
}
