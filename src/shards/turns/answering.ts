import { ShardbridgeError } from "../../errors.ts";
import { hygienic } from "../agents/encode.ts";
import { switched } from "../agents/dialogs/menu-rows.ts";
import { chooseOption, closes, closesWithin, nextKeyAfter, stillOpen } from "./choosing.ts";
import type { AnswerRequest, Question, QuestionOption } from "../host.ts";
import { livingLink, writeKeys } from "./keys.ts";
import type { Link } from "../link.ts";
import type { ShardContext } from "../shard-context.ts";
import { quietBeforeEnter, typeText } from "./typing.ts";

/**
 * See `ShardHost.answer`. Throws "refused" when that question is not open, "usage" for an unknown option, or for words that are missing
 * or not wanted, "stalled" when it is still open, or when its pointer does not go to the option: then nothing was chosen.
 */
export async function answerQuestion(shard: ShardContext, request: AnswerRequest): Promise<void> {
  await shard.alone(async () => {
    const link = livingLink(shard);
    const question = openQuestion(shard, link, request.question);
    const option = chosenOption(question, request.option);
    if (option.takes === "secret") {
      const secret = secretIn(shard, request);
      refuseEcho(shard, link);
      shard.questions.answering(option.label, request.by);
      await enterSecret(shard, link, question, option, secret);
      await shard.questions.close();
      // The next secret may be asked for without a word.
      shard.look();
      return;
    }
    const words = hygienic(request.text ?? "").trim();
    requireWords(option, words);
    const { by } = request;
    shard.questions.answering(option.takes === "answer" ? words : switched(option.label), by);
    try {
      if (option.takes === "answer") await answerInWords(shard, link, question, option, words);
      else await chooseOption(shard, link, question, option);
    } catch (error) {
      shard.questions.answering(undefined, undefined);
      throw error;
    }
    if (option.takes === "reason" && !(await giveReason(shard, link, words)) && words !== "") {
      await sayNext(shard, words, by);
    }
    await shard.questions.close();
  });
}

function openQuestion(shard: ShardContext, { view }: Link, id: string): Question {
  const question = shard.kind.question(view);
  if (question?.id === id) return question;
  const instead = question ? `Another question is open now: ${question.text}` : "No question is open.";
  throw new ShardbridgeError("refused", `That question of ${shard.name} is not open any more. ${instead}`);
}

function chosenOption({ options }: Question, chosen: string): QuestionOption {
  const option = options.find(({ key }) => key === chosen);
  if (option) return option;
  const keys = options.map(({ key, label }) => `${key} (${label})`).join(", ");
  throw new ShardbridgeError("usage", `"${chosen}" is none of the options: ${keys}.`);
}

function requireWords({ label, takes }: QuestionOption, words: string): void {
  if (takes === "answer" && words === "") {
    throw new ShardbridgeError("usage", `"${label}" wants an answer in your own words: say your answer with it.`);
  }
  if (takes === undefined && words !== "") {
    throw new ShardbridgeError("usage", `"${label}" takes no words: choose it without, and send them after it.`);
  }
}

/** The secret as it was given, since a blank may be part of it. Throws "usage" for none, one with line breaks, and one from a chat. */
function secretIn({ name }: ShardContext, { text = "", secret }: AnswerRequest): string {
  const typed = text.replace(/\r?\n$/, "");
  if (!secret) throw new ShardbridgeError("usage", `${name} asks for a secret, which is never typed in a chat.`);
  if (typed === "") throw new ShardbridgeError("usage", "No secret was given, or it was not kept: enter it again.");
  if (/[\0-\x1f\x7f-\x9f]/.test(typed))
    throw new ShardbridgeError("usage", "A secret is one line, without control characters.");
  return typed;
}

/** A terminal in line mode with echo would show it, so that it would be in the shard's output. Throws "refused". */
function refuseEcho({ name }: ShardContext, { view: { tty } }: Link): void {
  if (!tty?.canonical || !tty.echo) return;
  const sentence = `${name} shows what is typed there, so that a secret would be kept and posted with what it prints: nothing was typed. Give it in a file or a variable, or where the program hides it.`;
  throw new ShardbridgeError("refused", sentence);
}

/** Type it, and Enter, once: what reads it may say nothing at all, and the next line may be the next secret. */
async function enterSecret(
  shard: ShardContext,
  link: Link,
  question: Question,
  { key }: QuestionOption,
  secret: string,
): Promise<void> {
  const { kind } = shard;
  await writeKeys(link, kind.answerKeys(question, key, link.view));
  const { bytes } = link.view;
  await link.write(secret);
  await link.until(() => link.ended, quietBeforeEnter);
  if (!link.ended) await link.write(kind.keys.submit);
  const gone = () => link.ended || link.view.bytes > bytes || kind.question(link.view)?.id !== question.id;
  await link.until(gone, kind.reactsWithin);
}

/** Words change the dialog that they are typed into, so that it is known by what it asks. */
async function answerInWords(
  shard: ShardContext,
  link: Link,
  question: Question,
  { key }: QuestionOption,
  words: string,
): Promise<void> {
  const { kind } = shard;
  const gone = () => {
    const open = kind.question(link.view);
    return link.ended || (open ? open.text !== question.text : kind.state(link.view)?.state !== "waiting");
  };
  await writeKeys(link, kind.answerKeys(question, key, link.view));
  await link.until(() => link.ended, nextKeyAfter);
  if (words !== "" && !link.ended) await typeText(link, kind, words);
  await link.until(() => link.ended, quietBeforeEnter);
  for (const patience of [kind.reactsWithin, closesWithin]) {
    if (!link.ended) await link.write(kind.keys.submit);
    if (await closes(link, gone, patience)) return;
  }
  throw stillOpen(shard, question);
}

/** Some agents ask for the reason of a denial in a dialog of its own: the words go there, or nothing but Enter. */
async function giveReason(shard: ShardContext, link: Link, words: string): Promise<boolean> {
  const { kind } = shard;
  const shown = () => link.ended || kind.question(link.view) !== undefined || kind.state(link.view) !== undefined;
  await link.until(shown, nextKeyAfter);
  const open = link.ended ? undefined : kind.question(link.view);
  const field = open?.kind === "approval" ? open.options.find(({ takes }) => takes === "answer") : undefined;
  if (!open || !field) return false;
  await answerInWords(shard, link, open, field, words);
  return true;
}

/** The denial has ended the turn: its reason is the next prompt, before those that wait already. */
async function sayNext({ store, kind }: ShardContext, words: string, by: string | undefined): Promise<void> {
  const turn = store.draft("queued", words, kind.encode(words, by), by);
  await store.save({ ...turn, ahead: true });
}
