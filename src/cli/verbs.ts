import { setTimeout as delay } from "node:timers/promises";
import { ShardbridgeError } from "../errors.ts";
import { inertJson } from "../inert.ts";
import type { Settings } from "../settings.ts";
import type { Receipt, ShardHost, ShardOutput, ShardState } from "../shards/host.ts";
import { readCall, type VerbCall } from "./arguments.ts";
import { callControl, listens } from "../control/client.ts";
import { controlSocket } from "../control/protocol.ts";
import type { LineVerb, VerbRequest } from "../verbs/types.ts";
import { outcomeCode, presentOutcome } from "./outcome.ts";
import { present, receiptCode } from "./present.ts";
import { print, printAside } from "./print.ts";
import { readSecret } from "./secret.ts";
import { outcomeOf, turnOf, type Ask } from "./waiting.ts";

/** Time that a verb waits for an agent that is not ready, when no bot runs (milliseconds). */
const patience = 60_000;

/**
 * Run one of the verbs, with the running bot or without one, and print what came of it. Resolves with the exit code; throws
 * ShardbridgeError.
 */
export async function runCommand(
  verb: LineVerb,
  args: string[],
  settings: () => Promise<Settings>,
  home: string,
): Promise<number> {
  const call = await readCall(verb, args);
  const socket = controlSocket(home);
  if (call.watch) return (await import("./watch-list.ts")).watchList(socket, call.json);
  if (await listens(socket)) return perform(verb, call, async (one, request) => asked(socket, one, request));
  return alone(await settings(), async (ask) => perform(verb, call, ask));
}

async function asked(socket: string, verb: LineVerb, request: unknown): Promise<unknown> {
  const answered = await callControl(socket, verb, request);
  if (answered) return answered.result;
  throw new ShardbridgeError("unavailable", "The bot has ended. Its shards go on; shardbridge list shows them.");
}

async function perform(verb: LineVerb, call: VerbCall<LineVerb>, ask: Ask): Promise<number> {
  const { json, wait } = call;
  const request = verb === "answer" ? await withSecret(call.request as VerbRequest<"answer">, ask) : call.request;
  if (verb === "wait") return await waited(request as VerbRequest<"wait">, undefined, call, ask);
  const result = await ask(verb, request);
  const receipt = verb === "send" || verb === "cmd" ? (result as Receipt) : undefined;
  if (receipt && wait && receiptCode(receipt) === 0)
    return await waited(request as VerbRequest<"send">, receipt, call, ask);
  const text = json ? inertJson(result) : present(verb, result);
  // The place of an answer is taken by nothing else.
  if (wait && !json) printAside(text);
  else print(text);
  return receipt ? receiptCode(receipt) : 0;
}

/** Print the answer of a turn and nothing else; why there is none goes to standard error. */
async function waited(
  request: VerbRequest<"wait"> | VerbRequest<"send">,
  receipt: Receipt | undefined,
  { json, wait }: VerbCall<LineVerb>,
  ask: Ask,
): Promise<number> {
  const { name } = request;
  const turn = receipt && "text" in request ? await turnOf(request, receipt, ask) : undefined;
  const outcome = await outcomeOf(name, turn, wait?.timeout, ask);
  const text = json ? inertJson(outcome) : present("wait", outcome);
  if (text !== "") print(text);
  const why = json ? undefined : presentOutcome(name, outcome);
  if (why !== undefined) printAside(`shardbridge: ${why}`);
  return outcomeCode(outcome);
}

/** An answer without an option, or with no more than its name, is the secret that the shard asks for. Throws "usage" where it asks for none. */
async function withSecret(given: VerbRequest<"answer">, ask: Ask): Promise<VerbRequest<"answer">> {
  const { name, option, text } = given;
  if (text !== undefined || !["", "secret"].includes(option)) return given;
  const { question } = (await ask("read", { name, lines: 1 })) as ShardOutput;
  const hidden = question?.options.find(({ takes }) => takes === "secret");
  if (question && hidden) {
    return { name, option: hidden.key, text: await readSecret(question.text), secret: true };
  }
  if (option !== "") return given;
  throw new ShardbridgeError("usage", "answer needs an option of the open question; see shardbridge help.");
}

/** With no bot: open the state folder, do it, let go. */
async function alone(settings: Settings, work: (ask: Ask) => Promise<number>): Promise<number> {
  // Loaded only here: a command that reaches the bot needs no terminals, no git.
  const { hostVerbs, openHost } = await import("../control/local.ts");
  const { runVerb } = await import("../control/server.ts");
  const { openPatiently } = await import("../control/patience.ts");
  const { redactionOf } = await import("../control/redaction.ts");
  const { shownData, shownError } = await import("../redaction/shown.ts");
  await using parts = new AsyncDisposableStack();
  const store = parts.adopt(await openPatiently(settings.config.home), (open) => open.close());
  const host = parts.adopt(await openHost(settings, store), (open) => open.release());
  const redaction = redactionOf(settings);
  redaction.learnFrom(host);
  const run: Ask = async (verb, request) => {
    if (verb === "spawn") return await spawnAlone(host, request as VerbRequest<"spawn">);
    if (verb === "send" || verb === "cmd") {
      const { name, when = "queue" } = request as VerbRequest<"send">;
      await untilReady(host, name, when === "queue" ? ["starting", "working"] : ["starting"]);
    }
    return await runVerb(hostVerbs(host), verb, request);
  };
  return await work(async (verb, request) => {
    try {
      return shownData(await run(verb, request), redaction.redact);
    } catch (error) {
      throw shownError(error, redaction.redact);
    }
  });
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
