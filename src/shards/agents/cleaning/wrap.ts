import { columns, isUnspaced } from "./width.ts";

/**
 * Join lines that an agent has broken because the next word did not fit; the terminal knows nothing of these breaks. Only lines that
 * are nearly full are joined, and only where the next one does not begin something of its own. A quote has its mark on each line.
 * @param behind where an agent breaks lines besides blanks, as the end of a line
 * @param syllables Korean words are broken too, between any two syllables (as the Unicode line breaking algorithm has it)
 */
export function unwrap(lines: readonly string[], width: number, behind?: RegExp, syllables = false): string[] {
  const joined: string[][] = [];
  /** The line as it stood on the screen, since a joined one has grown. */
  let before = "";
  for (const line of lines) {
    const open = joined.at(-1);
    const rest = quote.test(line) && quote.test(before) ? line.replace(quote, "") : line;
    const inside = rest === line ? before : before.replace(quote, "");
    const room = width - (columns(before) - columns(inside));
    if (open && goesOn(inside, rest, room)) {
      // The end of the last piece is the end of all: a line of a thousand pieces is put together once.
      const end = open.at(-1) ?? "";
      const broken = behind?.test(end) || isBroken(inside, room) || (syllables && isSplit(inside, rest, room));
      open.push(gap(end, rest.trimStart(), broken), rest.trimStart());
    } else joined.push([line]);
    before = line;
  }
  return joined.map((pieces) => pieces.join(""));
}

/** Whether the first word of `rest` would not have fitted behind this line. */
export function isFull(line: string, rest: string, width: number): boolean {
  const text = rest.trimStart();
  const first = isUnspaced(text) ? text.charAt(0) : (text.split(/\s/, 1)[0] ?? "");
  const blank = isUnspaced(line.slice(-1)) && isUnspaced(text) ? 0 : 1;
  return columns(line) + blank + columns(first) > width;
}

/** Whether a line of this width ends within a word: one that is longer than any line is broken where it is full, and nothing else is. */
export function isBroken(line: string, width: number): boolean {
  const over = columns(line) - width;
  return over >= 0 && over <= 2 && columns(line.split(/\s/).at(-1) ?? "") > width / 4;
}

/**
 * Whether a line ends between two syllables of a Korean word: not even one more would have fitted. A word that ends just there looks the
 * same, and is the rarer case.
 */
function isSplit(line: string, rest: string, width: number): boolean {
  return /[가-힣]$/.test(line) && /^\s*[가-힣]/.test(rest) && columns(line) + 2 > width;
}

/** Put two lines together, with no blank between characters that are written without one, or into a word that was broken. */
export function glue(start: string, rest: string, broken = false): string {
  return start + gap(start, rest, broken) + rest;
}

function gap(start: string, rest: string, broken: boolean): "" | " " {
  return broken || (isUnspaced(start.slice(-1)) && isUnspaced(rest)) ? "" : " ";
}

const quote = /^\s*> /;
/** A line that begins something of its own: list item, heading, quote, table, picture. */
const beginning = /^\s*(?:[-*+•◦▪] |\d+[.)] |#{1,6} |>|\||[\u2500-\u257f])/;
const item = /^(?<indent>\s*)(?<marker>(?:[-*+•◦▪]|\d+[.)])\s+)/;

/** `line` is the rest of the one before it: same paragraph, and its first word would not have fitted there. */
function goesOn(before: string, line: string, width: number): boolean {
  if (before.trim() === "" || line.trim() === "" || beginning.test(line) || /^\s*\|/.test(before)) return false;
  const indent = (text: string) => text.length - text.trimStart().length;
  const marker = item.exec(before)?.groups;
  // Claude goes on at the left edge, the others below the item's text or close to it.
  const hanging = marker ? columns(`${marker["indent"]}${marker["marker"]}`) : -1;
  if (indent(line) !== indent(before) && indent(line) > hanging) return false;
  return isFull(before, line, width);
}
