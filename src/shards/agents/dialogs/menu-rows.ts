/**
 * A dialog on the screen: numbered options in a run, one with a pointer before it, or a row that says which keys to press below.
 *
 *     Do you want to proceed?                     question: the paragraph with the question mark
 *     ❯ 1. Yes                                    pointer
 *       2. Yes, and always allow access to repo/
 *       3. No
 *
 *     Esc to cancel · Tab to amend                key help
 *
 * The kind must find out that no input box is on the screen: a numbered list may stand in an answer or in a prompt.
 */
export interface Menu {
  /** Index of the row of the first option, and of the last. */
  first: number;
  last: number;
  options: MenuOption[];
  /** Index of the option with the pointer. */
  pointed: number | undefined;
  /** Keys are explained in a row below the options, and that is the last row. */
  help: boolean;
  /** The row with the pointer. */
  keys: string;
  /** Its options have numbers on the screen; otherwise only the pointer leads to them. */
  numbered: boolean;
  /** Preview of the option with the pointer, in a box beside the options. */
  preview: string[];
}

export interface MenuOption {
  /** Counts from 1. */
  number: number;
  label: string;
  /** Rows of explanation below the label. */
  notes: string[];
}

/** A row below the options that says what keys do. */
export const helpRow =
  /\b(?:enter|return|esc|escape|space)\b.*\b(?:confirm|select|choose|pick|accept|approve|cancel|continue|submit|save|apply|open|view|toggle|navigate|dismiss|close|back|amend|exit|quit|skip)\b|[↑↓]\s?\/?\s?[↑↓]?(?: arrows?)? to |↑\/?↓ /i;

/** The lower edge of a box. */
export const closesBox = /^\s*[└╰╚┗][─━═]/;

/** Mark before a label that is switched by itself. */
export const check = /^(?:\[[ xX✔✓*]\]|[☐☑☒◯◉◻◼○]) ?/u;

/** Whether options have check marks, each of which is switched by itself. */
export function isChecked(label: string): boolean {
  return check.test(label);
}

/** The label of an option with its check mark the other way; one without a mark as it is. */
export function switched(label: string): string {
  const [, open = "", mark = "", close = ""] = /^(\[?)([ xX✔✓*☐☑☒◯◉◻◼○])(\]?)(?= |$)/u.exec(label) ?? [];
  const other = isChecked(label) ? marks[mark] : undefined;
  return other === undefined ? label : open + other + close + label.slice(open.length + mark.length + close.length);
}

const marks: Readonly<Record<string, string>> = {
  " ": "✔",
  x: " ",
  X: " ",
  "✔": " ",
  "✓": " ",
  "*": " ",
  "☐": "☑",
  "☑": "☐",
  "☒": "☐",
  "◯": "◉",
  "◉": "◯",
  "◻": "◼",
  "◼": "◻",
  "○": "◉",
};
