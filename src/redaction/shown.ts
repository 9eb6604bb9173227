import { ShardbridgeError } from "../errors.ts";
import type { Span } from "./span.ts";

declare const shown: unique symbol;

/** Text or data that has gone through the redaction. Nothing else makes it, so that no way out can do without. */
export type Shown<T> = T & { readonly [shown]: true };

/** A text with marks in the place of secrets. */
export interface Redact {
  (text: string): string;
  /** Index from which on a text that goes on may be the beginning of a secret. */
  settledUpTo?(text: string): number;
  /** Where the secrets of a text are, from the front; without it nothing is known but that there are some. */
  find?(text: string): readonly Span[];
}

/** Names by which things are found again, and no texts. */
const ids = new Set([
  "id",
  "name",
  "shard",
  "key",
  "hash",
  "type",
  "thread",
  "channel",
  "space",
  "platform",
  "at",
  "since",
]);

/** A text that may be shown. */
export function shownText(text: string, redact: Redact): Shown<string> {
  return redact(text) as Shown<string>;
}

/** Plain data that may be shown: every string in it redacted, but ids. */
export function shownData<T>(data: T, redact: Redact): Shown<T> {
  const walk = (value: unknown, key?: string): unknown => {
    if (typeof value === "string") return key !== undefined && ids.has(key) ? value : redact(value);
    if (Array.isArray(value)) return value.map((one) => walk(one, key));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, walk(inner, name)]));
  };
  return walk(data) as Shown<T>;
}

/** An error whose sentence may be shown; a bug stays as it is, since only its id is. */
export function shownError(error: unknown, redact: Redact): unknown {
  if (!(error instanceof ShardbridgeError)) return error;
  const message = redact(error.message);
  return message === error.message ? error : new ShardbridgeError(error.code, message);
}
