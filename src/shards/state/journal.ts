import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Entry, Journal, JournalContext, JournalPlace } from "../agents/agent.ts";

/** Position in each file of a journal, in bytes, by its path. */
export type Positions = Record<string, number>;

/** Bytes that are read at once. */
const slice = 256 * 1024;
/** Characters of a line: a longer one, such as a picture, tells nothing that is needed here. */
const longestLine = 4_000_000;

/** Milliseconds. */
const leastBetweenLooks = 100;

interface Followed {
  position: number;
  /** The beginning of a line whose end is not written yet, in bytes. */
  rest: Buffer;
}

/** Follows the files of one agent's journal as they grow. */
export class JournalReader {
  readonly #journal: Journal;
  readonly #context: () => JournalContext;
  readonly #from: Positions | undefined;
  readonly #files = new Map<string, Followed>();
  /** Places whose file was found. */
  readonly #found = new Set<number>();
  /** Of a file that is older than this, only what comes now counts. */
  #first = true;
  /** Somebody who has thousands of conversations must not have them listed all the time. */
  #nextLook = 0;

  /**
   * @param context is asked for at each look for files, since the conversation's id may become known
   * @param from how far an earlier reader had come; without it, only what is written from now on counts
   */
  constructor(journal: Journal, context: () => JournalContext, from: Positions | undefined) {
    this.#journal = journal;
    this.#context = context;
    this.#from = from;
  }

  get positions(): Positions {
    return Object.fromEntries([...this.#files].map(([path, { position, rest }]) => [path, position - rest.length]));
  }

  /** Entries written since the last time. Rejects when a file is there and can't be read. `fresh`: look for missing files now. */
  async read(fresh = false): Promise<Entry[]> {
    if (fresh || Date.now() >= this.#nextLook) await this.#look();
    const entries: Entry[] = [];
    for (const [path, followed] of this.#files) {
      for (const line of await linesSince(path, followed)) entries.push(...this.#journal.read(line));
    }
    for (const entry of entries) {
      if (entry.type === "conversation" && entry.file !== undefined) await this.#follow(entry.file);
    }
    return entries;
  }

  /** Look for the files that were not there yet. */
  async #look(): Promise<void> {
    const start = Date.now();
    const context = this.#context();
    for (const [index, place] of this.#journal.places(context).entries()) {
      if (this.#found.has(index)) continue;
      const path = await find(place, context.launchedAt);
      if (path === undefined) continue;
      this.#found.add(index);
      await this.#follow(path);
    }
    this.#first = false;
    this.#nextLook = Date.now() + Math.max(leastBetweenLooks, 10 * (Date.now() - start));
  }

  async #follow(path: string): Promise<void> {
    if (this.#files.has(path)) return;
    const known = this.#from?.[path];
    const found = await stat(path).catch(() => undefined);
    const { launchedAt } = this.#context();
    // A conversation that is gone on with has its past in the same file.
    const old = found !== undefined && (this.#first || found.birthtimeMs < Date.parse(launchedAt));
    const end = found?.size ?? 0;
    const start = known ?? (old && this.#from === undefined ? end : 0);
    this.#files.set(path, { position: Math.min(start, end), rest: Buffer.alloc(0) });
  }
}

/** The newest file of a place that belongs to the shard. Folders and files are named by time or there are few of them. */
async function find(place: JournalPlace, since: string): Promise<string | undefined> {
  const inside = await readdir(place.folder, { withFileTypes: true }).catch(() => []);
  const newest = inside.sort((a, b) => (a.name < b.name ? 1 : -1));
  for (const entry of newest) {
    const path = join(place.folder, entry.name);
    if (entry.isDirectory() && place.depth > 0) {
      const found = await find({ ...place, folder: path, depth: place.depth - 1 }, since);
      if (found !== undefined) return found;
    } else if (entry.isFile() && place.file.test(entry.name) && (await isOwn(path, place, since))) {
      return path;
    }
  }
  return undefined;
}

async function isOwn(path: string, { owns }: Pick<JournalPlace, "owns">, since: string): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  if (!found || found.mtimeMs < Date.parse(since) - 1000) return false;
  const [first] = await linesSince(path, { position: 0, rest: Buffer.alloc(0) }, 1);
  return owns(first);
}

/** The whole lines since a position, parsed; what is no JSON is left out. */
async function linesSince(path: string, followed: Followed, most = Infinity): Promise<unknown[]> {
  const lines: unknown[] = [];
  const file = await open(path).catch(() => undefined);
  if (!file) return lines;
  try {
    const buffer = Buffer.alloc(slice);
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, slice, followed.position);
      if (bytesRead === 0) return lines;
      followed.position += bytesRead;
      let data = Buffer.concat([followed.rest, buffer.subarray(0, bytesRead)]);
      for (let end = data.indexOf(10); end >= 0; end = data.indexOf(10)) {
        const line = parsed(data.subarray(0, end));
        if (line !== undefined) lines.push(line);
        data = data.subarray(end + 1);
        if (lines.length >= most) return lines;
      }
      followed.rest = data.length > longestLine ? Buffer.alloc(0) : data;
    }
  } finally {
    await file.close();
  }
}

function parsed(line: Buffer): unknown {
  try {
    return JSON.parse(line.toString());
  } catch {
    return undefined;
  }
}
