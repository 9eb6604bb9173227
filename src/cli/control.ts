import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import { exitCodes, messageOf, ShardbridgeError, type ErrorCode } from "../errors.ts";
import { logBug } from "../log.ts";
import type { Actions } from "../bot/actions.ts";
import { modes } from "../bot/command.ts";
import type { Door } from "../shards/door.ts";
import { socketPath } from "../shards/places.ts";

/** What the verbs of the command line are done with: the bot's actions, or a host alone. */
export type Verbs = Pick<
  Actions,
  | "list"
  | "spawn"
  | "send"
  | "command"
  | "queue"
  | "unqueue"
  | "read"
  | "screen"
  | "explain"
  | "answer"
  | "press"
  | "stop"
  | "close"
  | "resume"
  | "destroy"
>;

const name = z.string();
const by = z.string().optional();
const mode = z.enum(modes).optional();
const named = z.strictObject({ name });

/** The verbs of the command line: what each takes, and does. */
const table = {
  list: entry(z.strictObject({}), async (verbs) => verbs.list()),
  spawn: entry(
    z.strictObject({
      name,
      repo: z.string().optional(),
      agent: z.string().optional(),
      base: z.string().optional(),
      mode,
      prompt: z.string().optional(),
      orchestrator: z.boolean().optional(),
      by,
    }),
    async (verbs, request) => verbs.spawn(request),
  ),
  send: entry(
    z.strictObject({ name, text: z.string(), when: z.enum(["queue", "steer", "interrupt"]).optional(), by }),
    async (verbs, request) => verbs.send(request),
  ),
  cmd: entry(z.strictObject({ name, text: z.string() }), async (verbs, request) => verbs.command(request)),
  queue: entry(named, async (verbs, request) => verbs.queue(request)),
  unqueue: entry(z.strictObject({ name, id: z.int() }), async (verbs, request) => verbs.unqueue(request)),
  read: entry(
    z.strictObject({ name, lines: z.int().optional(), tools: z.boolean().optional() }),
    async (verbs, request) => verbs.read(request),
  ),
  screen: entry(named, async (verbs, request) => verbs.screen(request)),
  explain: entry(named, async (verbs, request) => verbs.explain(request)),
  answer: entry(z.strictObject({ name, option: z.string(), text: z.string().optional() }), async (verbs, request) =>
    verbs.answer(request),
  ),
  press: entry(z.strictObject({ name, keys: z.array(z.string()) }), async (verbs, request) => verbs.press(request)),
  stop: entry(named, async (verbs, request) => verbs.stop(request)),
  close: entry(named, async (verbs, request) => verbs.close(request)),
  resume: entry(z.strictObject({ name, mode }), async (verbs, request) => verbs.resume(request)),
  destroy: entry(z.strictObject({ name, force: z.boolean().optional() }), async (verbs, request) =>
    verbs.destroy(request),
  ),
};

function entry<S extends z.ZodType>(request: S, run: (verbs: Verbs, request: z.infer<S>) => Promise<unknown>) {
  return { request, run: async (verbs: Verbs, given: unknown) => run(verbs, request.parse(given)) };
}

export type Verb = keyof typeof table;
export type VerbRequest<V extends Verb> = z.infer<(typeof table)[V]["request"]>;

/** Whether the command line has such a verb. */
export function isVerb(word: string): word is Verb {
  return Object.hasOwn(table, word);
}

/** One verb: the same for a call that came over the socket and for one with no bot. Resolves with null where there is nothing to tell. */
export async function runVerb(verbs: Verbs, verb: Verb, request: unknown): Promise<unknown> {
  return (await table[verb].run(verbs, request)) ?? null;
}

/** Finds the door of a shard's holder, for attach. Throws ShardbridgeError as the verbs do. */
export type FindDoor = (name: string) => Door;

const toolCall = z.strictObject({ name: z.string(), args: z.unknown(), pass: z.string().optional() });

/** One of the orchestrator's tools, called from outside: with the rights of a pass, or else of whoever may open the socket. */
export type ToolCall = z.infer<typeof toolCall>;

