import type { Question } from "../../host.ts";
import type { ScreenView } from "../agent.ts";
import { agrees, refuses } from "./deciding.ts";
import { isRule } from "../generic/input.ts";
import { keyRowQuestion } from "./key-rows.ts";

/**
 * A dialog that leaves the input box as it is, and takes the keys away from it. It is right above the box, or right below:
 *
 *     │ Allow rm -rf?   [y] Yes  [n] No │          ────────────────────────
 *     ╰─────────────────────────────────╯          >
 *     ╭──────────────────────╮                     ────────────────────────
 *     │ >                    │                      [y] Approve   [n] Deny
 *     ╰──────────────────────╯
 *
 * Letters that decide are no hints, since they could not be typed. A list is one where an option agrees and another refuses.
 */
export function askedBesideBox(
  { rows, cursor }: ScreenView,
  listIn: (rows: readonly string[]) => Question | undefined,
): Question | undefined {
  const texts = rows.map(({ text }) => text);
  const above = texts.slice(0, cursor.row - 1);
  if (above.at(-1)?.trim() === "") above.pop();
  while (/^\s*[└╰╚┗]/.test(above.at(-1) ?? "")) above.pop();
  const from = texts.slice(0, cursor.row + 2).findLastIndex(isRule) + 1;
  const below = texts.slice(
    from,
    texts.findIndex((text, row) => row > from && text.trim() === ""),
  );
  const keys = [keyRowQuestion(below), keyRowQuestion(above)].find((asked) => {
    return asked?.options.every(({ key }) => key.length === 1);
  });
  const list = (above.at(-1) ?? "").trim() === "" ? undefined : listIn(above);
  return keys ?? (list && decides(list) ? list : undefined);
}

function decides({ options }: Question): boolean {
  return [agrees, refuses].every((words) => options.some(({ label }) => words.test(label)));
}
