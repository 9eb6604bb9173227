import { ShardbridgeError } from "../../errors.ts";
import type { Question, QuestionOption } from "../host.ts";
import type { Link } from "../link.ts";
import type { ShardContext } from "../shard-context.ts";

/** Milliseconds without output after which a dialog that is still there gets the next key: some act on the digit, some want Enter too. */
export const nextKeyAfter = 400;
/** One that has printed nothing since may not have got to the key yet, and the next one would go to the dialog after it. */
const silentKeyAfter = 3000;
/** Milliseconds until it is gone: Gemini starts itself again while the trust dialog stays on the screen, which took 3.4 s (measured). */
export const closesWithin = 10_000;
/** A dialog that is drawn again is gone for a moment. */
const goneFor = 250;
/** Milliseconds in which a pointer goes where an arrow leads it, in which it gets to the option, and for which it must stand there. */
const movesWithin = 500;
const pointsWithin = 1500;
const standsFor = 200;
/** Number of times that the pointer is led: some lists pass over rows that can't be chosen. */
const attempts = 3;

/**
 * Presses the keys that choose an option, and waits until the dialog is gone. Where the dialog shows its pointer, the key that chooses
 * what that is on is pressed only when it is seen to be on the option. Throws "stalled" when it is not, or when the dialog stays open.
 */
export async function chooseOption(
  shard: ShardContext,
  link: Link,
  question: Question,
  option: QuestionOption,
): Promise<void> {
  const { key } = option;
  const gone = () => link.ended || shard.kind.question(link.view)?.id !== question.id;
  const pointed = () => shard.kind.question(link.view)?.options.find(({ chosen }) => chosen)?.key;
  const shows = question.options.some(({ chosen }) => chosen);
  if (shows) await leadPointer(shard, link, question, option, gone, pointed);
  for (const [index, write] of shard.kind.answerKeys(question, key, link.view).entries()) {
    if (isArrow(write) ? shows : shows && index > 0 && pointed() !== undefined && pointed() !== key) {
      throw notPointed(shard, question, option);
    }
    const { bytes } = link.view;
    const drawnAgain = () => link.view.bytes > bytes && link.quiet >= nextKeyAfter;
    await link.write(write);
    await link.until(() => gone() || drawnAgain(), silentKeyAfter);
    if (gone()) break;
  }
  if (!(await closes(link, gone, closesWithin))) throw stillOpen(shard, question);
}

/** Whether a dialog is gone within so many milliseconds, and stays so. */
export async function closes(link: Link, gone: () => boolean, within: number): Promise<boolean> {
  const deadline = Date.now() + within;
  while (await link.until(gone, deadline - Date.now())) {
    if (link.ended || !(await link.until(() => !gone(), goneFor))) return true;
  }
  return false;
}

export function stillOpen({ name }: ShardContext, { text }: Question): ShardbridgeError {
  const sentence = `${name} does not react to the answer: "${text}" is still open. Look at its screen.`;
  return new ShardbridgeError("stalled", sentence);
}

/** Arrows lead the pointer to the option: as many as it takes by what is seen, and once more where it came to stand elsewhere. */
async function leadPointer(
  shard: ShardContext,
  link: Link,
  question: Question,
  { key }: QuestionOption,
  gone: () => boolean,
  pointed: () => string | undefined,
): Promise<void> {
  for (let attempt = 0; attempt < attempts && !gone(); attempt++) {
    const moves = shard.kind.answerKeys(question, key, link.view).filter(isArrow);
    if (moves.length === 0) return;
    for (const move of moves) {
      const { bytes } = link.view;
      await link.write(move);
      await link.until(() => link.ended || link.view.bytes > bytes, movesWithin);
    }
    await link.until(() => gone() || (pointed() === key && link.quiet >= standsFor), pointsWithin);
  }
}

function isArrow(key: string): boolean {
  return /^\u001B\[[A-D]$/.test(key);
}

function notPointed({ name }: ShardContext, { text }: Question, { label }: QuestionOption): ShardbridgeError {
  const sentence = `The pointer in the dialog of ${name} does not go to "${label}", so nothing was chosen: "${text}" is still open.`;
  return new ShardbridgeError("stalled", sentence);
}
