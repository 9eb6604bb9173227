import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import type { Env } from "./config.ts";
import { log } from "./log.ts";

/**
 * The environment with the variables of `.env` in `folder` beneath it. They are kept out of this process's own environment, where every
 * program of the same user could read them.
 */
export function loadEnv(processEnv: Env, folder: string): Env {
  const file = join(folder, ".env");
  if (!existsSync(file)) return processEnv;
  if ((statSync(file).mode & 0o077) !== 0)
    log.warn(`Others can read ${file}, which has your tokens: run chmod 600 on it.`);
  return { ...parseEnv(readFileSync(file, "utf8")), ...processEnv };
}

/** The names in `.env` of `folder` that are none of `known`; `*` at the end of one of those stands for any rest. */
export function unknownIn(folder: string, known: readonly string[]): string[] {
  const file = join(folder, ".env");
  if (!existsSync(file)) return [];
  const isKnown = (name: string) =>
    known.some((one) => (one.endsWith("*") ? name.startsWith(one.slice(0, -1)) : name === one));
  return Object.keys(parseEnv(readFileSync(file, "utf8"))).filter((name) => !isKnown(name));
}
