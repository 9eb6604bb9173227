import { chmodSync, rmSync } from "node:fs";
import { connect, createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import { exitCodes, messageOf, ShardbridgeError, type ErrorCode } from "../errors.ts";
import { logBug } from "../log.ts";
import type { ShardActions } from "../orchestrator/orchestrator.ts";
import { socketPath } from "../shards/places.ts";

/** The verbs that the command line has, with what each takes. */
const requests = {
  list: z.strictObject({}),
  spawn: z.strictObject({
    name: z.string(),
    repo: z.string().optional(),
    agent: z.string().optional(),
    base: z.string().optional(),
    prompt: z.string().optional(),
    by: z.string().optional(),
  }),
  send: z.strictObject({ name: z.string(), text: z.string(), by: z.string().optional() }),
  read: z.strictObject({ name: z.string(), lines: z.number().int().optional() }),
  destroy: z.strictObject({ name: z.string(), force: z.boolean().optional() }),
};

export type Verb = keyof typeof requests;
export type VerbRequest<V extends Verb> = z.infer<(typeof requests)[V]>;

type Answer = { ok: true; result: unknown } | { ok: false; code: ErrorCode; message: string };

/** The control socket of a state folder. */
export function controlSocket(home: string): string {
  return socketPath(home, "control.sock");
}

/** Serve the verbs to whoever may open the socket: its owner alone. */
export async function serveControl(path: string, actions: ShardActions): Promise<Server> {
  // The store's lock says that no other bot lives here, so a socket file is one that a crash left.
  rmSync(path, { force: true });
  const server = createServer((socket) => converse(socket, actions));
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
  socket.write(`${JSON.stringify({ verb, request })}\n`);
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

function converse(socket: Socket, actions: ShardActions): void {
  socket.on("error", () => socket.destroy());
  createInterface({ input: socket }).on("line", (line) => {
    void reply(line, actions).then((answer) => socket.writable && socket.write(`${JSON.stringify(answer)}\n`));
  });
}

async function reply(line: string, actions: ShardActions): Promise<Answer> {
  try {
    const call = z
      .object({ verb: z.enum(Object.keys(requests) as [Verb, ...Verb[]]), request: z.unknown() })
      .parse(JSON.parse(line));
    return { ok: true, result: (await runVerb(actions, call.verb, requests[call.verb].parse(call.request))) ?? null };
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

/** One verb on the actions: the same for a call that came over the socket and for one with no bot. */
export async function runVerb(actions: ShardActions, verb: Verb, request: unknown): Promise<unknown> {
  switch (verb) {
    case "list":
      return actions.list();
    case "spawn":
      return actions.spawn(request as VerbRequest<"spawn">);
    case "send":
      return actions.send(request as VerbRequest<"send">);
    case "read":
      return actions.read(request as VerbRequest<"read">);
    case "destroy":
      return actions.destroy(request as VerbRequest<"destroy">);
  }
}

/** Exit code of the command line for what was thrown. */
export function exitCodeOf(error: unknown): number {
  return error instanceof ShardbridgeError ? exitCodes[error.code] : 1;
}
