import type { Terminal } from "@xterm/headless";

/**
 * Parts that the public API of the emulator lacks: the real parameters of a sequence, width rules, trimming, the parser, parsing at once, cells
 * that can be written. The version is pinned for it.
 */
export interface Core {
  readonly buffers: { readonly normal: Buffer };
  readonly unicodeService: UnicodeService;
  registerCsiHandler(id: { final: string }, callback: (params: { params: Int32Array }) => boolean): unknown;
  /** Parse now. What the public `write` took and has not parsed yet comes first. */
  writeSync(data: Uint8Array): void;
  readonly _inputHandler: InputHandler;
}

interface Buffer {
  readonly lines: Lines;
  /** Of the cursor, which is behind the last column (`x` is the number of columns) when it wraps next. */
  x: number;
  readonly y: number;
  /** Index of the screen's first row. */
  readonly ybase: number;
  /** Of the cursor that was saved; the row is an index as `ybase` is. */
  readonly savedX: number;
  readonly savedY: number;
  readonly scrollTop: number;
  readonly scrollBottom: number;
  /** Content of erased cells, with the background of these attributes. */
  getNullCell(attributes: Attributes): { content: number } & Attributes;
}

export interface Lines {
  readonly length: number;
  readonly maxLength: number;
  get(index: number): Line;
  onTrim(listener: (amount: number) => void): unknown;
}

export interface Line {
  isWrapped: boolean;
  /** Three numbers a cell: its content (code point, and width from bit 22 on), foreground and background with their flags. */
  readonly _data: Uint32Array;
  getWidth(column: number): number;
}

interface Attributes {
  readonly fg: number;
  readonly bg: number;
}

export interface UnicodeService {
  charProperties(codepoint: number, preceding: number): number;
}

export interface InputHandler {
  parse(data: string | Uint8Array, promiseResult?: boolean): void | Promise<boolean>;
  /** Print so many code points at the cursor. */
  print(codes: Uint32Array, start: number, end: number): void;
  readonly _activeBuffer: Buffer;
  readonly _curAttrData: Attributes;
  readonly _charsetService: { readonly charset: object | undefined };
  readonly _coreService: { readonly modes: { readonly insertMode: boolean } };
  readonly _dirtyRowTracker: { markDirty(row: number): void };
  readonly _parser: Parser;
  /** Bytes of a character that is not complete. */
  readonly _utf8Decoder: { readonly interim: Uint8Array };
  /** The attributes of what is erased now. */
  _eraseAttrData(): Attributes;
}

interface Parser {
  readonly currentState: number;
  /** Answer of `charProperties` of the last character. */
  precedingJoinState: number;
  readonly _oscParser: PayloadParser;
  readonly _dcsParser: PayloadParser;
  reset(): void;
}

export interface PayloadParser {
  /** Called at the start of each sequence. */
  reset(): void;
  put(data: Uint32Array, start: number, end: number): void;
}

export function coreOf(terminal: Terminal): Core {
  return (terminal as unknown as { _core: Core })._core;
}
