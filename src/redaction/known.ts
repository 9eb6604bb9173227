import { Literals } from "./literals.ts";
import { isOrdinary } from "./values.ts";
import { squeezed, squeezedView, type View } from "./view.ts";
import type { Span } from "./span.ts";

/** A value that is known to be secret, and what it is called where it is blacked out. */
export interface KnownValue {
  value: string;
  /** Such as the name of the variable that has it; "" for nothing. */
  kind: string;
}

/** Fewest characters of a known value; what is shorter is in every text. */
const shortest = 4;
/** Fewest characters of an encoded one: of fewer, pieces of other words are made. */
const shortestEncoded = 8;
/** Fewest characters of one that is looked for also with blanks in it. */
const shortestBroken = 8;

/** Known secrets, looked for as they are and encoded, whatever a terminal has put between their characters. */
export class KnownValues {
  readonly #broken: Literals<string>;
  readonly #short: Literals<string>;
  readonly #longest: number;

  constructor(values: readonly KnownValue[]) {
    const broken = new Map<string, string>();
    const short = new Map<string, string>();
    for (const { value, kind } of values) {
      const trimmed = value.trim();
      if (trimmed.length < shortest) continue;
      for (const form of forms(trimmed)) {
        const needle = squeezed(form);
        if (needle.length >= shortestBroken && !broken.has(needle)) broken.set(needle, kind);
        if (needle.length < shortestBroken && form.length >= shortest && !short.has(form)) short.set(form, kind);
      }
    }
    this.#broken = new Literals(broken, shortest, shortestBroken);
    this.#short = new Literals(short, shortest);
    this.#longest = Math.max(0, ...[...broken.keys(), ...short.keys()].map(({ length }) => length));
  }

  /** Where they are in the text of which `plain` is the view. */
  find(plain: View): Span[] {
    return [...spansIn(squeezedView(plain), this.#broken), ...spansIn(plain, this.#short)];
  }

  /** Index in the text of `plain` from which on it may be the beginning of one that goes on in what comes after it; its length where it can't. */
  unfinished(plain: View): number {
    const view = squeezedView(plain);
    const broken = view.text.length - this.#broken.unfinished(view.text, this.#longest);
    const short = plain.text.length - this.#short.unfinished(plain.text, shortestBroken);
    if (broken === view.text.length) return short;
    return Math.min(short, view.origin(broken));
  }
}

function spansIn(view: View, literals: Literals<string>): Span[] {
  const spans: Span[] = [];
  const first = literals.beheaded(view.text);
  const begins = first && !isOrdinary(view.text.slice(0, first.length)) ? first.length : 0;
  let covered = begins;
  if (first && begins > 0)
    spans.push({ start: view.origin(0), end: view.origin(first.length - 1) + 1, kind: first.value });
  literals.find(view.text, (index, kind, length, whole) => {
    if (index + length <= covered || (!whole && isOrdinary(view.text.slice(index, index + length)))) return;
    covered = index + length;
    spans.push({ start: view.origin(index), end: view.origin(index + length - 1) + 1, kind });
  });
  return spans;
}

/** The value and all that it is written as: in JSON, in addresses, in hexadecimal digits, in base64 as a part of something longer. */
function forms(value: string): Set<string> {
  const json = JSON.stringify(value).slice(1, -1);
  const all = new Set([
    value,
    json,
    json.replaceAll("/", String.raw`\/`),
    JSON.stringify(json).slice(1, -1),
    ascii(json),
  ]);
  if (value.length < shortestEncoded) return all;
  const bytes = Buffer.from(value, "utf8");
  const hex = bytes.toString("hex");
  const address = encodeURIComponent(value.toWellFormed());
  const strict = address.replaceAll(
    /[!'()*~.-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  const every = hex.replaceAll(/../g, "%$&");
  for (const one of [address, strict, every, every.toUpperCase(), encodeURI(value.toWellFormed())]) {
    all.add(one);
    all.add(one.replaceAll(/%../g, (escape) => escape.toLowerCase()));
    all.add(one.replaceAll("%20", "+"));
  }
  for (const one of [hex, hex.replaceAll(/..(?!$)/g, "$&:"), hex.replaceAll(/../g, String.raw`\x$&`)]) {
    all.add(one);
    all.add(one.replaceAll(/[a-f]/g, (digit) => digit.toUpperCase()));
  }
  for (const offset of [0, 1, 2]) {
    const whole = inBase64(bytes, offset);
    if (whole.length < shortestEncoded) continue;
    all.add(whole);
    all.add(whole.replaceAll("+", "-").replaceAll("/", "_"));
  }
  return all;
}

/** The digits that the bytes make whatever comes before (`offset` bytes, modulo 3) and after them. */
function inBase64(bytes: Buffer, offset: number): string {
  const shifted = Buffer.concat([Buffer.alloc(offset), bytes]);
  const end = Math.floor((shifted.length * 8) / 6);
  return shifted.toString("base64").slice(Math.ceil((offset * 8) / 6), end);
}

function ascii(json: string): string {
  return json.replaceAll(/[^ -~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
