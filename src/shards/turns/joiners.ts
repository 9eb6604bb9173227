/** Characters that make one sign of several. */
const joiners = /[\u200c\u200d]/g;
/** Distance within which, from where the last word was found the next one is looked for (characters): Markdown has marks and addresses that a screen has not. */
const reach = 2000;

/** A text that has lost its joiners, with those that its words have on the screen. */
export function withJoiners(text: string, shown: string): string {
  if (shown.search(joiners) < 0) return text;
  let [mended, from] = ["", 0];
  for (const [word] of shown.matchAll(/\S+/g)) {
    const bare = word.replaceAll(joiners, "");
    const at = text.slice(from, from + reach + bare.length).indexOf(bare);
    if (at < 0 || bare === "") continue;
    mended += text.slice(from, from + at) + word;
    from += at + bare.length;
  }
  return mended + text.slice(from);
}
