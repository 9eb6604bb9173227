import { createHash } from "node:crypto";
import { mkdir, realpath } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { z } from "zod";
import { messageOf, ShardbridgeError } from "../../errors.ts";
import { log } from "../../log.ts";
import { copyInto, openBelow, pathBelow, readBelow } from "../process/regular-file.ts";
import type { RepoInstructions, RepoSetup } from "../repo-says.ts";
import type { Repo } from "../worktree/base.ts";

const setupFile = ".shardbridge.json";
const instructionsFile = "SHARDBRIDGE.md";
/** Bytes of a file that are read. */
const largest = 64_000;
const longestInstructions = 4_000;

/** Short, and with nothing invisible in it. How many there are is bounded by the file: whoever approves it sees all of it. */
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
  copy: z.array(path).default([]),
  setup: z.array(line).default([]),
  teardown: z.array(line).default([]),
});

/** A setup file as it was found: its content's SHA-256, and what it says, or why that can't be read. */
export type FoundSetup = { hash: string; setup: RepoSetup } | { hash: string; problem: string };

type FoundInstructions = Pick<RepoInstructions, "repo" | "text"> & { hash: string };

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

/** The instructions of those repos that have some, with the SHA-256 of what is read of them. */
export async function readRepoInstructions(repos: readonly Repo[]): Promise<FoundInstructions[]> {
  const found: FoundInstructions[] = [];
  for (const repo of repos) {
    const content = await readOwn(repo.path, instructionsFile).catch(() => undefined);
    const text = content?.toString("utf8").trim().slice(0, longestInstructions).toWellFormed() ?? "";
    if (text !== "") found.push({ repo: repo.name, text, hash: createHash("sha256").update(text).digest("hex") });
  }
  return found;
}

/**
 * Copy regular files of the repo's own folder into a worktree; what is there already stays. Resolves with a sentence for each that could not
 * be copied. No symbolic link is followed in either folder, and git's own folder is left alone under whatever name.
 */
export async function copyFiles(paths: readonly string[], from: string, to: string): Promise<string[]> {
  const problems: string[] = [];
  for (const each of paths) {
    try {
      await requirePlain(each, await realpath(from));
      const source = await openBelow(from, each);
      try {
        await makeFolders(await realpath(to), dirname(each));
        await copyInto(source, join(to, each));
      } finally {
        await source.close();
      }
    } catch (error) {
      const there = error instanceof Error && "code" in error && error.code === "EEXIST";
      if (!there) problems.push(`${each} could not be copied: ${messageOf(error)}`);
    }
  }
  return problems;
}

/** In the words of who wrote the path; what changes meanwhile is refused when the file is opened. */
async function requirePlain(path: string, folder: string): Promise<void> {
  const real = await realpath(join(folder, path));
  const parts = pathBelow(folder, real)?.split(sep);
  if (!parts) throw new Error("it leads out of the repo");
  if (parts.some((part) => part.toLowerCase() === ".git")) throw new Error("it leads into git's own folder");
}

/** Folders in a worktree, one in the other, none of them a link that leads out. */
async function makeFolders(root: string, path: string): Promise<void> {
  let folder = root;
  for (const part of path.split("/")) {
    folder = join(folder, part);
    await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
    });
    if ((await realpath(folder)) !== folder) throw new Error("it leads out of the worktree");
  }
}

/** A file itself, and no link to another: somewhat more than the most that is read of it. */
async function readOwn(folder: string, name: string): Promise<Buffer | undefined> {
  return readBelow(folder, name, largest + 1).catch((error: unknown) => {
    if (!(error instanceof ShardbridgeError)) throw error;
    log.warn("a file of a repo is not read", { reason: error.message });
    return undefined;
  });
}
