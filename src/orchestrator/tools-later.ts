import { z } from "zod";
import { ShardbridgeError } from "../errors.ts";
import { days, type Condition, type Schedule, type StandingTask } from "./orchestrator.ts";
import { tool } from "./tool.ts";
import { name } from "./tools-shards.ts";

export const stayingSilent = "stay_silent";

const instruction = z
  .string()
  .min(1)
  .max(4_000)
  .describe(
    'What you are to do then, for yourself to read: complete, with names, since you may remember little of today. E.g. "Tell api to rebase onto main and run the tests, then report here."',
  );
const until = z
  .enum(["done", "answer", "question", "end"])
  .describe(
    "done: its turn is over and nothing waits in its queue. answer: its next answer. question: it asks something. end: its agent has ended.",
  );
const says = z
  .string()
  .min(1)
  .max(200)
  .describe("Only an answer or question that has these very words in it; leave it out for any.")
  .optional();
const clock = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

const schedule = z.strictObject({
  instruction,
  in_minutes: z.number().min(1).max(527_040).describe("In so many minutes.").optional(),
  at: z
    .string()
    .regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d$/)
    .describe("At a local date and time, 2026-12-24T08:00, in the time zone of the context block.")
    .optional(),
  daily_at: clock.describe("Every day at this local time, 08:00.").optional(),
  days: z.array(z.enum(days)).min(1).describe("With daily_at: only on these days.").optional(),
  every_minutes: z.int().min(5).max(527_040).describe("Again and again, every so many minutes.").optional(),
});

/** Tools that leave things for later, to people, or unsaid. */
export const laterTools = [
  tool({
    name: "watch_shard",
    description:
      'Leave yourself a standing task: when something happens to one shard, do this. "When auth is done, tell api to rebase" is one. It is saved and run once. Prompt the shard first where you wait for what that brings. If the end of the wait is not yet what the person meant, watch again.',
    input: z.strictObject({ name, until, says, instruction }),
    says: (input) => `watches ${input.name}`,
    run: async ({ name: shard, until: what, says: words, instruction: then }, actions) =>
      waitResult(await actions.waitFor({ conditions: [{ shard, until: what, says: words }], instruction: then })),
  }),
  tool({
    name: "wait_for",
    description:
      "The same for several shards at once: when all the conditions have come true, or any with any=true, do this. Saved and run once.",
    input: z.strictObject({
      conditions: z
        .array(z.strictObject({ shard: name, until, says }))
        .min(1)
        .max(20),
      any: z.boolean().describe("true: one of them is enough.").optional(),
      instruction,
    }),
    says: ({ conditions }) => `waits for ${conditions.map(({ shard }) => shard).join(", ")}`,
    run: async ({ conditions, any, instruction: then }, actions) => {
      const wanted: Condition[] = conditions;
      return waitResult(await actions.waitFor({ conditions: wanted, any, instruction: then }));
    },
  }),
  tool({
    name: "schedule",
    description:
      "Leave yourself a standing task for a time: give exactly one of in_minutes, at, daily_at and every_minutes. Saved, and run once for each time; what was missed while the program was down is run once, late.",
    input: schedule,
    says: () => "planned a task",
    run: async (input, actions) => {
      const task = await actions.schedule({ when: scheduleOf(input), instruction: input.instruction });
      return { text: JSON.stringify({ saved: task }), outcome: `${task.id}, ${task.when}` };
    },
  }),
  tool({
    name: "cancel_task",
    description: "Drop a standing task of this thread, by its id in the context block.",
    input: z.strictObject({ id: z.string().min(1).max(20) }),
    says: (input) => `cancelled task ${input.id}`,
    run: async (input, actions) => ({
      text: JSON.stringify({ cancelled: await actions.cancelTask(input) }),
      outcome: "done",
    }),
  }),
  tool({
    name: "ask_human",
    description:
      "Ask the people in this thread, with a button for each option. End your turn after it: the choice, or what they write instead, comes as the next message.",
    input: z.strictObject({
      question: z.string().min(1).max(1_000),
      options: z.array(z.string().min(1).max(70)).min(2).max(8),
    }),
    says: () => "asked you",
    run: async (input, actions) => {
      await actions.askHuman(input);
      return { text: '{"outcome":"asked"} End your turn now; the choice comes as the next message.', outcome: "asked" };
    },
  }),
  tool({
    name: stayingSilent,
    description:
      "End a turn in which nobody has asked you anything, without a post. Use it whenever people have been told already and there is nothing to add or to do. Not for answering a person.",
    input: z.strictObject({}),
    says: () => "stayed silent",
    run: async () => ({ text: '{"outcome":"silent"}', outcome: "ok" }),
  }),
];

function waitResult(result: { task: StandingTask } | { already: string[] }): { text: string; outcome: string } {
  if ("task" in result) return { text: JSON.stringify({ saved: result.task }), outcome: `${result.task.id} saved` };
  const text = `${JSON.stringify({ already: result.already })} Nothing was saved: do it now.`;
  return { text, outcome: "already so" };
}

/** Throws what the model reads when it gave none or several. */
function scheduleOf(input: z.infer<typeof schedule>): Schedule {
  const given: Schedule[] = [
    ...(input.in_minutes === undefined ? [] : [{ in: input.in_minutes }]),
    ...(input.at === undefined ? [] : [{ at: input.at }]),
    ...(input.daily_at === undefined ? [] : [{ daily: input.daily_at, days: input.days }]),
    ...(input.every_minutes === undefined ? [] : [{ every: input.every_minutes }]),
  ];
  const [one, ...others] = given;
  if (one === undefined || others.length > 0)
    throw new ShardbridgeError("usage", "Give exactly one of in_minutes, at, daily_at and every_minutes.");
  return one;
}
