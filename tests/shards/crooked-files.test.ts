import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Entry, Journal } from "../../src/shards/agents/agent.ts";
import { runCommands } from "../../src/shards/lifecycle/run-commands.ts";
import { copyFiles, readRepoInstructions } from "../../src/shards/lifecycle/setup-file.ts";
import { appendToFile, openBelow, readBelow, readRegular, replaceFile } from "../../src/shards/process/regular-file.ts";
import { JournalReader } from "../../src/shards/state/journal.ts";
import { Store } from "../../src/store/store.ts";

let folder: string;
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), "crooked-")));
  mkdirSync(join(folder, "repo", ".git"), { recursive: true });
  mkdirSync(join(folder, "tree"));
  mkdirSync(join(folder, "outside"));
  writeFileSync(join(folder, "outside", "secret"), "secret");
  writeFileSync(join(folder, "repo", ".git", "config"), "token");
  writeFileSync(join(folder, "repo", "plain"), "plain", { mode: 0o755 });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pipe = (path: string) => execFileSync("mkfifo", [path]);
/** What can be in a file's place, and how it is called. Each is put at `path`. */
const kinds: [string, string, (path: string) => void][] = [
  ["a named pipe", "a named pipe", pipe],
  ["a link to a file elsewhere", "a symbolic link", (path) => symlinkSync(join(folder, "outside", "secret"), path)],
  ["a link to a device", "a symbolic link", (path) => symlinkSync("/dev/zero", path)],
  ["a link to nothing", "a symbolic link", (path) => symlinkSync(join(folder, "nothing"), path)],
  ["a folder", "a folder", (path) => mkdirSync(path)],
];

describe("a file that is not what it seems", () => {
  it.each(kinds)("%s is not opened", async (_, what, put) => {
    const path = join(folder, "repo", "file");
    put(path);
    await expect(openBelow(join(folder, "repo"), "file")).rejects.toMatchObject({
      code: "refused",
      message: expect.stringContaining(what),
    });
    expect(() => readRegular(path)).toThrow(what);
  });

  it("is not opened as a device", async () => {
    await expect(openBelow("/dev", "zero")).rejects.toThrow("a device");
    expect(() => readRegular("/dev/zero")).toThrow("a device");
  });

  it.each(["../outside/secret", "/etc/passwd", "", "a/../../outside/secret"])("is not opened at %j", async (path) => {
    await expect(openBelow(join(folder, "repo"), path)).rejects.toMatchObject({ code: "refused" });
  });

  it("is not opened behind a folder that is a link", async () => {
    symlinkSync(join(folder, "outside"), join(folder, "repo", "d"));
    await expect(openBelow(join(folder, "repo"), "d/secret")).rejects.toMatchObject({ code: "refused" });
  });

  it("is read where it is one, through a link to its folder too", async () => {
    symlinkSync(join(folder, "repo"), join(folder, "link"));
    expect((await readBelow(join(folder, "link"), "plain", 3))?.toString()).toBe("pla");
    expect(await readBelow(folder, "missing", 3)).toBeUndefined();
    expect(readRegular(join(folder, "repo", "plain"))).toBe("plain");
    expect(readRegular(join(folder, "missing"))).toBeUndefined();
  });

  it.each(kinds.filter(([name]) => name !== "a folder"))("is replaced, and not written to: %s", (_, _what, put) => {
    for (const [name, write] of [
      ["replaced", (path: string) => replaceFile(path, "new")],
      ["appended", (path: string) => appendToFile(path, Buffer.from("new"))],
    ] as const) {
      const path = join(folder, name);
      put(path);
      write(path);
      expect(readFileSync(path, "utf8")).toBe("new");
      expect(statSync(path).mode & 0o777).toBe(0o600);
    }
    expect(readFileSync(join(folder, "outside", "secret"), "utf8")).toBe("secret");
    expect(existsSync(join(folder, "nothing"))).toBe(false);
  });
});

describe("what a setup file copies", () => {
  const copy = async (...paths: string[]) => copyFiles(paths, join(folder, "repo"), join(folder, "tree"));

  it("is a regular file, with its right to be run", async () => {
    mkdirSync(join(folder, "repo", "d", "e"), { recursive: true });
    writeFileSync(join(folder, "repo", "d", "e", "f"), "deep");
    expect(await copy("plain", "d/e/f")).toEqual([]);
    expect(readFileSync(join(folder, "tree", "d", "e", "f"), "utf8")).toBe("deep");
    expect(statSync(join(folder, "tree", "plain")).mode & 0o100).toBe(0o100);
  });

  it("is no link into git's own folder, of a file or a folder", async () => {
    symlinkSync(".git/config", join(folder, "repo", "cfg"));
    symlinkSync(".git", join(folder, "repo", "g"));
    expect(await copy("cfg", "g/config")).toEqual([
      "cfg could not be copied: it leads into git's own folder",
      "g/config could not be copied: it leads into git's own folder",
    ]);
    expect(existsSync(join(folder, "tree", "cfg"))).toBe(false);
  });

  it.each(kinds)("is not %s", async (_, _what, put) => {
    put(join(folder, "repo", "file"));
    expect(await copy("file")).toEqual([expect.stringContaining("file could not be copied: ")]);
    expect(existsSync(join(folder, "tree", "file"))).toBe(false);
  });

  it("makes no folder outside of the worktree", async () => {
    mkdirSync(join(folder, "repo", "d", "e"), { recursive: true });
    writeFileSync(join(folder, "repo", "d", "e", "f"), "deep");
    symlinkSync(join(folder, "outside"), join(folder, "tree", "d"));
    expect(await copy("d/e/f")).toEqual(["d/e/f could not be copied: it leads out of the worktree"]);
    expect(existsSync(join(folder, "outside", "e"))).toBe(false);
  });

  it("holds no thread, however many pipes there are", async () => {
    const pipes = Array.from({ length: 8 }, (_, index) => `pipe${index}`);
    for (const name of pipes) pipe(join(folder, "repo", name));
    const problems = await Promise.all(pipes.map((name) => copy(name)));
    expect(problems.flat()).toHaveLength(8);
    expect(await readFile(join(folder, "outside", "secret"), "utf8")).toBe("secret");
  });
});

