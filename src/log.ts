import { randomUUID } from "node:crypto";

type Fields = Record<string, unknown>;
type Level = "info" | "warn" | "error";

/** Where log lines go; standard error unless a test takes them. */
let write: (line: string) => void = (line) => process.stderr.write(line);
let mask: (text: string) => string = (text) => text;

/** Send log lines elsewhere, and pass each through `masking` first, so that no secret is ever written. */
export function configureLog(options: { write?: (line: string) => void; mask?: (text: string) => string }): void {
  write = options.write ?? write;
  mask = options.mask ?? mask;
}

/** One JSON line for each call: time, level, message, fields. */
export const log = {
  info: (message: string, fields?: Fields) => emit("info", message, fields),
  warn: (message: string, fields?: Fields) => emit("warn", message, fields),
  error: (message: string, fields?: Fields) => emit("error", message, fields),
};

/** Log a bug with its stack and return the short id by which a person can name it. */
export function logBug(error: unknown, message: string, fields?: Fields): string {
  const id = randomUUID().slice(0, 8);
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.stack : undefined;
  emit("error", message, { ...fields, bug: id, stack, cause });
  return id;
}

function emit(level: Level, message: string, fields: Fields = {}): void {
  write(`${mask(JSON.stringify({ at: new Date().toISOString(), level, message, ...fields }))}\n`);
}
