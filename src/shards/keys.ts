import { ShardbridgeError } from "../errors.ts";
import type { AnswerRequest } from "./host.ts";
import type { Link } from "./link.ts";
import type { Shard } from "./shard.ts";

/** Milliseconds after which a dialog that is still there gets the next key: some act on the digit, some want Enter too. */
const nextKeyAfter = 400;
/** Milliseconds until it is gone: Gemini starts itself again while the trust dialog stays on the screen, which took 3.4 s (measured). */
const closesWithin = 10_000;
const keyGap = 100;

/** See `ShardHost.answer`. Throws "refused" when that question is not open, "usage" for an unknown option, "stalled" when it stays open. */
export async function answerQuestion(shard: Shard, { question: id, option, by }: AnswerRequest): Promise<void> {
  await shard.alone(async () => {
    const link = livingLink(shard);
    const open = () => shard.kind.question(link.view);
    const question = open();
    if (question?.id !== id) {
      const instead = question ? `Another question is open now: ${question.text}` : "No question is open.";
      throw new ShardbridgeError("refused", `That question of ${shard.name} is not open any more. ${instead}`);
    }
    const chosen = question.options.find(({ key }) => key === option);
    if (!chosen) {
      const keys = question.options.map(({ key, label }) => `${key} (${label})`).join(", ");
      throw new ShardbridgeError("usage", `"${option}" is none of the options: ${keys}.`);
    }
    const gone = () => link.ended || open()?.id !== id;
    shard.questions.answering(chosen.label, by);
    for (const key of shard.kind.answerKeys(question, option)) {
      await link.write(key);
      if (await link.until(gone, nextKeyAfter)) break;
    }
    if (!(await link.until(gone, closesWithin))) {
      throw new ShardbridgeError("stalled", `${shard.name} does not react to the answer: look at its screen.`);
    }
    await shard.questions.close();
  });
}

/** See `ShardHost.stop`. Throws "refused" when nothing runs. */
export async function interrupt(shard: Shard): Promise<void> {
  await shard.alone(async () => {
    const link = livingLink(shard);
    if (shard.status.state === "idle") {
      throw new ShardbridgeError("refused", `Nothing runs in ${shard.name}: there is nothing to stop.`);
    }
    for (const [index, key] of shard.kind.keys.interrupt.entries()) {
      if (index > 0) await link.until(() => link.ended, keyGap);
      if (!link.ended) await link.write(key);
    }
  });
}

function livingLink(shard: Shard): Link {
  const { link } = shard;
  if (link && !link.ended) return link;
  throw new ShardbridgeError("refused", shard.refusal()?.reason ?? `The agent of ${shard.name} has ended.`);
}
