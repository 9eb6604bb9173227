import { setTimeout as delay } from "node:timers/promises";
import { ShardbridgeError } from "../errors.ts";
import type { Settings } from "../settings.ts";
import type { Receipt, ShardHost, ShardState } from "../shards/host.ts";
import { readCall } from "./arguments.ts";
import { callControl, controlSocket, runVerb, type Verb, type VerbRequest } from "./control.ts";
import { openPatiently } from "./patience.ts";
import { present, receiptCode } from "./present.ts";

/** How long a verb waits for an agent that is not ready, when no bot runs (milliseconds). */
const patience = 60_000;

/** Run one of the verbs and print what came of it. Resolves with the exit code; throws ShardbridgeError. */
export async function runCommand(verb: Verb, args: string[], settings: () => Settings, home: string): Promise<number> {
  const { request, json, watch } = await readCall(verb, args);
  if (watch) return (await import("./watch-list.ts")).watchList(controlSocket(home), json);
  const answered = (await callControl(controlSocket(home), verb, request)) ?? {
    result: await runAlone(verb, request, settings()),
  };
  process.stdout.write(`${json ? JSON.stringify(answered.result) : present(verb, answered.result)}\n`);
  return verb === "send" || verb === "cmd" ? receiptCode(answered.result as Receipt) : 0;
}

/** With no bot: open the state folder, do it, let go. */
async function runAlone(verb: Verb, request: unknown, settings: Settings): Promise<unknown> {
  // Loaded only here: a command that reaches the bot needs no terminals, no git.
  const { hostVerbs, openHost } = await import("./local.ts");
  await using parts = new AsyncDisposableStack();
  const store = parts.adopt(await openPatiently(settings.config.home), (open) => open.close());
  const host = parts.adopt(await openHost(settings, store), (open) => open.release());
  if (verb === "spawn") return await spawnAlone(host, request as VerbRequest<"spawn">);
  if (verb === "send" || verb === "cmd") {
    const { name, when = "queue" } = request as VerbRequest<"send">;
    await untilReady(host, name, when === "queue" ? ["starting", "working"] : ["starting"]);
  }
  return await runVerb(hostVerbs(host), verb, request);
}

/** Nobody would be here to type a first prompt later, so it is sent as soon as the agent is ready. */
async function spawnAlone(host: ShardHost, { prompt, ...request }: VerbRequest<"spawn">): Promise<unknown> {
  if (request.orchestrator)
    throw new ShardbridgeError("unavailable", "An orchestrator needs a running bot: start it with shardbridge start.");
  const shard = await host.spawn(request);
  if (prompt === undefined) return shard;
  await untilReady(host, shard.name, ["starting", "working"]);
  const receipt = await host.send({ name: shard.name, text: prompt, by: request.by });
  if (receiptCode(receipt) !== 0)
    throw new ShardbridgeError(
      receipt.outcome === "stalled" ? "stalled" : "refused",
      `${shard.name} runs, but its first prompt was ${receipt.outcome}: look with shardbridge read ${shard.name}.`,
    );
  return shard;
}

async function untilReady(host: ShardHost, name: string, busy: ShardState[]): Promise<void> {
  for (const end = Date.now() + patience; Date.now() < end; await delay(100)) {
    const shard = (await host.list()).find((candidate) => candidate.name === name);
    if (!shard || !busy.includes(shard.status.state)) return;
  }
}
