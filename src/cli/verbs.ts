import { userInfo } from "node:os";
import { text } from "node:stream/consumers";
import { setTimeout as delay } from "node:timers/promises";
import { parseArgs } from "node:util";
import { ShardbridgeError } from "../errors.ts";
import type { Settings } from "../settings.ts";
import type { Receipt, ShardHost } from "../shards/host.ts";
import { Store } from "../store/store.ts";
import { callControl, controlSocket, runVerb, type Verb, type VerbRequest } from "./control.ts";
import { present, receiptCode } from "./present.ts";

/** How long a verb waits for the state folder, and for an agent that is not ready, when no bot runs (milliseconds). */
const patience = { locked: 10_000, busy: 60_000 };

const options = {
  json: { type: "boolean" },
  agent: { type: "string" },
  repo: { type: "string" },
  base: { type: "string" },
  lines: { type: "string" },
  force: { type: "boolean" },
} as const;

const allowed: Record<Verb, readonly (keyof typeof options)[]> = {
  list: [],
  spawn: ["agent", "repo", "base"],
  send: [],
  read: ["lines"],
  destroy: ["force"],
};

/** Run one of the verbs and print what came of it. Resolves with the exit code; throws ShardbridgeError. */
export async function runCommand(verb: Verb, args: string[], settings: () => Settings, home: string): Promise<number> {
  const { request, json } = await parse(verb, args);
  const answered = (await callControl(controlSocket(home), verb, request)) ?? {
    result: await runAlone(verb, request, settings()),
  };
  process.stdout.write(`${json ? JSON.stringify(answered.result) : present(verb, answered.result)}\n`);
  return verb === "send" ? receiptCode(answered.result as Receipt) : 0;
}

async function parse<V extends Verb>(verb: V, args: string[]): Promise<{ request: VerbRequest<V>; json: boolean }> {
  const { values, positionals } = readArguments(args);
  for (const name of Object.keys(values) as (keyof typeof options)[]) {
    if (name !== "json" && !allowed[verb].includes(name)) throw wrong(`${verb} takes no --${name}`);
  }
  const [name, ...words] = positionals;
  if (verb !== "list" && name === undefined) throw wrong(`${verb} needs the name of a shard`);
  if ((verb === "list" ? positionals : words).length > 0 && verb !== "spawn" && verb !== "send")
    throw wrong(`${verb} does not take "${words.join(" ") || name}"`);
  const said =
    words.length === 1 && words[0] === "-" ? (await text(process.stdin)).replace(/\n$/, "") : words.join(" ");
  const by = userInfo().username;
  const requests: { [K in Verb]: () => VerbRequest<K> } = {
    list: () => ({}),
    spawn: () => ({
      name: name ?? "",
      by,
      ...pick(values, ["agent", "repo", "base"]),
      ...(said === "" ? {} : { prompt: said }),
    }),
    send: () => {
      if (said === "") throw wrong("send needs a text");
      return { name: name ?? "", text: said, by };
    },
    read: () => ({ name: name ?? "", ...(values.lines === undefined ? {} : { lines: lineCount(values.lines) }) }),
    destroy: () => ({ name: name ?? "", ...(values.force ? { force: true } : {}) }),
  };
  return { request: requests[verb](), json: values.json === true };
}

function readArguments(args: string[]) {
  try {
    return parseArgs({ args, options, allowPositionals: true });
  } catch (error) {
    throw new ShardbridgeError("usage", `${(error as Error).message} See shardbridge help.`, { cause: error });
  }
}

function pick<K extends string>(values: Partial<Record<K, string>>, names: K[]): Partial<Record<K, string>> {
  return Object.fromEntries(
    names.flatMap((name) => (values[name] === undefined ? [] : [[name, values[name]]])),
  ) as Partial<Record<K, string>>;
}

function lineCount(value: string): number {
  const lines = Number(value);
  if (!Number.isInteger(lines) || lines < 1 || lines > 500) throw wrong("--lines takes a whole number from 1 to 500");
  return lines;
}

function wrong(what: string): ShardbridgeError {
  return new ShardbridgeError("usage", `${what}; see shardbridge help.`);
}

/** With no bot: open the state folder, do it, let go. */
async function runAlone(verb: Verb, request: unknown, settings: Settings): Promise<unknown> {
  // Loaded only here: a command that reaches the bot needs no terminals, no git.
  const { openHost } = await import("./local.ts");
  await using parts = new AsyncDisposableStack();
  const store = parts.adopt(await openPatiently(settings.config.home), (open) => open.close());
  const host = parts.adopt(await openHost(settings, store), (open) => open.release());
  if (verb === "spawn") return await spawnAlone(host, request as VerbRequest<"spawn">);
  if (verb === "send") await untilReady(host, (request as VerbRequest<"send">).name);
  return await runVerb(host, verb, request);
}

/** Nobody would be here to type a first prompt later, so it is sent as soon as the agent is ready. */
async function spawnAlone(host: ShardHost, { prompt, ...request }: VerbRequest<"spawn">): Promise<unknown> {
  const shard = await host.spawn(request);
  if (prompt === undefined) return shard;
  await untilReady(host, shard.name);
  const receipt = await host.send({ name: shard.name, text: prompt, by: request.by });
  if (receiptCode(receipt) !== 0)
    throw new ShardbridgeError(
      receipt.outcome === "stalled" ? "stalled" : "refused",
      `${shard.name} runs, but its first prompt was ${receipt.outcome}: look with shardbridge read ${shard.name}.`,
    );
  return shard;
}

async function untilReady(host: ShardHost, name: string): Promise<void> {
  for (const end = Date.now() + patience.busy; Date.now() < end; await delay(100)) {
    const shard = (await host.list()).find((candidate) => candidate.name === name);
    if (shard?.status.state !== "starting" && shard?.status.state !== "working") return;
  }
}

/** Another command may have the folder for a moment. */
async function openPatiently(home: string): Promise<Store> {
  for (const end = Date.now() + patience.locked; ; await delay(100)) {
    try {
      return await Store.open(home);
    } catch (error) {
      if (!(error instanceof ShardbridgeError && error.code === "locked") || Date.now() > end) throw error;
    }
  }
}
