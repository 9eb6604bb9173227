import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";

/** Put a text into a file of its own, which its owner alone can read. Returns its path. */
export function save(name: string, text: string): string {
  const file = join(mkdtempSync(join(tmpdir(), "shardbridge-")), basename(name));
  writeFileSync(file, text, { mode: 0o600 });
  return file;
}
