import type { KnownValues } from "./known.ts";
import { findRecommended, rulesFor } from "./recommended.ts";
import { findShapes } from "./shapes.ts";
import { marked, type Span } from "./span.ts";
import { joinedView, plainView } from "./view.ts";

export interface Redacted {
  /** The text with a mark for each span. */
  text: string;
  /** Where the secrets are in the text as it came: from the front, and none touches into another. */
  spans: Span[];
}

/**
 * Takes secrets out of a text: known ones, as they are and encoded, and what looks like one, whatever a terminal has put in between. Takes
 * time in proportion to the text.
 */
export function redact(text: string, known: KnownValues): Redacted {
  const spans = findSecrets(text, known);
  return { text: marked(text, spans), spans };
}

/** The secrets of a text. */
export function findSecrets(text: string, known: KnownValues): Span[] {
  const plain = plainView(text);
  const joined = joinedView(plain);
  const inJoined = ({ start, end, kind }: Span) => ({
    start: joined.origin(start),
    end: joined.origin(end - 1) + 1,
    kind,
  });
  const own = merged([...known.find(plain), ...findShapes(joined).map(inJoined)]);
  const rules = rulesFor(joined.text);
  // Their ranges are wider: what our own shapes have found stays as it is.
  const others = apartFrom(own, [
    ...findRecommended(plain.text, rules),
    ...findRecommended(joined.text, rules).map(inJoined),
  ]);
  return merged([...own, ...others]).map(({ start, end, kind }) => ({
    start: plain.origin(start),
    end: plain.origin(end - 1) + 1,
    kind,
  }));
}

/** From the front, those that overlap as one, which is of the kind of the first of them in `spans`. */
function merged(spans: readonly Span[]): Span[] {
  const sorted = spans
    .map((span, rank) => ({ ...span, rank }))
    .sort((a, b) => a.start - b.start || b.end - a.end || a.rank - b.rank);
  const apart: typeof sorted = [];
  for (const span of sorted) {
    const last = apart.at(-1);
    if (!last || span.start >= last.end) {
      apart.push(span);
      continue;
    }
    last.end = Math.max(last.end, span.end);
    if (span.rank < last.rank) Object.assign(last, { kind: span.kind, rank: span.rank });
  }
  return apart.map(({ start, end, kind }) => ({ start, end, kind }));
}

/** Those of `spans` that overlap with none of `taken`, which are in order. */
function apartFrom(taken: readonly Span[], spans: readonly Span[]): Span[] {
  let next = 0;
  return [...spans]
    .sort((a, b) => a.start - b.start)
    .filter(({ start, end }) => {
      while ((taken[next]?.end ?? Infinity) <= start) next += 1;
      return (taken[next]?.start ?? Infinity) >= end;
    });
}
