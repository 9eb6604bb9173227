import type { Picture, Span } from "../../shards/holder/protocol.ts";

export type Frame = Omit<Picture, "changed">;

export interface Point {
  row: number;
  col: number;
}

/** The shard's screen as its holder has told it, and the rows above it that were asked for. */
export class Canvas {
  #frame: Frame | undefined;
  #rows: Span[][] = [];
  readonly #past = new Map<number, Span[]>();
  #oldest = 0;

  /** Undefined until the first picture is there. */
  get frame(): Frame | undefined {
    return this.#frame;
  }

  /**
   * Where the cursor is. Where it is hidden, the one cell in reverse that agents draw for one; or the row that the hidden one is left in, which
   * is below the agent's input line, its column meaning nothing.
   */
  get point(): Point {
    const { cursor } = this.#frame ?? {};
    if (!cursor) return { row: 0, col: 0 };
    if (!cursor.hidden) return cursor;
    const drawn = this.#rows.flatMap((spans, row) => reversedCells(spans).map((col) => ({ row, col })));
    return drawn.length === 1 && drawn[0] ? drawn[0] : { row: cursor.row, col: 0 };
  }

  /** Index of the first row that can be had; see `Picture.top`. */
  get oldest(): number {
    return this.#frame?.alternate ? this.#frame.top : this.#oldest;
  }

  apply({ changed, ...frame }: Picture): void {
    const before = this.#frame;
    // Rows are wrapped anew.
    if (before?.cols !== frame.cols || before.rows !== frame.rows || before.top > frame.top) this.#forget();
    this.#frame = frame;
    this.#rows.length = Math.min(this.#rows.length, frame.rows);
    for (const { row, spans } of changed) this.#rows[row] = spans;
  }

  /** Rows from index `from` on, in answer to a question for those from index `asked` on. */
  remember(asked: number, from: number, rows: Span[][]): void {
    if (from > asked) this.#oldest = Math.max(this.#oldest, from);
    for (const [index, spans] of rows.entries()) this.#past.set(from + index, spans);
  }

  /** The row at this index; blank where there is none, or it is not known. */
  row(index: number): Span[] {
    const top = this.#frame?.top ?? 0;
    return (index < top ? this.#past.get(index) : this.#rows[index - top]) ?? [];
  }

  /** The first and the last row from index `from` up to the screen, `count` at most, that are not known. */
  unknown(from: number, count: number): { from: number; count: number } | undefined {
    const end = Math.min(from + count, this.#frame?.top ?? 0);
    const missing: number[] = [];
    for (let index = Math.max(from, this.oldest); index < end; index++) if (!this.#past.has(index)) missing.push(index);
    const [first] = missing;
    return first === undefined ? undefined : { from: first, count: (missing.at(-1) ?? first) - first + 1 };
  }

  #forget(): void {
    this.#past.clear();
    this.#oldest = 0;
  }
}

/** Columns of single cells in reverse. */
function reversedCells(spans: readonly Span[]): number[] {
  let col = 0;
  const found: number[] = [];
  for (const { cells, wide, style = "" } of spans) {
    if (cells.length === 1 && style.split(";").includes("7")) found.push(col);
    col += cells.length * (wide ? 2 : 1);
  }
  return found;
}
