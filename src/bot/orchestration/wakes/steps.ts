import { z } from "zod";
import type { Post } from "../../../adapters/adapter.ts";
import { excerpt } from "../../posts/split.ts";
import type { Why } from "../reach.ts";

const name = z.string();
const maybe = z.exactOptional(z.string());

/** An act that the orchestrator wants and a person decides about: all that it takes to do it, as it is saved. */
export const stepSchema = z.discriminatedUnion("verb", [
  z.object({ verb: z.literal("destroy"), name }),
  z.object({ verb: z.literal("stop"), name }),
  z.object({
    verb: z.literal("answer"),
    name,
    question: z.string(),
    option: z.string(),
    label: z.string(),
    text: maybe,
  }),
  z.object({
    verb: z.literal("send"),
    name,
    text: z.string(),
    when: z.exactOptional(z.enum(["queue", "steer", "interrupt"])),
  }),
  z.object({
    verb: z.literal("spawn"),
    name,
    repo: maybe,
    agent: maybe,
    base: maybe,
    prompt: maybe,
    mode: z.exactOptional(z.enum(["ask", "edits", "all"])),
    here: z.exactOptional(z.boolean()),
    orchestrator: z.exactOptional(z.boolean()),
  }),
]);

export type Step = z.infer<typeof stepSchema>;

/** Label of the button that does it. */
export function labelOf(wanted: Step): string {
  switch (wanted.verb) {
    case "send":
      return "Send it";
    case "answer":
      return wanted.label;
    case "destroy":
    case "stop":
    case "spawn":
      return `${verbs[wanted.verb]} ${wanted.name}`;
  }
}

const verbs = { destroy: "Destroy", stop: "Stop", spawn: "Start" };

/** The step in a few words, for the orchestrator that is told what came of it. */
export function stepText(wanted: Step): string {
  switch (wanted.verb) {
    case "destroy":
      return `destroy ${wanted.name}`;
    case "stop":
      return `stop ${wanted.name}`;
    case "answer":
      return `answer ${wanted.name} with "${wanted.label}"`;
    case "send":
      return `prompt ${wanted.name} with "${excerpt(wanted.text, 200)}"`;
    case "spawn":
      return `start ${wanted.name}`;
  }
}

/** Reasons, as people are told them. */
const whys: Record<Why, string> = {
  "for good": "that can't be undone",
  woken: "it was woken, and nobody has asked for it",
  elsewhere: "that shard is not of this thread",
  orchestrator: "its agent would get the orchestrator's tools",
  shell: "what is typed there is run",
  approval: "that lets the agent do something",
  "own words": "the words are its own",
  unasked: "its agent does everything without asking",
  heard: "it has read what other shards have said before",
  outside: "that may go outside of the shard",
};

/**
 * The post that asks for a step, with the whole of it: `for` names whom the orchestrator acts for, `open` is the question that the step
 * answers.
 */
export function stepPost(
  wanted: Step,
  why: Why,
  who: string,
  open?: { text: string; detail: string },
): Post & { kind: "notice" | "question" } {
  const { name: shard } = wanted;
  const because = whys[why];
  switch (wanted.verb) {
    case "destroy": {
      const text = `The orchestrator would destroy ${shard} for ${who}: its agent, worktree and branch. Shall it?`;
      return { kind: "notice", text };
    }
    case "stop": {
      const text = `The orchestrator would stop the running turn of ${shard} for ${who}: ${because}. Shall it?`;
      return { kind: "notice", text };
    }
    case "answer": {
      const { label, text } = wanted;
      const question = `${open?.text ?? ""} (the orchestrator would answer: ${label})`;
      const parts = [open?.detail ?? "", ...(text === undefined ? [] : [`With these words:\n${text}`])];
      return asking(shard, question, parts);
    }
    case "send": {
      const something = why === "outside" ? "something that may go outside" : "something";
      const how = { queue: "", steer: ", into its running turn", interrupt: ", after stopping its running turn" };
      const question = `The orchestrator would tell ${shard}, for ${who}, ${something}${how[wanted.when ?? "queue"]}. Shall it? It asks because ${because}.`;
      return asking(shard, question, [wanted.text]);
    }
    case "spawn": {
      const { agent = "the default kind", prompt, repo, base, mode, here, orchestrator } = wanted;
      const facts = [
        `agent: ${agent}`,
        ...(repo === undefined ? [] : [`repo: ${repo}`]),
        ...(base === undefined ? [] : [`from: ${base}`]),
        ...(mode === undefined ? [] : [`mode: ${mode}`]),
        ...(here ? ["in this thread"] : []),
        ...(orchestrator ? ["with the orchestrator's tools"] : []),
      ];
      const question = `The orchestrator would start ${shard} for ${who}. Shall it? It asks because ${because}.`;
      return asking(shard, question, [facts.join("\n"), ...(prompt === undefined ? [] : [`First prompt:\n${prompt}`])]);
    }
  }
}

function asking(shard: string, question: string, parts: string[]): Post & { kind: "question" } {
  return { kind: "question", shard, question, detail: parts.filter((part) => part !== "").join("\n\n"), buttons: [] };
}
