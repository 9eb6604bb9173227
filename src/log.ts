import { randomUUID } from "node:crypto";
import { inertJson } from "./inert.ts";

type Fields = Record<string, unknown>;
const levels = ["debug", "info", "warn", "error"] as const;
type Level = (typeof levels)[number];

/** Where log lines go; standard error unless a test takes them. */
let write: (line: string) => void = (line) => process.stderr.write(line);
let mask: (text: string) => string = (text) => text;

/** Lines of lower levels are not written. */
let least: Level = "info";

/** Send log lines elsewhere, pass each through `mask` first, so that no secret is ever written, and write none below `level`. */
export function configureLog(options: {
  write?: (line: string) => void;
  mask?: (text: string) => string;
  level?: "debug" | "info";
}): void {
  write = options.write ?? write;
  mask = options.mask ?? mask;
  least = options.level ?? least;
}

/**
 * One JSON line for each call: time, level, message, fields. A message begins in lower case. Debug lines tell what goes on, step by step, by
 * names and ids, and never what somebody says or a screen shows.
 */
export const log = {
  debug: (message: string, fields?: Fields) => emit("debug", message, fields),
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
  if (levels.indexOf(level) < levels.indexOf(least)) return;
  // Each text by itself, before it is quoted; then the whole line, for what is in names of fields or goes over several.
  const masked = JSON.parse(
    JSON.stringify({ level, message, ...fields }, (_key, value: unknown) =>
      typeof value === "string" ? mask(value) : value,
    ),
  ) as Fields;
  write(`${mask(inertJson({ at: new Date().toISOString(), ...masked }))}\n`);
}
