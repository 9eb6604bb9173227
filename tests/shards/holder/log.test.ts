import type * as FileSystem from "node:fs";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OutputLog } from "../../../src/shards/holder/log.ts";

/** A disk that can be full: a link to /dev/full is not followed. */
const disk = vi.hoisted(() => ({ full: false }));
vi.mock("node:fs", async (importOriginal) => {
  const fs = await importOriginal<typeof FileSystem>();
  const writeSync = (...given: Parameters<typeof fs.writeSync>) => {
    if (disk.full) throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    return fs.writeSync(...given);
  };
  return { ...fs, writeSync };
});

describe("the output log", () => {
  let folder: string;
  let path: string;
  const errors: unknown[] = [];
  const open = (limit: number) => new OutputLog(path, limit, (error) => errors.push(error));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), "log-"));
    path = join(folder, "out");
    errors.length = 0;
    disk.full = false;
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it("gives back what was appended, by offset", () => {
    const log = open(1000);
    log.append(Buffer.from("hello "));
    log.append(Buffer.from("world"));
    expect(log.read(0, 100)).toEqual({ offset: 0, data: Buffer.from("hello world"), end: 11 });
    expect(log.read(6, 3)).toEqual({ offset: 6, data: Buffer.from("wor"), end: 11 });
    expect(log.read(11, 5)).toEqual({ offset: 11, data: Buffer.from(""), end: 11 });
    expect(log.read(500, 5)).toEqual({ offset: 11, data: Buffer.from(""), end: 11 });
    log.close();
  });

  it("is soon on disk, without being read", async () => {
    const log = open(1_000_000);
    log.append(Buffer.alloc(70_000, "x"));
    log.append(Buffer.from("end"));
    await expect.poll(() => readFileSync(path, "utf8")).toBe(`${"x".repeat(70_000)}end`);
    log.close();
  });

  it.each([1, 7, 49, 50, 51, 100, 101, 1000])(
    "keeps the newest bytes in two files of half the limit, in chunks of %i",
    (size) => {
      const all = Buffer.from(Array.from({ length: 300 }, (_, index) => `${index}\n`).join(""));
      const log = open(100);
      for (let start = 0; start < all.length; start += size) log.append(all.subarray(start, start + size));
      const { offset, data, end } = log.read(0, 10_000);
      expect(end).toBe(all.length);
      expect(data).toEqual(all.subarray(offset));
      expect(data.length).toBeGreaterThan(50);
      expect(data.length).toBeLessThanOrEqual(100);
      for (let from = offset; from < end; from += 9) {
        expect(log.read(from, 20).data).toEqual(all.subarray(from, from + 20));
      }
      expect(Buffer.concat([readFileSync(`${path}.1`), readFileSync(path)])).toEqual(data);
      log.close();
    },
  );

  it("is for its owner only, and starts empty", () => {
    const first = open(4);
    first.append(Buffer.from("123456"));
    first.close();
    const second = open(4);
    expect(existsSync(`${path}.1`)).toBe(false);
    expect(second.read(0, 10)).toEqual({ offset: 0, data: Buffer.from(""), end: 0 });
    second.append(Buffer.from("123"));
    second.close();
    for (const file of [path, `${path}.1`]) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it("stops on a full disk, says so once, and still reads", () => {
    const log = open(1000);
    disk.full = true;
    for (let count = 0; count < 3; count++) log.append(Buffer.from("text"));
    expect(log.read(0, 10)).toMatchObject({ data: Buffer.from(""), end: 0 });
    log.append(Buffer.from("more"));
    expect(log.read(0, 10)).toMatchObject({ data: Buffer.from(""), end: 0 });
    expect(errors).toEqual([expect.objectContaining({ code: "ENOSPC" })]);
    log.close();
  });
});
