import { readFileSync, rmSync, statSync } from "node:fs";
import { flushCompileCache } from "node:module";
import { resolve } from "node:path";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { findProgram } from "../process/find-program.ts";
import { appendToFile } from "../process/regular-file.ts";
import { closeUmask } from "../process/umask.ts";
import { OutputLog } from "./log.ts";
import type { HolderSpec } from "./protocol.ts";
import { HolderServer, listen } from "./server.ts";
import { AgentTerminal } from "./terminal.ts";

/**
 * The holder's process: `node main.ts SPECFILE`. It owns one PTY and outlives the bot. A hangup means nothing to it; SIGTERM and
 * SIGINT end the agent and then itself, as `quit` does. It has no standard streams: what goes wrong is a line in `<log>.error`.
 */
closeUmask();
const file = process.argv[2] ?? "";
const spec = JSON.parse(readFileSync(file, "utf8")) as HolderSpec;
rmSync(file);
const note = notebook(spec);
process.on("SIGHUP", () => undefined);
// Whatever it is, the agent must not lose its terminal over it.
process.on("uncaughtException", note);
process.on("unhandledRejection", note);
try {
  await hold(spec);
  // Now, since a holder may live for weeks, and the next one is to start faster.
  flushCompileCache();
} catch (error) {
  note(error);
  process.exit(1);
}

async function hold(given: HolderSpec): Promise<void> {
  if (!given.secret) throw new Error("The spec has no secret.");
  const program = programOf(given);
  const server = await listen(given.socket);
  try {
    const log = new OutputLog(given.log, given.logLimit, note);
    const terminal = new AgentTerminal(
      { ...given, file: program },
      {
        output: (chunk) => log.append(chunk),
        changed: () => holder.changed(),
        drawn: () => holder.drawn(),
        ended: (exit) => holder.ended(exit),
        fault: note,
      },
    );
    const quit = async () => {
      await terminal.end();
      // Closing removes the socket file too.
      server.close();
    };
    const left = () => {
      log.close();
      process.exit(0);
    };
    const startedAt = new Date().toISOString();
    const holder = new HolderServer(server, {
      shard: given.shard,
      secret: given.secret,
      terminal,
      size: given.size,
      log,
      startedAt,
      quit,
      left,
    });
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void quit().finally(left));
  } catch (error) {
    server.close();
    throw error;
  }
}

/** The absolute path of the agent's program. After the fork nobody could tell why it did not start. */
function programOf({ file: name, cwd, env }: HolderSpec): string {
  if (!statSync(cwd, { throwIfNoEntry: false })?.isDirectory()) {
    throw new ShardbridgeError("failed", `The folder ${cwd} does not exist.`);
  }
  const program = findProgram(name.includes("/") ? resolve(cwd, name) : name, env);
  if (!program)
    throw new ShardbridgeError("failed", `The program ${name} is not on the agent's PATH, or may not be run.`);
  return program;
}

/** Writes errors down, the first twenty: one line each, without the secret. */
function notebook({ log, secret }: HolderSpec): (error: unknown) => void {
  let left = 20;
  return (error) => {
    if (left-- <= 0) return;
    const message = secret ? messageOf(error).replaceAll(secret, "…") : messageOf(error);
    const line = message.replaceAll(/\s+/g, " ");
    try {
      appendToFile(`${log}.error`, Buffer.from(`${line}\n`));
    } catch {
      // There is no other place to say it.
    }
  };
}
