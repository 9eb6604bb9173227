/** Columns that text takes on a terminal: East Asian characters and emoji take two (Unicode 16, EastAsianWidth.txt, by its large blocks). */
export function width(text: string): number {
  // Mostly there is nothing to count.
  if (/^[ -~]*$/.test(text)) return text.length;
  let columns = 0;
  for (const grapheme of graphemes(text)) columns += widthOf(grapheme);
  return columns;
}

/** Characters as a person counts them. */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** A line that takes so many columns at most, with "…" where it was cut. */
export function cut(line: string, columns: number): string {
  if (width(line) <= columns) return line;
  return `${rows(line, columns - 1)[0] ?? ""}…`;
}

/** A line in pieces of so many columns at most (at least 2), as a terminal wraps it; at least one. */
export function rows(line: string, columns: number): string[] {
  const pieces = [""];
  let taken = 0;
  for (const grapheme of graphemes(line)) {
    const wide = widthOf(grapheme);
    if (taken + wide > Math.max(2, columns)) {
      pieces.push("");
      taken = 0;
    }
    pieces[pieces.length - 1] += grapheme;
    taken += wide;
  }
  return pieces;
}

/** A line in pieces of so many columns at most, broken at blanks; a word that is wider stays whole. At least one. */
export function wordRows(line: string, columns: number): string[] {
  if (width(line) <= columns) return [line];
  const pieces = [""];
  for (const word of line.split(/(?<=\s)(?=\S)/)) {
    const last = pieces.at(-1) ?? "";
    if (last.trim() !== "" && width((last + word).trimEnd()) > columns) pieces.push(word);
    else pieces[pieces.length - 1] = last + word;
  }
  return pieces.map((piece) => piece.trimEnd());
}

/** Rows as an aligned table for a fixed-width face. */
export function columns(rows: string[][]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell));
  }
  const padded = (cell: string, index: number) => cell + " ".repeat((widths[index] ?? 0) - width(cell));
  const line = (row: string[]) => row.map(padded).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}

function widthOf(grapheme: string): number {
  if (/^\p{Mark}+$/u.test(grapheme)) return 0;
  return wide.test(grapheme) ? 2 : 1;
}

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const wide =
  /\p{Emoji_Presentation}|\uFE0F|[\u1100-\u115F\u2E80-\u303E\u3041-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|[\u{20000}-\u{3FFFD}]/u;
