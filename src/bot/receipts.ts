import { signs, type Button, type Post } from "../adapters/adapter.ts";
import type { Question, Receipt } from "../shards/host.ts";
import { excerpt } from "./split.ts";

/** What became of a send, in one honest line, with what is needed to go on. `waiting`: id of the prompt that is queued. */
export function receiptPost(shard: string, receipt: Receipt, waiting?: number): Post {
  switch (receipt.outcome) {
    case "submitted":
      return submittedPost(shard, receipt);
    case "queued": {
      const id = waiting ?? receipt.id;
      // The number is what `unqueue` takes.
      const text = `${signs.queued} queued${id === undefined ? "" : ` as #${id}`}: ${whyQueued(shard, receipt)}`;
      return { kind: "notice", text, ...(waiting !== undefined && { buttons: waitingButtons(shard, waiting) }) };
    }
    case "stalled":
      return {
        kind: "terminal",
        text: receipt.screen,
        title: `stalled: typed into ${shard}, which did not react`,
        wide: true,
      };
    case "refused": {
      const { question, reason } = receipt;
      if (!question) return { kind: "notice", tone: "error", text: `refused: ${reason}` };
      return { ...questionPost(shard, question), question: `refused: ${reason}\n${question.text}` };
    }
  }
}

/** `text`: which prompt it was, where that is not plain. */
export function submittedPost(
  shard: string,
  { took }: Extract<Receipt, { outcome: "submitted" }>,
  text?: string,
): Post & { kind: "notice" } {
  const submitted = `submitted to ${shard}${text === undefined ? "" : `: ${excerpt(text, 80)}`}`;
  if (took === undefined) return { kind: "notice", text: submitted };
  return { kind: "notice", tone: "error", text: `${submitted}, but it took something else: ${excerpt(took, 300)}` };
}

/**
 * A question with a button for each option, counted as `answer` counts them, and one more for each that can be given a reason; a button's
 * value is `shard/question/option`.
 */
export function questionPost(shard: string, { id, text, detail, options }: Question): Post & { kind: "question" } {
  const buttons = options.flatMap(({ key, label: said, takes, chosen }, index): Button[] => {
    const named = said === "" ? key : said;
    const label = options.length === 1 ? named : `${index + 1}. ${named}`;
    const button = {
      label: chosen ? `${label} (preselected)` : label,
      action: "answer",
      value: `${shard}/${id}/${key}`,
    };
    if (takes === "answer") return [{ ...button, label: ellipsis(label), asks: "Your answer" }];
    if (takes === "secret") return [{ ...button, label: ellipsis(label), asks: secretHeading, secret: true }];
    return takes === "reason" ? [button, { ...button, label: withReason(label), asks: "The reason" }] : [button];
  });
  return { kind: "question", shard, question: text, detail, buttons };
}

/** What a queued prompt waits for, and how many come before it. */
function whyQueued(shard: string, { position, starting, keyboard }: Extract<Receipt, { outcome: "queued" }>): string {
  const why =
    keyboard !== undefined
      ? `${keyboard} is at the keyboard of ${shard}`
      : `${shard} is ${starting ? "starting" : "busy"}`;
  return position > 1 ? `${why}, and ${position - 1} ${position === 2 ? "waits" : "wait"} before it` : why;
}

const secretHeading = "Typed at once, never saved or shown";

function waitingButtons(shard: string, id: number): Button[] {
  return [
    { label: "Remove", action: "unqueue", value: `${shard}/${id}` },
    { label: "Send now", action: "send-now", value: `${shard}/${id}` },
  ];
}

/** "3. No, and tell it what to do instead (esc)" becomes "3. No, with a reason…". */
function withReason(label: string): string {
  const [start = ""] = label.split(/[,(:]/);
  return `${start.trim()}, with a reason…`;
}

function ellipsis(label: string): string {
  return `${label.replace(/[.…\s]+$/, "")}…`;
}
