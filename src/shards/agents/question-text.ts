/** A row of so many characters was wrapped. */
const longRow = 80;

/** A row that ends with a question mark, with those before it that it goes on from; else a paragraph that has one; else the heading. */
export function questionIn(above: readonly string[], first = false): { text: string; detail: string[] } {
  const paragraphs = split(above).flatMap((paragraph) => (first ? [paragraph] : apart(paragraph)));
  const ends = (paragraph: string[]) => paragraph.at(-1)?.endsWith("?") ?? false;
  const has = (paragraph: string[]) => paragraph.some((row) => row.includes("?"));
  const chosen = first ? paragraphs.find(has) : (paragraphs.findLast(ends) ?? paragraphs.findLast(has));
  const asked = chosen ?? paragraphs[0] ?? [];
  const rest = paragraphs.filter((paragraph) => paragraph !== asked);
  const text = asked.map((row) => row.trim()).join(" ");
  return { text, detail: rest.flatMap((paragraph) => [...dedent(paragraph), ""]).slice(0, -1) };
}

/** A paragraph cut before and after a question in it. Only a long row goes on in the next one. */
function apart(rows: string[]): string[][] {
  const end = rows.findLastIndex((row) => row.endsWith("?"));
  if (end < 0) return [rows];
  let start = end;
  while (start > 0 && (rows[start - 1]?.length ?? 0) > longRow && !/[.:?]$/.test(rows[start - 1] ?? "")) start--;
  return [rows.slice(0, start), rows.slice(start, end + 1), rows.slice(end + 1)].filter((part) => part.length > 0);
}

/** Paragraphs: rows between blank rows and rules, less the frames around them. */
function split(rows: readonly string[]): string[][] {
  const paragraphs: string[][] = [[]];
  for (const row of rows) {
    const text = row.replace(/^\s?[│┃] ?(?:│ ?)?/, "").replace(/[\s│┃]+$/, "");
    if (text.trim() === "" || /^[\s\u2500-\u259f]+$/.test(text)) paragraphs.push([]);
    else paragraphs.at(-1)?.push(text);
  }
  return paragraphs.filter((paragraph) => paragraph.length > 0);
}

function dedent(rows: readonly string[]): string[] {
  const indents = rows.map((row) => row.length - row.trimStart().length);
  const least = Math.min(...indents);
  return rows.map((row) => row.slice(least));
}
