import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  realpathSync,
} from "node:fs";
import { join, sep } from "node:path";
import { log } from "../log.ts";
import { secretsInEnv } from "./env-values.ts";
import type { KnownValue } from "./known.ts";

/** Bytes of a file beyond which it is none of settings. */
const largest = 256 * 1024;
/** How deep a repo is searched, and most folders that are. */
const deepest = 3;
const mostFolders = 300;
/** Most values that are in no file any more. */
const mostPast = 2000;
/** Milliseconds for which the list of files, and what is known of them, is good. */
const listGood = 5000;
const contentGood = 200;

const isEnvFile = (name: string) =>
  (/^\.env(?:rc|\.[\w.-]+)?$/.test(name) || /^[\w-]+\.env$/.test(name) || name === ".dev.vars") &&
  !/\.(?:example|sample|template|dist|defaults?|schema)$/i.test(name);
const skipped = new Set(["node_modules", ".git", "dist", "build", "target", "vendor", ".venv", "venv"]);

interface Seen {
  /** Its size, times and place, by which a change is seen. */
  stamp: string;
  values: KnownValue[];
}

/** Secrets in the `.env` files of repos and worktrees, as they are now. A value that was there once stays known. */
export class EnvFiles {
  readonly #folders: () => readonly string[];
  readonly #files = new Map<string, Seen>();
  readonly #values = new Map<string, KnownValue>();
  readonly #told = new Set<string>();
  /** When the folders of each root were searched. */
  readonly #searched = new Map<string, number>();
  #looked = -Infinity;
  #more = false;
  #roots: readonly string[] = [];

  /** `folders`: absolute paths of repos and worktrees, which may change. */
  constructor(folders: () => readonly string[]) {
    this.#folders = folders;
  }

  /** All secrets so far; the same array until there are more. */
  values: readonly KnownValue[] = [];

  /** Look again where it is time to. `now`: milliseconds of a clock that goes on. */
  refresh(now = performance.now()): void {
    const roots = this.#folders();
    const moved = roots.length !== this.#roots.length || roots.some((root, index) => root !== this.#roots[index]);
    if (!moved && now - this.#looked < contentGood) return;
    this.#looked = now;
    if (moved) this.#move(roots);
    for (const root of roots) this.#list(root);
    // The folders below are searched at once when they are new, and then one repo or worktree at a time.
    for (const root of roots) if (!this.#searched.has(root)) this.#search(root, now);
    const [oldest] = [...this.#searched].toSorted(([, one], [, other]) => one - other);
    if (oldest && now - oldest[1] >= listGood) this.#search(oldest[0], now);
    for (const file of this.#files.keys()) this.#read(file);
    this.#settle();
  }

  #move(roots: readonly string[]): void {
    this.#roots = [...roots];
    for (const root of this.#searched.keys()) if (!roots.includes(root)) this.#searched.delete(root);
  }

  /** What is in a file now is always known; of what was, so much. */
  #settle(): void {
    if (this.#values.size === this.values.length && !this.#more) return;
    this.#more = false;
    const current = new Set([...this.#files.values()].flatMap(({ values }) => values.map(({ value }) => value)));
    const past = [...this.#values.keys()].filter((value) => !current.has(value));
    for (const value of past.slice(0, Math.max(0, past.length - mostPast))) this.#values.delete(value);
    this.values = [...this.#values.values()];
  }

  #search(root: string, now: number): void {
    this.#searched.set(root, now);
    let left = mostFolders;
    const walk = (folder: string, depth: number): void => {
      for (const name of depth <= deepest && left > 0 ? this.#list(folder) : []) {
        left -= 1;
        walk(join(folder, name), depth + 1);
      }
    };
    walk(root, 1);
  }

  /** Note the files of a folder; returns the names of its folders. */
  #list(folder: string): string[] {
    const folders: string[] = [];
    try {
      for (const entry of readdirSync(folder, { withFileTypes: true })) {
        if (entry.isDirectory() && !skipped.has(entry.name)) folders.push(entry.name);
        if (entry.isDirectory() || !isEnvFile(entry.name)) continue;
        const file = join(folder, entry.name);
        if (entry.isFile() || entry.isSymbolicLink()) this.#files.set(file, this.#files.get(file) ?? unread());
      }
    } catch (error) {
      this.#tell(folder, error);
    }
    return folders;
  }

  /** The file itself, or where a link to it leads in a repo or worktree; undefined where it leads out of them. Throws as the file system. */
  #placeOf(file: string): string | undefined {
    if (!lstatSync(file).isSymbolicLink()) return file;
    const target = realpathSync(file);
    const inside = this.#roots.some((root) => existsSync(root) && target.startsWith(realpathSync(root) + sep));
    return inside ? target : undefined;
  }

  #read(file: string): void {
    const seen = this.#files.get(file);
    let descriptor: number | undefined;
    try {
      const place = this.#placeOf(file);
      if (place === undefined) return;
      const { size, mtimeMs, ctimeMs, ino } = lstatSync(place);
      const stamp = `${place} ${size} ${mtimeMs} ${ctimeMs} ${ino}`;
      if (seen?.stamp === stamp) return;
      // Neither a link that was put there meanwhile nor a pipe, on which reading would wait.
      descriptor = openSync(place, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const found = fstatSync(descriptor);
      const text = found.isFile() && found.size <= largest ? readFileSync(descriptor, "utf8") : "";
      const values = secretsInEnv(text);
      this.#files.set(file, { stamp, values });
      for (const one of values) this.#learn(one);
    } catch (error) {
      this.#files.delete(file);
      this.#tell(file, error);
    } finally {
      if (descriptor !== undefined) closeSync(descriptor);
    }
  }

  #learn(one: KnownValue): void {
    this.#more ||= !this.#values.has(one.value);
    this.#values.set(one.value, this.#values.get(one.value) ?? one);
  }

  /** What can't be read is said once; what is gone, or has become a link, is nothing to be said. */
  #tell(path: string, error: unknown): void {
    const { code = "" } = error as NodeJS.ErrnoException;
    if (["ENOENT", "ENOTDIR", "ELOOP"].includes(code) || this.#told.has(path)) return;
    this.#told.add(path);
    log.warn("a file of settings can't be read, so that its secrets are not known", { path, why: code });
  }
}

function unread(): Seen {
  return { stamp: "", values: [] };
}
