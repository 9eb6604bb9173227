import { readFileSync, statSync, type Stats } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Env } from "./config.ts";
import { messageOf, ShardbridgeError } from "./errors.ts";

/**
 * The environment with the variables of `.env` in `folder` beneath it. They are kept out of this process's own environment, where every
 * program of the same user could read them. Throws ShardbridgeError "config" where the file can't be read.
 */
export function loadEnv(processEnv: Env, folder: string): Env {
  return { ...variablesIn(folder), ...processEnv };
}

/** A sentence for each thing that is odd about `.env` in `folder`. `known`: the names that are read; `*` at the end of one stands for any rest. */
export function oddities(folder: string, known: readonly string[]): string[] {
  const file = join(folder, ".env");
  const isKnown = (name: string) =>
    known.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));
  const unknown = Object.keys(variablesIn(folder)).filter((name) => !isKnown(name));
  const open = ((fileAt(file)?.mode ?? 0) & 0o077) !== 0;
  return [
    ...(open ? [`Others can read ${file}, which has your tokens: run chmod 600 on it.`] : []),
    ...(unknown.length > 0 ? [`.env has ${unknown.join(", ")}, which nothing reads; .env.example has what is.`] : []),
  ];
}

function variablesIn(folder: string): Record<string, string> {
  const file = join(folder, ".env");
  if (!fileAt(file)) return {};
  try {
    // Some editors begin a file with a byte order mark, which would be part of the first name.
    return parseEnv(readFileSync(file, "utf8").replace(/^\uFEFF/, "")) as Record<string, string>;
  } catch (error) {
    throw new ShardbridgeError("config", `${file} can't be read (${messageOf(error)}): see to its rights.`, {
      cause: error,
    });
  }
}

/** Undefined where there is none; a folder of that name is somebody's Python environment. */
function fileAt(path: string): Stats | undefined {
  const found = statSync(path, { throwIfNoEntry: false });
  return found?.isDirectory() === true ? undefined : found;
}
