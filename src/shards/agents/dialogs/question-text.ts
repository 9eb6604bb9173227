/** A row of so many characters was wrapped. */
const longRow = 80;

/**
 * The question in the rows of a dialog, and the rest of them. The question is a row that ends with a question mark, with those before it that it
 * goes on from; else a paragraph that has one; else the heading. What is further in than other paragraphs, or in a list, is quoted.
 * @param first the first of several, for dialogs that show what they are about below the question
 */
export function questionIn(above: readonly string[], first = false): { text: string; detail: string[] } {
  const paragraphs = split(above).flatMap((paragraph) => (first ? [paragraph] : apart(paragraph)));
  const margin = Math.min(...paragraphs.map(indentOf));
  const own = paragraphs.filter((paragraph) => indentOf(paragraph) === margin && !listed.test(paragraph[0] ?? ""));
  const ends = (paragraph: string[]) => paragraph.at(-1)?.endsWith("?") ?? false;
  const has = (paragraph: string[]) => paragraph.some((row) => row.includes("?"));
  const quoted = paragraphs.filter((paragraph) => !listed.test(paragraph[0] ?? ""));
  const last = own.findLast(ends) ?? quoted.findLast(ends) ?? own.findLast(has) ?? quoted.findLast(has);
  const chosen = first ? paragraphs.find(has) : last;
  const asked = chosen ?? headingOf(paragraphs.filter((paragraph) => !tabs.test(paragraph[0] ?? "")));
  const [from = asked[0]] = asked;
  const rest = paragraphs.map((paragraph) => (paragraph[0] === from ? paragraph.slice(asked.length) : paragraph));
  const text = asked.map((row) => row.trim()).join(" ");
  const detail = rest.filter((paragraph) => paragraph.length > 0);
  return { text, detail: detail.flatMap((paragraph) => [...dedent(paragraph), ""]).slice(0, -1) };
}

/** Subject of a dialog without a question: its heading; where that is a warning, what one agrees to. */
function headingOf([first = [], ...others]: string[][]): string[] {
  const agreed = warning.test(first[0] ?? "") ? others.findLast((rows) => agrees.test(rows.join(" "))) : undefined;
  if (agreed) return agreed;
  const [title = "", next = ""] = first;
  return /^\s*\S.{0,58}[^\s.,:;]$/.test(title) && /^\s*[\p{Lu}\d]/u.test(next) ? [title] : first;
}

const warning = /^\s*(?:⚠|warning\b|caution\b|danger\b|notice\b|note:)/i;
const agrees =
  /\b(?:by (?:proceeding|continuing|accepting|choosing|selecting)|you (?:accept|agree|confirm|understand))\b/i;
/** The pages of a dialog: "←  ☒ Layout  ☐ Colours  ✔ Submit  →". */
const tabs = /^\s*(?:←.*→$|[☐☒☑] )/;
const listed = /^\s*(?:[●•◦▪→*-]|\d{1,2}[.)]|[$>#]) /;

function indentOf([first = ""]: string[]): number {
  return first.length - first.trimStart().length;
}

/** A paragraph cut before and after a question in it. Only a long row goes on in the next one. */
function apart(rows: string[]): string[][] {
  const end = rows.findLastIndex((row) => row.endsWith("?") && !listed.test(row));
  if (end < 0) return [rows];
  let start = end;
  while (start > 0 && (rows[start - 1]?.length ?? 0) > longRow && !/[.:?]$/.test(rows[start - 1] ?? "")) start--;
  return [rows.slice(0, start), rows.slice(start, end + 1), rows.slice(end + 1)].filter((part) => part.length > 0);
}

/** Paragraphs: rows between blank rows and rules, less the frames around them. */
function split(rows: readonly string[]): string[][] {
  const paragraphs: string[][] = [[]];
  for (const row of rows) {
    const text = row.replace(/^\s*[│┃║] ?(?:│ ?)?/, "").replace(/[\s│┃║]+$/, "");
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
