import type { WakeEvent } from "../../../orchestrator/orchestrator.ts";
import type { ShardEvent } from "../../../shards/events.ts";
import { numberedOptions, type Trouble } from "../../../shards/host.ts";
import { isOnBehalf } from "./owners.ts";

/** Characters of an agent's text that are kept with an event. */
const longest = 8_000;

export type News = Omit<WakeEvent, "told" | "instruction">;

/** News in an event for whoever is responsible for the shard; undefined for nothing to act on. */
export function newsOf(event: ShardEvent): News | undefined {
  const { shard, at } = event;
  const news = (id: string, what: string, part?: string, text = ""): News => {
    const output = part !== undefined && text.trim() !== "" ? { output: { shard, part, text: shortened(text) } } : {};
    return { id, at, what: `shard ${shard} ${what}`, ...output };
  };
  switch (event.type) {
    case "answer":
      if (event.cut && event.text.trim() === "") return undefined;
      return news(event.id, `has finished turn ${event.turn}`, "answer", event.text);
    case "question": {
      const { kind, text, detail, options } = event.question;
      const lines = [text, detail, ...numberedOptions(options)];
      const what = kind === "approval" ? "waits for an approval" : "asks a question";
      return news(event.id, what, `open ${kind}`, lines.filter((line) => line !== "").join("\n"));
    }
    case "attention":
      return news(event.id, "shows something that no rule can read: a person has to look", "screen", event.screen);
    case "receipt":
      return receiptNews(event, news);
    case "exited": {
      const how = { closed: "was closed", left: "has ended by itself", crashed: "has crashed" }[event.how];
      const again = event.looping ? " again and again, and is left alone" : "";
      const code = event.exit.signal === undefined ? `code ${event.exit.code}` : `signal ${event.exit.signal}`;
      return news(event.id, `has ended: its agent ${how}${again} (${code})`, "last lines", event.tail);
    }
    case "state":
      if (event.status.state !== "lost") return undefined;
      return news(`lost/${shard}/${event.status.since}`, `is lost: its holder is gone`);
    case "destroyed":
      return news(event.id, "was destroyed");
    case "flood":
      return news(event.id, event.why);
    case "trouble":
      return news(event.id, "can't go on", event.trouble.kind, troubleText(event.trouble));
    case "missing":
      return news(event.id, "has no worktree any more: somebody removed its folder");
    case "found":
      return news(event.id, "is not lost: its holder answers again");
    case "setup":
      if (event.outcome !== "failed") return undefined;
      return news(event.id, "works in a worktree whose setup failed", "setup", event.text);
    case "output":
    case "keyboard":
    case "question-closed":
      return undefined;
  }
}

/**
 * Whether an event is the business of the orchestrator that owns the shard. A turn that a person drives is not, and neither is the end that
 * a person has brought about.
 */
export function concernsOwner(event: ShardEvent): boolean {
  switch (event.type) {
    case "answer":
      return isOnBehalf(event.by);
    case "question":
      return event.by === undefined || isOnBehalf(event.by);
    case "receipt":
      return isOnBehalf(event.by) && event.receipt.outcome !== "submitted" && event.receipt.outcome !== "queued";
    case "exited":
      return event.how !== "closed";
    case "attention":
    case "flood":
    case "trouble":
    case "missing":
    case "found":
    case "setup":
      return true;
    case "state":
      return event.status.state === "lost";
    case "destroyed":
    case "output":
    case "keyboard":
    case "question-closed":
      return false;
  }
}

function troubleText({ text, until }: Trouble): string {
  return until === undefined ? text : `${text}\nIt ends at: ${until}`;
}

function receiptNews(
  { id, receipt, text }: ShardEvent & { type: "receipt" },
  news: (id: string, what: string, part?: string, text?: string) => News,
): News | undefined {
  switch (receipt.outcome) {
    case "submitted":
    case "queued":
      return undefined;
    case "stalled":
      return news(id, "does not react to a prompt that had waited", "screen", receipt.screen);
    case "refused":
      return news(id, "could not be given a prompt that had waited", "prompt", text);
  }
}

/** Cut a text to its beginning and its end: the end tells more. */
function shortened(text: string): string {
  if (text.length <= longest) return text;
  const head = Math.floor(longest / 4);
  return `${text.slice(0, head)}\n…\n${text.slice(head - longest)}`.toWellFormed();
}
