import type { Readable } from "node:stream";
import { StringDecoder } from "node:string_decoder";

interface LineOptions {
  /** Characters (of up to three bytes) of a line, asked for with each piece that comes. */
  limit(): number;
  /** A line without its line feed; not called any more once the input is destroyed. */
  onLine(line: string): void;
  /** A line is longer than that: nothing more of the input is read. Destroys the input where it is not given. */
  onTooLong?(): void;
  /** Whether what follows the last line feed is a line too, once the input has ended. */
  last?: boolean;
}

/**
 * Read UTF-8 text line by line. A line feed ends a line and nothing else does: U+2028, U+2029, U+0085, vertical tab, form feed and a lone
 * carriage return may stand in one, as they do in JSON. (`node:readline` splits at some of them.)
 */
export function readLines(input: Readable, { limit, onLine, onTooLong, last = false }: LineOptions): void {
  const decoder = new StringDecoder("utf8");
  let pieces: string[] = [];
  let length = 0;
  let over = false;
  const take = () => {
    const line = pieces.join("");
    pieces = [];
    length = 0;
    onLine(line);
  };
  input.on("data", (chunk: Buffer | string) => {
    const parts = (typeof chunk === "string" ? chunk : decoder.write(chunk)).split("\n");
    for (const [index, part] of parts.entries()) {
      if (over || input.destroyed) return;
      length += part.length;
      if (length > limit()) {
        over = true;
        pieces = [];
        if (onTooLong) onTooLong();
        else input.destroy();
        return;
      }
      pieces.push(part);
      if (index < parts.length - 1) take();
    }
  });
  if (last) input.on("end", () => length > 0 && !over && take());
}

/** The JSON object in a line; undefined when there is none. */
export function readObject(line: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
