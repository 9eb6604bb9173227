import { check, closesBox, helpRow, isChecked, type Menu, type MenuOption } from "./menu-rows.ts";

/**
 * A list without numbers, in which a pointer stands before one of several rows that begin in the same column:
 *
 *     Do you want to use this API key?          Which servers?
 *
 *         Yes                                   ❯ [✔] demo
 *       ❯ No (recommended)                        [ ] other
 *
 *       Enter to confirm · Esc to cancel
 *
 * Nothing but key help is below, or some rows and then key help. A prompt's echo looks the same: without key help the pointer must not
 * stand at the edge of the screen, or be one of those that are `sure`, where there are any.
 */
export function findList(
  rows: readonly string[],
  pointers: readonly string[],
  sure: readonly string[],
): Menu | undefined {
  const flat = rows.map(withoutFrame);
  const end = flat.findLastIndex((row) => row.trim() !== "" && !closesBox.test(row));
  for (let at = end; at >= Math.max(0, end - tallest); at--) {
    const pointed = rowOf(flat[at] ?? "", pointers);
    if (!pointed?.pointer) continue;
    const menu = listAround(flat, at, end, pointers);
    const alone = sure.length === 0 ? pointed.indent > 0 : sure.includes(pointed.glyph);
    return menu && (menu.help || (alone && menu.last === end)) ? menu : undefined;
  }
  return undefined;
}

/** Rows that a list with its help may be high, rows between the two, options, and characters of a label. */
const tallest = 60;
const tail = 12;
const most = 20;
const longest = 100;

/** Option in force now, whatever the pointer is on. */
const current = /^[✔✓] +/;
/** A rule may part a list. */
const letters = /[\p{L}\p{N}]/u;
/** "↓ 3 more": the list goes on. */
const more = /^[↑↓▲▼…]/;
const rule = /^\s*[─━═▔▁]{10,}/;
const numbered = /^\d{1,2}[.)] /;

interface Row {
  /** Column of the first character, and of the label. */
  indent: number;
  column: number;
  pointer: boolean;
  glyph: string;
  label: string;
}

function rowOf(text: string, pointers: readonly string[]): Row | undefined {
  const body = text.trimStart();
  if (body === "") return undefined;
  const indent = text.length - body.length;
  const glyph = pointers.find((pointer) => body.startsWith(pointer));
  const rest = glyph === undefined ? body : body.slice(glyph.length);
  const label = rest.trimStart();
  // "●" before each of several rows is a bullet; before a check mark no blank is needed.
  const pointer = glyph !== undefined && (/^\s/.test(rest) || check.test(rest)) && label !== "";
  const shown = (pointer ? label : body).replace(current, "");
  return { indent, column: text.length - shown.length, pointer, glyph: pointer ? (glyph ?? "") : "", label: shown };
}

/** The rows around the pointed one that belong to its list; of one whose options stand apart, every other. */
function listAround(flat: readonly string[], at: number, end: number, pointers: readonly string[]): Menu | undefined {
  const rows = flat.map((text) => rowOf(text, pointers));
  // The pointer may be on what ends a list with check marks, which is further in.
  const checked = isChecked(rows[at]?.label ?? "")
    ? at
    : rows.slice(0, at).findLastIndex((row) => row === undefined) + 1;
  const above = rows.slice(checked, at).findLastIndex((row) => isChecked(row?.label ?? "")) + checked;
  const anchor = above >= checked && above < at && rows[at]?.column !== rows[above]?.column ? above : at;
  for (const gap of [0, 1]) {
    const found = optionsAround(rows, flat, anchor, at, gap);
    // Rows right below each other, and one that stands apart: a heading, and a field.
    if (gap > 0 && !standApart(flat, found)) continue;
    const menu = listOf(rows, flat, found, at, end);
    if (menu) return menu;
  }
  return undefined;
}

function standApart(flat: readonly string[], found: readonly number[]): boolean {
  return found.slice(1).every((index, place) => flat.slice(found[place], index).some((row) => row.trim() === ""));
}

