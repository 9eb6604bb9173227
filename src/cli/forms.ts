import { userInfo } from "node:os";
import { text } from "node:stream/consumers";
import { readKeys } from "../bot/commands/words.ts";
import type { FieldKind, VerbFacts } from "../verbs/facts.ts";
import { wrong, type Flags } from "./flags.ts";

/** Words and flags that were typed after a verb. */
export interface Typed<Values = Readonly<Record<string, string | true | undefined>>> {
  name: string;
  /** Words after the name. */
  words: string[];
  values: Values;
}

/** Form in which a verb is typed. */
export interface Form<Request = object> {
  flags: Flags;
  /** Most words that may follow the name. */
  most: number;
  request(given: Typed): Request | Promise<Request>;
}

/** The form of a verb that is typed as the table of verbs has it: its fields in their order, those that may be left out as flags. */
export function formOf(verb: string, { takes = {}, by }: VerbFacts): Form {
  const fields = Object.entries(takes).filter(([field]) => field !== "name");
  const typed = fields.filter(([field]) => !field.endsWith("?"));
  const flags = fields
    .filter(([field]) => field.endsWith("?"))
    .map(([field, kind]) => [field.slice(0, -1), kind] as const);
  const rest = typed.some(([, kind]) => kind === "text" || kind === "keys");
  return {
    flags: Object.fromEntries(flags.map(([flag, kind]) => [flag, { type: kind === "flag" ? "boolean" : "string" }])),
    most: rest ? Infinity : typed.length,
    request: async ({ name, words, values }) => {
      const request: Record<string, unknown> = "name" in takes ? { name } : {};
      for (const [index, [field, kind]] of typed.entries()) {
        const last = index === typed.length - 1;
        if (words.length <= index) throw wrong(`${verb} needs ${field.toUpperCase()}`);
        if (last && kind === "text") request[field] = await said(words.slice(index));
        else if (last && kind === "keys") request[field] = readKeys(words.slice(index).join(" "));
        else request[field] = valueOf(kind, words[index] ?? "", verb);
      }
      for (const [flag, kind] of flags) {
        const value = values[flag];
        if (value === undefined || (value === "" && kind === "text")) continue;
        request[flag] = value === true ? value : valueOf(kind, value, `--${flag}`);
      }
      return { ...request, ...(by === "given" && { by: userInfo().username }) };
    },
  };
}

/** @param taker the verb or flag that takes it, for the sentence that says what that is */
function valueOf(kind: FieldKind, word: string, taker: string): unknown {
  switch (kind) {
    case "text":
      return word;
    case "keys":
      return readKeys(word);
    case "flag":
      return true;
    case "number":
      return whole(word, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, `${taker} takes a whole number`);
    case "id":
      return whole(word, 1, 1_000_000_000, `${taker} takes an id as queue shows it`);
    case "mark":
      return whole(word, 0, Number.MAX_SAFE_INTEGER, `${taker} takes a mark of history`);
    case "seconds":
      return seconds(word, taker);
    default:
      if (!kind.includes(word)) throw wrong(`${taker} takes ${kind.join(", ")}`);
      return word;
  }
}

/** A text in one or several words; "-" is what stands on standard input. */
export async function said(words: string[]): Promise<string> {
  return words.length === 1 && words[0] === "-" ? (await text(process.stdin)).replace(/\n$/, "") : words.join(" ");
}

/** A whole number from `least` to `most`. Throws ShardbridgeError "usage" with the rule. */
export function whole(value: string, least: number, most: number, rule: string): number {
  const number = Number(value);
  if (value.trim() === "" || !Number.isInteger(number) || number < least || number > most) throw wrong(rule);
  return number;
}

/** Seconds, a week at most. Throws ShardbridgeError "usage". */
export function seconds(value: string, taker: string): number {
  const number = Number(value);
  if (value.trim() !== "" && number >= 0 && number <= mostSeconds) return number;
  throw wrong(`${taker} takes seconds, from 0 to ${mostSeconds}`);
}

/** A week. */
const mostSeconds = 604_800;
