import { existsSync } from "node:fs";
import { realpath } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import { isMissing, readBelow } from "../process/regular-file.ts";

/** Bytes of a file that names a folder. */
const longest = 10_000;

/** Where git keeps a repository: what is one worktree's own, and what all its worktrees have in common. */
export interface GitFolders {
  own: string;
  common: string;
}

/**
 * The folders of a linked worktree of the repository `common`; undefined where the worktree's `.git` is not the file that git wrote there,
 * or git does not know the worktree by it: an agent can put another one there, which leads to a configuration of its own.
 */
export async function foldersOf(tree: string, common: string): Promise<GitFolders | undefined> {
  const own = await named(tree, ".git", /^gitdir: (.+)\n?$/);
  if (own === undefined || dirname(own) !== (await real(join(common, "worktrees")))) return undefined;
  const back = await named(own, "gitdir", /^(.+)\n?$/, dirname);
  return back !== undefined && back === (await real(tree))
    ? { own: join(common, "worktrees", basename(own)), common }
    : undefined;
}

/** The folders of a submodule that stands in a worktree; undefined for one that is not there. */
export async function foldersOfPart(part: string): Promise<GitFolders | undefined> {
  const place = join(part, ".git");
  const own = (await named(part, ".git", /^gitdir: (.+)\n?$/)) ?? (existsSync(join(place, "HEAD")) ? place : undefined);
  if (own === undefined) return undefined;
  return { own, common: (await named(own, "commondir", /^(.+)\n?$/)) ?? own };
}

/** The folder that a file names, links resolved. */
async function named(
  folder: string,
  file: string,
  pattern: RegExp,
  of = (path: string) => path,
): Promise<string | undefined> {
  const content = await readBelow(folder, file, longest).catch((error: unknown) => {
    // What is no regular file is none of git's.
    if (error instanceof ShardbridgeError) return undefined;
    throw error;
  });
  const path = content && pattern.exec(content.toString("utf8"))?.[1];
  return path === undefined ? undefined : real(of(resolve(folder, path)));
}

async function real(path: string): Promise<string | undefined> {
  return realpath(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
}
