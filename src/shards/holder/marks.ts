import type { Mark, Output, Position } from "../agents/agent.ts";

/** Where the cursor is, and whether that is on the alternate screen. */
export interface Place extends Position {
  /** Cells before the cursor. */
  col: number;
  /** Row at the top of the screen. */
  top: number;
  alternate: boolean;
}

/**
 * The prompt marks of one shell (OSC 133, FinalTerm and its "semantic prompts"): D;<exit code> after a command, A before a prompt, B at its
 * end, C before a command's output. I is the B of a shell that has no C: its line ends with the next line feed. P;k=s ends the prompt
 * by which a shell asks for the rest of a command. Only marks with the shell's own secret in them count (`aid=…`), and only in that
 * order, so that a program that prints marks, or the prompt with its marks, ends nothing.
 */
export class Marks {
  readonly #nonce: string | undefined;
  #kind: Mark["kind"] | undefined;
  #exit: number | undefined;
  #place: Place = { row: 0, at: 0, col: 0, top: 0, alternate: false };
  #ready = false;
  #prompts = 0;
  /** The prompt is drawn anew where it was. */
  #redrawn = false;
  #more: Mark["more"];
  #outputs: Output[] = [];
  /** The line that is being typed ends with a line feed. */
  #byLine = false;
  /** The shell takes no paste: of a prompt with several lines each becomes a command. */
  #lineWise = false;
  /** The line editor asks for pastes only once its prompt is made. */
  #pastes = false;
  /** The rest of a command is typed in the line editor, below its first line. */
  #inline = false;

  /** @param nonce what `aid` must be; without one all marks count */
  constructor(nonce?: string) {
    this.#nonce = nonce;
  }

  /** A command runs, or what the shell reads before its first prompt. */
  get runs(): boolean {
    return this.#kind === "command" || this.#kind === undefined;
  }

  /** A line feed is worth telling. */
  get awaitsLine(): boolean {
    return this.#byLine && (this.#ready || this.#more !== undefined);
  }

