/** Columns that text takes on a terminal: East Asian characters and emoji take two. */
export function columns(text: string): number {
  if (single.test(text)) return text.length;
  let width = 0;
  for (const { segment } of graphemes.segment(text)) width += wide.test(segment) ? 2 : 1;
  return width;
}

/** The beginning of a text that takes so many columns at most. */
export function cutAt(text: string, width: number): string {
  // Mostly there is nothing to count.
  if (text.length <= width / 2) return text;
  let [kept, taken] = ["", 0];
  for (const { segment } of graphemes.segment(text)) {
    taken += wide.test(segment) ? 2 : 1;
    if (taken > width) break;
    kept += segment;
  }
  return kept;
}

/** Whether text begins in a script that puts no blanks between words. */
export function isUnspaced(text: string): boolean {
  return /^[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uff60]/.test(text);
}

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
/** Characters that never join with others, each one column wide: cutting these into graphemes takes a hundred times as long. */
const single =
  /^[ -~\u00a1-\u00ac\u00ae-\u02ff\u0391-\u0481\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u21ff\u2500-\u25fc]*$/;
const wide =
  /\p{Emoji_Presentation}|\ufe0f|[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[\u{20000}-\u{3fffd}]/u;
