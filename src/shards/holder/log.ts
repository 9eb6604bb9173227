import { closeSync, openSync, readSync, renameSync, rmSync, writeSync } from "node:fs";

/**
 * The raw output of one agent on disk, addressed by byte offset since its start. The newest bytes are in `path`, older ones in
 * `path.1`, each at most half of the limit; still older ones are gone. Starts empty.
 */
export class OutputLog {
  readonly #path: string;
  readonly #half: number;
  readonly #broken: (error: unknown) => void;
  #now: Part;
  #before: Part | undefined;
  /** Bytes of the last milliseconds: a PTY gives 4 KB at most, and a write for each costs a flood 5 to 8 % of its processor time (measured). */
  readonly #pending = Buffer.allocUnsafeSlow(pendingLength);
  #length = 0;
  #full = false;

  /**
   * Throws when the file can't be made.
   * @param limit bytes of both files together.
   * @param broken takes the error when the disk is full or broken; from then on nothing is logged, and reading still works.
   */
  constructor(path: string, limit: number, broken: (error: unknown) => void) {
    this.#path = path;
    this.#broken = broken;
    this.#half = Math.max(1, Math.floor(limit / 2));
    rmSync(`${path}.1`, { force: true });
    this.#now = newPart(path, 0);
  }

  /** The chunk is on disk within 5 ms, and before anything is read. */
  append(chunk: Uint8Array): void {
    if (this.#full) return;
    for (let rest = chunk; rest.length > 0;) {
      if (this.#length === 0) setTimeout(() => this.#flush(), writeAfter);
      const piece = rest.subarray(0, pendingLength - this.#length);
      this.#pending.set(piece, this.#length);
      this.#length += piece.length;
      rest = rest.subarray(piece.length);
      if (this.#length === pendingLength) this.#flush();
    }
  }

  /** Bytes from `offset` on, at most `length`; from the oldest that there are when `offset` is gone. */
  read(offset: number, length: number): { offset: number; data: Buffer; end: number } {
    this.#flush();
    const end = endOf(this.#now);
    const parts = this.#before ? [this.#before, this.#now] : [this.#now];
    const oldest = parts[0]?.start ?? 0;
    const from = Math.min(Math.max(offset, oldest), end);
    const to = Math.min(from + Math.max(0, length), end);
    return { offset: from, data: Buffer.concat(parts.map((part) => readPart(part, from, to))), end };
  }

  close(): void {
    this.#flush();
    for (const part of [this.#before, this.#now]) if (part) closeSync(part.file);
  }

  #flush(): void {
    let rest = this.#pending.subarray(0, this.#length);
    this.#length = 0;
    if (this.#full) return;
    try {
      while (rest.length > 0) {
        if (this.#now.length >= this.#half) this.#rotate();
        const written = writeSync(this.#now.file, rest, 0, Math.min(rest.length, this.#half - this.#now.length));
        this.#now.length += written;
        rest = rest.subarray(written);
      }
    } catch (error) {
      this.#full = true;
      this.#broken(error);
    }
  }

  #rotate(): void {
    renameSync(this.#path, `${this.#path}.1`);
    const next = newPart(this.#path, endOf(this.#now));
    if (this.#before) closeSync(this.#before.file);
    this.#before = this.#now;
    this.#now = next;
  }
}

/** Bytes. */
const pendingLength = 65_536;
/** Milliseconds. */
const writeAfter = 5;

/** One of the two files: a descriptor, the offset of its first byte, and how many bytes it has. */
interface Part {
  file: number;
  start: number;
  length: number;
}

function newPart(path: string, start: number): Part {
  // What an agent may have put there, a link for instance, is not written to.
  rmSync(path, { recursive: true, force: true });
  return { file: openSync(path, "wx+", 0o600), start, length: 0 };
}

function endOf(part: Part): number {
  return part.start + part.length;
}

/** Share of the part in the bytes from offset `from` to `to`. */
function readPart(part: Part, from: number, to: number): Buffer {
  const start = Math.max(from, part.start);
  const data = Buffer.alloc(Math.max(0, Math.min(to, endOf(part)) - start));
  let read = 0;
  while (read < data.length) {
    const count = readSync(part.file, data, read, data.length - read, start - part.start + read);
    if (count === 0) break;
    read += count;
  }
  return data.subarray(0, read);
}
