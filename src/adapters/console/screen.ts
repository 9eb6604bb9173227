import { rows as wrapped, width } from "../../width.ts";
import { Editor } from "./editor.ts";
import type { History } from "./history.ts";
import type { Paper, PaperStreams, Reader } from "./paper.ts";
import { unpainted, type Style } from "./style.ts";

/** Rows below all that was printed: what is live, then what is being typed. */
interface Foot {
  rows: string[];
  /** The row with the cursor, and what is left of it there. */
  row: number;
  left: string;
}

const pasteOn = "\u001B[?2004h";
const pasteOff = "\u001B[?2004l";

/**
 * A terminal: what is printed scrolls away and is never touched again; below it stand a few live rows and the line that is being typed,
 * which are drawn anew after everything that comes.
 */
export class Screen implements Paper {
  readonly live = true;
  readonly #output: PaperStreams["output"];
  readonly #editor: Editor;
  readonly #style: Style;
  readonly #shown = new Map<string, (columns: number) => string[]>();
  readonly #onResize = () => this.#redraw();
  #prompt: string;
  #reader: Reader | undefined;
  /** As it was drawn; undefined when there is none. */
  #foot: Foot | undefined;
  #due = false;

  constructor({ input, output }: PaperStreams, history: History, style: Style, prompt: string) {
    this.#output = output;
    this.#style = style;
    this.#prompt = prompt;
    this.#editor = new Editor(input, history, {
      line: (text) => this.#take(text),
      interrupt: () => this.#reader?.interrupt(),
      end: () => this.#reader?.end(),
      changed: () => this.#soon(),
      clear: () => this.#write("\u001B[H\u001B[2J", true),
      offer: async (before) => this.#reader?.offer(before) ?? { typed: "", candidates: [] },
      offered: (candidates) => this.print(style.paint("quiet", candidates.join("  "))),
    });
  }

  get columns(): number {
    return this.#output.columns ?? 80;
  }

  open(reader: Reader): void {
    this.#reader = reader;
    this.#output.on("resize", this.#onResize);
    this.#editor.open();
    this.#output.write(pasteOn);
    this.#redraw();
  }

  print(text: string): void {
    this.#write(`${this.#erasure()}${text.replaceAll("\n", "\r\n")}\r\n`);
  }

  show(id: string, rows: ((columns: number) => string[]) | undefined): void {
    if (rows) this.#shown.set(id, rows);
    else this.#shown.delete(id);
    this.#soon();
  }

  setPrompt(prompt: string): void {
    this.#prompt = prompt;
    this.#soon();
  }

  remember(line: string): void {
    this.#editor.remember(line);
  }

  close(): void {
    if (!this.#reader) return;
    this.#reader = undefined;
    this.#output.off("resize", this.#onResize);
    this.#write(`${this.#erasure()}${pasteOff}`);
    this.#editor.close();
  }

  #take(text: string): void {
    const { prompt, below } = this.#margins();
    const seen = (this.#reader?.seen(text) ?? text).replaceAll("\n", `\n${below}`);
    this.print(`${this.#style.paint("quiet", prompt)}${seen}`);
    this.#reader?.line(text);
  }

  #redraw(): void {
    this.#write(this.#erasure());
  }

  /** Once for all keys and posts that come together. */
  #soon(): void {
    if (this.#due) return;
    this.#due = true;
    setImmediate(() => {
      this.#due = false;
      if (this.#reader) this.#redraw();
    });
  }

  /** Write something in the place of the foot, and the foot below it. */
  #write(text: string, cleared = false): void {
    if (cleared) this.#foot = undefined;
    this.#foot = this.#reader ? this.#layOut(this.#reader) : undefined;
    this.#output.write(text + (this.#foot ? drawn(this.#foot) : ""));
  }

  /** To the foot's first row, and nothing from there on. A terminal that has become narrower has wrapped its rows. */
  #erasure(): string {
    if (!this.#foot) return "";
    const { rows, row, left } = this.#foot;
    const height = (text: string) => Math.max(1, Math.ceil(width(unpainted(text)) / this.columns));
    const above = rows.slice(0, row).reduce((sum, text) => sum + height(text), 0);
    const up = above + height(unpainted(left)) - 1;
    return `${up > 0 ? `\u001B[${up}A` : ""}\r\u001B[J`;
  }

  #margins(): { prompt: string; below: string } {
    const fits = width(this.#prompt) <= this.columns / 2;
    const prompt = fits ? this.#prompt : "› ";
    return { prompt, below: " ".repeat(width(prompt)) };
  }

  #layOut(reader: Reader): Foot {
    const height = this.#output.rows ?? 24;
    const columns = this.columns - 1;
    const { prompt, below } = this.#margins();
    const { draft } = this.#editor;
    const seen = reader.seen(draft.text);
    const most = Math.max(1, Math.floor(height / 2));
    // Of a file that was pasted nothing else can be seen than what is near the cursor.
    const above = seen.slice(0, draft.before.length).split("\n");
    const first = Math.max(0, above.length - 1 - most);
    const wrap = (lines: string[]) => lines.flatMap((line) => wrapped(line, columns - below.length));
    const all = wrap(seen.split("\n").slice(first, above.length + most));
    const before = wrap(above.slice(first));
    const start = Math.max(0, Math.min(before.length - most, all.length - most));
    const typed = all
      .slice(start, start + most)
      .map((text, index) => (first + start + index === 0 ? this.#style.paint("quiet", prompt) : below) + text);
    const live = [...this.#shown.values()].flatMap((rows) => rows(columns)).slice(-Math.max(1, height - most - 1));
    const last = before.length - 1;
    const left = (first + last === 0 ? this.#style.paint("quiet", prompt) : below) + (before[last] ?? "");
    return { rows: [...live, ...typed], row: live.length + last - start, left };
  }
}

/** The cursor is put where it belongs by writing what is left of it again: terminals differ in how wide some characters are. */
function drawn({ rows, row, left }: Foot): string {
  const up = rows.length - 1 - row;
  return `${rows.join("\r\n")}${up > 0 ? `\u001B[${up}A` : ""}\r${left}`;
}