  /** The rows that they tell of. */
  get rows(): number[] {
    const places = this.#outputs.flatMap(({ from, to }) => (to ? [from, to] : [from]));
    return [...new Set([this.#place, ...(this.#more ? [this.#more] : []), ...places].map(({ row }) => row))];
  }

  /** Facts from the marks now, for a screen that is the alternate one or not; undefined before the first. */
  seen(alternate: boolean): Mark | undefined {
    if (this.#kind === undefined) return undefined;
    const here = this.#outputs.filter((output) => (output.alternate ?? false) === alternate);
    return {
      kind: this.#kind,
      row: this.#place.row,
      at: this.#place.at,
      ...(this.#exit !== undefined && { exit: this.#exit }),
      ...(this.#ready && { ready: true as const }),
      ...(this.#pastes && { pastes: true as const }),
      ...(this.#inline && { inline: true as const }),
      prompts: this.#prompts,
      ...(this.#more && { more: this.#more }),
      outputs: here,
    };
  }

  /** One mark, as it comes; `edits`: the program asked for bracketed paste, as line editors do while they read. */
  take(data: string, place: Place, edits: boolean): void {
    const [letter = "", ...words] = data.split(";");
    if (this.#nonce !== undefined && !words.includes(`aid=${this.#nonce}`)) return;
    if (letter === "D") this.#done(words[0] ?? "", place);
    else if (letter === "A") this.#begin(place, words);
    else if (letter === "B" || letter === "I") this.#end(letter, place, edits);
    else if (letter === "C") this.#run(place);
    else if (letter === "P" && words.includes("k=s")) this.#goOn(place);
  }

  /** The cursor has gone to a new line. */
  lineFeed(place: Place): void {
    if (!this.awaitsLine) return;
    if (this.#more) this.#restart(place);
    else this.#run(place);
    this.#more = undefined;
  }

  /** The whole screen was erased, with the echo of what was typed: what is printed from here on is output. */
  erased(place: Place): void {
    const screen = this.#open?.alternate ?? false;
    if (this.#kind === "command" && screen === place.alternate) this.#restart(place);
  }

  /** The program went to the other screen. Back from one that an earlier command left on, output begins where the cursor is. */
  switched(place: Place): void {
    if (this.#kind === "command" && this.#open?.alternate && !place.alternate) this.#restart(place);
  }

  /** The rows have other numbers since the size has changed. */
  moved(renumber: (row: number) => number): void {
    const move = ({ row, at }: Position): Position => ({ row: renumber(row), at });
    this.#place = { ...this.#place, row: renumber(this.#place.row) };
    if (this.#more) this.#more = { ...this.#more, row: renumber(this.#more.row) };
    this.#outputs = this.#outputs.map(({ from, to, ...rest }) => {
      return { ...rest, from: move(from), ...(to && { to: move(to) }) };
    });
  }

  /** The output of what was typed at the present prompt. */
  get #open(): Output | undefined {
    const last = this.#outputs.at(-1);
    return last?.prompt === this.#prompts ? last : undefined;
  }

  #done(code: string, place: Place): void {
    // A shell that prints its prompt's source prints "$?" here.
    if (code !== "" && !/^\d{1,3}$/.test(code)) return;
    this.#become("done", place);
    this.#exit = code === "" ? undefined : Number(code);
    if (!this.#open) this.#restart(place);
    this.#finish(place);
  }

  #begin(place: Place, words: readonly string[]): void {
    if (this.#kind === "command") return;
    this.#pastes = words.includes("ready=paste");
    this.#inline = words.includes("rest=inline");
    const waits = this.#kind === "prompt" && this.#ready && !this.#open;
    // An empty line leads to a prompt further down.
    this.#redrawn = waits && place.row <= this.#place.row;
    if (waits && !this.#redrawn) this.#restart(place);
    this.#finish(place);
    this.#become("prompt", place);
  }

  /** A mark at the end of a prompt that is drawn while no line is read was printed by a program. */
  #end(letter: "B" | "I", place: Place, edits: boolean): void {
    if (this.#kind !== "prompt" && !edits) return;
    if (this.#kind !== "prompt") this.#finish({ ...place, at: 0 });
    const again = this.#kind === "prompt" && this.#ready;
    this.#become("prompt", place);
    this.#ready = true;
    this.#byLine = letter === "I";
    this.#lineWise = this.#byLine || !edits;
    if (!again && !this.#redrawn) this.#prompts += 1;
    this.#redrawn = false;
  }

  /** Nothing was printed by the command yet. */
  #goOn({ row, col }: Place): void {
    if (this.#kind === "prompt" || (this.#byLine && this.#open?.from.row === row)) this.#more = { row, col };
  }

  #run(place: Place): void {
    if (this.#kind === "command") return;
    this.#become("command", place);
    const open = this.#open;
    if (!open) this.#restart(place);
    else if (open.to) this.#outputs = [...this.#outputs.slice(0, -1), withoutEnd(open)];
  }

  #become(kind: Mark["kind"], place: Place): void {
    this.#kind = kind;
    this.#place = place;
    this.#more = undefined;
    this.#ready = false;
    if (kind === "command") this.#exit = undefined;
  }

  #restart({ row, at, alternate }: Place): void {
    const output: Output = { prompt: this.#prompts, from: { row, at }, ...(alternate && { alternate: true as const }) };
    const before = this.#open ? this.#outputs.slice(0, -1) : this.#outputs;
    // A shell that reads line by line makes several of one prompt of ours.
    this.#outputs = [...before.slice(this.#lineWise ? -mostOutputs : before.length), output];
  }

  #finish({ row, at, top, alternate }: Place): void {
    const open = this.#open;
    if (!open || open.to) return;
    const same = (open.alternate ?? false) === alternate;
    // A cursor above the start has gone home and written over what was there.
    const from = same && row >= open.from.row ? open.from : { row: top, at: 0 };
    const output: Output = {
      prompt: open.prompt,
      from,
      to: { row, at },
      ...(alternate && { alternate: true as const }),
    };
    this.#outputs = [...this.#outputs.slice(0, -1), output];
  }
}

/** Lines of one prompt whose outputs are kept. */
const mostOutputs = 100;

function withoutEnd({ to: _to, ...rest }: Output): Output {
  return rest;
}
