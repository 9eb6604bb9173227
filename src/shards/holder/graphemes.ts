/**
 * Characters that share a cell of the screen and how many columns it has, as agents count: one emoji has two, whatever it is joined of.
 * The emulator's own table is of Unicode 6; with that, what an agent writes behind a family of four would cover half of it.
 * After UAX #29 (grapheme clusters) and UAX #11 (width), as far as terminals go by them.
 *
 * A cell is a number that is handed on from each character to the next one, as the emulator wants it: bit 0 says that the character joins
 * the cell before, bits 1 and 2 are the cell's width. Above are our own: how many characters it has, and what may join it.
 */
export function cellOf(codepoint: number, before: number, width: number): number {
  const sort = sortOf(codepoint);
  const [columns, count, tail] = [(before >> 1) & 3, ((before >> 3) & 31) + 1, before >> 8];
  const joins = columns > 0 && (sort === "extends" || sort === "joiner" || width === 0 || completes(sort, tail));
  // A cell that takes any number of characters is a way to fill the memory.
  if (joins && count >= maxJoined) return cell(1, 0, tails.none, false);
  if (!joins) return cell(sort === "emoji" || sort === "flag" ? 2 : width, 0, tailOf(sort), false);
  const wide = codepoint === emojiStyle || sort === "flag" || sort === "emoji";
  return cell(wide ? 2 : columns, count, tailAfter(sort, tail), true);
}

/** Characters that may share a cell: the longest emoji has eleven. More than twelve are kept as a chain of strings, 700 bytes a cell (measured). */
const maxJoined = 12;
/** The character before it is shown as an emoji. */
const emojiStyle = 0xfe0f;
const zeroWidthJoiner = 0x200d;

type Sort = "plain" | "extends" | "joiner" | "flag" | "emoji" | "symbol";

/** Characters that may follow in a cell: a joiner behind a pictograph, another pictograph behind that, the second half of a flag. */
const tails = { none: 0, pictograph: 1, joined: 2, flag: 3 };

function cell(columns: number, count: number, tail: number, joins: boolean): number {
  return (tail << 8) | (count << 3) | (columns << 1) | (joins ? 1 : 0);
}

function completes(sort: Sort, tail: number): boolean {
  return sort === "flag" ? tail === tails.flag : isPictograph(sort) && tail === tails.joined;
}

function isPictograph(sort: Sort): boolean {
  return sort === "emoji" || sort === "symbol";
}

/** Of a new cell. */
function tailOf(sort: Sort): number {
  if (isPictograph(sort)) return tails.pictograph;
  return sort === "flag" ? tails.flag : tails.none;
}

/** Of a cell that one more character has joined. */
function tailAfter(sort: Sort, tail: number): number {
  if (sort === "joiner") return tail === tails.pictograph ? tails.joined : tails.none;
  if (isPictograph(sort)) return tails.pictograph;
  return sort === "flag" ? tails.none : tail;
}

const sorts = new Map<number, Sort>();

function sortOf(codepoint: number): Sort {
  // Latin text is most of what there is.
  if (codepoint < 0x300) return "plain";
  const known = sorts.get(codepoint);
  if (known) return known;
  const sort = sortOfText(String.fromCodePoint(codepoint), codepoint);
  sorts.set(codepoint, sort);
  return sort;
}

function sortOfText(text: string, codepoint: number): Sort {
  if (codepoint === zeroWidthJoiner) return "joiner";
  if (/\p{Regional_Indicator}/u.test(text)) return "flag";
  if (/[\p{Mn}\p{Me}\p{Emoji_Modifier}\u{e0020}-\u{e007f}]/u.test(text)) return "extends";
  if (/\p{Emoji_Presentation}/u.test(text)) return "emoji";
  return /\p{Extended_Pictographic}/u.test(text) ? "symbol" : "plain";
}

/** Of each printable ASCII character: it has one column, and joins nothing. */
export const asciiCell = cellOf(0x20, 0, 1);
