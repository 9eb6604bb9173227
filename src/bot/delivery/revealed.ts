/**
 * What nobody sees: controls, what changes direction, what has no width, and each blank but the common one. A line feed and a tab show
 * themselves. U+2800 is a Braille sign without a dot.
 */
const unseen = /(?![\n\t ])[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Zs}\p{Default_Ignorable_Code_Point}\u2800]/gu;

/** A text in which everything can be seen: what can't be is its code point, `⟨U+202E⟩`. */
export function revealed(text: string): string {
  return text.replace(unseen, (character) => {
    const code = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
    return `⟨U+${code}⟩`;
  });
}
