import type { Canvas, Frame } from "./canvas.ts";
import { crop } from "./crop.ts";
import { type Standing, statusLine } from "./status.ts";
import type { Size } from "./viewport.ts";
import type { Sight } from "./window.ts";

/** View that a terminal of this size gives of a shard's screen from this place on, above its status line. */
export function sightOf(
  canvas: Canvas,
  frame: Frame,
  { top, left }: { top: number; left: number },
  size: Size,
  standing: Omit<Standing, "screen" | "shown">,
): Sight {
  const window = windowOf(size);
  const rows = Array.from({ length: window.rows }, (_, row) => crop(canvas.row(top + row), left, window.cols));
  const back = Math.max(0, frame.top - top);
  const status = statusLine({ ...standing, screen: frame, shown: { ...window, back } }, size.cols);
  const { yours } = standing;
  const { application, keypad, focus } = frame.keys;
  return {
    rows: [...rows, status],
    cursor: cursorIn(frame, { top, left }, window),
    shape: frame.cursor.shape,
    modes: {
      application: yours && application,
      keypad: yours && keypad,
      focus: yours && focus,
      mouse: yours && frame.mouse.written !== "pixels" ? frame.mouse.wants : "none",
    },
  };
}

/** The part of a terminal above the status line. */
export function windowOf({ cols, rows }: Size): Size {
  return { cols, rows: Math.max(1, rows - 1) };
}

function cursorIn({ cursor, top }: Frame, place: { top: number; left: number }, window: Size): Sight["cursor"] {
  const row = top + cursor.row - place.top;
  const col = cursor.col - place.left;
  const inside = row >= 0 && row < window.rows && col >= 0 && col < window.cols;
  return inside && !cursor.hidden ? { row, col } : undefined;
}
