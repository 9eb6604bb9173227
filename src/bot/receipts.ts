import type { Button, Post } from "../adapters/adapter.ts";
import type { Question, Receipt } from "../shards/host.ts";

/** What became of a send, in one honest line, with what is needed to go on. */
export function receiptPost(shard: string, receipt: Receipt): Post {
  switch (receipt.outcome) {
    case "submitted":
      return { kind: "notice", text: `submitted to ${shard}` };
    case "queued":
      return { kind: "notice", text: `queued as #${receipt.position}: ${shard} is busy` };
    case "stalled":
      return { kind: "terminal", text: receipt.screen, title: `stalled: typed into ${shard}, which did not react` };
    case "refused": {
      const { question, reason } = receipt;
      if (!question) return { kind: "notice", tone: "error", text: `refused: ${reason}` };
      return { ...questionPost(shard, question), question: `refused: ${reason}\n${question.text}` };
    }
  }
}

/** A question with a button for each option; a button's value is `shard/question/option`. */
export function questionPost(shard: string, { id, text, detail, options }: Question): Post & { kind: "question" } {
  const buttons = options.map(({ key, label }): Button => ({
    label: label === "" ? key : label,
    action: "answer",
    value: `${shard}/${id}/${key}`,
  }));
  return { kind: "question", shard, question: text, detail, buttons };
}
