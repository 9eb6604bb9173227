import { z } from "zod";
import type { ThreadRef } from "../../../adapters/adapter.ts";
import { days, type Condition, type Schedule } from "../../../orchestrator/orchestrator.ts";
import { identityFields, threadSchema } from "../../records.ts";

const condition = z.object({
  shard: z.string(),
  ...identityFields,
  until: z.enum(["done", "answer", "question", "end"]),
  says: z.exactOptional(z.string()),
  /** Conditions that have come true, in words. */
  met: z.exactOptional(z.string()),
});

const schedule: z.ZodType<Schedule> = z.union([
  z.object({ in: z.number() }),
  z.object({ at: z.string() }),
  z.object({ daily: z.string(), days: z.exactOptional(z.array(z.enum(days))) }),
  z.object({ every: z.number() }),
]);

export const taskSchema = z.object({
  thread: threadSchema,
  /** Id and name of the person for whom it is. */
  by: z.string(),
  name: z.string(),
  instruction: z.string(),
  /** Automatic turns that led to it, one after the other. */
  hops: z.number(),
  /** The wait of the task: for conditions, or a time (milliseconds since 1970). */
  wait: z.exactOptional(z.object({ conditions: z.array(condition), any: z.boolean() })),
  plan: z.exactOptional(z.object({ schedule, next: z.number() })),
  /** The task was handed over, and only its record is left. */
  over: z.exactOptional(z.boolean()),
});

export type TaskRecord = z.infer<typeof taskSchema>;
export type WaitCondition = z.infer<typeof condition>;

/** In whose name, and where, something is promised. */
export interface Promiser {
  thread: ThreadRef;
  by: string;
  name: string;
  hops: number;
}

/** A condition in words. */
export function conditionText({ shard, until, says }: Condition): string {
  const what = { done: "is done", answer: "answers", question: "asks something", end: "has ended" }[until];
  return `${shard} ${what}${says === undefined ? "" : `, with "${says}"`}`;
}

/** Whether a text has these words in it, whatever its line breaks and capitals. */
export function hasWords(text: string, words: string | undefined): boolean {
  const plain = (any: string) => any.toLowerCase().replaceAll(/\s+/g, " ").trim();
  return words === undefined || plain(text).includes(plain(words));
}
