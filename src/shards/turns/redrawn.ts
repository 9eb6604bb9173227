/**
 * Lines without what a program printed a second time because its terminal was resized: then some write the end of their text again below
 * the old one. Of two runs that follow each other and say the same, the first one goes; the second may go on. Whitespace does not count,
 * since the lines are wrapped at another width. Real repetitions of so many lines look the same, so this is for resized terminals alone.
 *
 *     Line 8   ┐               Line 7
 *     Line 9   ┘ goes          Line 8
 *     Line 8   ┐               Line 9
 *     Line 9   │ stays    →    Line 10
 *     Line 10  ┘
 */
export function withoutRedrawn(lines: readonly string[]): string[] {
  let left = [...lines];
  for (let run = repeated(left); run; run = repeated(left)) left = [...left.slice(0, run.from), ...left.slice(run.to)];
  return left;
}

/** A run has so many lines and characters. */
const fewestLines = 3;
const fewestCharacters = 60;
/** By so many characters a line is found again. */
const beginning = 20;

/** The first run that is said again right behind it: from its first line to the first of the other. */
function repeated(lines: readonly string[]): { from: number; to: number } | undefined {
  const texts = lines.map((line) => line.replace(/^\s*[●•✦]\s/, "").replaceAll(/\s/g, ""));
  const starts: number[] = [];
  let all = "";
  for (const text of texts) {
    starts.push(all.length);
    all += text;
  }
  const seen = new Map<string, number>();
  for (const [to, text] of texts.entries()) {
    if (text === "") continue;
    const key = all.slice(starts[to], (starts[to] ?? 0) + beginning);
    const from = seen.get(key);
    if (from !== undefined && isAgain(texts, starts, all, { from, to })) return { from, to };
    seen.set(key, to);
  }
  return undefined;
}

/** Both runs are the same up to the end of the first one, less some lines there: a cut one, or what stood below it. */
function isAgain(
  texts: readonly string[],
  starts: readonly number[],
  all: string,
  { from, to }: { from: number; to: number },
): boolean {
  const [first, second] = [starts[from] ?? 0, starts[to] ?? 0];
  let same = 0;
  while (first + same < second && all[first + same] === all[second + same]) same++;
  const filled = texts.slice(from, to).filter((text) => text !== "");
  const after = texts
    .slice(from, to)
    .filter((text, index) => text !== "" && (starts[from + index] ?? 0) >= first + same);
  const lines = filled.length - after.length;
  return lines >= fewestLines && same >= fewestCharacters && after.length <= Math.max(fewestLines, lines / 4);
}
