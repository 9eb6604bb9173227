import { lstat, readdir, realpath } from "node:fs/promises";
import { join, relative } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import type { Entry, Journal, JournalContext, JournalPlace } from "../agents/agent.ts";
import { isMissing, openBelow, pathBelow } from "../process/regular-file.ts";

/** Position in each file of a journal, in bytes, by its path. */
export type Positions = Record<string, number>;

/** Bytes that are read at once. */
const slice = 256 * 1024;
/** Characters of a line: a longer one, such as a picture, tells nothing that is needed here. */
const longestLine = 4_000_000;

/** Milliseconds. */
const leastBetweenLooks = 100;

interface Followed {
  /** The kind's own folder that the file is in. */
  folder: string;
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
  /** What is no file of the agent's own, and so is never opened. */
  readonly #refused = new Set<string>();
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
      for (const line of await this.#linesSince(path, followed)) entries.push(...this.#journal.read(line));
    }
    for (const entry of entries) {
      if (entry.type === "conversation" && entry.file !== undefined) await this.#followNamed(entry.file);
    }
    return entries;
  }

  async #linesSince(path: string, followed: Followed): Promise<unknown[]> {
    try {
      return await linesSince(path, followed);
    } catch (error) {
      if (!(error instanceof ShardbridgeError)) throw error;
      this.#refuse(path, error.message);
      return [];
    }
  }

  /** Whoever can write a journal can name any file in it. */
  async #followNamed(path: string): Promise<void> {
    if (this.#refused.has(path)) return;
    for (const { folder } of this.#journal.places(this.#context())) {
      const root = await realpath(folder).catch(() => folder);
      if (pathBelow(folder, path) !== undefined) return this.#follow(path, folder);
      if (pathBelow(root, path) !== undefined) return this.#follow(path, root);
    }
    this.#refuse(path, `${path} is not in the folders of the agent's kind.`);
  }

  #refuse(path: string, reason: string): void {
    this.#files.delete(path);
    this.#refused.add(path);
    log.warn("a file that an agent names as its journal is not read", { reason });
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
      await this.#follow(path, place.folder);
    }
    this.#first = false;
    this.#nextLook = Date.now() + Math.max(leastBetweenLooks, 10 * (Date.now() - start));
  }

  async #follow(path: string, folder: string): Promise<void> {
    if (this.#files.has(path) || this.#refused.has(path)) return;
    const known = this.#from?.[path];
    const found = await lstat(path).catch(() => undefined);
    const { launchedAt } = this.#context();
    // A conversation that is gone on with has its past in the same file.
    const old = found !== undefined && (this.#first || found.birthtimeMs < Date.parse(launchedAt));
    const end = found?.size ?? 0;
    const start = known ?? (old && this.#from === undefined ? end : 0);
    this.#files.set(path, { folder, position: Math.min(start, end), rest: Buffer.alloc(0) });
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

async function isOwn(path: string, { folder, owns }: JournalPlace, since: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found?.isFile() || found.mtimeMs < Date.parse(since) - 1000) return false;
  const [first] = await linesSince(path, { folder, position: 0, rest: Buffer.alloc(0) }, 1);
  return owns(first);
}

/** The whole lines since a position, parsed; what is no JSON is left out. Rejects with "refused" for what is no regular file. */
async function linesSince(path: string, followed: Followed, most = Infinity): Promise<unknown[]> {
  const lines: unknown[] = [];
  const file = await openBelow(followed.folder, relative(followed.folder, path)).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
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