/** Rows in the column of the first one, with what explains them between. */
function optionsAround(
  rows: readonly (Row | undefined)[],
  flat: readonly string[],
  anchor: number,
  at: number,
  gap: number,
): number[] {
  const column = rows[anchor]?.column ?? 0;
  const isOption = (index: number) => {
    const row = rows[index];
    if (row?.column !== column || (row.pointer && index !== at)) return false;
    return letters.test(row.label) && !helpRow.test(row.label) && !more.test(row.label);
  };
  const next = (from: number, step: 1 | -1): number | undefined => {
    let index = from + step;
    while (isNote(rows, index, column)) index += step;
    for (let blank = 0; blank < gap && flat[index]?.trim() === ""; blank++) index += step;
    if (step < 0) while (isNote(rows, index, column)) index -= 1;
    return isOption(index) ? index : undefined;
  };
  const found = [anchor];
  for (let above = next(anchor, -1); above !== undefined; above = next(above, -1)) found.unshift(above);
  for (let below = next(anchor, 1); below !== undefined; below = next(below, 1)) found.push(below);
  return found;
}

/** Right below a label, further in: what explains it, or goes on with it. */
function isNote(rows: readonly (Row | undefined)[], index: number, column: number): boolean {
  const row = rows[index];
  return row !== undefined && row.column > column && !helpRow.test(row.label);
}

function listOf(
  rows: readonly (Row | undefined)[],
  flat: readonly string[],
  found: readonly number[],
  at: number,
  end: number,
): Menu | undefined {
  const [first = at] = found;
  const column = rows[first]?.column ?? 0;
  let last = found.at(-1) ?? at;
  while (isNote(rows, last + 1, column)) last++;
  const places = withAction(rows, found, last);
  const options = places.map((index, place): MenuOption => {
    const [short = "", ...notes] = (rows[index]?.label ?? "").split(/ {2,}/);
    const below = flat.slice(index + 1, places[place + 1] ?? last + 1).filter((row) => row.trim() !== "");
    return { number: place + 1, label: short.trim(), notes: [...notes, ...below.map((row) => row.trim())] };
  });
  const rest = flat.slice(last + 1, end + 1).filter((row) => row.trim() !== "");
  // A row below a rule is something else, and so is the help there.
  if (rest.some((row) => rule.test(row))) return undefined;
  const help = end > last && helpRow.test(flat[end] ?? "");
  const fits = options.every(({ label }) => label !== "" && label.length <= longest && !numbered.test(label));
  const pointed = places.indexOf(at);
  if (options.length < 2 || options.length > most || !fits || rest.length > tail || pointed < 0) return undefined;
  if (!stands(flat, first, last) || (rest.length > 0 && !help)) return undefined;
  const keys = help ? (flat[end] ?? "").trim() : "";
  return { first, last, options, pointed, help, keys, numbered: false, preview: [] };
}

/**
 * A list with check marks may end in what is done with them; only that one has a row more than the others below it:
 *
 *     ❯ [✔] demo
 *       [✔] other
 *          Enable selected
 */
function withAction(rows: readonly (Row | undefined)[], found: readonly number[], last: number): number[] {
  const checks = found.every((index) => isChecked(rows[index]?.label ?? ""));
  const gaps = found.map((index, place) => (found[place + 1] ?? last + 1) - index);
  const usual = Math.max(...gaps.slice(0, -1));
  return checks && found.length > 1 && gaps.at(-1) === usual + 1 ? [...found, last] : [...found];
}

/** The row before the list is blank, a rule, or asks; the row after it is blank, a rule, or help; or the list goes on there. */
function stands(flat: readonly string[], first: number, last: number): boolean {
  const before = flat[first - 1]?.trim() ?? "";
  const after = flat[last + 1]?.trim() ?? "";
  const drawn = /^[\s\u2500-\u259f]*$/;
  const opens = drawn.test(before) || more.test(before) || /[?:)]$|^\? /.test(before);
  return opens && (drawn.test(after) || more.test(after) || helpRow.test(after));
}

/** A row with blanks in the place of the box around it, so that columns stay. */
function withoutFrame(row: string): string {
  return row.replace(/^\s*[│┃║]/, (edge) => " ".repeat(edge.length)).replace(/[\s│┃║]+$/, "");
}
