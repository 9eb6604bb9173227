import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { KeyvStorageAdapter, KeyvStorageEntry } from "keyv";
import { NotSavedError } from "../../src/errors.ts";
import { SqliteStorage } from "../../src/store/sqlite.ts";
import { Store } from "../../src/store/store.ts";

/** A real state file on a disk that can be made to take nothing. */
export class Disk extends SqliteStorage {
  full = false;
  /** Writes that came, the refused ones too. */
  tries = 0;

  static async open(folder: string): Promise<{ disk: Disk; store: Store }> {
    mkdirSync(folder, { recursive: true });
    const disk = new Disk(join(folder, "state.sqlite"));
    return { disk, store: await Store.over(disk as unknown as KeyvStorageAdapter) };
  }

  override async set(key: string, value: unknown, expires?: number): Promise<boolean> {
    this.#check();
    return super.set(key, value, expires);
  }

  override async setMany<Value>(entries: KeyvStorageEntry<Value>[]): Promise<boolean[]> {
    this.#check();
    return super.setMany(entries);
  }

  override async delete(key: string): Promise<boolean> {
    this.#check();
    return super.delete(key);
  }

  #check(): void {
    this.tries += 1;
    if (this.full) throw new NotSavedError("database or disk is full");
  }
}
