import type { Terminal } from "@xterm/headless";
import { type Core, coreOf, type InputHandler, type Lines, type PayloadParser, type UnicodeService } from "./core.ts";
import { asciiCell, cellOf } from "./graphemes.ts";

/**
 * Make the emulator safe against any stream. Each of these was measured on @xterm/headless 6.0.0:
 * - `ESC[2147483647S` runs for hours: it loops as often as the count says. Counts are cut to the size of the screen.
 * - 620,000 combining characters are one cell, and one cell of 2²⁹ throws. A cell takes some (see `cellOf`), then the next begins.
 * - `ESC[999;999H ESC[1J` on a fresh screen throws, and after a throw the emulator never parses again. That one is replaced by its
 *   equivalent; any other throw costs the rest of its slice and goes to `fault`.
 * - Links (OSC 8) and icon names (OSC 1) are kept for life; nobody reads them here, so they are dropped.
 * - An endless OSC is kept up to 10 million characters, 32 bytes each, once for each of its handlers: 200 MB of a title took 800 MB.
 *   Payloads (OSC, DCS) are cut.
 */
export function harden(terminal: Terminal, fault: (error: unknown) => void): void {
  const core = coreOf(terminal);
  for (const final of "LMST") clampCount(core, final, () => terminal.rows);
  for (const final of "@IPXZb") clampCount(core, final, () => terminal.cols);
  core.registerCsiHandler({ final: "J" }, (params) => {
    const { cursorX, cursorY } = terminal.buffer.active;
    const atEnd = cursorY === terminal.rows - 1 && cursorX >= terminal.cols - 1;
    if (params.params[0] === 1 && atEnd) params.params[0] = 2;
    return false;
  });
  for (const ident of [1, 8]) terminal.parser.registerOscHandler(ident, () => true);
  useGraphemes(core.unicodeService);
  limitPayload(core._inputHandler._parser._oscParser);
  limitPayload(core._inputHandler._parser._dcsParser);
  survive(core._inputHandler, fault);
}

/** Call `listener` with the number of rows that are dropped from the top of the normal buffer, each time. */
export function onTrim(terminal: Terminal, listener: (rows: number) => void): void {
  const { buffers } = coreOf(terminal);
  let lines: Lines | undefined;
  const follow = () => {
    if (lines === buffers.normal.lines) return;
    lines = buffers.normal.lines;
    lines.onTrim(listener);
  };
  follow();
  // A reset (RIS) makes new buffers and activates them.
  terminal.buffer.onBufferChange(follow);
}

/** Code points of one OSC or DCS. */
const maxPayload = 100_000;

/** The emulator's own handler comes after this one and sees the smaller count. */
function clampCount(core: Core, final: string, limit: () => number): void {
  core.registerCsiHandler({ final }, ({ params }) => {
    params[0] = Math.min(params[0] ?? 0, limit());
    return false;
  });
}

function useGraphemes(service: UnicodeService): void {
  const propertiesOf = service.charProperties.bind(service);
  service.charProperties = (codepoint, preceding) => {
    // Most of what there is: it has one column, and joins nothing.
    if (codepoint >= 0x20 && codepoint < 0x7f) return asciiCell;
    const width = (propertiesOf(codepoint, 0) >> 1) & 3;
    return cellOf(codepoint, preceding, width);
  };
}

function limitPayload(parser: PayloadParser): void {
  const [reset, put] = [parser.reset.bind(parser), parser.put.bind(parser)];
  let length = 0;
  parser.reset = () => {
    length = 0;
    reset();
  };
  parser.put = (data, start, end) => {
    const room = maxPayload - length;
    length += end - start;
    if (room > 0) put(data, start, Math.min(end, start + room));
  };
}

function survive(handler: InputHandler, fault: (error: unknown) => void): void {
  const parse = handler.parse.bind(handler);
  handler.parse = (data, promiseResult) => {
    try {
      return parse(data, promiseResult);
    } catch (error) {
      handler._parser.reset();
      fault(error);
      return undefined;
    }
  };
}
