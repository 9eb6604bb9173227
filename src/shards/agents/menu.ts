import { createHash } from "node:crypto";
import type { Question, QuestionOption } from "../host.ts";
import { questionIn } from "./question-text.ts";

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
 * That no input box is on the screen must be found out by the kind: a numbered list may stand in an answer or in a prompt.
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
}

interface MenuOption {
  number: number;
  label: string;
  /** Rows of explanation below the label. */
  notes: string[];
}

/** The last menu in the rows. `pointer` is the glyph that marks the chosen option. Boxes around the dialog don't matter. */
export function findMenu(rows: readonly string[], pointer: string): Menu | undefined {
  const plain = rows.map(unframed);
  const end = plain.findLastIndex((row) => row !== "");
  for (let first = end; first >= Math.max(0, end - tallest); first--) {
    const menu = menuAt(plain, first, end, pointer);
    if (menu) return menu;
  }
  return undefined;
}

/** What a dialog says, as rows above its options. The question is the last paragraph with a question mark, or the first where `first` is set. */
export function menuQuestion(menu: Menu, above: readonly string[], first = false): Question {
  const hinted = menu.options.filter(({ label }) => !elsewhere.test(label));
  const options = hinted.map(({ number, label }) => withReason(option(number, label)));
  const { text, detail } = questionIn(above, first);
  const notes = hinted.filter((item) => item.notes.length > 0);
  const explained = notes.map((item) => `${option(item.number, item.label).label}: ${item.notes.join(" ")}`);
  const toggles = hinted.some(({ label }) => /^\[.\]/.test(label));
  if (toggles) options.push({ key: submitKey, label: "Submit" });
  return asQuestion(text, [...detail, ...(explained.length > 0 ? ["", ...explained] : [])].join("\n"), options);
}

/** Whoever denies can say why; one that ends the agent has nobody to say it to. */
function withReason(option: QuestionOption): QuestionOption {
  return denies.test(option.label) ? { ...option, takes: "reason" } : option;
}

/** A question with its kind and its fingerprint. */
export function asQuestion(text: string, detail: string, options: QuestionOption[]): Question {
  const kind = options.some(({ label }) => approves.test(label)) ? "approval" : "question";
  const whole = JSON.stringify([text, detail.trim(), options]);
  const id = createHash("sha256").update(whole).digest("hex").slice(0, 16);
  return { id, kind, text, detail: detail.trim(), options };
}

/**
 * Keys that choose an option: a digit acts at once in most dialogs, and where it does not, Enter follows. A letter or Esc is what the
 * dialog itself offers. In a list with check marks a digit toggles, and Tab leads to its end. A digit leads to a field for own words.
 */
export function menuKeys(question: Question, option: string): string[] {
  const chosen = question.options.find(({ key }) => key === option);
  if (chosen?.takes === "answer" || /^\[.\]/.test(chosen?.label ?? "")) return [option];
  if (option === "esc") return ["\u001B"];
  if (option === submitKey) return ["\t", "\r"];
  return /^\d+$/.test(option) ? [option, "\r"] : [option];
}

/** A row without the box around it. */
export function unframed(row: string): string {
  return row.replace(/^[\s│┃]+/, "").replace(/[\s│┃]+$/, "");
}

/** The option's key where codex and gemini write it behind the label: "Yes, proceed (y)", "No, suggest changes (esc)". */
const hint = /\s+\((?<key>[a-z]|esc|shift\+tab)\)$/;
const optionRow = /^(?<mark>\S+\s+)?(?<number>\d{1,2})\.\s+(?<label>\S.*)$/;
const helpRow =
  /\b(?:enter|esc|escape)\b.*\b(?:confirm|select|cancel|continue|submit|navigate|dismiss|back|amend)\b|↑\/?↓ /i;
/** Options that ask for text of one's own. */
const ownWords = /^(?:Type something|Enter a custom value|Type your own answer|Other$)/;
/** Options that lead away from the question, and fields in a list with check marks, which no digit leads to. */
const elsewhere = /^(?:Chat about this|\[.\] (?:Type something|Enter a custom value|Type your own answer|Other$))/;
const denies = /^(?:no|don't|deny|reject|cancel)\b(?!.*\b(?:exit|quit|trust)\b)/i;
const approves = /^(?:yes|no|allow|approve|accept|deny|reject|trust|don't|proceed|continue|confirm|cancel)\b/i;
const submitKey = "submit";

/** Rows that a menu with its help may be high, and rows that may stand below it. */
const tallest = 60;
const tail = 12;
function menuAt(plain: readonly string[], first: number, end: number, pointer: string): Menu | undefined {
  const options: MenuOption[] = [];
  let last = first;
  let pointed: number | undefined;
  /** Rows right below an option explain it. */
  let below = first;
  for (let row = first; row <= end; row++) {
    const text = plain[row] ?? "";
    const found = optionRow.exec(text)?.groups;
    const marked = text.startsWith(pointer) || text.startsWith("(checked)");
    const known = found?.["mark"] === undefined || marked;
    if (found && known && Number(found["number"]) === options.length + 1) {
      if (marked) pointed ??= options.length;
      // Codex puts the explanation into the row, in a column of its own.
      const [label = "", ...notes] = (found["label"] ?? "").split(/ {2,}/);
      options.push({ number: options.length + 1, label, notes });
      last = row;
      below = row + 1;
    } else if (row === first || marked) return undefined;
    else if (row === below && /[\p{L}\p{N}]/u.test(text) && !helpRow.test(text)) {
      options.at(-1)?.notes.push(text);
      below++;
    }
  }
  const help = helpRow.test(plain[end] ?? "") && end > last;
  const rest = plain.slice(last + 1, end + 1).filter((row) => row !== "").length;
  if (options.length < 2 || rest > tail || !(pointed !== undefined || help)) return undefined;
  return { first, last, options, pointed, help };
}

/** Claude for screen readers puts the explanation into the row: "1. Red — A warm colour". */
function option(number: number, label: string): QuestionOption {
  const key = hint.exec(label)?.groups?.["key"];
  const short = label.replace(hint, "").replace(/ — .*$| [✔✓]$/, "");
  const own = ownWords.test(label) ? { takes: "answer" as const } : {};
  return { key: key && key !== "shift+tab" ? key : String(number), label: short, ...own };
}
