import { signs } from "../adapter.ts";

/** Marks that set something off from the rest, by their SGR codes. */
const codes = { strong: "1", quiet: "2", error: "31", good: "32", button: "36" } as const;

const everySign = new RegExp(`(?:${Object.values(signs).join("|")}) ?`, "gu");

/** Abilities of a terminal. */
export class Style {
  readonly #colour: boolean;
  readonly #signs: boolean;
  /** Whether the cursor can be moved, and what was written be taken back. */
  readonly moves: boolean;

  constructor(colour: boolean, withSigns: boolean, moves = true) {
    this.#colour = colour;
    this.#signs = withSigns;
    this.moves = moves;
  }

  /** Of a terminal, by what its environment says: NO_COLOR (https://no-color.org), TERM, and the locale. */
  static of(env: Readonly<Record<string, string | undefined>>): Style {
    const { NO_COLOR = "", TERM = "", LC_ALL = "", LC_CTYPE = "", LANG = "" } = env;
    const locale = LC_ALL || LC_CTYPE || LANG;
    const moves = TERM !== "dumb";
    // The console of the Linux kernel has no such characters.
    return new Style(NO_COLOR === "" && moves, /utf-?8/i.test(locale) && moves && TERM !== "linux", moves);
  }

  paint(how: keyof typeof codes, text: string): string {
    if (!this.#colour || text === "") return text;
    // Each row by itself: what is put before a row must not take its colour.
    return text.replaceAll(/^.+$/gm, (row) => `\u001B[${codes[how]}m${row}\u001B[0m`);
  }

  /** A sign and a blank after it. */
  sign(sign: string): string {
    return this.#signs ? `${sign} ` : "";
  }

  /** A text that may have signs in it. */
  text(text: string): string {
    return this.#signs ? text : text.replaceAll(everySign, "");
  }
}

/** A text without what `paint` has put into it. */
export function unpainted(text: string): string {
  return text.replaceAll(/\u001B\[\d*m/g, "");
}
