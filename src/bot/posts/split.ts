/** A code fence that is open: its marker, and the line that opens it again. */
interface Fence {
  marker: string;
  opening: string;
}

/**
 * Markdown in pieces of at most `limit` characters (at least 100), cut between paragraphs, else between lines, else between words, else
 * anywhere. A code fence that a cut falls into is closed before it and opened again after it, with its language. Nothing else is
 * added and nothing is lost.
 */
export function splitMarkdown(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  let fence: Fence | undefined;
  while (rest !== "") {
    const opening = fence ? `${fence.opening}\n` : "";
    const piece = nextPiece(rest, opening, fence, limit);
    pieces.push(piece.text);
    rest = rest.slice(piece.taken);
    fence = piece.open;
    // The fence was just closed by us, and its own end comes next: that end is done.
    const first = fence && /^[^\n]*(?:\n|$)/.exec(rest)?.[0];
    if (fence && first !== undefined && rest !== "" && closes(first.trimEnd(), fence)) {
      rest = rest.slice(first.length);
      fence = undefined;
    }
  }
  return pieces;
}

/** Terminal text in pieces of at most `limit` characters, cut between lines, or anywhere in a line that is longer. */
export function splitLines(text: string, limit: number): string[] {
  const pieces: string[] = [];
  let rest = text;
  while (rest !== "") {
    const newline = rest.length > limit ? rest.lastIndexOf("\n", limit - 1) : -1;
    const end = rest.length <= limit ? rest.length : newline >= 0 ? newline + 1 : wholeCharacters(rest, limit);
    pieces.push(rest.slice(0, end));
    rest = rest.slice(end);
  }
  return pieces;
}

/** The last lines of a text, at most `limit` characters. */
export function lastLines(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const end = text.slice(-limit);
  const newline = end.indexOf("\n");
  return newline >= 0 && newline < end.length - 1 ? end.slice(newline + 1) : end.replace(/^[\uDC00-\uDFFF]/, "");
}

/** The beginning of a text on one line, with "…" where it was cut, at most `limit` characters. */
export function excerpt(text: string, limit: number): string {
  const line = text.replaceAll(/\s+/g, " ").trim();
  return line.length <= limit ? line : `${line.slice(0, wholeCharacters(line, limit - 1))}…`;
}

interface Piece {
  text: string;
  /** Characters of the rest that are in it. */
  taken: number;
  /** The fence that was open at its end, and that it closes. */
  open: Fence | undefined;
}

function nextPiece(rest: string, opening: string, fence: Fence | undefined, limit: number): Piece {
  let room = limit - opening.length;
  for (;;) {
    const taken = cutAt(rest, room, fence);
    const part = rest.slice(0, taken);
    const open = fenceAfter(part, fence);
    const closing = open ? `${part.endsWith("\n") || part === "" ? "" : "\n"}${open.marker}` : "";
    const text = opening + part + closing;
    if (text.length <= limit) return { text, taken, open };
    room -= text.length - limit;
  }
}

/** The best place to cut within the first `room` characters. */
function cutAt(rest: string, room: number, fence: Fence | undefined): number {
  if (rest.length <= room) return rest.length;
  const enough = room / 4;
  const cuts = { line: 0, paragraph: 0, outside: 0 };
  let open = fence;
  for (let start = 0; ;) {
    const end = rest.indexOf("\n", start) + 1;
    if (end === 0 || end > room) break;
    const line = rest.slice(start, end).trimEnd();
    open = fenceNow(line, open);
    cuts.line = end;
    if (line === "") cuts[open ? "paragraph" : "outside"] = end;
    start = end;
  }
  for (const cut of [cuts.outside, cuts.paragraph]) if (cut > enough) return cut;
  if (cuts.line > 0) return cuts.line;
  const space = rest.lastIndexOf(" ", room - 1) + 1;
  return space > enough ? space : wholeCharacters(rest, room);
}

function fenceAfter(part: string, fence: Fence | undefined): Fence | undefined {
  let open = fence;
  for (const line of part.split("\n")) open = fenceNow(line.trimEnd(), open);
  return open;
}

function fenceNow(line: string, open: Fence | undefined): Fence | undefined {
  if (open) return closes(line, open) ? undefined : open;
  const [, marker = "", info = ""] = /^[ \t]*(`{3,20}(?!`)|~{3,20}(?!~))(.*)$/.exec(line) ?? [];
  if (marker === "" || (marker.startsWith("`") && info.includes("`"))) return undefined;
  const language = /^\s*([\w+#.-]{0,20})/.exec(info)?.[1] ?? "";
  return { marker, opening: marker + language };
}

function closes(line: string, { marker }: Fence): boolean {
  const text = line.trim();
  return text.length >= marker.length && text === (marker[0] ?? "").repeat(text.length);
}

/** Not more than `length` characters, and no half of a surrogate pair at the end. */
function wholeCharacters(text: string, length: number): number {
  return length > 1 && /[\uD800-\uDBFF]/.test(text[length - 1] ?? "") ? length - 1 : Math.max(1, length);
}
