import { markdownTables } from "./tables.ts";
import { unwrap } from "./wrap.ts";

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
  kindOf: (row: string, open: K, index: number) => K | undefined,
): Block<K>[] {
  const found: Block<K>[] = [{ kind: lead, rows: [] }];
  for (const [index, row] of rows.entries()) {
    const open = found.at(-1);
    const kind = row.trim() === "" ? undefined : kindOf(row, open?.kind ?? lead, index);
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
 * An agent's words, from its own rows (without bullets): the lines that it wrapped itself joined, tables as Markdown. Blank lines stay as
 * many as they are, since there may be code between them.
 * @param width columns that it had for the text
 * @param behind where it breaks lines besides blanks
 * @param syllables whether it breaks Korean words
 */
export function spoken(rows: readonly string[], width: number, behind?: RegExp, syllables = false): string {
  const marked = rows.map((row) => row.replace(/^(\s*)▎ ?/, "$1> ").replace(/^(\s*)[—─]{3,}$/, "$1---"));
  return trimmed(unwrap(markdownTables(marked), width, behind, syllables)).join("\n");
}

/** Paragraphs one below the other, with a blank line between; empty ones are left out. */
export function paragraphs(parts: readonly string[]): string {
  const texts = parts.map((part) => trimmed(part.split("\n")).join("\n"));
  return texts.filter((text) => text !== "").join("\n\n");
}

/** Right-trimmed, no blank lines at the ends. */
export function trimmed(lines: readonly string[]): string[] {
  const kept = lines.map((line) => line.trimEnd());
  const last = kept.findLastIndex((line) => line !== "");
  return kept.slice(
    Math.max(
      0,
      kept.findIndex((line) => line !== ""),
    ),
    last + 1,
  );
}

/** Less the rows at the end that are blank or chrome: what an agent shows below its text. */
export function withoutFooter(rows: readonly string[], isFooter: (row: string) => boolean): readonly string[] {
  const last = rows.findLastIndex((row) => row.trim() !== "" && !isFooter(row));
  return rows.slice(0, last + 1);
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
