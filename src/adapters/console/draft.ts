import { graphemes } from "../../width.ts";

/** Text that is being typed, of one or several lines, with a cursor in it. */
export class Draft {
  #text = "";
  #at = 0;
  #killed = "";

  get text(): string {
    return this.#text;
  }

  get before(): string {
    return this.#text.slice(0, this.#at);
  }

  get after(): string {
    return this.#text.slice(this.#at);
  }

  /** Replace all of it; the cursor is at its end. */
  set(text: string): void {
    this.#text = text;
    this.#at = text.length;
  }

  insert(text: string): void {
    this.#put(this.before + text, this.after);
  }

  /** Do what a key is for. Returns whether it is one of those that move or change something here. */
  press(key: string): boolean {
    const { before, after } = this;
    switch (key) {
      case "left":
      case "ctrl-b":
        this.#at -= graphemes(lastLines(before)).at(-1)?.length ?? 0;
        return true;
      case "right":
      case "ctrl-f":
        this.#at += graphemes(after)[0]?.length ?? 0;
        return true;
      case "home":
      case "ctrl-a":
        this.#at = lineStart(before);
        return true;
      case "end":
      case "ctrl-e":
        this.#at = before.length + lineEnd(after);
        return true;
      case "ctrl-left":
      case "meta-left":
      case "meta-b":
        this.#at = wordStart(before);
        return true;
      case "ctrl-right":
      case "meta-right":
      case "meta-f":
        this.#at = before.length + wordEnd(after);
        return true;
      case "backspace":
      case "ctrl-h":
        this.#put(before.slice(0, before.length - (graphemes(lastLines(before)).at(-1)?.length ?? 0)), after);
        return true;
      case "delete":
      case "ctrl-d":
        this.#put(before, after.slice(graphemes(after)[0]?.length ?? 0));
        return true;
      case "ctrl-w":
      case "meta-backspace":
        this.#kill(before.slice(0, wordStart(before)), before.slice(wordStart(before)), after);
        return true;
      case "meta-d":
        this.#kill(before, after.slice(0, wordEnd(after)), after.slice(wordEnd(after)));
        return true;
      case "ctrl-u":
        this.#kill(before.slice(0, lineStart(before)), before.slice(lineStart(before)), after);
        return true;
      case "ctrl-k":
        this.#kill(before, after.slice(0, lineEnd(after) || 1), after.slice(lineEnd(after) || 1));
        return true;
      case "ctrl-y":
        this.insert(this.#killed);
        return true;
      default:
        return false;
    }
  }

  /** The cursor a line up or down; false where there is none. */
  moveLine(by: -1 | 1): boolean {
    const lines = this.#text.split("\n");
    const above = this.before.split("\n");
    const line = lines[above.length - 1 + by];
    if (line === undefined) return false;
    const column = Math.min((above.at(-1) ?? "").length, line.length);
    const start = lines.slice(0, above.length - 1 + by).join("\n").length + (above.length - 1 + by > 0 ? 1 : 0);
    this.#at = start + graphemes(line.slice(0, column)).join("").length;
    return true;
  }

  #put(before: string, after: string): void {
    this.#text = before + after;
    this.#at = before.length;
  }

  #kill(before: string, killed: string, after: string): void {
    if (killed !== "") this.#killed = killed;
    this.#put(before, after);
  }
}

/** Enough of the end of a text to find its last character in. */
function lastLines(text: string): string {
  return text.slice(-64);
}

function lineStart(before: string): number {
  return before.lastIndexOf("\n") + 1;
}

function lineEnd(after: string): number {
  return after.search(/\n|$/);
}

function wordStart(before: string): number {
  return before.search(/[\p{L}\p{N}_]*[^\p{L}\p{N}_]*$/u);
}

function wordEnd(after: string): number {
  return /^[^\p{L}\p{N}_]*[\p{L}\p{N}_]*/u.exec(after)?.[0].length ?? 0;
}
