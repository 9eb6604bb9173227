/** What shows nothing or takes no room: escape sequences, also written out, control and invisible characters, and marks that combine. */
const noise =
  /\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]{0,4000}(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]|\x9b[0-?]*[ -/]*[@-~]|(?:\\u001[bB]|\\x1[bB]|\\033|\\e|\^\[)\[[\d;:]{0,40}[A-Za-z]|<U\+[\dA-F]{4,6}>|\\u(?:001[bB]|200[b-fB-F]|202[a-eA-E]|206[\da-fA-F]|00[aA][dD]|[fF][eE][fF]{2})|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\p{Default_Ignorable_Code_Point}\p{Cf}\p{Mn}\p{Me}]/gu;
/** Nothing but these can be noise, so that most texts are not searched for it. */
const maybeNoise = /[^\t\n\r -~]|\\(?:u[02fF]0?|x1|033|e\[)|\^\[|<U\+/;

/** What the sides of a box are drawn with. */
const edges = "│┃║▏▕┆┊╎╏┇┋|";
const edgeOrBlank = new Set(` \t\r\u00a0${edges}`.split(""));
/** Line ends are written out in JSON. */
const gaps = new RegExp(String.raw`(?:[\s${edges}]|\\+[nrt])+`, "g");

/** A text of which some is left out, and where what is left was. */
export interface View {
  readonly text: string;
  /** Where the character at `index` was. */
  origin(index: number): number;
}

/** A place where two lines were put together. */
interface Join {
  /** Index of the first character after it. */
  at: number;
  /** The line before it was as long as lines are there, so that it goes on in the next one. */
  full: boolean;
}

export interface JoinedView extends View {
  joins: readonly Join[];
  joinAt: ReadonlyMap<number, Join>;
}

/** The text without colours and without what is not seen. */
export function plainView(text: string): View {
  return maybeNoise.test(text) ? without(text, noise) : { text, origin: (index) => index };
}

/** The same without blanks, line ends and the sides of boxes; its origins are in the text of `plain`. */
export function squeezedView(plain: View): View {
  return without(plain.text, gaps);
}

/** A known value as it is in a squeezed view. */
export function squeezed(value: string): string {
  return value.replaceAll(noise, "").replaceAll(gaps, "");
}

/** The same with each line put together with the next one, as if the terminal had wrapped them; an empty line stays. */
export function joinedView(plain: View): JoinedView {
  const { text } = plain;
  const parts = new Parts();
  const joins: Join[] = [];
  let kept = 0;
  let before = -1;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", end + 1)) {
    let left = end;
    while (left > kept && edgeOrBlank.has(text.charAt(left - 1))) left -= 1;
    let right = end + 1;
    while (right < text.length && edgeOrBlank.has(text.charAt(right))) right += 1;
    const next = text.charAt(right);
    if (left === kept || next === "" || next === "\n") {
      before = -1;
      continue;
    }
    parts.add(text.slice(kept, left), kept);
    const width = left - kept;
    joins.push({ at: parts.length, full: endsAtEdge(text.slice(left, end)) || width === before });
    const last = joins.at(-2);
    if (last && width === before) last.full = true;
    before = width;
    kept = right;
  }
  parts.add(text.slice(kept), kept);
  return { ...parts.view(), joins, joinAt: new Map(joins.map((join) => [join.at, join])) };
}

function endsAtEdge(padding: string): boolean {
  return /^ ?[^\s\w]/.test(padding);
}

/** Most texts have nothing to be found in them: the places are worked out when one is asked for. */
function without(text: string, pattern: RegExp): View {
  let parts: Parts | undefined;
  const cut = (): Parts => {
    const made = new Parts();
    let kept = 0;
    for (const { 0: match, index } of text.matchAll(pattern)) {
      made.add(text.slice(kept, index), kept);
      kept = index + match.length;
    }
    made.add(text.slice(kept), kept);
    return made;
  };
  return { text: text.replaceAll(pattern, ""), origin: (index) => (parts ??= cut()).origin(index) };
}

class Parts {
  readonly #texts: string[] = [];
  readonly #starts: number[] = [];
  readonly #origins: number[] = [];
  length = 0;

  add(text: string, origin: number): void {
    if (text === "") return;
    this.#texts.push(text);
    this.#starts.push(this.length);
    this.#origins.push(origin);
    this.length += text.length;
  }

  view(): View {
    return { text: this.#texts.join(""), origin: (index) => this.origin(index) };
  }

  origin(index: number): number {
    let low = 0;
    let high = this.#starts.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#starts[middle] ?? 0) <= index) low = middle;
      else high = middle;
    }
    return (this.#origins[low] ?? 0) + index - (this.#starts[low] ?? 0);
  }
}
