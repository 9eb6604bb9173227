import { readFileSync } from "node:fs";
import { log } from "../log.ts";
import type { KnownValue } from "./known.ts";

/** Milliseconds for which what was read is good. */
const good = 5000;

/** The secret that is all of a file of ours, whenever that comes to be there. Never throws: without a file there is none, and what cannot be read is said once. */
export function secretInFile(file: string, kind: string): () => KnownValue[] {
  let read = -Infinity;
  let found: KnownValue[] = [];
  let told = "";
  return () => {
    if (performance.now() - read < good) return found;
    read = performance.now();
    try {
      const value = readFileSync(file, "utf8").trim();
      if (found[0]?.value !== value) found = [{ value, kind }];
    } catch (error) {
      const { code = "" } = error as NodeJS.ErrnoException;
      if (code !== "ENOENT" && code !== told) log.warn("a secret of ours can't be read", { file, why: code });
      told = code;
    }
    return found;
  };
}
