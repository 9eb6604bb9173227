import { markdownTables } from "./tables.ts";
import { columns, isUnspaced } from "./width.ts";

/** Rows that belong together: one that begins something (an answer, a tool's line, a prompt's echo) and those that go on with it. */
export interface Block<K extends string> {
  kind: K;
  rows: string[];
}

/**
 * Cut rows into blocks. `kindOf` says what a row begins; undefined means that it goes on with the block that is open, whose kind it
 * is told. Rows before the first beginning are of kind `lead`.
 */
export function blocks<K extends string>(
  rows: readonly string[],
  lead: K,
  kindOf: (row: string, open: K) => K | undefined,
): Block<K>[] {
  const found: Block<K>[] = [{ kind: lead, rows: [] }];
  for (const row of rows) {
    const open = found.at(-1);
    const kind = row.trim() === "" ? undefined : kindOf(row, open?.kind ?? lead);
    if (kind !== undefined || !open) found.push({ kind: kind ?? lead, rows: [row] });
    else open.rows.push(row);
  }
  return found.filter((block) => block.rows.length > 0);
}

/** Rows without a bullet in front and without the indentation that it brings: at most as many blanks as the bullet is wide. */
export function unindent(rows: readonly string[], bullet: RegExp): string[] {
  const width = bullet.exec(rows[0] ?? "")?.[0].length ?? 0;
  return rows.map((row, index) => {
    if (index === 0) return row.replace(bullet, "");
    const blanks = row.length - row.trimStart().length;
    return row.slice(Math.min(blanks, width));
  });
}

/** Rows that go on with a block whose beginning is not there any more: less its indentation, if all have it. */
export function continued(rows: readonly string[], width: number): readonly string[] {
  const inside = rows.every((row) => row.trim() === "" || /^\s*/.exec(row)?.[0].length !== 0);
  return inside ? rows.map((row) => row.replace(new RegExp(`^\\s{0,${width}}`), "")) : rows;
}

/**
 * What an agent said, from its own rows (without bullets): the lines that it wrapped itself joined, tables as Markdown.
 * @param width columns that it had for the text
 */
export function spoken(rows: readonly string[], width: number): string {
  return tidy(unwrap(markdownTables(rows), width)).join("\n");
}

/** Paragraphs one below the other, with a blank line between; empty ones are left out. */
export function paragraphs(parts: readonly string[]): string {
  return tidy(parts.flatMap((part) => [...part.split("\n"), ""])).join("\n");
}

/** Right-trimmed, no blank lines at the ends, never two of them in a row. */
export function tidy(lines: readonly string[]): string[] {
  const kept: string[] = [];
  for (const line of lines.map((line) => line.trimEnd())) {
    if (line !== "" || (kept.at(-1) ?? "") !== "") kept.push(line);
  }
  if (kept.at(-1) === "") kept.pop();
  return kept;
}

/**
 * Join lines that an agent has broken because the next word did not fit; the terminal knows nothing of these breaks. Only lines that
 * are nearly full are joined, and only where the next one does not begin something of its own.
 */
export function unwrap(lines: readonly string[], width: number): string[] {
  const joined: string[] = [];
  /** The line as it stood on the screen, since a joined one has grown. */
  let before = "";
  for (const line of lines) {
    const start = joined.at(-1);
    if (start !== undefined && goesOn(before, line, width)) joined[joined.length - 1] = glue(start, line.trimStart());
    else joined.push(line);
    before = line;
  }
  return joined;
}

/** Only key help, such as "esc to interrupt · ctrl+p commands" or "? for shortcuts". */
export function isKeyHelp(row: string): boolean {
  const parts = row
    .trim()
    .split(/ · | {2,}/)
    .filter((part) => part !== "");
  return parts.length > 0 && parts.every((part) => keyHelp.test(part));
}

/** Only lines, blocks and dots: a rule, the edge of a box, a logo, a bar. Table borders look the same: know where you ask. */
export function isDrawn(row: string): boolean {
  return /^[\s\u2500-\u259f\u25a0\u2b1d\u2800-\u28ff]+$/.test(row) && row.trim() !== "";
}

const key = /(?:[?↑↓←→⇆]+(?:\/[↑↓←→])*|esc|enter|tab|space|(?:shift|ctrl|alt)\+\S+|f\d+)/.source;
const keyHelp = new RegExp(
  `^${key}(?: (?:to|again to|for) [a-z ]+| (?:interrupt|agents|commands|select|confirm|dismiss|submit|navigate))$`,
  "i",
);

/** A line that begins something of its own: list item, heading, quote, table, picture. */
const beginning = /^\s*(?:[-*+•◦▪] |\d+[.)] |#{1,6} |>|\||[\u2500-\u257f])/;
const item = /^(?<indent>\s*)(?<marker>(?:[-*+•◦▪]|\d+[.)])\s+)/;

/** `line` is the rest of the one before it: same paragraph, and its first word would not have fitted there. */
function goesOn(before: string, line: string, width: number): boolean {
  if (before.trim() === "" || line.trim() === "" || beginning.test(line) || /^\s*\|/.test(before)) return false;
  const indent = (text: string) => text.length - text.trimStart().length;
  const marker = item.exec(before)?.groups;
  const hanging = marker ? columns(`${marker["indent"]}${marker["marker"]}`) : -1;
  if (indent(line) !== indent(before) && indent(line) !== hanging) return false;
  const text = line.trimStart();
  const first = isUnspaced(text) ? text.charAt(0) : (text.split(/\s/, 1)[0] ?? "");
  const blank = isUnspaced(before.slice(-1)) && isUnspaced(text) ? 0 : 1;
  return columns(before) + blank + columns(first) > width;
}

/** Codex and opencode break a line behind a hyphen too. */
function glue(start: string, rest: string): string {
  if (/[\p{L}\p{N}]-$/u.test(start) && /^[\p{L}\p{N}]/u.test(rest)) return start + rest;
  return isUnspaced(start.slice(-1)) && isUnspaced(rest) ? start + rest : `${start} ${rest}`;
}
