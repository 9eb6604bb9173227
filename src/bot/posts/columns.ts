import { width } from "../../width.ts";

/** Rows as an aligned table for a fixed-width face. */
export function columns(rows: string[][]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, width(cell));
  }
  const padded = (cell: string, index: number) => cell + " ".repeat((widths[index] ?? 0) - width(cell));
  const line = (row: string[]) => row.map(padded).join("  ");
  return rows.map((row) => line(row).trimEnd()).join("\n");
}