describe("a journal", () => {
  const journal: Journal = {
    tells: "turns",
    places: () => [
      { folder: join(folder, "shard"), depth: 0, file: /^signals\.jsonl$/, owns: () => true },
      { folder: join(folder, "kind"), depth: 1, file: /^own\.jsonl$/, owns: () => true },
    ],
    read: (line) => [line as Entry],
  };
  const launchedAt = new Date(Date.now() - 1000).toISOString();
  const context = () => ({ env: {}, folder, worktree: "/w", conversation: "c", known: true, launchedAt });
  const said = `${JSON.stringify({ type: "said", text: "hello" })}\n`;
  const names = (file: string) =>
    writeFileSync(
      join(folder, "shard", "signals.jsonl"),
      `${JSON.stringify({ type: "conversation", id: "c", file })}\n`,
    );
  const texts = async (reader: JournalReader) =>
    (await reader.read(true)).flatMap((entry) => (entry.type === "said" ? [entry.text] : []));

  beforeEach(() => {
    mkdirSync(join(folder, "shard"));
    mkdirSync(join(folder, "kind", "project"), { recursive: true });
    writeFileSync(join(folder, "outside", "log.jsonl"), said);
  });

  it.each([
    ["elsewhere", () => join(folder, "outside", "log.jsonl")],
    ["elsewhere by dots", () => `${join(folder, "kind")}/../outside/log.jsonl`],
    ["by a relative path", () => "outside/log.jsonl"],
    [
      "behind a link to a folder",
      () => {
        symlinkSync(join(folder, "outside"), join(folder, "kind", "link"));
        return join(folder, "kind", "link", "log.jsonl");
      },
    ],
    [
      "as a link",
      () => {
        symlinkSync(join(folder, "outside", "log.jsonl"), join(folder, "kind", "link.jsonl"));
        return join(folder, "kind", "link.jsonl");
      },
    ],
    [
      "as a pipe",
      () => {
        pipe(join(folder, "kind", "pipe"));
        return join(folder, "kind", "pipe");
      },
    ],
    ["as a device", () => "/dev/zero"],
  ])("is not read that is named %s, and all else is", async (_, put) => {
    const readers = Array.from({ length: 6 }, () => new JournalReader(journal, context, {}));
    names(put());
    for (const round of [1, 2]) {
      const read = await Promise.all(readers.map(texts));
      expect(read.flat(), `round ${round}`).toEqual([]);
    }
    writeFileSync(join(folder, "kind", "project", "own.jsonl"), said);
    expect(await Promise.all(readers.map(texts))).toEqual(readers.map(() => ["hello"]));
  });

  it("is read that is named in the kind's own folder, also by another way there", async () => {
    symlinkSync(join(folder, "kind"), join(folder, "way"));
    const linked: Journal = {
      ...journal,
      places: (given) =>
        journal.places(given).map((place, index) => (index === 0 ? place : { ...place, folder: join(folder, "way") })),
    };
    const reader = new JournalReader(linked, context, {});
    writeFileSync(join(folder, "kind", "named.jsonl"), said);
    names(join(folder, "kind", "named.jsonl"));
    await reader.read(true);
    expect(await texts(reader)).toEqual(["hello"]);
  });

  it.each(kinds)("is not read where it is %s", async (_, _what, put) => {
    put(join(folder, "shard", "signals.jsonl"));
    const reader = new JournalReader(journal, context, {});
    expect(await reader.read(true)).toEqual([]);
    expect(await reader.read(true)).toEqual([]);
  });
});

it("neither notes nor a log of ours are what an agent has put there", async () => {
  pipe(join(folder, "repo", "SHARDBRIDGE.md"));
  expect(await readRepoInstructions([{ name: "app", path: join(folder, "repo") }])).toEqual([]);
  const log = join(folder, "setup.log");
  symlinkSync(join(folder, "outside", "secret"), log);
  const env = { PATH: "/usr/bin:/bin" };
  expect(
    await runCommands(["echo hello"], { folder: join(folder, "tree"), env, log, patience: 10_000 }),
  ).toBeUndefined();
  expect(readFileSync(log, "utf8")).toContain("hello");
  expect(readFileSync(join(folder, "outside", "secret"), "utf8")).toBe("secret");
});

it("all files of the store are their owner's alone", async () => {
  const mask = process.umask(0o022);
  try {
    const home = join(folder, "home");
    const store = await Store.open(home);
    const files = execFileSync("find", [home, "-type", "f"], { encoding: "utf8" }).trim().split("\n");
    expect(files).toContain(join(home, "state.sqlite-wal"));
    expect(files.filter((file) => (statSync(file).mode & 0o077) !== 0)).toEqual([]);
    await store.close();
  } finally {
    process.umask(mask);
  }
});
