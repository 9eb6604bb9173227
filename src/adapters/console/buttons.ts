import type { Button } from "../adapter.ts";

/** A button, and the thread that it was posted in. */
interface Numbered {
  button: Button;
  thread: string;
}

/** The numbers by which buttons are pressed. */
export class Buttons {
  readonly #numbered = new Map<number, Numbered>();

  /** The same button keeps its number, so that a card which is shown anew does not count up. */
  number(button: Button, thread: string): number {
    for (const [number, known] of this.#numbered) {
      const { action, value, asks } = known.button;
      if (action === button.action && value === button.value && asks === button.asks && known.thread === thread)
        return number;
    }
    const number = this.#numbered.size + 1;
    this.#numbered.set(number, { button, thread });
    return number;
  }

  get(number: number): Numbered | undefined {
    return this.#numbered.get(number);
  }

  /** Where the words of a secret begin in a line that presses a button with them: `/3 WORDS`. */
  secretAt(line: string): number | undefined {
    const [pressed, number] = /^\/(\d+)\s+/.exec(line) ?? [];
    return pressed !== undefined && this.get(Number(number))?.button.secret ? pressed.length : undefined;
  }
}

/** Fault in pressing a button like that; undefined for none. */
export function wrongPress(number: number, known: Numbered | undefined, words: string): string | undefined {
  if (!known) return `There is no button ${number}.`;
  const { asks } = known.button;
  if (asks !== undefined && words === "") return `Button ${number} wants words (${asks}): type /${number} SOME WORDS`;
  if (asks === undefined && words !== "") return `Button ${number} takes no words: type /${number} alone.`;
  return undefined;
}
