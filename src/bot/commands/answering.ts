import { ShardbridgeError } from "../../errors.ts";
import type { QuestionOption, ShardHost } from "../../shards/host.ts";

/** An answer as a person gives it: `option` is a key or the words of a label, `text` what goes with it. */
export interface GivenAnswer {
  name: string;
  option: string;
  text?: string | undefined;
  /** Id of the question, whose option is then a key; the open one where it is not given. */
  question?: string | undefined;
  /** See `AnswerRequest.secret`. */
  secret?: boolean | undefined;
}

/** Answer a shard's question. Throws ShardbridgeError "refused" when it asks nothing, "usage" for what is none of its options. */
export async function giveAnswer(
  host: Pick<ShardHost, "read" | "answer">,
  { name, option, text, question, secret }: GivenAnswer,
  by: string | undefined,
): Promise<void> {
  if (question !== undefined) return host.answer({ name, question, option, text, secret, by });
  const open = (await host.read({ name, lines: 1 })).question;
  if (!open) throw new ShardbridgeError("refused", `Shard ${name} asks nothing now.`);
  const hidden = open.options.find(({ takes }) => takes === "secret");
  if (secret && hidden) return host.answer({ name, question: open.id, option: hidden.key, text, secret, by });
  if (hidden) throw notInChat(name);
  const chosen = choose(open.options, option.trim(), text?.trim() ?? "");
  await host.answer({ name, question: open.id, by, ...chosen });
}

/** A secret was said, or is about to be, where others read it. It names nothing of what was said. */
export function notInChat(name: string): ShardbridgeError {
  const ways = `press its button, type it in shardbridge attach ${name}, or run shardbridge answer ${name}`;
  return new ShardbridgeError(
    "usage",
    `${name} asks for a secret, which is never typed in a chat: ${ways}. If you have said it here, delete that and change it.`,
  );
}

/**
 * The option that was meant, and the words for it. A number counts the options in their order, whatever their keys are. A label of several
 * words need not be in quotes, so `text` may be its end.
 */
export function choose(options: QuestionOption[], word: string, text: string): { option: string; text?: string } {
  const place = /^(?<number>\d{1,2})(?<rest>[\s:,.)].*)?$/s.exec(word)?.groups;
  const counted = options[Number(place?.["number"] ?? 0) - 1];
  if (counted) {
    const rest = (place?.["rest"] ?? "").replace(/^[\s:,.)]+/, "");
    return checked(counted, [rest, text].filter((part) => part !== "").join(" "));
  }
  const whole = text === "" ? word : `${word} ${text}`;
  const label = named(options, whole);
  if (label) return checked(label, "");
  const [begun] = options
    .flatMap((option) => [option.key, option.label].map((start) => ({ option, start })))
    .filter(({ start }) => start !== "" && beginsWith(whole, start))
    .sort((a, b) => b.start.length - a.start.length);
  if (begun) return checked(begun.option, whole.slice(begun.start.length).replace(/^[\s:,]+/, ""));
  const found = text === "" ? undefined : named(options, word);
  if (found) return checked(found, text);
  const offered = options.map(({ label }, index) => `${index + 1} (${label})`).join(", ");
  throw new ShardbridgeError("usage", `That is none of the options. They are ${offered}.`);
}

function checked({ key, label, takes }: QuestionOption, text: string): { option: string; text?: string } {
  if (text !== "" && takes === undefined)
    throw new ShardbridgeError("usage", `The option "${label}" takes no words: leave them out.`);
  if (text === "" && (takes === "answer" || takes === "secret"))
    throw new ShardbridgeError("usage", `The option "${label}" wants words of yours: put them after it.`);
  return { option: key, ...(text !== "" && { text }) };
}

/** The option with this key or label, or the only one whose label begins like this. */
function named(options: QuestionOption[], typed: string): QuestionOption | undefined {
  const wanted = typed.toLowerCase();
  const exact = options.find(({ key, label }) => key.toLowerCase() === wanted || label.toLowerCase() === wanted);
  const [only, ...others] = options.filter(({ label }) => label.toLowerCase().startsWith(wanted));
  return exact ?? (wanted !== "" && others.length === 0 ? only : undefined);
}

/** Whether a line begins with a word or words, and goes on after them. */
function beginsWith(line: string, start: string): boolean {
  return line.toLowerCase().startsWith(start.toLowerCase()) && /^[\s:,]/.test(line.slice(start.length));
}
