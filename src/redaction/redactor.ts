import { EnvFiles } from "./env-files.ts";
import { KnownValues, type KnownValue } from "./known.ts";

interface Sources {
  /** What is secret as long as the program runs. */
  fixed: readonly KnownValue[];
  /** What is secret now: it may change at any time. */
  live?: () => readonly KnownValue[];
  /** Folders whose `.env` files have secrets: repos and worktrees. */
  folders?: () => readonly string[];
}

/** Most secrets that come and go, such as those of single turns, that are still looked for. */
const mostLive = 500;

/** The redaction of a program that runs: its secrets are those that there are whenever it is asked. */
export class Redactor {
  readonly #fixed: readonly KnownValue[];
  readonly #live = new Map<string, KnownValue>();
  readonly #sources: (() => readonly KnownValue[])[];
  #files: EnvFiles;
  #inFiles: readonly KnownValue[] = [];
  #known: KnownValues;

  constructor({ fixed, live = () => [], folders = () => [] }: Sources) {
    this.#fixed = fixed;
    this.#sources = [live];
    this.#files = new EnvFiles(folders);
    this.#known = new KnownValues(fixed);
  }

  /** Learn of more from now on. */
  learnFrom({ live, folders }: Omit<Sources, "fixed">): void {
    if (live) this.#sources.push(live);
    if (folders) this.#files = new EnvFiles(folders);
  }

  /** All that is known to be secret now. */
  known(): KnownValues {
    this.#files.refresh();
    const fresh = this.#sources.flatMap((source) => source().filter(({ value }) => !this.#live.has(value)));
    if (fresh.length === 0 && this.#files.values === this.#inFiles) return this.#known;
    for (const one of fresh) this.#live.set(one.value, one);
    for (const value of [...this.#live.keys()].slice(0, -mostLive)) this.#live.delete(value);
    this.#inFiles = this.#files.values;
    this.#known = new KnownValues([...this.#fixed, ...this.#live.values(), ...this.#inFiles]);
    return this.#known;
  }
}
