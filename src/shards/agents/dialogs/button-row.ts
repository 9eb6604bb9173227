import type { Question } from "../../host.ts";
import type { ScreenView } from "../agent.ts";
import { agrees, refuses } from "./deciding.ts";
import { dialogAbove } from "./dialog-above.ts";
import { asQuestion, unframed } from "./menu.ts";
import { questionIn } from "./question-text.ts";

/**
 * Buttons in a row, between which Left and Right move; the cursor is on one of them, or a pointer before it:
 *
 *         <Yes>          <No>              [ OK ]  [ Cancel ]              ❯ Yes   No
 *
 * Where nothing shows which of them has the focus, nothing can be pressed for sure, and they are not read.
 */
interface ButtonRow {
  row: number;
  labels: string[];
  /** Index of the button with the focus. */
  pointed: number;
}

const button = /<\s*(?<angle>\p{L}[^<>[\]]{0,24}?)\s*>|\[\s+(?<square>\p{L}[^<>[\]]{0,24}?)\s+\]/gu;
const pointedRow = /^(?:\S.*?\s{2,})?[❯›▸▶]\s?\S/u;
const edge = /^[\s│┃║└╰╚┗─━═┘╯╝┛█░▒▄▀]*$/;

/** The buttons in the last row of the screen that has text. */
function findButtons({ rows, cursor }: ScreenView): ButtonRow | undefined {
  const row = rows.findLastIndex(({ text }) => !edge.test(text));
  const text = rows[row]?.text ?? "";
  const found = [...text.matchAll(button)].map(({ 0: whole, index, groups }) => ({
    label: groups?.["angle"] ?? groups?.["square"] ?? "",
    start: index,
    end: index + whole.length,
  }));
  const on = found.findIndex(({ start, end }) => cursor.row === row && cursor.col >= start && cursor.col < end);
  const marked = found.findIndex(({ start }) => /[❯›▸▶]\s?$/u.test(text.slice(0, start)));
  const labels = found.map(({ label }) => label);
  const pointed = marked >= 0 ? marked : on;
  if (pointed >= 0 && asks(labels)) return { row, labels, pointed };
  return pointedRow.test(unframed(text)) ? bareButtons(unframed(text), row) : undefined;
}

/** "❯ Yes   No": the pointer is all that there is around them. */
function bareButtons(text: string, row: number): ButtonRow | undefined {
  const parts = text.split(/\s{2,}/).filter((part) => /[\p{L}\p{N}]/u.test(part));
  const pointed = parts.findIndex((part) => /^[❯›▸▶]\s?\S/u.test(part));
  const labels = parts.map((part) => part.replace(/^[❯›▸▶]\s?/u, ""));
  return asks(labels) ? { row, labels, pointed } : undefined;
}

function asks(labels: readonly string[]): boolean {
  const some = (words: RegExp) => labels.some((label) => words.test(label));
  return labels.length > 1 && labels.length < 6 && some(agrees) && some(refuses);
}

/** The question above such buttons. */
export function buttonQuestion(view: ScreenView): Question | undefined {
  const found = findButtons(view);
  if (!found) return undefined;
  const { text, detail } = questionIn(
    dialogAbove(
      view.rows.map((row) => row.text),
      found.row,
    ),
  );
  const options = found.labels.map((label, index) => ({
    key: `button ${index + 1}`,
    label,
    ...(index === found.pointed && { chosen: true as const }),
  }));
  return asQuestion(text, detail.join("\n"), options);
}

/** Arrows to the button, and Enter; undefined for what is no button's key, or where there are none. */
export function buttonKeys(option: string, view: ScreenView | undefined): string[] | undefined {
  const place = /^button (?<place>\d)$/.exec(option)?.groups?.["place"];
  const found = view && findButtons(view);
  if (place === undefined || !found) return undefined;
  const steps = Number(place) - 1 - found.pointed;
  return [...Array.from({ length: Math.abs(steps) }, () => (steps < 0 ? "\u001B[D" : "\u001B[C")), "\r"];
}
