import type {
  BetaContentBlockParam,
  BetaToolResultBlockParam,
} from "@anthropic-ai/sdk/resources/beta/messages/messages";
import { capped } from "./shard-text.ts";

/** One message as it is saved and sent; it never carries a cache breakpoint when saved. */
export interface Message {
  role: "user" | "assistant";
  content: BetaContentBlockParam[];
}

/**
 * One question to the model with all that came of it: the person's message first, then steps (the model's message and the results of
 * its tools), the answer last. Pure functions here keep such lists acceptable to the API: every tool_use is followed by its result.
 */
export type Turn = Message[];

const interruptedResult =
  "Unknown: the program was restarted while this ran, so it may have taken effect or not. Look before you repeat it.";
const interruptedTurn = "(This turn was interrupted before an answer.)";
const leftOutSteps = "(Earlier steps of this turn were left out.)";
const oldResult = 600;

/**
 * A turn that is over, however it ended: calls without a result get one that says so, and a turn without an answer gets a note.
 * Thinking goes, because the API refuses it as soon as anything before it, the model or the system prompt has changed.
 */
export function closed(turn: Turn): Turn {
  const messages = mended(turn);
  if (messages.at(-1)?.role === "user")
    messages.push({ role: "assistant", content: [{ type: "text", text: interruptedTurn }] });
  return messages;
}

/** A turn that goes on after a restart: calls that may have run, and have no result, get one that says so. */
export function mended(turn: Turn): Turn {
  return withoutThinking(turn).flatMap((message, index): Message[] => {
    const missing = unanswered(message, turn[index + 1]);
    return missing.length === 0 ? [message] : [message, { role: "user", content: missing }];
  });
}

/** Characters of all messages as they are sent: about four to a token. */
export function sizeOf(turns: Turn[]): number {
  return turns.reduce((sum, turn) => sum + JSON.stringify(turn).length, 0);
}

/**
 * The same turns when they fit into `budget` characters; otherwise about half of it, so that what is left stays the same (and cached)
 * for many turns: old tool results are shortened first, then the oldest turns go, then the oldest steps of the last turn.
 */
export function fitted(turns: Turn[], budget: number): Turn[] {
  if (sizeOf(turns) <= budget) return turns;
  const target = budget / 2;
  const last = turns.length - 1;
  let kept = turns.map((turn, index) =>
    shortened(withoutThinking(turn), index === last ? turn.length - 1 : turn.length, oldResult),
  );
  while (kept.length > 1 && sizeOf(kept) > target) kept = kept.slice(1);
  if (sizeOf(kept) <= budget) return kept;
  const [only = []] = kept;
  const fewer = withoutOldSteps(only, target);
  const results = fewer.flatMap(({ content }) => content).filter(({ type }) => type === "tool_result").length;
  return [
    sizeOf([fewer]) <= budget ? fewer : shortened(fewer, fewer.length, Math.floor(target / 4 / Math.max(1, results))),
  ];
}

/** All messages as they are sent, with a cache breakpoint at the end of the last two of the user's: this request's end and the last one's. */
export function sent(turns: Turn[]): Message[] {
  const messages = turns.flat();
  const marked = new Set(
    messages
      .map((message, index) => (message.role === "user" ? index : -1))
      .filter((index) => index >= 0)
      .slice(-2),
  );
  return messages.map((message, index) => (marked.has(index) ? withBreakpoint(message) : message));
}

function withBreakpoint({ role, content }: Message): Message {
  const at = content.length - 1;
  const block = (found: BetaContentBlockParam, index: number): BetaContentBlockParam =>
    index === at && (found.type === "text" || found.type === "tool_result")
      ? { ...found, cache_control: { type: "ephemeral" } }
      : found;
  return { role, content: content.map(block) };
}

function unanswered(message: Message, next: Message | undefined): BetaToolResultBlockParam[] {
  if (message.role !== "assistant") return [];
  const answered = new Set(
    next?.content.map((block) => (block.type === "tool_result" ? block.tool_use_id : undefined)),
  );
  return message.content
    .filter((block) => block.type === "tool_use")
    .filter(({ id }) => !answered.has(id))
    .map(({ id }) => ({ type: "tool_result", tool_use_id: id, content: interruptedResult, is_error: true }));
}

function withoutThinking(turn: Turn): Turn {
  return turn.map(({ role, content }) => {
    const rest = content.filter(({ type }) => type !== "thinking" && type !== "redacted_thinking");
    return { role, content: rest.length === 0 ? [{ type: "text", text: "(No text.)" }] : rest };
  });
}

/** Caps the tool results in the first `until` messages. */
function shortened(turn: Turn, until: number, limit: number): Turn {
  const cap = (block: BetaContentBlockParam): BetaContentBlockParam =>
    block.type === "tool_result" && typeof block.content === "string"
      ? { ...block, content: capped(block.content, limit) }
      : block;
  return turn.map((message, index) =>
    index < until ? { role: message.role, content: message.content.map(cap) } : message,
  );
}

function withoutOldSteps([asked, ...rest]: Turn, target: number): Turn {
  if (asked === undefined) return [];
  const steps: Message[][] = [];
  for (const message of rest) {
    const step = steps.at(-1);
    if (message.role === "assistant" || step === undefined) steps.push([message]);
    else step.push(message);
  }
  const all = steps.length;
  const note: BetaContentBlockParam = { type: "text", text: leftOutSteps };
  const noted: Message = { role: "user", content: [...asked.content.filter((block) => !isNote(block)), note] };
  while (steps.length > 1 && sizeOf([[noted, ...steps.flat()]]) > target) steps.shift();
  return [steps.length < all ? noted : asked, ...steps.flat()];
}

function isNote(block: BetaContentBlockParam): boolean {
  return block.type === "text" && block.text === leftOutSteps;
}
