import { z } from "zod";
import { tool } from "./tool.ts";
import { diffText, historyText, outcomeText, outputText, overlapText, summary } from "./tool-results.ts";
import { allowedNow } from "./allowed.ts";
import { name } from "./tools-shards.ts";

/** Seconds that a wait takes at most: clients give up a call after a minute. */
const longestWait = 50;

/** For clients that nothing wakes. */
export const waitTool = tool({
  name: "wait_for_shard",
  description: `Wait until a shard's turn is over, at most ${longestWait} seconds, and return the whole answer; or what the agent asks, or that it has ended. Returns at once what is over already. Call it again where the time was up. Changes nothing.`,
  input: z.strictObject({
    name,
    turn: z.int().min(1).describe("The turn of a receipt. The shard's last one when left out.").optional(),
    seconds: z.number().min(0).max(longestWait).describe(`0 to ${longestWait}; 45 when left out.`).optional(),
  }),
  says: (input) => `waited for ${input.name}`,
  shard: (input) => input.name,
  run: async ({ name: shard, turn, seconds = 45 }, actions) => {
    const result = await actions.wait({ name: shard, turn, seconds });
    return { text: outcomeText(shard, result), outcome: result.outcome };
  },
});

/** Tools that only look. */
export const lookTools = [
  tool({
    name: "read_shard",
    description:
      "Read a shard's state, the last lines of its output and its open question, if it has one. Changes nothing.",
    input: z.strictObject({
      name,
      lines: z.int().min(1).max(500).describe("How many of the last lines, 1 to 500. 40 when left out.").optional(),
      tools: z
        .boolean()
        .describe("true lists the tool calls of the running or last turn instead of what was said.")
        .optional(),
    }),
    says: (input) => `read ${input.name}`,
    shard: (input) => input.name,
    run: async (input, actions) => {
      const output = await actions.read(input);
      return { text: outputText(output, input.tools), outcome: output.status.state };
    },
  }),
  tool({
    name: "list_shards",
    description: "List all shards with repo, agent, branch, state and queue. Changes nothing.",
    input: z.strictObject({}),
    says: () => "listed the shards",
    run: async (_input, actions) => {
      const shards = await actions.list();
      const lines = shards.map((shard) => ({ ...summary(shard), allowed: allowedNow(shard.status, actions) }));
      return { text: JSON.stringify(lines), outcome: String(shards.length) };
    },
  }),
  tool({
    name: "diff_shard",
    description:
      "What a shard has changed since it started, uncommitted work too: the files with their counts, and the patch, shortened. Changes nothing.",
    input: z.strictObject({ name }),
    says: (input) => `looked at the diff of ${input.name}`,
    shard: (input) => input.name,
    run: async (input, actions) => {
      const diff = await actions.diff(input);
      return { text: diffText(diff), outcome: diff.stat === "" ? "no changes" : "done" };
    },
  }),
  tool({
    name: "overlap",
    description:
      "Which shards of a repo have changed the same files, and what would conflict if two of them were merged as they are now. Merges in memory only. Look before you tell anybody to merge or rebase.",
    input: z.strictObject({ repo: z.string().describe("A repo's name; all when left out.").optional() }),
    says: () => "looked for conflicts",
    run: async (input, actions) => {
      const repos = await actions.overlap(input);
      const count = repos.reduce((sum, { conflicts }) => sum + conflicts.length, 0);
      return { text: overlapText(repos), outcome: count === 0 ? "none" : `${count} of pairs` };
    },
  }),
  tool({
    name: "shard_history",
    description:
      "What a shard has answered and asked, oldest first, after a mark; a result ends with the mark to go on from the next time. Use it rather than read_shard to learn what happened since you last looked.",
    input: z.strictObject({
      name,
      since: z.int().min(0).describe("The mark to start after; from the oldest kept when left out.").optional(),
    }),
    says: (input) => `read the history of ${input.name}`,
    shard: (input) => input.name,
    run: async (input, actions) => {
      const history = await actions.history(input);
      return { text: historyText(history), outcome: String(history.entries.length) };
    },
  }),
];
