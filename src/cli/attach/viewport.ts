import type { Frame, Point } from "./canvas.ts";

export interface Size {
  cols: number;
  rows: number;
}

/** A direction of `Viewport.move`: so many rows and columns. */
export interface Step {
  rows: number;
  cols: number;
}

/**
 * The part of a shard's screen that a smaller window shows. It follows the cursor where that leaves it, until it is moved by hand; then
 * it stays where it is on the screen or, above the screen, at the same old rows.
 */
export class Viewport {
  /** Of the window on the screen, while it follows the cursor. */
  #row = 0;
  #col = 0;
  /** The same when it was moved by hand; rows above the screen are negative. */
  #moved: Step | undefined;
  #last: Pick<Frame, "top" | "alternate"> | undefined;

  /**
   * The index of the window's top row (see `Picture.top`), and its first column.
   * @param point where something happens on the screen: see `Canvas.point`
   */
  place(frame: Frame, point: Point, window: Size, oldest: number): { top: number; left: number } {
    const { top, alternate, rows, cols } = frame;
    if (this.#last && this.#last.alternate !== alternate) this.follow();
    const scrolled = this.#last ? top - this.#last.top : 0;
    this.#last = { top, alternate };
    const [lowest, rightmost] = [Math.max(0, rows - window.rows), Math.max(0, cols - window.cols)];
    this.#row = between(between(this.#row, point.row - window.rows + 1, point.row), 0, lowest);
    // By a good deal: a row that is typed beyond the edge is not to move with each letter.
    const beside = point.col < this.#col || point.col >= this.#col + window.cols;
    const col = beside ? point.col - Math.floor((window.cols * 2) / 3) : this.#col;
    this.#col = between(col, 0, rightmost);
    if (!this.#moved) return { top: top + this.#row, left: this.#col };
    const row = this.#moved.rows < 0 ? this.#moved.rows - scrolled : this.#moved.rows;
    this.#moved = {
      rows: between(row, Math.min(0, oldest - top), lowest),
      cols: between(this.#moved.cols, 0, rightmost),
    };
    return { top: top + this.#moved.rows, left: this.#moved.cols };
  }

  move({ rows, cols }: Step): void {
    const from = this.#moved ?? { rows: this.#row, cols: this.#col };
    this.#moved = { rows: from.rows + rows, cols: from.cols + cols };
  }

  /** Follow the cursor again. */
  follow(): void {
    this.#moved = undefined;
  }
}

function between(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}
