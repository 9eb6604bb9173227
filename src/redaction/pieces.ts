import type { KnownValues } from "./known.ts";
import { findSecrets } from "./redact.ts";
import { marked, type Span } from "./span.ts";
import { joinedView, plainView } from "./view.ts";

/** Most characters that are looked at again when more comes: no private key is longer. */
const window = 16_384;
/** What comes right before a secret and tells that it is one. */
const introduction =
  /(?:[\w.-]{0,80}["'`]?\]?[ \t]{0,8}(?:=>|:=|[=:>])[ \t]{0,8}|(?:--[\w-]{1,40}|bearer|basic|password|-u|-p)[ \t]{1,8})["'`]?$/i;
/** Secrets of several words go on to the end of their line. */
const lineBegins = /(?:mnemonic|(?:seed|recovery) phrase|cookie)["']?\s{0,4}[:=][^\n]*$/i;
const keyBegins = /-{1,5} ?(?:B(?:E(?:G(?:I(?:N[A-Z0-9 ]{0,60}-{0,5})?)?)?)?)?$/;

/**
 * Index from which on a text that goes on may be the beginning of a secret: its last word, over line ends too, with the name of the field
 * it is in; a private key without an end; what a known value begins with.
 */
export function settledUpTo(text: string, known: KnownValues): number {
  const from = Math.max(0, text.length - window);
  const plain = plainView(text.slice(from));
  const joined = joinedView(plain);
  const shown = joined.text.trimEnd();
  let word = shown.length;
  while (word > 0 && /\S/.test(shown.charAt(word - 1))) word -= 1;
  const before = shown.slice(Math.max(0, word - 120), word);
  word -= introduction.exec(before)?.[0].length ?? 0;
  const key = Math.max(shown.lastIndexOf("-----BEGIN"), shown.lastIndexOf("---- BEGIN"));
  if (key >= 0 && !shown.includes("-----END", key) && shown.includes("PRIVATE", key)) word = Math.min(word, key);
  const open = lineBegins.exec(shown.slice(-2100));
  if (open) word = Math.min(word, Math.max(0, shown.length - 2100) + open.index);
  const partly = keyBegins.exec(shown.slice(-80));
  if (partly) word = Math.min(word, Math.max(0, shown.length - 80) + partly.index);
  const inPlain = word < joined.text.length ? joined.origin(word) : plain.text.length;
  const settled = Math.min(inPlain, known.unfinished(plain));
  return from + (settled < plain.text.length ? plain.origin(settled) : text.length - from);
}

/** Redacts what comes in pieces: a secret that goes through two of them is held back until it is whole, and no text is lost. */
export class Pieces {
  readonly #known: KnownValues;
  /** What was given, as it came, for as long as it may be a part of what comes. */
  #text = "";
  /** Up to where it was given. */
  #given = 0;

  constructor(known: KnownValues) {
    this.#known = known;
  }

  /** What of it all can be shown now and was not yet. */
  push(piece: string): string {
    this.#text += piece;
    const spans = findSecrets(this.#text, this.#known);
    let up = Math.max(this.#given, settledUpTo(this.#text, this.#known));
    // A secret is shown as one mark, once it is whole.
    for (const { start, end } of spans) if (start < up && end > up) up = Math.max(start, this.#given);
    return this.#give(up, spans);
  }

  /** The rest. */
  end(): string {
    return this.#give(this.#text.length, findSecrets(this.#text, this.#known));
  }

  #give(up: number, spans: readonly Span[]): string {
    const from = this.#given;
    const inside = spans
      .filter(({ start, end }) => start < up && end > from)
      .map(({ start, end, kind }) => ({ start: Math.max(start, from) - from, end: Math.min(end, up) - from, kind }));
    const shown = marked(this.#text.slice(from, up), inside);
    const kept = Math.max(0, Math.min(up, this.#text.length - window));
    this.#text = this.#text.slice(kept);
    this.#given = up - kept;
    return shown;
  }
}
