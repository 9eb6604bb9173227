import type { Question, QuestionOption } from "../../host.ts";
import { asQuestion, unframed } from "./menu.ts";
import { agrees, refuses } from "./deciding.ts";
import { dialogAbove } from "./dialog-above.ts";
import { questionIn } from "./question-text.ts";

/**
 * Keys that decide at once, in a row or one below the other, each with what it does:
 *
 *     [y] Approve   [n] Deny            (a)ccept / (r)eject             Yes (y)  No (n)
 *     Overwrite it? [Y/n]               [Enter] Save · [Esc] Discard
 *
 * One of them agrees and one refuses: keys that a program shows for other things are none.
 */
export interface KeyRow {
  /** Index of the first row with a key, and of the last. */
  first: number;
  last: number;
  options: QuestionOption[];
  /** Text before the keys in their row. */
  lead: string;
}

/** Such keys in the last rows of the screen; help and the edge of a box may be below. */
export function findKeyRow(rows: readonly string[]): KeyRow | undefined {
  const plain = rows.map(unframed);
  const last = plain.findLastIndex((row, index) => row !== "" && !edge.test(rows[index] ?? "") && !help.test(row));
  const end = plain[last] ?? "";
  const inRow = keysIn(end) ?? choicesIn(end);
  if (inRow && decides(inRow.options)) return { first: last, last, ...inRow };
  const options: QuestionOption[] = [];
  let first = last + 1;
  while (first > 0) {
    const [option, ...others] = keysIn(plain[first - 1] ?? "", 1)?.options ?? [];
    if (!option || others.length > 0) break;
    options.unshift(option);
    first--;
  }
  return options.length > 1 && decides(options) ? { first, last, options, lead: "" } : undefined;
}

/** The question that such keys answer, with the rows above that belong to it. */
export function keyRowQuestion(rows: readonly string[]): Question | undefined {
  const found = findKeyRow(rows);
  if (!found) return undefined;
  const { first, options, lead } = found;
  const above = dialogAbove(rows, first);
  if (lead !== "") return asQuestion(lead, questionIn([...above, "", lead]).detail.join("\n"), options);
  const { text, detail } = questionIn(above);
  return asQuestion(text, detail.join("\n"), options);
}

const edge = /^\s*(?:[└╰╚┗][─━═]|[─━═▄▀╌▁]{5,})/;
const help = /^(?:(?:press|use) .*\b(?:key|arrow)s?\b.*|[↑↓←→/ ]+.*)$/i;
const keyName = String.raw`[a-z0-9]|esc|escape|enter|return|space|tab`;
const keyAt = new RegExp(String.raw`(?<open>[[(<])(?<key>${keyName})[\])>]`, "gi");
const between = /^[\s:=→–-]+|[\s|·•,;/]+(?:or\s*)?$|[\s.:?>]+$/gi;

/** A list of things to do with other keys does not ask. */
function decides(options: readonly QuestionOption[]): boolean {
  const keys = new Set(options.map(({ key }) => key));
  const says = (words: RegExp) => options.some(({ label }) => words.test(label));
  return options.length > 1 && keys.size === options.length && says(agrees) && says(refuses);
}

/** The keys in a row with their labels, which stand behind or before them; at least so many. */
function keysIn(row: string, least = 2): { options: QuestionOption[]; lead: string } | undefined {
  const found = [...row.matchAll(keyAt)];
  if (found.length < least) return undefined;
  const ends = found.map(({ index, 0: text }) => index + text.length);
  const keys = found.map(({ groups }) => groups?.["key"] ?? "");
  const start = found[0]?.index ?? 0;
  const after = found.map((_, index) => row.slice(ends[index], found[index + 1]?.index));
  const before = found.map(({ index }, place) => row.slice(place === 0 ? 0 : ends[place - 1], index));
  const behind = after.map((text, index) => wholeLabel(keys[index] ?? "", text));
  // "Approve this? [y] Yes [n] No": what stands before is the question.
  const lead = row.slice(0, start).trim();
  if (behind.every(isLabel) && (lead === "" || /[?:？：]$/.test(lead)))
    return { options: pairs(keys, behind, after), lead };
  const ahead = before.map((text) => text.replaceAll(between, "").trim());
  const rest = after.at(-1)?.replaceAll(between, "") ?? "";
  return rest === "" && ahead.every(isLabel) ? { options: pairs(keys, ahead, []), lead: "" } : undefined;
}

/** "[y] Approve" has a label of its own, of "[A]pprove" the key is a part. */
function wholeLabel(key: string, after: string): string {
  const label = after.replaceAll(between, "").trim();
  return /^[a-z]/.test(after) ? key + label : label;
}

function isLabel(text: string): boolean {
  return /^\p{L}/u.test(text) && text.length <= 60 && !/[[\]]/.test(text);
}

/** A letter that is a part of its word is written large for looks. */
function pairs(keys: readonly string[], labels: readonly string[], after: readonly string[]): QuestionOption[] {
  return keys.map((key, index) => {
    const part = /^[a-z]/.test(after[index] ?? "");
    return { key: part || key.length > 1 ? key.toLowerCase() : key, label: labels[index] ?? "" };
  });
}

const choices = /^(?<lead>.*\S)\s*[[(](?<keys>[a-z]+(?:\s?[/|,]\s?[a-z?]+)+)[\])]\s?[?:>]?$/i;
const names: Readonly<Record<string, string>> = { y: "Yes", n: "No", yes: "Yes", no: "No", a: "All", q: "Quit" };

/** "Overwrite it? [Y/n]": a large letter is what Enter means. */
function choicesIn(row: string): { options: QuestionOption[]; lead: string } | undefined {
  const { lead = "", keys = "" } = choices.exec(row)?.groups ?? {};
  const all = keys.split(/[/|,]/).map((key) => key.trim());
  const large = all.filter((key) => /^[A-Z]/.test(key));
  const options = all.map((key): QuestionOption => {
    const small = key.toLowerCase();
    return {
      key: small,
      label: names[small] ?? small,
      ...(large.length === 1 && large[0] === key && { chosen: true }),
    };
  });
  return lead === "" ? undefined : { options, lead };
}
