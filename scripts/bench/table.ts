/** One line of the table. */
export interface Row {
  /** What was measured. */
  name: string;
  unit: "MB/s" | "ms" | "MB" | "%" | "s" | "tokens";
  /** Undefined where it could not be measured. */
  ours: number | undefined;
  /** Absent where there is nothing to compare with. */
  peer?: number | undefined;
  bar?: Bar;
  /** How it was measured, or why not. */
  note?: string;
}

/** What is to be reached, and whether it is. */
export interface Bar {
  says: string;
  reached: boolean | undefined;
}

/** Our number is to be so many times the peer's, or nine tenths of what there is where that is less. */
export function times(factor: number, ours: number | undefined, peer: number | undefined, most: number): Bar {
  const reached = ours === undefined || peer === undefined ? undefined : ours >= Math.min(factor * peer, 0.9 * most);
  return { says: `≥ ${factor} × tmux`, reached };
}

export function below(limit: number, unit: string, ours: number | undefined): Bar {
  return { says: `< ${limit} ${unit}`, reached: ours === undefined ? undefined : ours < limit };
}

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], part: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))];
}

/** @param missing stands for a peer that is not there */
export function markdown(rows: readonly Row[], missing: string): string {
  const table = [["", "Shardbridge", "tmux", "bar", "how"], ...rows.map((row) => cellsOf(row, missing))];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(3, ...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`);
  return lines.toSpliced(1, 0, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`).join("\n");
}

function cellsOf(row: Row, missing: string): string[] {
  const peer = row.peer === undefined ? missing : number(row.peer, row.unit);
  const bar = row.bar ? `${row.bar.says} ${mark(row.bar.reached)}`.trim() : "";
  return [row.name, number(row.ours, row.unit), "peer" in row ? peer : "", bar, row.note ?? ""];
}

function number(value: number | undefined, unit: string): string {
  if (value === undefined) return "–";
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return `${value.toFixed(digits)} ${unit}`;
}

function mark(reached: boolean | undefined): string {
  return reached === undefined ? "" : reached ? "✓" : "✗";
}
