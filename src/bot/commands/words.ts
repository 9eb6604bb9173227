import { keyNames } from "../../shards/host.ts";

/** Quotes that open a text, and those that close it. */
const closers: Record<string, string> = {
  '"': '"',
  "'": "'",
  "“": '””"“',
  "„": '“”"',
  "‘": "’'‘",
  "‚": "‘’'",
  "«": "»",
};

export interface Flag {
  name: string;
  /** An equals sign follows it. */
  value: boolean;
}

/** A line, taken word by word. Quotes count only at the beginning of a word, so that an apostrophe is none. */
export class Words {
  readonly #line: string;
  #at = 0;

  constructor(line: string) {
    this.#line = line.trim();
  }

  get done(): boolean {
    return this.#left() === "";
  }

  peek(): string {
    const at = this.#at;
    const word = this.next() ?? "";
    this.#at = at;
    return word;
  }

  next(): string | undefined {
    const left = this.#left();
    if (left === "") return undefined;
    const quoted = quotedStart(left);
    const length = quoted?.length ?? left.search(/\s|$/);
    this.#at = this.#line.length - left.length + length;
    return quoted?.text ?? left.slice(0, length);
  }

  /** A phone makes a dash of two hyphens. With `known`, other flags are none. */
  flag(known?: readonly string[]): Flag | undefined {
    const left = this.#left();
    const [typed, name = "", equals = ""] = /^(?:--|[—–])([A-Za-z][\w-]*)(=?)/.exec(left) ?? [];
    if (typed === undefined || known?.includes(name.toLowerCase()) === false) return undefined;
    this.#at = this.#line.length - left.length + typed.length;
    return { name: name.toLowerCase(), value: equals === "=" };
  }

  /** A text in quotes, if a flag comes after it; with `known`, one of these. */
  quotedBeforeFlags(known?: readonly string[]): { text: string; quoted: boolean } | undefined {
    const left = this.#left();
    const quoted = quotedStart(left);
    const [, name] = /^\s+(?:--|[—–])([A-Za-z][\w-]*)/.exec(left.slice(quoted?.length ?? 0)) ?? [];
    if (!quoted || name === undefined || known?.includes(name.toLowerCase()) === false) return undefined;
    this.#at = this.#line.length - left.length + quoted.length;
    return { text: quoted.text, quoted: true };
  }

  /** All that is left, literally, without the quotes around it. */
  rest(): { text: string; quoted: boolean } {
    const left = this.#left();
    this.#at = this.#line.length;
    const quoted = quotedStart(left);
    return quoted?.length === left.length ? { text: quoted.text, quoted: true } : { text: left, quoted: false };
  }

  #left(): string {
    return this.#line.slice(this.#at).trimStart();
  }
}

/** The keys in a line, as `press` takes them: "Down down Enter", "y". Case counts only for single letters. */
export function readKeys(line: string): string[] {
  const words = line.split(/[\s,]+/).filter((word) => word !== "");
  return words.map((word) => (word.length > 1 ? word.toLowerCase() : word));
}

/** True for a line that is made of nothing but keys. */
export function areKeys(line: string): boolean {
  const names: readonly string[] = keyNames;
  const keys = readKeys(line);
  return keys.length > 0 && keys.every((key) => names.includes(key) || /^[a-z0-9]$/i.test(key));
}

/** The quoted text that a text begins with, and how long it is with its quotes. A backslash takes the meaning from a quote. */
function quotedStart(text: string): { text: string; length: number } | undefined {
  const close = closers[text[0] ?? ""];
  if (close === undefined) return undefined;
  for (let at = 1; at < text.length; at += 1) {
    const character = text[at] ?? "";
    if (character === "\\" && close.includes(text[at + 1] ?? " ")) at += 1;
    else if (close.includes(character) && /^(\s|$)/.test(text.slice(at + 1, at + 2))) {
      const inner = text
        .slice(1, at)
        .replaceAll(/\\(.)/g, (both, next: string) => (close.includes(next) ? next : both));
      return { text: inner, length: at + 1 };
    }
  }
  return undefined;
}
