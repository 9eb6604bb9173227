import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Keyv, type KeyvStorageAdapter } from "keyv";
import type { z } from "zod";
import { NotSavedError, ShardbridgeError } from "../errors.ts";
import { log } from "../log.ts";
import { type Envelope, migrate, version } from "./migrations.ts";
import { SqliteStorage } from "./sqlite.ts";
import { WriteQueue } from "./write-queue.ts";

/**
 * Records of one kind, all in memory, each write on disk before it resolves. Values are plain JSON. Writes are made in the order in which they
 * are asked for; while the disk takes nothing they wait.
 */
export interface Collection<T> {
  get(key: string): T | undefined;
  entries(): [string, T][];
  /** Resolves when the record is durable. `expires`: milliseconds since the epoch after which it is forgotten. */
  set(key: string, value: T, expires?: number): Promise<void>;
  /** The same, for what nobody relies on yet: rejects with NotSavedError at once while the disk takes nothing. */
  attempt(key: string, value: T): Promise<void>;
  delete(key: string): Promise<void>;
  /** A change for `Store.write`. */
  change(key: string, value: T): Change;
}

/** One record of a change that is written whole or not at all. */
export interface Change {
  key: string;
  envelope: Envelope;
  apply(): void;
}

/**
 * All saved records, over one Keyv. One process writes; the file is locked while it is open. Records of an older version are made into this
 * one's when the store is opened, all or none. A record of a newer version, or one that its schema refuses, stops the start and is left as
 * it is.
 */
export class Store {
  readonly #keyv: Keyv;
  readonly #found: Map<string, Envelope>;
  readonly #queue = new WriteQueue();

  private constructor(keyv: Keyv, found: Map<string, Envelope>) {
    this.#keyv = keyv;
    this.#found = found;
  }

  /** Open the store of a state folder, which is made with mode 0700. Throws ShardbridgeError "locked" or "failed". */
  static async open(folder: string): Promise<Store> {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    chmodSync(folder, 0o700);
    const file = join(folder, "state.sqlite");
    // SQLite gives its other files the mode of this one.
    if (!existsSync(file)) writeFileSync(file, "", { mode: 0o600, flag: "a" });
    for (const path of [file, `${file}-wal`, `${file}-shm`]) if (existsSync(path)) chmodSync(path, 0o600);
    const storage = new SqliteStorage(file);
    return Store.over(storage as unknown as KeyvStorageAdapter);
  }

  /** The same over any storage that Keyv takes: Redis, Postgres, a Map. */
  static async over(storage: KeyvStorageAdapter | Map<string, unknown>): Promise<Store> {
    // No "error" listener: with one, Keyv 6 turns failed writes into `false` and failed reads into "missing".
    const keyv = new Keyv({ store: storage });
    const found = new Map<string, Envelope>();
    for await (const [key, envelope] of keyv.iterator()) found.set(key, envelope as Envelope);
    await upgrade(keyv, found);
    return new Store(keyv, found);
  }

  /** The records of a kind. Throws ShardbridgeError "failed" on a record that this version can't read. */
  collection<T>(kind: string, schema: z.ZodType<T>): Collection<T> {
    const records = new Map<string, T>();
    const prefix = `${kind}/`;
    for (const [key, envelope] of this.#found) {
      if (!key.startsWith(prefix)) continue;
      records.set(key.slice(prefix.length), readRecord(key, envelope, schema));
      this.#found.delete(key);
    }
    const change = (key: string, value: T): Change => ({
      key: prefix + key,
      envelope: { v: version, value: schema.parse(value) },
      apply: () => void records.set(key, value),
    });
    const put = async (key: string, value: T, ttl: number | undefined, waits: boolean) => {
      const { envelope, apply } = change(key, value);
      await this.#queue.run(async () => {
        if (!(await this.#keyv.set(prefix + key, envelope, ttl))) throw refused();
        apply();
      }, waits);
    };
    return {
      get: (key) => records.get(key),
      entries: () => [...records],
      change,
      set: async (key, value, expires) =>
        put(key, value, expires === undefined ? undefined : Math.max(1, expires - Date.now()), true),
      attempt: async (key, value) => put(key, value, undefined, false),
      delete: async (key) =>
        this.#queue.run(async () => {
          await this.#keyv.delete(prefix + key);
          records.delete(key);
        }, true),
    };
  }

  /** Several records at once, of any kinds: all are durable, or none. */
  async write(changes: Change[]): Promise<void> {
    await this.#queue.run(async () => {
      const saved = await this.#keyv.setMany(changes.map(({ key, envelope }) => ({ key, value: envelope })));
      if (!saved.every(Boolean)) throw refused();
      for (const change of changes) change.apply();
    }, true);
  }

  /** Why nothing can be saved, as long as that is so. */
  get fault(): NotSavedError | undefined {
    return this.#queue.fault;
  }

  /** Call back when saving begins to fail, and with undefined when it can be saved again. */
  watch(listener: (fault: NotSavedError | undefined) => void): void {
    this.#queue.listener = listener;
  }

  /** Wait for no disk any more: what it refuses from now on, and what waits, rejects with NotSavedError. */
  stopWaiting(): void {
    this.#queue.stopWaiting();
  }

  async close(): Promise<void> {
    this.#queue.stopWaiting();
    await this.#keyv.disconnect();
  }
}

/** Every record of version 1 is one of version 2 from now on; when it is forgotten stays. */
async function upgrade(keyv: Keyv, found: Map<string, Envelope>): Promise<void> {
  const old = new Map([...found].filter(([, { v }]) => v === 1));
  if (old.size === 0) return;
  const keys = [...old.keys()];
  const migrated = migrate(old);
  const raw = await keyv.getManyRaw<Envelope>(keys);
  const entries = keys.flatMap((key, index) => {
    const value = migrated.get(key);
    const before = raw[index];
    const expires = typeof before === "object" ? before.expires : undefined;
    return value ? [{ key, value: { value, ...(typeof expires === "number" && { expires }) } }] : [];
  });
  const saved = await keyv.setManyRaw(entries);
  if (!saved.every(Boolean)) throw refused();
  for (const [key, envelope] of migrated) found.set(key, envelope);
  log.info("saved records were made into those of this version", { records: entries.length, version });
}

function readRecord<T>(key: string, envelope: Envelope, schema: z.ZodType<T>): T {
  if (envelope.v !== version) {
    throw new ShardbridgeError(
      "failed",
      `The saved record ${key} is of version ${envelope.v}, which this Shardbridge does not know: use the newer version.`,
    );
  }
  const parsed = schema.safeParse(envelope.value);
  if (parsed.success) return parsed.data;
  throw new ShardbridgeError("failed", `The saved record ${key} can't be read: ${parsed.error.message}`, {
    cause: parsed.error,
  });
}

function refused(): NotSavedError {
  return new NotSavedError("the storage refused it");
}
