import type { ErrorCode } from "../errors.ts";
import type { HolderAddress } from "../shards/lifecycle/holder-address.ts";
import { socketPath } from "../shards/process/places.ts";
import type { LineVerb } from "../verbs/types.ts";

// One JSON value a line: a call, and its answer. Older and newer programs speak it with each other, so that its words stay.

/** Asks where a shard's holder listens, for attach. */
export const addressWord = "door";
/** Calls one of the orchestrator's tools. */
export const toolWord = "tool";

/** Characters of a line that the bot takes, and of one that it answers with. A longer one ends the connection. */
export const maxCall = 16_000_000;
export const maxAnswer = 64_000_000;

/** One call: a verb, or one of these words, and what goes with it. */
export interface Call {
  verb: LineVerb | typeof addressWord | typeof toolWord;
  request: unknown;
}

/** The bot's answer to a call. */
export type Answer = { ok: true; result: unknown } | { ok: false; code: ErrorCode; message: string };

/** One of the orchestrator's tools, called from outside: with the rights of a tool token (`pass`), or else of whoever may open the socket. */
export interface ToolCall {
  name: string;
  args: unknown;
  pass?: string | undefined;
}

/** Result of a tool. */
export interface ToolAnswer {
  text: string;
  failed: boolean;
}

/** Finds where a shard's holder listens. Throws ShardbridgeError as the verbs do. */
export type FindAddress = (name: string) => HolderAddress;

/** Throws ShardbridgeError when there is no such tool, or the token is good for nothing. */
export type RunTool = (call: ToolCall) => Promise<ToolAnswer>;

/** The control socket of a state folder. */
export function controlSocket(home: string): string {
  return socketPath(home, "control.sock");
}
