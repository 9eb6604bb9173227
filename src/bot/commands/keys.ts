import { keyNames } from "../../shards/host.ts";

/** The keys in a line, as `press` takes them: "Down down Enter", "y". Case counts only for single letters. */
export function readKeys(line: string): string[] {
  const words = line.split(/[\s,]+/).filter((word) => word !== "");
  return words.map((word) => (word.length > 1 ? word.toLowerCase() : word));
}

/** Whether a line is made of nothing but keys. */
export function areKeys(line: string): boolean {
  const names: readonly string[] = keyNames;
  const keys = readKeys(line);
  return keys.length > 0 && keys.every((key) => names.includes(key) || /^[a-z0-9]$/i.test(key));
}
