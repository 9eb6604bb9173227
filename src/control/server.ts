import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { z } from "zod";
import { ShardbridgeError, type ErrorCode } from "../errors.ts";
import { logBug } from "../log.ts";
import type { Actions } from "../bot/commands/actions.ts";
import { modes } from "../bot/commands/command.ts";
import type { HolderAddress } from "../shards/lifecycle/holder-address.ts";
import { longestWait } from "../shards/events.ts";

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
  | "wait"
  | "diff"
  | "overlap"
  | "history"
  | "controlsIn"
>;

const name = z.string();
const by = z.string().optional();
const mode = z.enum(modes).optional();
const named = z.strictObject({ name });
/** The shard whose own thread is meant. */
const thread = z.string().optional();

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
    z.strictObject({
      name,
      text: z.string(),
      when: z.enum(["queue", "steer", "interrupt"]).optional(),
      anyway: z.boolean().optional(),
      by,
    }),
    async (verbs, request) => verbs.send(request),
  ),
  wait: entry(
    z.strictObject({ name, turn: z.int().optional(), seconds: z.number().min(0).max(longestWait) }),
    async (verbs, request) => verbs.wait(request),
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
  answer: entry(
    z.strictObject({ name, option: z.string(), text: z.string().optional(), secret: z.boolean().optional() }),
    async (verbs, request) => verbs.answer(request),
  ),
  press: entry(z.strictObject({ name, keys: z.array(z.string()) }), async (verbs, request) => verbs.press(request)),
  stop: entry(named, async (verbs, request) => verbs.stop(request)),
  close: entry(named, async (verbs, request) => verbs.close(request)),
  resume: entry(z.strictObject({ name, mode }), async (verbs, request) => verbs.resume(request)),
  destroy: entry(z.strictObject({ name, force: z.boolean().optional() }), async (verbs, request) =>
    verbs.destroy(request),
  ),
  diff: entry(named, async (verbs, request) => verbs.diff(request)),
  overlap: entry(z.strictObject({ repo: z.string().optional() }), async (verbs, request) => verbs.overlap(request)),
  history: entry(z.strictObject({ name, since: z.int().min(0).optional() }), async (verbs, request) =>
    verbs.history(request),
  ),
  tasks: entry(
    z.strictObject({ do: z.enum(["list", "cancel", "go-on"]), id: z.string().optional(), in: thread }),
    async (verbs, { do: what, id = "", in: shard }) => {
      const controls = verbs.controlsIn(shard);
      if (what === "cancel") return { cancelled: await controls.cancelTask(id) };
      if (what === "go-on") return { held: await controls.goOn() };
      return controls.tasks();
    },
  ),
  usage: entry(z.strictObject({ in: thread }), async (verbs, { in: shard }) => verbs.controlsIn(shard).usage()),
  policy: entry(
    z.strictObject({ in: thread, set: z.enum(["ask", "allow"]).optional() }),
    async (verbs, { in: shard, set }) => {
      const controls = verbs.controlsIn(shard);
      if (set) await controls.setPolicy(set);
      return { policy: controls.policy() };
    },
  ),
};

function entry<S extends z.ZodType>(request: S, run: (verbs: Verbs, request: z.infer<S>) => Promise<unknown>) {
  return { request, run: async (verbs: Verbs, given: unknown) => run(verbs, request.parse(given)) };
}

export type Verb = keyof typeof table;
export type VerbRequest<V extends Verb> = z.infer<(typeof table)[V]["request"]>;

/** One verb: the same for a call that came over the socket and for one with no bot. Resolves with null where there is nothing to tell. */
export async function runVerb(verbs: Verbs, verb: Verb, request: unknown): Promise<unknown> {
  return (await table[verb].run(verbs, request)) ?? null;
}

/** Finds the door of a shard's holder, for attach. Throws ShardbridgeError as the verbs do. */
export type FindDoor = (name: string) => HolderAddress;

const toolCall = z.strictObject({ name: z.string(), args: z.unknown(), pass: z.string().optional() });

/** One of the orchestrator's tools, called from outside: with the rights of a pass, or else of whoever may open the socket. */
export type ToolCall = z.infer<typeof toolCall>;

/** Throws ShardbridgeError when there is no such tool, or the pass is good for nothing. */
export type RunTool = (call: ToolCall) => Promise<{ text: string; failed: boolean }>;

/** The bot's reply to a call. */
export type Answer = { ok: true; result: unknown } | { ok: false; code: ErrorCode; message: string };

/** What is served besides the verbs. */
interface Services {
  verbs: Verbs;
  door: FindDoor;
  tool: RunTool;
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
