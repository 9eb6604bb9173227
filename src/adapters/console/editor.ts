import { emitKeypressEvents, type Key } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { Draft } from "./draft.ts";
import type { History } from "./history.ts";
import type { Offer, PaperStreams } from "./paper.ts";
import { inert } from "./render.ts";

/** Milliseconds that a word may take to be completed. */
const patience = 1000;

export interface Typing {
  /** A message: one line, or several that were pasted. */
  line(text: string): void;
  /** Ctrl-C with nothing typed. */
  interrupt(): void;
  /** The input has ended, or Ctrl-D with nothing typed. */
  end(): void;
  /** The draft is to be drawn anew. */
  changed(): void;
  /** Ctrl-L. */
  clear(): void;
  offer(before: string): Promise<Offer>;
  /** More than one candidate is left. */
  offered(candidates: string[]): void;
}

/**
 * Makes lines of the keys of a terminal in raw mode. Node decodes the keys; its own line editor has one line only, makes a message of
 * each line that is pasted, and can't be drawn below output that comes meanwhile.
 */
export class Editor {
  readonly draft = new Draft();
  readonly #input: PaperStreams["input"];
  readonly #history: History;
  readonly #typing: Typing;
  /** Text that has been pasted so far, while that goes on. */
  #pasted: string[] | undefined;
  #last = "";
  /** Keys that came while a word is being completed. */
  #held: [text: string | undefined, key: Key][] | undefined;
  readonly #onKey = (text: string | undefined, key: Key) => this.#key(text, key);
  readonly #onEnd = () => this.#typing.end();

  constructor(input: PaperStreams["input"], history: History, typing: Typing) {
    this.#input = input;
    this.#history = history;
    this.#typing = typing;
  }

  open(): void {
    emitKeypressEvents(this.#input);
    this.#input.setRawMode?.(true);
    this.#input.on("keypress", this.#onKey);
    this.#input.on("end", this.#onEnd);
    this.#input.resume();
  }

  close(): void {
    this.#input.off("keypress", this.#onKey);
    this.#input.off("end", this.#onEnd);
    this.#input.setRawMode?.(false);
    this.#input.pause();
  }

  /** Keep what was typed for later. */
  remember(line: string): void {
    this.#history.add(line);
  }

  #key(text: string | undefined, key: Key): void {
    if (this.#held) return void this.#held.push([text, key]);
    const name = nameOf(key);
    if (name === "paste-start") this.#pasted = [];
    else if (name === "paste-end") this.#paste();
    else if (this.#pasted) this.#pasted.push(key.sequence ?? text ?? "");
    else this.#press(name, text);
    this.#last = name;
  }

  #paste(): void {
    const text = (this.#pasted ?? []).join("").replaceAll(/\r\n?/g, "\n");
    this.#pasted = undefined;
    this.draft.insert(inert(text));
    this.#typing.changed();
  }

  #press(name: string, text: string | undefined): void {
    const { draft } = this;
    switch (name) {
      // A line feed is Enter, too: what was typed before the terminal was raw comes with it.
      case "return":
      case "enter":
        return this.#enter();
      case "ctrl-c":
        if (draft.text === "") return this.#typing.interrupt();
        draft.set("");
        return this.#typing.changed();
      case "ctrl-l":
        return this.#typing.clear();
      case "tab":
        this.#held = [];
        return void this.#complete(this.#last === "tab").finally(() => this.#release());
      case "up":
      case "ctrl-p":
      case "down":
      case "ctrl-n":
        this.#up(name === "up" || name === "ctrl-p" ? -1 : 1);
        return this.#typing.changed();
      case "meta-return":
        draft.insert("\n");
        return this.#typing.changed();
    }
    if (name === "ctrl-d" && draft.text === "") return this.#typing.end();
    if (!draft.press(name)) {
      if (text === undefined || inert(text) !== text || /^(ctrl|meta)-/.test(name)) return;
      draft.insert(text);
    }
    this.#typing.changed();
  }

  #enter(): void {
    const { text } = this.draft;
    this.draft.set("");
    this.#typing.line(text);
  }

  #up(by: -1 | 1): void {
    if (this.draft.moveLine(by)) return;
    const line = this.#history.move(by, this.draft.text);
    if (line !== undefined) this.draft.set(line);
  }

  #release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const [text, key] of held) this.#key(text, key);
  }

  async #complete(again: boolean): Promise<void> {
    const { typed, candidates } = await within(patience, this.#typing.offer(this.draft.before));
    if (candidates.length === 0) return;
    const [only = "", ...others] = candidates;
    const begun = candidates.reduce(commonStart);
    const added = others.length === 0 ? `${only} ` : begun;
    if (added.length > typed.length && added.startsWith(typed)) this.draft.insert(added.slice(typed.length));
    if (others.length > 0 && (again || begun === typed)) this.#typing.offered(candidates);
    this.#typing.changed();
  }
}

/** Candidates that come in time, or none: nobody's keys wait for longer. */
async function within(milliseconds: number, offer: Promise<Offer>): Promise<Offer> {
  const late = new AbortController();
  const nothing = setTimeout(milliseconds, { typed: "", candidates: [] }, { signal: late.signal });
  try {
    return await Promise.race([offer, nothing]);
  } finally {
    // The timer that is not needed any more rejects.
    nothing.catch(() => undefined);
    late.abort();
  }
}

/** "left", "ctrl-a", "meta-b". */
function nameOf({ name = "", ctrl, meta }: Key): string {
  return `${ctrl === true ? "ctrl-" : ""}${meta === true ? "meta-" : ""}${name}`;
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
