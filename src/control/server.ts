import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { z } from "zod";
import type { Actions } from "../bot/commands/actions.ts";
import { redactor } from "../bot/delivery/redact.ts";
import type { GuardedActions } from "../bot/commands/host-actions.ts";
import { ShardbridgeError, type ErrorCode } from "../errors.ts";
import { readLines } from "../lines.ts";
import { log, logBug } from "../log.ts";
import { shownData, shownText, type Redact, type Shown } from "../redaction/shown.ts";
import { longestWait } from "../shards/events.ts";
import type { ShardHost } from "../shards/host.ts";
import type { HolderAddress } from "../shards/lifecycle/holder-address.ts";
import type { FieldKind, VerbFacts } from "../verbs/facts.ts";
import type { HostVerb, LineVerb, VerbRequest } from "../verbs/types.ts";
import { verbFacts, verbs as table } from "../verbs/verbs.ts";
import { addressWord, maxCall, toolWord, type FindAddress, type RunTool } from "./protocol.ts";

/** Doers of the command line's verbs: the bot's actions, or a host alone. */
export type Verbs = GuardedActions & Pick<Actions, "controlsIn">;

/** The verbs that no host does. */
const ofControls: { [V in Exclude<LineVerb, HostVerb>]: (verbs: Verbs, request: VerbRequest<V>) => Promise<unknown> } =
  {
    tasks: async (verbs, { do: what, id = "", in: shard }) => {
      const controls = verbs.controlsIn(shard);
      if (what === "cancel") return { cancelled: await controls.cancelTask(id) };
      if (what === "go-on") return { held: await controls.goOn() };
      return controls.tasks();
    },
    usage: async (verbs, { in: shard }) => verbs.controlsIn(shard).usage(),
    policy: async (verbs, { in: shard, set }) => {
      const controls = verbs.controlsIn(shard);
      if (set) await controls.setPolicy(set);
      return { policy: controls.policy() };
    },
  };

/** Schemas of the requests, by the verbs that can be called. */
const requests = new Map<string, z.ZodType>(
  verbFacts.flatMap(([verb, facts]) => (facts.line ? [[verb, requestOf(facts)] as const] : [])),
);

function requestOf({ takes = {}, by }: VerbFacts): z.ZodType {
  const fields = Object.entries(takes).map(([field, kind]) => {
    const value = valueOf(kind);
    return field.endsWith("?") ? [field.slice(0, -1), value.optional()] : [field, value];
  });
  return z.strictObject({ ...Object.fromEntries(fields), ...(by === "given" && { by: z.string().optional() }) });
}

function valueOf(kind: FieldKind): z.ZodType {
  switch (kind) {
    case "text":
      return z.string();
    case "keys":
      return z.array(z.string());
    case "flag":
      return z.boolean();
    case "number":
    case "id":
      return z.int();
    case "mark":
      return z.int().min(0);
    case "seconds":
      return z.number().min(0).max(longestWait);
    default:
      return z.enum(kind);
  }
}

/** One verb: the same for a call that came over the socket and for one with no bot. Resolves with null where there is nothing to tell. */
export async function runVerb(verbs: Verbs, verb: LineVerb, request: unknown): Promise<unknown> {
  const given = requests.get(verb)?.parse(request);
  const { host }: VerbFacts = table[verb];
  // The request has just been found to be what the verb takes.
  if (host === undefined) return (await (ofControls as unknown as ControlRuns)[verb](verbs, given)) ?? null;
  return (await (verbs as unknown as Methods)[host](given)) ?? null;
}

type Methods = Readonly<Record<keyof ShardHost, (request: unknown) => Promise<unknown>>>;
type ControlRuns = Readonly<Record<LineVerb, (verbs: Verbs, request: unknown) => Promise<unknown>>>;

const addressRequest = z.strictObject({ name: z.string() });
const toolCall = z.strictObject({ name: z.string(), args: z.unknown(), pass: z.string().optional() });

/** An answer that may go out: redacted, but for the address of a holder, which is for our own `attach`. */
type ShownAnswer =
  | { ok: true; result: Shown<unknown> | HolderAddress }
  | { ok: false; code: ErrorCode; message: Shown<string> };

/** All that is served. */
interface Services {
  verbs: Verbs;
  findAddress: FindAddress;
  tool: RunTool;
  redact: Redact;
}

/** Serve the verbs to whoever may open the socket: its owner alone. What looks like a secret is taken out in any case. */
export async function serveControl(
  path: string,
  verbs: Verbs,
  findAddress: FindAddress,
  tool: RunTool = noTools,
  redact: Redact = redactor([]),
): Promise<Server> {
  // The store's lock says that no other bot lives here, so a socket file is one that a crash left.
  rmSync(path, { force: true });
  const server = createServer((socket) => converse(socket, { verbs, findAddress, tool, redact }));
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
  const say = (answer: ShownAnswer) => socket.writable && socket.write(`${JSON.stringify(answer)}\n`);
  readLines(socket, {
    limit: () => maxCall,
    onLine: (line) => void reply(line, services).then(say),
    onTooLong: () => {
      const message = shownText(`That is no call: it has more than ${maxCall} characters.`, services.redact);
      say({ ok: false, code: "usage", message });
      socket.destroySoon();
    },
    last: true,
  });
}

async function reply(line: string, { verbs, findAddress, tool, redact }: Services): Promise<ShownAnswer> {
  try {
    const call = z
      .object({ verb: z.enum([addressWord, toolWord, ...requests.keys()]), request: z.unknown() })
      .parse(JSON.parse(line));
    log.debug("a control call is taken", { verb: call.verb });
    if (call.verb === addressWord) return { ok: true, result: findAddress(addressRequest.parse(call.request).name) };
    if (call.verb === toolWord)
      return { ok: true, result: shownData(await tool(toolCall.parse(call.request)), redact) };
    return { ok: true, result: shownData(await runVerb(verbs, call.verb as LineVerb, call.request), redact) };
  } catch (error) {
    if (error instanceof ShardbridgeError)
      return { ok: false, code: error.code, message: shownText(error.message, redact) };
    if (error instanceof z.ZodError || error instanceof SyntaxError)
      return { ok: false, code: "usage", message: shownText(`That is no call: ${error.message}`, redact) };
    const bug = logBug(error, "a control call failed");
    return {
      ok: false,
      code: "failed",
      message: shownText(`Something went wrong (bug ${bug}); the bot's log has more.`, redact),
    };
  }
}
