import { blockShapes } from "./blocks.ts";
import { fieldShapes } from "./fields.ts";
import { Literals } from "./literals.ts";
import { otherShapes } from "./others.ts";
import type { Span } from "./span.ts";
import type { Found, Shape } from "./shape.ts";
import { tokenShapes } from "./tokens.ts";
import { isOrdinary } from "./values.ts";
import type { JoinedView } from "./view.ts";

const shapes: readonly Shape[] = [...tokenShapes, ...blockShapes, ...otherShapes, ...fieldShapes];

const exact = literals(shapes.filter(({ fold }) => !fold));
const folded = literals(shapes.filter(({ fold }) => fold));

/** Most lines that one secret is made of, beyond which nothing of it is given back. */
const mostLines = 400;
/** What a field begins with. */
const assignment = /^[A-Za-z_][\w.-]*(?:=(?!=|$)|:)/;

/** Where secrets are that are known by what they look like. */
export function findShapes(joined: JoinedView): Span[] {
  return [...findIn(joined, joined.text, exact), ...findIn(joined, lower(joined.text), folded)];
}

function findIn(view: JoinedView, text: string, hints: Literals<Shape>): Span[] {
  const spans: Span[] = [];
  /** By shape: up to where it has been found. */
  const covered = new Map<Shape, number>();
  hints.find(text, (index, shape) => {
    if (index < (covered.get(shape) ?? 0)) return;
    const found = shape.find(view, index);
    if (!found) return;
    const end = endOf(shape, view, index, found);
    covered.set(shape, end);
    spans.push({ start: found.start, end, kind: shape.kind });
  });
  return spans;
}

/** The end of a secret that may have taken in the first word of the line after it. */
function endOf(shape: Shape, view: JoinedView, from: number, { start, end: last, whole }: Found): number {
  let end = last;
  if (whole) return end;
  for (let index = joinBefore(view.joins, end), left = mostLines; left > 0; index -= 1, left -= 1) {
    const join = view.joins[index];
    if (!join || join.at <= start) break;
    const piece = view.text.slice(join.at, end);
    if (!assignment.test(piece) && (join.full || !isNextLine(piece, view.text.slice(start, join.at)))) break;
    const head = shape.find({ text: view.text.slice(0, join.at), joinAt: view.joinAt }, from);
    if (!head || head.start !== start) break;
    end = head.end;
  }
  return end;
}

/** Whether the piece may be the first words of the next line, by what the secret is made of before it. */
function isNextLine(piece: string, head: string): boolean {
  if (/^\d{1,4}$/.test(piece)) return true;
  return !/\d/.test(piece) && isOrdinary(piece) && (/[a-z]/.test(piece) || /[a-z]/.test(head.slice(-20)));
}

/** Index of the last join before `place`. */
function joinBefore(joins: JoinedView["joins"], place: number): number {
  let low = 0;
  let high = joins.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((joins[middle]?.at ?? 0) < place) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** In small letters, and as long as before. */
function lower(text: string): string {
  const small = text.toLowerCase();
  return small.length === text.length ? small : text.replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

function literals(some: readonly Shape[]): Literals<Shape> {
  return new Literals(
    some.flatMap((shape) => shape.hints.map((hint) => [hint, shape] as const)),
    2,
  );
}
