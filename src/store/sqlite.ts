import { EventEmitter } from "node:events";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import type { KeyvStorageAdapter, KeyvStorageEntry, KeyvStorageGetResult } from "keyv";
import { messageOf, NotSavedError, ShardbridgeError } from "../errors.ts";

/** Keyv's contract less the emitter, which Node's own EventEmitter is at run time, though not to the type checker. */
type StorageMethods = Omit<KeyvStorageAdapter, keyof EventEmitter>;

/**
 * Keyv's storage contract over one file of node:sqlite: WAL, synchronous FULL, and the file locked for as long as it is open, which is
 * also what keeps a second bot off the same state folder. `@keyv/sqlite` 6 would do, but it brings better-sqlite3, which wants a
 * compiler or a download at install; and there `setMany` is limited to 249 entries.
 */
export class SqliteStorage extends EventEmitter implements StorageMethods {
  namespace: string | undefined = undefined;
  readonly capabilities = {
    compatible: true,
    store: "keyvStorage",
    methods: {},
    expires: true,
  } as unknown as NonNullable<KeyvStorageAdapter["capabilities"]>;
  readonly #db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  /** Throws ShardbridgeError "locked" when another process has the file open, "failed" when it is no database. */
  constructor(file: string) {
    super();
    this.#db = openLocked(file);
  }

  async get<Value>(key: string): Promise<KeyvStorageGetResult<Value>> {
    const row = this.#prepare("SELECT value, expires FROM records WHERE key = ?").get(key);
    return live(row) as KeyvStorageGetResult<Value>;
  }

  async getMany<Value>(keys: string[]): Promise<KeyvStorageGetResult<Value | undefined>[]> {
    return Promise.all(keys.map((key) => this.get<Value | undefined>(key)));
  }

  async set(key: string, value: unknown, expires?: number): Promise<boolean> {
    saving(() => this.#put(key, value, expires));
    return true;
  }

  /** All entries or none. */
  async setMany<Value>(entries: KeyvStorageEntry<Value>[]): Promise<boolean[]> {
    this.#inTransaction(() => {
      for (const { key, value, expires } of entries) this.#put(key, value, expires);
    });
    return entries.map(() => true);
  }

  async delete(key: string): Promise<boolean> {
    return saving(() => this.#prepare("DELETE FROM records WHERE key = ?").run(key).changes > 0);
  }

  async deleteMany(keys: string[]): Promise<boolean[]> {
    const deleted: boolean[] = [];
    this.#inTransaction(() => {
      for (const key of keys) deleted.push(this.#prepare("DELETE FROM records WHERE key = ?").run(key).changes > 0);
    });
    return deleted;
  }

  async has(key: string): Promise<boolean> {
    return (await this.get(key)) !== undefined;
  }

  async hasMany(keys: string[]): Promise<boolean[]> {
    return Promise.all(keys.map((key) => this.has(key)));
  }

  async clear(): Promise<void> {
    this.#db.exec("DELETE FROM records");
  }

  async *iterator<Value>(): AsyncGenerator<(string | Awaited<Value> | undefined)[], void> {
    this.#prepare("DELETE FROM records WHERE expires IS NOT NULL AND expires <= ?").run(Date.now());
    for (const row of this.#prepare("SELECT key, value FROM records ORDER BY key").all()) {
      yield [row["key"] as string, row["value"] as Awaited<Value>];
    }
  }

  async disconnect(): Promise<void> {
    this.#statements.clear();
    this.#db.close();
  }

  #put(key: string, value: unknown, expires: number | undefined): void {
    const sql =
      "INSERT INTO records (key, value, expires) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value, expires = excluded.expires";
    this.#prepare(sql).run(key, value as SQLInputValue, expires ?? null);
  }

  #inTransaction(work: () => void): void {
    saving(() => {
      try {
        this.#db.exec("BEGIN IMMEDIATE");
        work();
        this.#db.exec("COMMIT");
      } catch (error) {
        // A full disk rolls back by itself (sqlite.org/lang_transaction.html, section 3).
        if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
        throw error;
      }
    });
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (!statement) this.#statements.set(sql, (statement = this.#db.prepare(sql)));
    return statement;
  }
}

/** Result codes of a disk that takes nothing (sqlite.org/rescode.html): READONLY, IOERR, FULL, CANTOPEN. */
const diskFaults = [8, 10, 13, 14];

function saving<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    const code = error instanceof Error && "errcode" in error ? Number(error.errcode) & 0xff : 0;
    throw diskFaults.includes(code) ? new NotSavedError(messageOf(error), { cause: error }) : error;
  }
}

function live(row: Record<string, unknown> | undefined): unknown {
  if (!row) return undefined;
  const expires = row["expires"];
  return typeof expires === "number" && expires <= Date.now() ? undefined : row["value"];
}

/** EXCLUSIVE locking keeps the lock from the first write until the file is closed or its process dies, also by kill -9. */
function openLocked(file: string): DatabaseSync {
  let db: DatabaseSync | undefined;
  try {
    db = new DatabaseSync(file, { timeout: 0 });
    db.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL");
    db.exec(
      "CREATE TABLE IF NOT EXISTS records (key TEXT PRIMARY KEY, value TEXT NOT NULL, expires INTEGER) WITHOUT ROWID",
    );
    db.exec("BEGIN EXCLUSIVE; COMMIT");
    return db;
  } catch (error) {
    db?.close();
    if (/locked|busy/i.test(String(error))) {
      throw new ShardbridgeError(
        "locked",
        `Another Shardbridge is using this state folder (${file}): stop it, or set SHARDBRIDGE_HOME to another folder.`,
        { cause: error },
      );
    }
    throw new ShardbridgeError(
      "failed",
      `The state file ${file} can't be used: ${error instanceof Error ? error.message : String(error)}.`,
      { cause: error },
    );
  }
}
