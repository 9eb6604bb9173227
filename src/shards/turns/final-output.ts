import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { privateFolder } from "../process/places.ts";
import { readRegular, replaceFile } from "../process/regular-file.ts";
import type { ShardRecord } from "../saved/records.ts";
import { lastSaid, type Said, screenText } from "./answer-text.ts";
import type { ShardContext } from "../shard-context.ts";

/** Lines that `read` gives at most, and so all that is kept of an ended agent. */
export const mostLines = 500;

const schema = z.object({ text: z.string(), truncated: z.boolean(), screen: z.string() });

/** What can be read of an agent that has ended: its holder is gone. */
type FinalOutput = z.infer<typeof schema>;

/** Keep the last lines and the screen, while there still is a holder that has them. Resolves with the lines. */
export async function keepFinalOutput({ kind, link, store }: ShardContext): Promise<string> {
  const { record } = store;
  if (!link) return keptOf(record)?.text ?? "";
  const kept: FinalOutput = { ...(await lastSaid(mostLines, kind, link)), screen: screenText(link.view) };
  privateFolder(record.folder);
  replaceFile(fileOf(record), JSON.stringify(kept));
  return kept.text;
}

export function dropFinalOutput(record: ShardRecord): void {
  rmSync(fileOf(record), { force: true });
}

/** The last cleaned lines of a shard, whether its agent runs or has ended. */
export async function lastLines(shard: ShardContext, count: number): Promise<Said> {
  const { link, kind, store } = shard;
  if (link) {
    const said = await lastSaid(count, kind, link).catch((error: unknown) => {
      // The shard may have been let go meanwhile.
      if (shard.link) throw error;
      return undefined;
    });
    if (said) return said;
  }
  const kept = keptOf(store.record);
  const lines = kept === undefined || kept.text === "" ? [] : kept.text.split("\n");
  return { text: lines.slice(-count).join("\n"), truncated: kept?.truncated !== false || lines.length > count };
}

/** The screen of a shard as it is, or was last. */
export function lastScreen({ link, store }: ShardContext): string {
  return link ? screenText(link.view) : (keptOf(store.record)?.screen ?? "");
}

function keptOf(record: ShardRecord): FinalOutput | undefined {
  const text = readRegular(fileOf(record));
  return text === undefined ? undefined : schema.parse(JSON.parse(text));
}

function fileOf({ folder }: ShardRecord): string {
  return join(folder, "remains.json");
}
