import { z } from "zod";
import { ShardbridgeError } from "../errors.ts";
import { log, logBug } from "../log.ts";
import { allowedNow } from "./allowed.ts";
import type { ToolCall, TurnActions } from "./orchestrator.ts";
import { inert, oneLine } from "./shard-text.ts";

/** Result of a tool: the text for the model, and the outcome in a word or two for people. */
interface ToolResult {
  text: string;
  outcome: string;
  /** The act waits for a person, and is not done. */
  waits?: true;
}

/** One tool, whoever calls it. `Input` is what its schema makes of the arguments. */
export interface Tool<Input = never> {
  name: string;
  description: string;
  /** The description for a client that nothing wakes, and that asks nobody by a button, where it is another one. */
  apart?: string;
  input: z.ZodType<Input>;
  /** The act, for people: "asked auth to add tests". */
  says(input: Input): string;
  /** The same while it is not done, or where it can't be: "destroy auth". */
  wants?: ((input: Input) => string) | undefined;
  /** The shard that it is about, after which the result says what can be done with that now. */
  shard?: ((input: Input) => string) | undefined;
  run(input: Input, actions: TurnActions): Promise<ToolResult>;
}

/** A tool with its arguments not checked yet. */
export interface AnyTool {
  name: string;
  description: string;
  apart?: string;
  input: z.ZodType;
  /** Never rejects: what goes wrong is a text for the model too. `line` is for people. */
  call(args: unknown, actions: TurnActions): Promise<{ text: string; line: string; failed: boolean }>;
}

/** The tool as it is called. */
export function tool<Input>(definition: Tool<Input>): AnyTool {
  const { name, description, apart, input } = definition;
  const call: AnyTool["call"] = async (args, actions) => {
    const parsed = input.safeParse(args);
    log.debug("a tool is called", { tool: name, understood: parsed.success });
    const audit = (verdict: ToolCall["verdict"], about?: string) =>
      actions.audit?.({ tool: name, ...(about !== undefined && { shard: about }), verdict });
    if (!parsed.success) {
      audit("failed");
      return { text: parsed.error.message, line: `${name} · wrong arguments`, failed: true };
    }
    const said = oneLine(definition.says(parsed.data), 160);
    const wanted = oneLine((definition.wants ?? definition.says)(parsed.data), 160);
    const shard = definition.shard?.(parsed.data);
    try {
      const { text, outcome, waits } = await definition.run(parsed.data, actions);
      audit(waits ? "asked" : "allowed", shard);
      const line = `${waits ? wanted : said} · ${outcome}`;
      return { text: `${text}${await allowed(shard, actions)}`, line, failed: false };
    } catch (error) {
      const known = error instanceof ShardbridgeError;
      audit(known && error.code === "not_allowed" ? "denied" : "failed", shard);
      const text = known
        ? `${error.code}: ${inert(error.message)}`
        : `internal error ${logBug(error, `the tool ${name} failed`)}`;
      const outcome = known ? error.code.replaceAll("_", " ") : "failed";
      return { text: `${text}${await allowed(shard, actions)}`, line: `${wanted} · ${outcome}`, failed: true };
    }
  };
  return { name, description, ...(apart !== undefined && { apart }), input, call };
}

/** The JSON schema of a tool's arguments, with nothing in it by reference, which not every endpoint follows. */
export function schemaOf({ input }: AnyTool): Record<string, unknown> {
  const { $schema: _schema, ...schema } = z.toJSONSchema(input, { reused: "inline" });
  return schema;
}

async function allowed(shard: string | undefined, actions: TurnActions): Promise<string> {
  if (shard === undefined) return "";
  const shards = await actions.list().catch(() => []);
  const found = shards.find(({ name }) => name === shard);
  return `\nAllowed now: ${found ? allowedNow(found.status, actions).join(", ") : "spawn_shard, list_shards"}.`;
}
