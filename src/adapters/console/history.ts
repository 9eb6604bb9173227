import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { messageOf } from "../../errors.ts";
import { log } from "../../log.ts";

const most = 1000;
/** A longer one is a file that somebody has pasted. */
const longest = 20_000;

/** Lines that were typed, oldest first, over restarts: a file with one JSON string a line, which its owner alone can read. */
export class History {
  readonly #file: string | undefined;
  readonly #lines: string[];
  /** The line that is shown, counted from the oldest; as many as there are for the draft. */
  #at: number;
  #draft = "";

  /** @param file absent: nothing is kept over restarts */
  constructor(file: string | undefined) {
    this.#file = file;
    this.#lines = file === undefined ? [] : read(file);
    this.#at = this.#lines.length;
  }

  add(line: string): void {
    if (line !== this.#lines.at(-1) && line.trim() !== "" && line.length <= longest) {
      this.#lines.push(line);
      this.#lines.splice(0, this.#lines.length - most);
      this.#save();
    }
    this.#at = this.#lines.length;
  }

  /** The line before or after the one that is shown, in the place of which `shown` stands; undefined where there is none. */
  move(by: -1 | 1, shown: string): string | undefined {
    const next = this.#at + by;
    if (next < 0 || next > this.#lines.length) return undefined;
    if (this.#at === this.#lines.length) this.#draft = shown;
    this.#at = next;
    return this.#lines[next] ?? this.#draft;
  }

  #save(): void {
    if (this.#file === undefined) return;
    try {
      mkdirSync(dirname(this.#file), { recursive: true, mode: 0o700 });
      const text = this.#lines.map((line) => `${JSON.stringify(line)}\n`).join("");
      writeFileSync(`${this.#file}.new`, text, { mode: 0o600 });
      renameSync(`${this.#file}.new`, this.#file);
    } catch (error) {
      log.warn("what was typed could not be kept", { why: messageOf(error) });
    }
  }
}

function read(file: string): string[] {
  if (!existsSync(file)) return [];
  try {
    const lines = readFileSync(file, "utf8").split("\n");
    return lines.filter((line) => line !== "").map((line) => String(JSON.parse(line)));
  } catch (error) {
    log.warn("what was typed before could not be read", { why: messageOf(error) });
    return [];
  }
}
