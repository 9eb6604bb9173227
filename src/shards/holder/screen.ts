import xterm, { type IBufferCell, type IBufferLine, type Terminal } from "@xterm/headless";
import type { ScreenRow, ScreenView } from "../agents/agent.ts";
import { harden, onTrim } from "./clamp.ts";
import { coreOf } from "./core.ts";
import { Marks, type Place } from "./marks.ts";
import { plain, readNotice } from "./osc.ts";
import { frameOf, isCursorHidden, showCursorOnReset, spansOf } from "./picture.ts";
import type { Picture, Row, Span } from "./protocol.ts";
import { takeShortcuts } from "./shortcuts.ts";
import { scrollsAway, scrollsPlainly } from "./skip.ts";

/** The emulator of one PTY: bytes in, rows and a `ScreenView` out. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #cell: IBufferCell;
  /** Rows of the normal buffer that are gone: index of the first row that there still is. */
  #gone = 0;
  #bytes = 0;
  #resized = 0;
  #title = "";
  readonly #marks: Marks;
  #notice: ScreenView["notice"];
  /** Text of a notice in the slice that is being parsed. */
  #rang: string | undefined;

  /** @param options `reply` takes what the terminal answers to a query of the program, `fault` what the emulator threw. */
  constructor(options: {
    cols: number;
    rows: number;
    /** Rows that are kept above the screen; 5,000 by default. */
    scrollback?: number;
    /** See `HolderSpec.marks`. */
    marks?: string | undefined;
    reply(data: string): void;
    fault(error: unknown): void;
  }) {
    const { cols, rows, scrollback = 5000 } = options;
    this.#terminal = new xterm.Terminal({ cols, rows, scrollback, allowProposedApi: true, logLevel: "off" });
    this.#cell = this.#terminal.buffer.active.getNullCell();
    this.#marks = new Marks(options.marks);
    harden(this.#terminal, (error) => options.fault(error));
    showCursorOnReset(this.#terminal);
    takeShortcuts(this.#terminal);
    this.#terminal.onData((data) => options.reply(data));
    this.#countRows();
    this.#listen();
  }

  /** Parse one slice. */
  write(slice: Uint8Array): void {
    coreOf(this.#terminal).writeSync(slice);
    this.#bytes += slice.length;
    if (this.#rang !== undefined) this.#notice = { text: this.#rang, bytes: this.#bytes };
    this.#rang = undefined;
  }

  /** Whether `skip` may find something. */
  get scrollsPlainly(): boolean {
    return !this.#marks.awaitsLine && scrollsPlainly(this.#terminal);
  }

  /**
   * Take as parsed what scrolls out of the scrollback before the text ends, and tell how many bytes of its start that is; the rest is to be
   * written next.
   */
  skip(text: Uint8Array): number {
    const { bytes, rows } = scrollsAway(this.#terminal, text);
    this.#bytes += bytes;
    this.#gone += rows;
    return bytes;
  }

  /** By its marks, a shell's command runs. */
  get commandRuns(): boolean {
    return this.#marks.runs;
  }

  /** The program is in the middle of drawing a frame (DEC 2026). */
  get drawing(): boolean {
    return this.#terminal.modes.synchronizedOutputMode;
  }

  /** The emulator wraps its rows anew; those that are printed from then on go on with the present numbers. */
  resize(cols: number, rows: number): void {
    const { normal } = this.#terminal.buffer;
    const last = () => normal.baseY + normal.cursorY;
    const before = this.#gone + last();
    const rowsBefore = this.#gone;
    const marked = normal === this.#terminal.buffer.active ? this.#marks.rows : [];
    const markers = marked.map((row) => this.#terminal.registerMarker(row - before));
    this.#terminal.resize(cols, rows);
    this.#gone = Math.max(0, before - last());
    const moved = new Map(marked.map((row, index) => [row, this.#gone + (markers[index]?.line ?? row - rowsBefore)]));
    for (const marker of markers) marker?.dispose();
    this.#marks.moved((row) => moved.get(row) ?? row);
    this.#resized++;
  }

  /** The whole screen with its colours. */
  picture(): Omit<Picture, "changed"> & { lines: Span[][] } {
    const { baseY } = this.#terminal.buffer.active;
    const lines = this.#spans(baseY, this.#terminal.rows);
    return { ...frameOf(this.#terminal), top: this.#first() + baseY, title: this.#title, lines };
  }

  /** Rows that have scrolled away, from index `from` or from the oldest that there is. */
  history(from: number, count: number): { from: number; spans: Span[][] } {
    const first = this.#first();
    const { baseY } = this.#terminal.buffer.active;
    const start = Math.min(Math.max(from - first, 0), baseY);
    return { from: first + start, spans: this.#spans(start, Math.min(count, baseY - start)) };
  }

  view(): ScreenView {
    const buffer = this.#terminal.buffer.active;
    const mark = this.#marks.seen(buffer.type === "alternate");
    return {
      cols: this.#terminal.cols,
      rows: Array.from({ length: this.#terminal.rows }, (_, row) => this.#row(buffer.baseY + row)),
      top: this.#first() + buffer.baseY,
      cursor: { row: buffer.cursorY, col: buffer.cursorX, ...(isCursorHidden(this.#terminal) && { hidden: true }) },
      title: this.#title,
      alternate: buffer.type === "alternate",
      bracketedPaste: this.#terminal.modes.bracketedPasteMode,
      ...(mark && { mark }),
      ...(this.#resized > 0 && { resized: this.#resized }),
      bytes: this.#bytes,
      ...(this.#notice && { notice: this.#notice }),
    };
  }

  /** The rows from index `from` to the bottom of the screen; the oldest ones are left out where one reply can't have them all. */
  rows(from: number): { from: number; rows: Row[] } {
    const { length } = this.#terminal.buffer.active;
    const first = this.#first();
    const start = Math.min(Math.max(from - first, 0), length);
    const rows: Row[] = [];
    let size = 0;
    for (let index = length - 1; index >= start; index--) {
      const { text, wrapped } = this.#text(index);
      size += text.length + 40;
      if (size > maxReply) break;
      rows.push({ text, wrapped });
    }
    return { from: first + length - rows.length, rows: rows.toReversed() };
  }

  /** Of the cursor, or of a cell of the screen. */
  #place(row?: number, col?: number): Place {
    const { baseY, cursorX, cursorY, type } = this.#terminal.buffer.active;
    const index = baseY + (row ?? cursorY);
    const before = this.#terminal.buffer.active.getLine(index)?.translateToString(false, 0, col ?? cursorX) ?? "";
    const first = this.#first();
    const alternate = type === "alternate";
    return { row: first + index, at: before.length, col: col ?? cursorX, top: first + baseY, alternate };
  }

  #first(): number {
    return this.#terminal.buffer.active.type === "alternate" ? 0 : this.#gone;
  }

  #spans(start: number, count: number): Span[][] {
    const buffer = this.#terminal.buffer.active;
    return Array.from({ length: count }, (_, index) => spansOf(buffer.getLine(start + index), this.#cell));
  }

  #row(index: number): ScreenRow {
    const { text, wrapped } = this.#text(index);
    const line = this.#terminal.buffer.active.getLine(index);
    return { text, wrapped, dim: line !== undefined && text !== "" && this.#isDim(line) };
  }

  #text(index: number): Row {
    const buffer = this.#terminal.buffer.active;
    const wrapped = buffer.getLine(index + 1)?.isWrapped ?? false;
    const text = buffer.getLine(index)?.translateToString(true) ?? "";
    // Blanks at the end of a row that goes on are blanks between two words.
    const trimmed = wrapped ? text : text.trimEnd();
    return { text: trimmed.length > maxRow ? trimmed.slice(0, maxRow).toWellFormed() : trimmed, wrapped };
  }

  #isDim(line: IBufferLine): boolean {
    for (let col = 0; col < line.length; col++) {
      const cell = line.getCell(col, this.#cell);
      if (cell && !cell.isDim() && cell.getChars().trim() !== "") return false;
    }
    return true;
  }

  /** Keep the index of a row the same for as long as it exists, and never give it to another one. */
  #countRows(): void {
    const { parser, buffer } = this.#terminal;
    onTrim(this.#terminal, (amount) => {
      this.#gone += amount;
    });
    parser.registerEscHandler({ final: "c" }, () => {
      this.#gone += buffer.normal.length;
      this.#marks.erased({ row: this.#gone, at: 0, col: 0, top: this.#gone, alternate: false });
      return false;
    });
    // `clear` blanks the screen and then erases the scrollback: what comes next is a new page, not the old rows again.
    parser.registerCsiHandler({ final: "J" }, ([kind]) => {
      const { type, cursorX, cursorY } = buffer.active;
      const cleared = kind === 3 && type === "normal" && this.#isBlank();
      if (cleared) this.#gone += this.#terminal.rows;
      if (cleared || kind === 2 || (kind === 0 && cursorX + cursorY === 0)) this.#marks.erased(this.#place(0, 0));
      return false;
    });
  }

  #isBlank(): boolean {
    const { baseY, length } = this.#terminal.buffer.active;
    for (let index = baseY; index < length; index++) if (this.#text(index).text !== "") return false;
    return true;
  }

  #listen(): void {
    const { parser, buffer } = this.#terminal;
    for (const ident of [0, 2]) {
      parser.registerOscHandler(ident, (data) => {
        this.#title = plain(data);
        return true;
      });
    }
    for (const ident of [9, 99, 777]) {
      parser.registerOscHandler(ident, (data) => {
        this.#rang = readNotice(ident, data) ?? this.#rang;
        return true;
      });
    }
    parser.registerOscHandler(133, (data) => {
      this.#marks.take(data, this.#place(), this.#terminal.modes.bracketedPasteMode);
      return true;
    });
    this.#terminal.onLineFeed(() => {
      if (this.#marks.awaitsLine) this.#marks.lineFeed(this.#place());
    });
    // The event comes before the cursor is back where it was.
    let restores = false;
    parser.registerCsiHandler({ prefix: "?", final: "l" }, (params) => {
      restores = params.includes(1049);
      return false;
    });
    buffer.onBufferChange(() => {
      const { savedX, savedY, ybase } = coreOf(this.#terminal).buffers.normal;
      const place = restores ? this.#place(savedY - ybase, savedX) : this.#place();
      this.#marks.switched(place);
    });
    this.#terminal.onBell(() => {
      this.#rang ??= "";
    });
  }
}

/** Characters of a row. */
const maxRow = 4000;
/** Characters of all rows in one reply: half of what a line of the protocol may have, since quotes are doubled there. */
const maxReply = 3_500_000;
