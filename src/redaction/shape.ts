import type { JoinedView } from "./view.ts";

type ShapeText = Pick<JoinedView, "text" | "joinAt">;

export interface Found {
  start: number;
  end: number;
  /** Something shows where it ends, so that the next line is no question. */
  whole?: true;
}

/** What an unknown secret looks like. It is looked for by a literal, and tried there and nowhere else. */
export interface Shape {
  /** Said in the mark, in a few words. */
  kind: string;
  /** Literals of two characters or more, one of which is where it begins; in small letters where case does not matter. */
  hints: readonly string[];
  /** Upper and lower case are the same in the hints. */
  fold?: true;
  /** Where the secret of this shape is whose hint is at `from`. Takes time that does not grow with what is around it. */
  find(view: ShapeText, from: number): Found | undefined;
}

interface More {
  /** No character before the hint may be one of these, unless a line begins there. */
  after?: RegExp;
  /** No character behind the secret may be one of these, unless a line ends there. */
  before?: RegExp;
  /** The secret goes on for as long as this matches. Sticky. */
  more?: RegExp;
  /** Whether the secret is one, by what the pattern has found of it. */
  check?: (secret: string) => boolean;
}

/**
 * What finds the first group of a sticky pattern with indices and of bounded length, or all that it matches where it has no group. A group
 * that is looked for behind the hint is where the secret begins.
 */
export function byPattern(pattern: RegExp, { after, before, more, check }: More = {}): Shape["find"] {
  return ({ text, joinAt }, from) => {
    if (after?.test(text.charAt(from - 1)) && !joinAt.has(from)) return undefined;
    pattern.lastIndex = from;
    const [whole, group = whole] = pattern.exec(text)?.indices ?? [];
    if (!whole || !group) return undefined;
    const start = group[0];
    let end = start < whole[0] ? whole[1] : group[1];
    if (check && !check(text.slice(start, end))) return undefined;
    if (more) {
      more.lastIndex = end;
      end += more.exec(text)?.[0].length ?? 0;
    }
    return before?.test(text.charAt(end)) && !joinAt.has(end) ? undefined : { start, end };
  };
}
