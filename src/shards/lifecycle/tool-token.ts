import { randomBytes, timingSafeEqual } from "node:crypto";
import { join } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import type { AgentKind, ToolServer } from "../agents/agent.ts";
import type { LocalHostOptions } from "./host-context.ts";
import type { ShardRecord } from "../saved/records.ts";
import type { Shard } from "../shard.ts";

/** File of the shard's folder. */
const tokenFile = "pass.json";

export function newToolToken(): string {
  return randomBytes(32).toString("hex");
}

/** The living shard whose agent has this tool token. */
export function shardOfToken(secret: string, shards: readonly Shard[]): string | undefined {
  const given = Buffer.from(secret);
  const bears = ({ store, status }: Shard) => {
    const token = Buffer.from(store.record.pass ?? "");
    const same = token.length > 0 && token.length === given.length && timingSafeEqual(token, given);
    return same && status.state !== "exited" && status.state !== "lost";
  };
  return shards.find(bears)?.name;
}

/** Throws ShardbridgeError "usage" where an agent of this kind can't have the orchestrator's tools. */
export function requireTools({ title, orchestrates }: AgentKind, { tools }: LocalHostOptions): void {
  if (orchestrates && tools) return;
  const why = orchestrates ? "there are none here" : `${title} can't be given any`;
  throw new ShardbridgeError("usage", `An orchestrator needs tools, and ${why}: use claude, codex or opencode.`);
}

/** How the agent starts the server of its tools, and the file with the tool token that this shows; nothing for a shard without one. */
export function toolsOf(
  { pass, folder }: ShardRecord,
  { tools }: LocalHostOptions,
): { server: ToolServer; files: Record<string, string> } | undefined {
  if (pass === undefined || !tools) return undefined;
  const [command, ...args] = tools.command;
  const content = JSON.stringify({ socket: tools.socket, secret: pass, turn: false });
  return { server: { command, args: [...args, "--pass", join(folder, tokenFile)] }, files: { [tokenFile]: content } };
}
