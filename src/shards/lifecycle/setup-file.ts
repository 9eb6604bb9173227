import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { copyFile, lstat, mkdir, open, realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { z } from "zod";
import { messageOf } from "../../errors.ts";
import type { RepoInstructions, RepoSetup } from "../repo-says.ts";
import type { Repo } from "../worktree/base.ts";

const setupFile = ".shardbridge.json";
const instructionsFile = "SHARDBRIDGE.md";
/** Bytes of a file that are read. */
const largest = 64_000;
const longestInstructions = 4_000;

/** Short, and with nothing invisible in it: whoever approves it sees all of it. */
const line = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+$/u, "has characters that can't be seen");
const path = line.refine((given) => {
  const parts = given.split("/");
  return !given.startsWith("/") && !parts.some((part) => ["", ".", "..", ".git"].includes(part.toLowerCase()));
}, "is no path within the repo");
const schema = z.strictObject({
  copy: z.array(path).max(10).default([]),
  setup: z.array(line).max(10).default([]),
  teardown: z.array(line).max(10).default([]),
});

/** A setup file as it was found: its content's SHA-256, and what it says, or why that can't be read. */
export type FoundSetup = { hash: string; setup: RepoSetup } | { hash: string; problem: string };

/** The setup file of a worktree; undefined where there is none. */
export async function readSetup(worktree: string): Promise<FoundSetup | undefined> {
  const content = await readOwn(worktree, setupFile);
  if (content === undefined) return undefined;
  const hash = createHash("sha256").update(content).digest("hex");
  if (content.length > largest) return { hash, problem: `${setupFile} is too large.` };
  try {
    return { hash, setup: schema.parse(JSON.parse(content.toString("utf8"))) };
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error);
    return { hash, problem: `${setupFile} can't be read: ${why}` };
  }
}

/** The instructions of those repos that have some. */
export async function readRepoInstructions(repos: readonly Repo[]): Promise<RepoInstructions[]> {
  const found: RepoInstructions[] = [];
  for (const repo of repos) {
    const content = await readOwn(repo.path, instructionsFile).catch(() => undefined);
    const text = content?.toString("utf8").trim().slice(0, longestInstructions).toWellFormed() ?? "";
    if (text !== "") found.push({ repo: repo.name, text });
  }
  return found;
}

/**
 * Copy files of the repo's own folder into a worktree; what is there already stays. Resolves with a sentence for each that could not be
 * copied. No symbolic link leads in or out of either folder.
 */
export async function copyFiles(paths: readonly string[], from: string, to: string): Promise<string[]> {
  const problems: string[] = [];
  for (const each of paths) {
    try {
      const source = await realpath(join(from, each));
      if (!source.startsWith((await realpath(from)) + sep)) throw new Error("it leads out of the repo");
      const target = join(to, each);
      await mkdir(dirname(target), { recursive: true });
      if ((await realpath(dirname(target))) !== dirname(target)) throw new Error("it leads out of the worktree");
      await copyFile(source, target, constants.COPYFILE_EXCL);
    } catch (error) {
      const there = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!there) problems.push(`${each} could not be copied: ${messageOf(error)}`);
    }
  }
  return problems;
}

/** A file itself, and no link to another: somewhat more than the most that is read of it. */
async function readOwn(folder: string, name: string): Promise<Buffer | undefined> {
  const place = join(folder, name);
  const found = await lstat(place).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  const file = await open(place, constants.O_RDONLY | constants.O_NOFOLLOW);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(largest + 1));
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
