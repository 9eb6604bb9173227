import { columns } from "./width.ts";
import { glue, isBroken, isFull } from "./wrap.ts";

/**
 * Drawn tables as Markdown; everything else stays as it is, also boxes that are no tables.
 *
 *     ┌───────┬───────┐          name     value
 *     │ name  │ value │         ━━━━━━━  ━━━━━━━
 *     ├───────┼───────┤          alpha    1
 *     │ alpha │ 1     │         ───────  ───────
 *     └───────┴───────┘          beta     22
 */
export function markdownTables(rows: readonly string[]): string[] {
  const lines: string[] = [];
  for (let index = 0; index < rows.length;) {
    const table = boxAt(rows, index) ?? ruledAt(rows, index);
    if (table) lines.push(...table.lines);
    else lines.push(rows[index] ?? "");
    index += table?.rows ?? 1;
  }
  return lines;
}

interface Table {
  /** Number of screen rows that the table takes. */
  rows: number;
  lines: string[];
}

const boxTop = /^\s*[┌╭]─+(?:┬─+)+[┐╮]$/;
const boxRule = /^\s*├─+(?:┼─+)+┤$/;
const boxBottom = /^\s*[└╰]─+(?:┴─+)+[┘╯]$/;
const boxRow = /^\s*│(?<cells>.*)│$/;

const heavyRule = /^\s*━+(?:\s+━+)+$/;

function boxAt(rows: readonly string[], start: number): Table | undefined {
  if (!boxTop.test(rows[start] ?? "")) return undefined;
  let end = start + 1;
  while (boxRow.test(rows[end] ?? "") || boxRule.test(rows[end] ?? "")) end++;
  if (!boxBottom.test(rows[end] ?? "")) return undefined;
  const size = end - start;
  const inside = rows.slice(start + 1, end);
  const cells = inside.map((row) =>
    boxRule.test(row)
      ? "rule"
      : boxRow
          .exec(row)
          ?.groups?.["cells"]?.split("│")
          .map((cell) => cell.trim()),
  );
  if (size < 2 || cells.includes(undefined)) return undefined;
  const widths = [...(rows[start] ?? "").matchAll(/─+/g)].map(([segment]) => segment.length - 2);
  const table = markdown(
    cells.filter((row) => row !== undefined),
    widths,
  );
  return table && { rows: size + 1, lines: table };
}

/** The heavy rule below the head says where the columns are. */
function ruledAt(rows: readonly string[], start: number): Table | undefined {
  const rule = rows[start + 1] ?? "";
  if (!heavyRule.test(rule) || heavyRule.test(rows[start] ?? "") || (rows[start] ?? "").trim() === "") return undefined;
  const starts = [...rule.matchAll(/━+/g)].map(({ index }) => index);
  let end = start;
  while ((rows[end] ?? "").trim() !== "") end++;
  const all = rows.slice(start, end);
  const cells = all.map((row) => (/^[\s━─]+$/.test(row) ? "rule" : cellsAt(row, starts)));
  const widths = [...rule.matchAll(/━+/g)].map(([segment]) => segment.length - 1);
  const table = markdown(cells, widths);
  return table && { rows: all.length, lines: table };
}

/** A row's text from each of these columns to the next. */
function cellsAt(row: string, starts: readonly number[]): string[] {
  const cells = starts.map(() => "");
  let column = 0;
  for (const character of row) {
    const cell = starts.findLastIndex((start) => start <= column);
    if (cell >= 0) cells[cell] += character;
    column += columns(character);
  }
  return cells.map((cell) => cell.trim());
}

/** Rows between two rules are one, whose cells were wrapped, unless the only rule is the one below the head. */
function markdown(rows: readonly (string[] | "rule")[], widths: readonly number[]): string[] | undefined {
  const groups: string[][][] = [[]];
  for (const row of rows) {
    if (row === "rule") groups.push([]);
    else groups.at(-1)?.push(row);
  }
  const [head, ...body] = groups.filter((group) => group.length > 0);
  const width = head?.[0]?.length ?? 0;
  if (!head || body.length === 0 || groups.flat().some((row) => row.length !== width)) return undefined;
  const whole = body.length > 1 ? body : wholeRows(body[0] ?? [], widths);
  const rule = Array.from({ length: width }, () => "---");
  return [merge(head, widths), rule, ...whole.map((group) => merge(group, widths))].map(line);
}

/** Without rules between its rows, one goes on with the row above where some of its cells are empty and the others would not have fitted. */
function wholeRows(rows: readonly string[][], widths: readonly number[]): string[][][] {
  const whole: string[][][] = [];
  for (const [index, row] of rows.entries()) {
    const above = rows[index - 1] ?? [];
    const goesOn = (text: string, cell: number) => text === "" || isFull(above[cell] ?? "", text, widths[cell] ?? 0);
    const open = whole.at(-1);
    if (open && row.includes("") && row.every(goesOn)) open.push(row);
    else whole.push([row]);
  }
  return whole;
}

/** One row of the lines that its cells were wrapped into. */
function merge(group: readonly string[][], widths: readonly number[]): string[] {
  return widths.map((width, cell) => {
    const texts = group.map((row) => row[cell] ?? "").filter((text) => text !== "");
    return texts.length === 0
      ? ""
      : texts.reduce((start, rest, index) => glue(start, rest, isBroken(texts[index - 1] ?? "", width)));
  });
}

function line(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", String.raw`\|`)).join(" | ")} |`;
}
