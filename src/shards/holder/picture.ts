import type { IBufferCell, IBufferLine, Terminal } from "@xterm/headless";
import type { MouseMode, Picture, Span } from "./protocol.ts";

/** Modes and marks of the screen, without its rows. `top` and `title` are the screen's to know. */
export function frameOf(terminal: Terminal): Omit<Picture, "changed" | "top" | "title"> {
  const { modes, cols, rows, buffer } = terminal;
  const { cursorX, cursorY, type } = buffer.active;
  const { coreService, coreMouseService } = coreOf(terminal);
  const { cursorStyle, cursorBlink } = coreService.decPrivateModes;
  // After the last column the cursor waits beside it.
  const cursor = { row: cursorY, col: Math.min(cursorX, cols - 1), hidden: coreService.isCursorHidden };
  return {
    cols,
    rows,
    cursor: { ...cursor, shape: cursorStyle ? shapes[cursorStyle] - (cursorBlink ? 1 : 0) : 0 },
    alternate: type === "alternate",
    keys: {
      application: modes.applicationCursorKeysMode,
      keypad: modes.applicationKeypadMode,
      bracketedPaste: modes.bracketedPasteMode,
      focus: modes.sendFocusMode,
    },
    mouse: { wants: wants[modes.mouseTrackingMode], written: written[coreMouseService.activeEncoding] ?? "bytes" },
  };
}

/** The program has hidden its cursor (DECTCEM). */
export function isCursorHidden(terminal: Terminal): boolean {
  return coreOf(terminal).coreService.isCursorHidden;
}

/** A reset (RIS) shows the cursor again; the emulator without a window forgets that. */
export function showCursorOnReset(terminal: Terminal): void {
  terminal.parser.registerEscHandler({ final: "c" }, () => {
    coreOf(terminal).coreService.isCursorHidden = false;
    return false;
  });
}

/** The cells of a line, without the blanks at its end. */
export function spansOf(line: IBufferLine | undefined, cell: IBufferCell): Span[] {
  const spans: Span[] = [];
  const length = line ? usedLength(line, cell) : 0;
  let last: { plain: boolean; wide: boolean; style: string; cells: string[] } | undefined;
  const close = () => last && spans.push(spanOf(last));
  for (let col = 0; col < length; col++) {
    if (!line?.getCell(col, cell)) break;
    const width = cell.getWidth();
    if (width === 0) continue;
    const text = cell.getChars() || " ";
    const [plain, wide, style] = [text.length === 1 && width === 1, width === 2, styleOf(cell)];
    if (last?.plain === plain && last.wide === wide && last.style === style) {
      last.cells.push(text);
      continue;
    }
    close();
    last = { plain, wide, style, cells: [text] };
  }
  close();
  return spans;
}

function spanOf({
  plain,
  wide,
  style,
  cells,
}: {
  plain: boolean;
  wide: boolean;
  style: string;
  cells: string[];
}): Span {
  return { cells: plain ? cells.join("") : cells, ...(wide && { wide }), ...(style && { style }) };
}

/** Columns up to the last one that is not blank and in the terminal's own style. */
function usedLength(line: IBufferLine, cell: IBufferCell): number {
  let length = line.length;
  while (length > 0 && line.getCell(length - 1, cell) && isBlank(cell)) length--;
  return length;
}

/** A cell without text and of width 0 is the second half of the one before. */
function isBlank(cell: IBufferCell): boolean {
  return cell.getWidth() === 1 && cell.isAttributeDefault() && cell.getChars().trim() === "";
}

/** The parameters of SGR for a cell. Neighbours mostly look the same: theirs are remembered by the emulator's own bits for them. */
function styleOf(cell: IBufferCell): string {
  const { fg, bg } = cell as unknown as { fg: number; bg: number };
  if (remembered.fg !== fg || remembered.bg !== bg) remembered = { fg, bg, style: newStyleOf(cell) };
  return remembered.style;
}

let remembered = { fg: 0, bg: 0, style: "" };

function newStyleOf(cell: IBufferCell): string {
  const styles: (string | false)[] = [
    cell.isBold() !== 0 && "1",
    cell.isDim() !== 0 && "2",
    cell.isItalic() !== 0 && "3",
    cell.isUnderline() !== 0 && "4",
    cell.isBlink() !== 0 && "5",
    cell.isInverse() !== 0 && "7",
    cell.isInvisible() !== 0 && "8",
    cell.isStrikethrough() !== 0 && "9",
    cell.isOverline() !== 0 && "53",
    cell.isFgDefault() ? false : colour(cell.getFgColor(), cell.isFgRGB(), 30),
    cell.isBgDefault() ? false : colour(cell.getBgColor(), cell.isBgRGB(), 40),
  ];
  return styles.filter((style) => style !== false).join(";");
}

/** @param base 30 for text, 40 for its background */
function colour(value: number, rgb: boolean, base: 30 | 40): string {
  if (rgb) return `${base + 8};2;${value >> 16};${(value >> 8) & 255};${value & 255}`;
  if (value < 8) return `${base + value}`;
  return value < 16 ? `${base + 60 + value - 8}` : `${base + 8};5;${value}`;
}

/** Parts that the public API lacks. The version is pinned for it. */
interface Core {
  coreService: {
    isCursorHidden: boolean;
    decPrivateModes: { cursorStyle: keyof typeof shapes | undefined; cursorBlink: boolean | undefined };
  };
  coreMouseService: { activeEncoding: string };
}

function coreOf(terminal: Terminal): Core {
  return (terminal as unknown as { _core: Core })._core;
}

/** DECSCUSR, not blinking; one less is blinking. */
const shapes = { block: 2, underline: 4, bar: 6 };

const wants: Record<Terminal["modes"]["mouseTrackingMode"], MouseMode["wants"]> = {
  none: "none",
  x10: "press",
  vt200: "click",
  drag: "drag",
  any: "any",
};

const written: Record<string, MouseMode["written"]> = { DEFAULT: "bytes", SGR: "sgr", SGR_PIXELS: "pixels" };
