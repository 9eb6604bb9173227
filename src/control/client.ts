import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { exitCodes, messageOf, ShardbridgeError, type ErrorCode } from "../errors.ts";
import { readLines, readObject } from "../lines.ts";
import type { HolderAddress } from "../shards/lifecycle/holder-address.ts";
import type { LineVerb } from "../verbs/types.ts";
import {
  addressWord,
  maxAnswer,
  toolWord,
  type Answer,
  type Call,
  type ToolAnswer,
  type ToolCall,
} from "./protocol.ts";

// The side of who asks. It loads little, since most commands do nothing else: what is asked for is checked by the bot.

/** Whether a bot runs. Throws ShardbridgeError "unavailable" when one does that can't be reached. */
export async function listens(path: string): Promise<boolean> {
  const socket = await connected(path);
  socket?.destroy();
  return socket !== undefined;
}

/** Ask the running bot. Throws ShardbridgeError as the bot's own verbs do; returns undefined when no bot listens. */
export async function callControl(
  path: string,
  verb: LineVerb,
  request: unknown,
): Promise<{ result: unknown } | undefined> {
  return ask(path, { verb, request });
}

/** Ask the running bot where a shard's holder listens. Throws and returns as `callControl`. */
export async function askAddress(path: string, name: string): Promise<HolderAddress | undefined> {
  const answered = await ask(path, { verb: addressWord, request: { name } });
  return answered?.result as HolderAddress | undefined;
}

/** Have the running bot call a tool. Throws and returns as `callControl`. */
export async function askTool(path: string, call: ToolCall): Promise<ToolAnswer | undefined> {
  const answered = await ask(path, { verb: toolWord, request: call });
  return answered?.result as ToolAnswer | undefined;
}

async function ask(path: string, call: Call): Promise<{ result: unknown } | undefined> {
  const socket = await connected(path);
  if (!socket) return undefined;
  try {
    const answer = readAnswer(await exchange(socket, JSON.stringify(call)));
    if (answer.ok) return { result: answer.result };
    throw new ShardbridgeError(answer.code, answer.message);
  } finally {
    socket.destroy();
  }
}

/** Send a line and resolve with the one that comes back. Throws ShardbridgeError "unavailable" when none does. */
async function exchange(socket: Socket, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (message: string, cause?: Error) =>
      reject(new ShardbridgeError("unavailable", message, cause && { cause }));
    const gone = "The bot ended before it answered: look at its log, then at the shard, before you try again.";
    socket.once("error", (error) => fail(gone, error));
    socket.once("close", () => fail(gone));
    readLines(socket, {
      limit: () => maxAnswer,
      onLine: resolve,
      onTooLong: () => fail(`The bot's answer is longer than ${maxAnswer} characters: ask for less of it.`),
    });
    socket.write(`${line}\n`);
  });
}

/** Throws ShardbridgeError "unavailable" for what is no answer. */
function readAnswer(line: string): Answer {
  const answer = readObject(line) ?? {};
  const { ok, code, message } = answer;
  if (ok === true && "result" in answer) return { ok, result: answer["result"] };
  if (ok === false && isErrorCode(code) && typeof message === "string") return { ok, code, message };
  throw new ShardbridgeError(
    "unavailable",
    "What answers is no bot of this version: look whether another program listens there, or start the bot anew.",
  );
}

function isErrorCode(code: unknown): code is ErrorCode {
  return typeof code === "string" && Object.hasOwn(exitCodes, code);
}

/** Undefined when nobody listens. */
async function connected(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  try {
    await once(socket, "connect");
    return socket;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ECONNREFUSED") return undefined;
    throw new ShardbridgeError("unavailable", `The running bot can't be reached at ${path}: ${messageOf(error)}.`, {
      cause: error,
    });
  }
}
