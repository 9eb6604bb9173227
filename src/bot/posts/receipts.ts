import { signs, type Button, type Post } from "../../adapters/adapter.ts";
import { anywayButton } from "../delivery/retry-buttons.ts";
import { encodeButton } from "../delivery/button-action.ts";
import { decide, type Choice, type Deciding } from "./deciding.ts";
import { screenKeys } from "./screen-keys.ts";
import { excerpt } from "./split.ts";
import type { Destroyed, Question, Receipt } from "../../shards/host.ts";

type QuestionPost = Extract<Post, { kind: "question" }>;

/** Text that was sent, and the id of a prompt that is queued. */
interface Sent {
  text?: string | undefined;
  waiting?: number | undefined;
}

/** Outcome of a send, in one honest line, with what is needed to go on. */
export function receiptPost(shard: string, receipt: Receipt, { text: sent, waiting }: Sent = {}): Post {
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
      const { question, reason, screen } = receipt;
      if (!question && screen !== undefined) {
        const buttons = [...(sent === undefined ? [] : [anywayButton(shard, sent)]), ...keyButtons(shard, screen)];
        const question = `refused: ${reason}`;
        return decide({ kind: "question", shard, question, detail: shownScreen(screen), wide: true }, buttons);
      }
      if (!question) return { kind: "notice", tone: "error", text: `refused: ${reason}` };
      const asked = questionPost(shard, question);
      return { ...asked, detail: [`refused: ${reason}`, asked.detail].filter((text) => text !== "").join("\n\n") };
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

/** A question with a button for each option, counted as `answer` counts them, and one more for each that can be given a reason. */
export function questionPost(shard: string, { id, text, detail, options }: Question): Deciding<QuestionPost> {
  const buttons = options.flatMap(({ key, label: said, takes, chosen }, index): Choice[] => {
    const named = said === "" ? key : said;
    const label = options.length === 1 ? named : `${index + 1}. ${named}`;
    const button = {
      label: chosen ? `${label} (preselected)` : label,
      does: { action: "answer", shard, question: id, option: key } as const,
    };
    if (takes === "answer") return [{ ...button, label: ellipsis(label), asks: "Your answer" }];
    if (takes === "secret") return [{ ...button, label: ellipsis(label), asks: secretHeading, secret: true }];
    return takes === "reason" ? [button, { ...button, label: withReason(label), asks: "The reason" }] : [button];
  });
  return decide({ kind: "question", shard, question: text, detail }, buttons);
}

/** Reason for which a prompt is queued, and how many come before it. */
function whyQueued(shard: string, { position, starting, keyboard }: Extract<Receipt, { outcome: "queued" }>): string {
  const why =
    keyboard !== undefined
      ? `${keyboard} is at the keyboard of ${shard}`
      : `${shard} is ${starting ? "starting" : "busy"}`;
  return position > 1 ? `${why}, and ${position - 1} ${position === 2 ? "waits" : "wait"} before it` : why;
}

const secretHeading = "Typed at once, never saved or shown";

/** A screen without the many blank rows that it may have. */
export function shownScreen(screen: string): string {
  const rows = screen.split("\n").map((row) => row.trimEnd());
  return rows
    .join("\n")
    .replaceAll(/\n{3,}/g, "\n\n")
    .replace(/^\n+/, "")
    .trimEnd();
}

/** Keys for a screen that no rule can read, with what they would do there. */
export function keyButtons(shard: string, screen: string): Choice[] {
  return [
    ...screenKeys(screen).map(({ key, label }): Choice => ({ label, does: { action: "press", shard, keys: key } })),
    { label: "Keys…", does: { action: "press", shard }, asks: "Keys, such as: down down enter" },
  ];
}

function waitingButtons(shard: string, id: number): Button[] {
  return [
    { label: "Remove", ...encodeButton({ action: "unqueue", shard, prompt: id }) },
    { label: "Send now", ...encodeButton({ action: "send-now", shard, prompt: id }) },
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

/** Remains of a shard that was ended, in words; undefined when nothing is. */
export function survivorsText({ survivors, strays = [], problem }: Destroyed): string | undefined {
  const sentences = [
    ...(survivors.length > 0 ? [`these processes of it could not be ended: ${survivors.join(", ")}`] : []),
    ...(strays.length > 0
      ? [`these were at work in its worktree, may be of it, and run on: ${strays.join(", ")}`]
      : []),
    ...(problem === undefined ? [] : [`its teardown failed: ${problem}`]),
  ];
  return sentences.length > 0 ? sentences.join("; ") : undefined;
}
