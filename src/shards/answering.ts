import { ShardbridgeError } from "../errors.ts";
import { hygienic } from "./agents/encode.ts";
import type { AnswerRequest, Question, QuestionOption } from "./host.ts";
import { livingLink, writeKeys } from "./keys.ts";
import type { Link } from "./link.ts";
import type { Shard } from "./shard.ts";
import { quietBeforeEnter, typeText } from "./typing.ts";

/** Milliseconds without output after which a dialog that is still there gets the next key: some act on the digit, some want Enter too. */
const nextKeyAfter = 400;
/** One that has printed nothing since may not have got to the key yet, and the next one would go to the dialog after it. */
const silentKeyAfter = 3000;
/** Milliseconds until it is gone: Gemini starts itself again while the trust dialog stays on the screen, which took 3.4 s (measured). */
const closesWithin = 10_000;

/**
 * See `ShardHost.answer`. Throws "refused" when that question is not open, "usage" for an unknown option, or for words that are missing
 * or not wanted, "stalled" when it stays open.
 */
export async function answerQuestion(shard: Shard, request: AnswerRequest): Promise<void> {
  await shard.alone(async () => {
    const link = livingLink(shard);
    const question = openQuestion(shard, link, request.question);
    const option = chosenOption(question, request.option);
    const words = hygienic(request.text ?? "").trim();
    requireWords(option, words);
    const { by } = request;
    if (option.takes === "answer") {
      shard.questions.answering(words, by);
      await answerInWords(shard, link, question, option, words);
    } else {
      shard.questions.answering(option.label, by);
      await choose(shard, link, question, option);
      const asked = option.takes === "reason" && (await giveReason(shard, link, words));
      if (words !== "" && !asked) await sayNext(shard, words, by);
    }
    await shard.questions.close();
  });
}

function openQuestion(shard: Shard, { view }: Link, id: string): Question {
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

async function choose(shard: Shard, link: Link, question: Question, { key }: QuestionOption): Promise<void> {
  const gone = () => link.ended || shard.kind.question(link.view)?.id !== question.id;
  for (const write of shard.kind.answerKeys(question, key, link.view)) {
    const { bytes } = link.view;
    const drawnAgain = () => link.view.bytes > bytes && link.quiet >= nextKeyAfter;
    await link.write(write);
    await link.until(() => gone() || drawnAgain(), silentKeyAfter);
    if (gone()) break;
  }
  if (!(await link.until(gone, closesWithin))) throw stalled(shard);
}

/** Words change the dialog that they are typed into, so that it is known by what it asks. */
async function answerInWords(
  shard: Shard,
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
    if (await link.until(gone, patience)) return;
  }
  throw stalled(shard);
}

/** Some agents ask for the reason of a denial in a dialog of its own: the words go there, or nothing but Enter. */
async function giveReason(shard: Shard, link: Link, words: string): Promise<boolean> {
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
async function sayNext({ book, kind }: Shard, words: string, by: string | undefined): Promise<void> {
  const turn = book.draft("queued", words, kind.encode(words, by), by);
  await book.save({ ...turn, ahead: true });
}

function stalled({ name }: Shard): ShardbridgeError {
  return new ShardbridgeError("stalled", `${name} does not react to the answer: look at its screen.`);
}
