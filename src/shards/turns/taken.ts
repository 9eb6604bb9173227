/*
 * Agents say in their journal what they were given. It is compared with what was sent, but for what they all do to any text: tabs
 * become blanks, characters are composed, blanks at the ends of lines and around the whole are dropped, long pastes are folded.
 */

/** The prompt that an agent took, where it differs from what was sent; undefined where it is the same. */
export function takenInstead(sent: string, took: string): string | undefined {
  return fits(plain(sent), plain(took)) ? undefined : took;
}

/** Stands for a paste, or around one: "[Pasted text #1 +12 lines]", "[Pasted Content 1204 chars]", "<pasted_content file="…">". */
const folded = /\[Pasted (?:text|content|~?\d+)[^\]\n]*\]/gi;
const wrapper = /<\/?pasted_content\b[^>\n]*>/gi;

function plain(text: string): string {
  const lines = text
    .replaceAll(wrapper, "")

    .normalize("NFC")
    .replaceAll("\t", "    ")
    .split(/\r\n?|\n/);
  return lines
    .map((line) => line.trimEnd())
    .join("\n")
    .trim();
}

/** A folded paste may stand for anything that was sent; the rest must be there, in order. */
function fits(sent: string, took: string): boolean {
  if (sent === took) return true;
  // Whoever sends such words means them.
  if (sent.search(folded) >= 0) return false;
  const pieces = took.split(folded).map((piece) => piece.trim());
  const [first = "", ...rest] = pieces;
  const last = rest.pop();
  if (last === undefined || !sent.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const found = sent.indexOf(piece, from);
    if (found < 0) return false;
    from = found + piece.length;
  }
  return sent.endsWith(last) && sent.length - last.length >= from;
}
