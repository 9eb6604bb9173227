import type { Span } from "../../shards/holder/protocol.ts";

/** Bytes for a terminal to draw the columns from `left` on, `width` at most. Of a wide character that is cut in two a blank is left. */
export function crop(spans: readonly Span[], left: number, width: number): string {
  const right = left + width;
  let drawn = "";
  let present = "";
  const put = (text: string, style: string) => {
    if (text === "") return;
    if (style !== present) drawn += style === "" ? reset : `\u001B[0;${style}m`;
    present = style;
    drawn += text.replaceAll(control, " ");
  };
  let col = 0;
  for (const { cells, wide, style = "" } of spans) {
    if (col >= right) break;
    const step = wide ? 2 : 1;
    if (typeof cells === "string") put(cells.slice(Math.max(0, left - col), right - col), style);
    else {
      for (const [index, cell] of cells.entries()) {
        const start = col + index * step;
        const end = start + step;
        if (start >= left && end <= right) put(cell, style);
        else if (end > left && start < right) put(" ", style);
      }
    }
    col += cells.length * step;
  }
  return present === "" ? drawn : drawn + reset;
}

const reset = "\u001B[0m";
/** No cell has one; one that had would be obeyed. */
const control = /[\0-\x1f\x7f-\x9f]/g;
