import { createHash } from "node:crypto";
import type { Question, QuestionOption } from "../../host.ts";
import { helpRow, isChecked, type Menu, type MenuOption } from "./menu-rows.ts";
import { findList } from "./pointer-list.ts";
import { withoutPreview } from "./preview.ts";
import { questionIn } from "./question-text.ts";

/** The last numbered menu in the rows. `pointer` is the glyph that marks the chosen option. Boxes around the dialog don't matter. */
export function findMenu(rows: readonly string[], pointer: string): Menu | undefined {
  const { rows: left, preview } = withoutPreview(rows);
  const plain = left.map(unframed);
  const end = plain.findLastIndex((row) => row !== "");
  for (let first = end; first >= Math.max(0, end - tallest); first--) {
    const menu = menuAt(plain, first, end, pointer);
    if (menu) return { ...menu, options: preview.length > 0 ? menu.options.map(unwrapped) : menu.options, preview };
  }
  return undefined;
}

/** Beside a preview labels are wrapped, and nothing explains them. */
function unwrapped({ number, label, notes }: MenuOption): MenuOption {
  return { number, label: [label, ...notes].join(" "), notes: [] };
}

/**
 * The last menu in the rows, with numbers or without, that a glyph of these points into.
 * @param sure the glyphs that are never a prompt's, a quote's or a bullet's (see `findList`)
 */
export function findDialog(
  rows: readonly string[],
  pointers: readonly string[],
  sure: readonly string[] = [],
): Menu | undefined {
  const menus = pointers.map((pointer) => findMenu(rows, pointer)).filter((menu) => menu !== undefined);
  const numbered = menus.find(({ pointed }) => pointed !== undefined) ?? menus[0];
  const { rows: left, preview } = withoutPreview(rows);
  const list = findList(left, pointers, sure);
  if (!list || (numbered && numbered.last >= list.first)) return numbered;
  return { ...list, options: preview.length > 0 ? list.options.map(unwrapped) : list.options, preview };
}

/**
 * Text of a dialog, as rows above its options. The question is the last paragraph with a question mark, or the first where `first` is
 * set.
 */
export function menuQuestion(menu: Menu, above: readonly string[], first = false): Question {
  const hinted = offered(menu);
  const chosen = menu.pointed === undefined ? undefined : menu.options[menu.pointed];
  const options = hinted.map((item): QuestionOption => {
    const found = withReason(option(item.number, item.label));
    return item === chosen ? { ...found, chosen: true } : found;
  });
  const { text, detail } = questionIn(above, first);
  const notes = hinted.filter((item) => item.notes.length > 0);
  const explained = notes.map((item) => `${option(item.number, item.label).label}: ${item.notes.join(" ")}`);
  if (hinted.some(({ label }) => isChecked(label)) && (menu.numbered || submits.test(menu.keys)))
    options.push({ key: submitKey, label: "Submit" });
  const whole = [...detail, ...(explained.length > 0 ? ["", ...explained] : [])].join("\n");
  return withPreview(asQuestion(text, whole, options), menu.preview, chosen?.label);
}

/** The options that answer the question. */
function offered({ options }: Menu): MenuOption[] {
  return options.filter(({ label }) => !elsewhere.test(label));
}

/** The preview of one option belongs to the detail, and not to what the dialog is known by: it changes with the pointer. */
function withPreview(question: Question, preview: readonly string[], label: string | undefined): Question {
  if (preview.length === 0) return question;
  const shown = [`${label ?? "Preview"}:`, "", ...preview].join("\n").trimEnd();
  return { ...question, detail: question.detail === "" ? shown : `${question.detail}\n\n${shown}` };
}

/** Whoever denies can say why; one that ends the agent has nobody to say it to. */
function withReason(option: QuestionOption): QuestionOption {
  return denies.test(option.label) ? { ...option, takes: "reason" } : option;
}