/** Throws ShardbridgeError when there is no such tool, or the pass is good for nothing. */
export type RunTool = (call: ToolCall) => Promise<{ text: string; failed: boolean }>;

/** What is served besides the verbs. */
interface Services {
  verbs: Verbs;
  door: FindDoor;
  tool: RunTool;
}

type Answer = { ok: true; result: unknown } | { ok: false; code: ErrorCode; message: string };

/** The control socket of a state folder. */
export function controlSocket(home: string): string {
  return socketPath(home, "control.sock");
}

/** Serve the verbs to whoever may open the socket: its owner alone. */
export async function serveControl(
  path: string,
  verbs: Verbs,
  door: FindDoor,
  tool: RunTool = noTools,
): Promise<Server> {
  // The store's lock says that no other bot lives here, so a socket file is one that a crash left.
  rmSync(path, { force: true });
  const server = createServer((socket) => converse(socket, { verbs, door, tool }));
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return server;
}

/** Ask the running bot. Throws ShardbridgeError as the bot's own verbs do; returns undefined when no bot listens. */
export async function callControl<V extends Verb>(
  path: string,
  verb: V,
  request: VerbRequest<V>,
): Promise<{ result: unknown } | undefined> {
  return ask(path, { verb, request });
}

/** Ask the running bot where a shard's holder listens. Throws and returns as `callControl`. */
export async function askDoor(path: string, name: string): Promise<Door | undefined> {
  const answered = await ask(path, { verb: "door", request: { name } });
  return answered?.result as Door | undefined;
}

/** Have the running bot call a tool. Throws and returns as `callControl`. */
export async function askTool(path: string, call: ToolCall): Promise<{ text: string; failed: boolean } | undefined> {
  const answered = await ask(path, { verb: "tool", request: call });
  return answered?.result as { text: string; failed: boolean } | undefined;
}

async function ask(
  path: string,
  call: { verb: Verb | "door" | "tool"; request: unknown },
): Promise<{ result: unknown } | undefined> {
  const socket = connect(path);
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    throw new ShardbridgeError("unavailable", `The running bot can't be reached at ${path}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
  socket.write(`${JSON.stringify(call)}\n`);
  for await (const line of createInterface({ input: socket })) {
    const answer = JSON.parse(line) as Answer;
    socket.end();
    if (answer.ok) return { result: answer.result };
    throw new ShardbridgeError(answer.code, answer.message);
  }
  throw new ShardbridgeError(
    "unavailable",
    "The bot ended before it answered: look at its log, then at the shard, before you try again.",
  );
}

async function noTools(): Promise<never> {
  throw new ShardbridgeError("refused", "There are no tools here.");
}

function converse(socket: Socket, services: Services): void {
  socket.on("error", () => socket.destroy());
  createInterface({ input: socket }).on("line", (line) => {
    void reply(line, services).then((answer) => socket.writable && socket.write(`${JSON.stringify(answer)}\n`));
  });
}

async function reply(line: string, { verbs, door, tool }: Services): Promise<Answer> {
  try {
    const call = z
      .object({ verb: z.enum(["door", "tool", ...(Object.keys(table) as Verb[])]), request: z.unknown() })
      .parse(JSON.parse(line));
    if (call.verb === "door") return { ok: true, result: door(named.parse(call.request).name) };
    if (call.verb === "tool") return { ok: true, result: await tool(toolCall.parse(call.request)) };
    return { ok: true, result: await runVerb(verbs, call.verb, call.request) };
  } catch (error) {
    if (error instanceof ShardbridgeError) return { ok: false, code: error.code, message: error.message };
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return { ok: false, code: "usage", message: `That is no call: ${error.message}` };
    return {
      ok: false,
      code: "failed",
      message: `Something went wrong (bug ${logBug(error, "a control call failed")}); the bot's log has more.`,
    };
  }
}

/** Exit code of the command line for what was thrown. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ShardbridgeError ? exitCodes[error.code] : 1;
}
