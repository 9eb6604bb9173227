import { z } from "zod";
import { shardNamePattern } from "../shards/host.ts";
import { oneLine } from "./shard-text.ts";
import { tool } from "./tool.ts";
import { askedText, receiptText, summary } from "./tool-results.ts";

export const name = z
  .string()
  .regex(shardNamePattern)
  .describe("The shard's name: lower-case letters, digits and dashes.");
const text = z.string().min(1).max(20_000);

// `describe` comes before `optional`: the other way round the description moves away from its type in the JSON schema.
const spawn = z.strictObject({
  name: name.describe(
    "A new name that says what the shard is for, e.g. auth or api-refactor: lower-case letters, digits and dashes, at most 40.",
  ),
  repo: z.string().describe("A known repo's name. Leave it out where there is only one.").optional(),
  agent: z
    .string()
    .describe("An agent kind by its name alone, never a command line. Leave it out for the default kind.")
    .optional(),
  base: z.string().describe("Branch or commit to start from. Leave it out for the repo's default branch.").optional(),
  prompt: text
    .describe("The first prompt, typed as soon as the agent is ready: the whole task, in full sentences.")
    .optional(),
  here: z
    .boolean()
    .describe("true binds the shard to this thread. Otherwise it gets a thread of its own, as people mostly want.")
    .optional(),
  orchestrator: z
    .boolean()
    .describe("true gives its agent these tools, to work other shards with. Only when a person asks for just that.")
    .optional(),
});

const send = z.strictObject({
  name,
  text: text.describe("What is typed into the agent, as the person would say it to the agent."),
  when: z
    .enum(["steer", "interrupt"])
    .describe(
      "For an agent that works: steer types into its running turn, interrupt stops that turn first; only when the person wants that. Otherwise the prompt waits for the turn's end.",
    )
    .optional(),
});

const answer = z.strictObject({
  name,
  option: z.string().min(1).describe("Key or label of the option."),
  text: z.string().describe("Words that go with it, where the option takes some.").optional(),
});

/** Tools that act on shards. */
export const shardTools = [
  tool({
    name: "spawn_shard",
    description:
      "Start a shard: a new git worktree on a branch of its own with a coding agent in it. Returns as soon as the agent's process runs. Call it several times in one turn to start shards side by side.",
    input: spawn,
    says: (input) => `started ${input.name}`,
    wants: (input) => `start ${input.name}`,
    shard: (input) => input.name,
    run: async (input, actions) => {
      const started = await actions.spawn(input);
      if ("outcome" in started) return askedText(started, actions.wakes);
      return { text: JSON.stringify(summary(started)), outcome: started.status.state };
    },
  }),
  tool({
    name: "send_to_shard",
    description:
      "Type a prompt into a shard's agent and submit it. Returns a receipt (submitted, queued, refused or stalled), never the agent's answer: that wakes you.",
    apart:
      "Type a prompt into a shard's agent and submit it. Returns a receipt (submitted, queued, refused or stalled), never the agent's answer: wait_for_shard waits for that.",
    input: send,
    says: (input) => `asked ${input.name}: ${input.text}`,
    wants: (input) => `ask ${input.name}: ${input.text}`,
    shard: (input) => input.name,
    run: async (input, actions) => {
      const receipt = await actions.send(input);
      if (receipt.outcome === "asked_human") return askedText(receipt, actions.wakes);
      return { text: receiptText(input.name, receipt), outcome: receipt.outcome };
    },
  }),
  tool({
    name: "answer_shard",
    description:
      "Choose an option of the question that a shard's agent has open. For a question of the agent you may choose what the person has said, or what follows from it; an approval of something that it wants to do is a person's, who gets a button for it.",
    apart:
      "Choose an option of the question that a shard's agent has open: what your user has said, or what follows from it. Approve what the agent wants to do only when your user has asked for just that.",
    input: answer,
    says: (input) => `answered ${input.name}: ${input.option}`,
    wants: (input) => `answer ${input.name}: ${input.option}`,
    shard: (input) => input.name,
    run: async (input, actions) => {
      const done = await actions.answer(input);
      if (done.outcome === "asked_human") return askedText(done, actions.wakes);
      return { text: JSON.stringify({ ...done, option: oneLine(done.option, 200) }), outcome: "answered" };
    },
  }),
  tool({
    name: "stop_shard",
    description: "Interrupt the running turn of a shard's agent. What it has done stays; prompts that wait come next.",
    input: z.strictObject({ name }),
    says: (input) => `stopped ${input.name}`,
    wants: (input) => `stop ${input.name}`,
    shard: (input) => input.name,
    run: async (input, actions) => {
      const done = await actions.stop(input);
      if ("outcome" in done) return askedText(done, actions.wakes);
      return { text: JSON.stringify({ outcome: "stopped", ...done }), outcome: "stopped" };
    },
  }),
  tool({
    name: "destroy_shard",
    description:
      "End a shard's agent and remove its worktree and branch, for good. Only when the person has clearly asked for just that. Fails when work would be lost; a person can then force it, you can't.",
    input: z.strictObject({ name }),
    says: (input) => `destroyed ${input.name}`,
    wants: (input) => `destroy ${input.name}`,
    shard: (input) => input.name,
    run: async (input, actions) => {
      const done = await actions.destroy(input);
      if ("outcome" in done) return askedText(done, actions.wakes);
      return { text: JSON.stringify(done), outcome: "done" };
    },
  }),
];