/** A question with its kind and its fingerprint. One without words is called by its options. */
export function asQuestion(words: string, detail: string, options: QuestionOption[]): Question {
  const labels = options.slice(0, 4).map(({ label }) => label);
  const text = words === "" ? `${[...labels, ...(options.length > 4 ? ["…"] : [])].join(" / ")}?` : words;
  const approval =
    options.some(({ label }) => approves.test(label)) && options.every(({ takes }) => takes !== "secret");
  const kind = approval ? "approval" : "question";
  // Moving the pointer makes no other question.
  const fixed = options.map(({ key, label, takes }) => ({ key, label, ...(takes && { takes }) }));
  const whole = JSON.stringify([text, detail.trim(), fixed]);
  const id = createHash("sha256").update(whole).digest("hex").slice(0, 16);
  return { id, kind, text, detail: detail.trim(), options };
}

/**
 * Keys that choose an option: a digit acts at once in most dialogs, and where it does not, Enter follows. A letter or Esc is what the
 * dialog itself offers. In a list with check marks a digit toggles, and Tab leads to its end. A digit leads to a field for own words.
 * In a menu without numbers arrows lead from the pointer to the option.
 */
export function menuKeys(question: Question, option: string, menu?: Menu): string[] {
  const chosen = question.options.find(({ key }) => key === option);
  const to = menu?.options[Number(option) - 1];
  if (menu && !menu.numbered && to) {
    const steps = Number(option) - 1 - (menu.pointed ?? 0);
    const press = isChecked(to.label) && !togglesByEnter.test(menu.keys) ? " " : "\r";
    return [...arrows(steps), ...(chosen?.takes === "answer" ? [] : [press])];
  }
  if (chosen?.takes === "answer" || isChecked(chosen?.label ?? "")) return [option];
  if (option === submitKey) return menu && !menu.numbered ? ["\r"] : ["\t", "\r"];
  return /^\d+$/.test(option) ? [option, "\r"] : [namedKeys[option] ?? option];
}

/** Keys by which the pointer goes so many options down, or up. */
export function arrows(steps: number): string[] {
  return Array.from({ length: Math.abs(steps) }, () => (steps < 0 ? "\u001B[A" : "\u001B[B"));
}

const namedKeys: Readonly<Record<string, string>> = {
  esc: "\u001B",
  escape: "\u001B",
  enter: "\r",
  return: "\r",
  space: " ",
  tab: "\t",
};

/** A row without the box around it. */
export function unframed(row: string): string {
  return row.replace(/^[\s│┃║]+/, "").replace(/[\s│┃║]+$/, "");
}

/** The option's key where codex and gemini write it behind the label: "Yes, proceed (y)", "No, suggest changes (esc)". */
const hint = /\s+\((?<key>[a-z]|esc|shift\+tab)\)$/;
const optionRow = /^(?<mark>\S+\s+)?(?<number>\d{1,2})[.)]\s+(?<label>\S.*)$/;
/** Options that ask for text of one's own. */
const ownWords = /^(?:Type something|Enter a custom value|Type your own answer|Other$)/;
/** Options that lead away from the question, and fields in a list with check marks, which no digit leads to. */
const elsewhere = /^(?:Chat about this|\[.\] (?:Type something|Enter a custom value|Type your own answer|Other$))/;
const denies = /^(?:(?:no|don't|deny|reject)\b(?!.*\b(?:exit|quit|trust|recommended)\b)|cancel$)/i;
const approves = /^(?:yes|no|allow|approve|accept|deny|reject|trust|don't|proceed|continue|confirm|cancel)\b/i;
const submitKey = "submit";
/** Enter is for the whole list, and another key for each option. */
const submits = /\b(?:enter|return)\b(?: to)? (?:confirm|save|submit|continue|accept|apply|finish|done|proceed)\b/i;
const togglesByEnter = /\b(?:enter|return)\b(?: to)? (?:toggle|switch|check)\b/i;

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
  return { first, last, options, pointed, help, keys: help ? (plain[end] ?? "") : "", numbered: true, preview: [] };
}

/** Claude for screen readers puts the explanation into the row: "1. Red — A warm colour". */
function option(number: number, label: string): QuestionOption {
  const key = hint.exec(label)?.groups?.["key"];
  const short = label.replace(hint, "").replace(/ — .*$| [✔✓]$/, "");
  const own = ownWords.test(label) ? { takes: "answer" as const } : {};
  return { key: key && key !== "shift+tab" ? key : String(number), label: short, ...own };
}
