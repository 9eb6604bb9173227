import { z } from "zod";
import type { ChatEvent, Post, PostRef, ThreadRef } from "../adapters/adapter.ts";

/** Schemas of the contracts' data, for records that have it in them. */
export const threadSchema: z.ZodType<ThreadRef> = z.object({
  platform: z.string(),
  space: z.string(),
  channel: z.string(),
  thread: z.string(),
});

/** Which shard a record is about, beside its name; see `ShardIdentity`. Absent where its host had none, or it was not known yet. */
export const identityFields = { shardId: z.exactOptional(z.string()), host: z.exactOptional(z.string()) };

export const placeSchema = z.object({
  platform: z.string(),
  space: z.string(),
  channel: z.string(),
  thread: z.exactOptional(z.string()),
  message: z.exactOptional(z.string()),
  direct: z.exactOptional(z.boolean()),
});

export const postRefSchema: z.ZodType<PostRef> = z.object({ thread: threadSchema, id: z.string(), at: z.string() });

const button = z.object({
  label: z.string(),
  action: z.string(),
  value: z.string(),
  asks: z.exactOptional(z.string()),
  secret: z.exactOptional(z.literal(true)),
  style: z.exactOptional(z.enum(["primary", "danger"])),
});

export const postSchema: z.ZodType<Post> = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("answer"),
    markdown: z.string(),
    shard: z.exactOptional(z.string()),
    calls: z.exactOptional(z.array(z.string())),
    live: z.exactOptional(z.literal(true)),
  }),
  z.object({
    kind: z.literal("terminal"),
    text: z.string(),
    title: z.exactOptional(z.string()),
    wide: z.exactOptional(z.literal(true)),
  }),
  z.object({
    kind: z.literal("card"),
    shard: z.string(),
    agent: z.string(),
    state: z.string(),
    why: z.string(),
    since: z.string(),
    tail: z.string(),
    buttons: z.array(button),
  }),
  z.object({
    kind: z.literal("question"),
    shard: z.string(),
    question: z.string(),
    detail: z.string(),
    buttons: z.array(button),
    settled: z.exactOptional(z.string()),
    quiet: z.exactOptional(z.literal(true)),
    wide: z.exactOptional(z.literal(true)),
  }),
  z.object({
    kind: z.literal("notice"),
    text: z.string(),
    tone: z.exactOptional(z.literal("error")),
    threads: z.exactOptional(z.array(z.object({ label: z.string(), thread: threadSchema }))),
    buttons: z.exactOptional(z.array(button)),
  }),
  z.object({ kind: z.literal("file"), name: z.string(), text: z.string(), note: z.string() }),
]);

const base = {
  id: z.string(),
  at: z.string(),
  place: placeSchema,
  by: z.object({
    id: z.string(),
    name: z.string(),
    roles: z.array(z.string()),
    outsider: z.exactOptional(z.enum(["bot", "guest", "external", "unknown"])),
  }),
  missed: z.exactOptional(z.boolean()),
};

const call = z.object({ verb: z.string(), options: z.record(z.string(), z.string()) });

export const eventSchema: z.ZodType<ChatEvent> = z.discriminatedUnion("type", [
  z.object({ ...base, type: z.literal("message"), text: z.string(), toBot: z.boolean() }),
  z.object({ ...base, type: z.literal("command"), command: z.union([z.string(), call]) }),
  z.object({
    ...base,
    type: z.literal("action"),
    action: z.string(),
    value: z.string(),
    text: z.exactOptional(z.string()),
    secret: z.exactOptional(z.literal(true)),
    post: z.exactOptional(postRefSchema),
  }),
  z.object({
    ...base,
    type: z.literal("completion"),
    field: z.enum(["shard", "repo", "agent", "thread"]),
    typed: z.string(),
  }),
  z.object({ ...base, type: z.literal("stop") }),
]);
