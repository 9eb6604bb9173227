import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, rmdir, symlink, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ShardbridgeError } from "../../errors.ts";
import { copyInto, isMissing, openBelow, readBelow } from "../process/regular-file.ts";
import { commitOf, type Repo } from "./base.ts";
import { type Git, GitFailure, gitIn } from "./git.ts";
import { foldersOf, foldersOfPart, type GitFolders } from "./git-folders.ts";
import { largeFiles } from "./large-files.ts";
import { configText, type RepoSettings, type Setting, settingsOf } from "./settings.ts";

type Env = Readonly<Record<string, string>>;

/** Bytes of a file with rules that is read: what to leave out, attributes. */
const longest = 10_000_000;

/** What a repo and its shadow share, where it is there: objects and refs, in either of git's formats, and the list of worktrees. */
const refs = ["refs", "packed-refs", "reftable", "logs"];
const others = ["objects", "worktrees", "shallow"];

/** Neither the user's nor the system's configuration: what is wanted of them is in the shadow's own. */
const alone = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

interface Opened extends GitFolders {
  folder: string;
  settings: RepoSettings;
  git: Git;
}

/** What git is run with in a worktree: its files are its own, its index is a copy, and its HEAD is the commit that it has. */
export interface TreeShadow {
  path: string;
  git: Git;
  /** Full hash; undefined as long as there is no commit. */
  head: string | undefined;
  /** The shadow's own folder, and git's for this worktree. */
  folder: string;
  own: string;
}

/**
 * A repo as our own git sees it: with its objects and refs, and a configuration of ours. An agent may write all that is in a repo, its
 * configuration too, and a configuration names programs: filters, drivers, hooks, transports. None of it is read here, but for what
 * `settingsOf` takes; so an attribute that names a filter or a driver names nothing.
 */
export class Shadow {
  readonly #repo: Repo;
  readonly #env: Env;
  readonly #scratch: boolean;
  #opened: Promise<Opened> | undefined;
  #folder: string | undefined;
  #count = 0;

  private constructor(repo: Repo, env: Env, scratch: boolean) {
    this.#repo = repo;
    this.#env = env;
    this.#scratch = scratch;
  }

  /** Do something in a repo's shadow; it is made when it is asked for first, and gone afterwards. */
  static async over<T>(repo: Repo, env: Env, work: (shadow: Shadow) => Promise<T>): Promise<T> {
    return new Shadow(repo, env, false).#during(work);
  }

  /** The same with a place for objects that are not to stay: git reads the repo's own through it, and writes none of them there. */
  static async scratch<T>(repo: Repo, env: Env, work: (shadow: Shadow) => Promise<T>): Promise<T> {
    return new Shadow(repo, env, true).#during(work);
  }

  /** Runs in the repo. Throws "config" where there is none. */
  readonly git: Git = async (args, patience) => (await this.#open()).git(args, patience);

  /** The repo's own folder, as git lists it among the worktrees. */
  async main(): Promise<string> {
    const { common } = await this.#open();
    return common.replace(/\/\.git$/, "");
  }

  /** Whether objects may be missing here, which git would fetch by what the repo's configuration says. */
  async isPartial(): Promise<boolean> {
    return (await this.#open()).settings.partial;
  }

  /**
   * git in one of the repo's worktrees. Throws "refused" where the worktree's `.git` is not what git wrote there.
   * @param download large files may be downloaded, with the user's own logins
   */
  async tree(path: string, download = false): Promise<TreeShadow> {
    const { common } = await this.#open();
    const folders = await foldersOf(path, common);
    if (!folders) {
      const remedy = "put back what was there, or look at the files by hand";
      throw new ShardbridgeError(
        "refused",
        `${path}/.git is not what git wrote there, so that git is not run in it: ${remedy}.`,
      );
    }
    const head = await commitOf(this.git, `worktrees/${basename(folders.own)}/HEAD`);
    return this.#tree(path, folders, head, download);
  }

  /** Whether a folder is one of the repo's worktrees, with the `.git` that git wrote there. */
  async knows(path: string): Promise<boolean> {
    return (await foldersOf(path, (await this.#open()).common)) !== undefined;
  }

  /** git in a submodule of a worktree; undefined for one that is not there. */
  async part(path: string): Promise<TreeShadow | undefined> {
    const folders = await foldersOfPart(path);
    if (!folders) return undefined;
    const folder = await this.#next();
    const format: Setting[] = existsSync(join(folders.common, "reftable"))
      ? [["extensions.refstorage", "reftable"]]
      : [];
    await fill(folder, folders, format, [...refs, "objects", "shallow"]);
    const head = await commitOf(gitIn(folder, { ...this.#env, ...alone, GIT_DIR: folder }), "HEAD");
    return this.#tree(path, folders, head, false);
  }

  /** A new worktree with a branch that is there, without files. */
  async add(path: string, branch: string): Promise<void> {
    const { common, folder } = await this.#open();
    const list = join(common, "worktrees");
    await mkdir(list, { recursive: true });
    if (!existsSync(join(folder, "worktrees"))) await symlink(list, join(folder, "worktrees"));
    await this.git(["worktree", "add", "--no-checkout", "--", path, branch]);
    // Git has written where the shadow is.
    const written = await readFile(join(path, ".git"), "utf8");
    await writeFile(join(path, ".git"), `gitdir: ${join(list, basename(written.trim()))}\n`);
  }

  /** Write the files of a worktree that has none yet, and its index. `patience`: see `Git`. */
  async checkOut(path: string, patience: number): Promise<void> {
    const { settings } = await this.#open();
    const { git, folder, own } = await this.tree(path, true);
    await git(["read-tree", "-m", "-u", "HEAD"], patience);
    await copyInto(await openBelow(folder, "index"), join(own, "index"));
    // Git keeps there which files a worktree has, where each has a configuration of its own.
    const sparse = settings.plain.filter(([key]) => key.startsWith("core.sparsecheckout"));
    if (settings.perWorktree && sparse.length > 0)
      await writeFile(join(own, "config.worktree"), configText(sparse), { flag: "wx" });
  }

  /** Take a worktree whose folder is gone off git's list. */
  async drop(path: string): Promise<void> {
    // The second --force is for the lock.
    await this.git(["worktree", "remove", "--force", "--force", "--", path]);
    const { common } = await this.#open();
    await rmdir(join(common, "worktrees")).catch((error: NodeJS.ErrnoException) => {
      if (!["ENOTEMPTY", "EEXIST", "ENOENT"].includes(error.code ?? "")) throw error;
    });
  }

  /** Delete a branch, and what the repo's configuration says of it. */
  async deleteBranch(branch: string): Promise<void> {
    await this.git(["branch", "-D", "--", branch]);
    const { common } = await this.#open();
    const config = ["config", "--file", join(common, "config")];
    try {
      await this.git([...config, "--remove-section", `branch.${branch}`]);
    } catch (error) {
      if (!(error instanceof GitFailure) || !/no such section/i.test(error.said)) throw error;
    }
  }

  async #during<T>(work: (shadow: Shadow) => Promise<T>): Promise<T> {
    try {
      return await work(this);
    } finally {
      if (this.#folder !== undefined) await rm(this.#folder, { recursive: true, force: true });
    }
  }

  async #open(): Promise<Opened> {
    this.#opened ??= this.#make();
    return this.#opened;
  }

  async #make(): Promise<Opened> {
    const { path } = this.#repo;
    const { own, common, bare } = await find(this.#repo, this.#env);
    const settings = await settingsOf(gitIn(path, { ...this.#env, GIT_DIR: own }));
    const folder = await this.#next();
    const core: Setting[] = [["core.bare", String(bare)], ...settings.format];
    await fill(folder, { own, common }, [...core, ...settings.plain], [...refs, ...others]);
    return { own, common, folder, settings, git: gitIn(path, this.#envOf(folder, common)) };
  }

  async #tree(path: string, folders: GitFolders, head: string | undefined, download: boolean): Promise<TreeShadow> {
    const { settings } = await this.#open();
    const folder = await this.#next();
    const storage = download ? join(folders.common, "lfs") : join(folder, "lfs");
    const format = settings.format.filter(([key]) => key === "extensions.objectformat");
    const own = [...format, ...settings.plain, ...(download ? settings.download : []), ...largeFiles(storage)];
    await fill(
      folder,
      folders,
      [["core.bare", "false"], ...own],
      ["objects", "shallow"],
      head ?? "ref: refs/heads/unborn",
    );
    await copyIndex(folders.own, folder);
    const env = { ...this.#envOf(folder, folders.common), GIT_WORK_TREE: path };
    return { path, head, folder, own: folders.own, git: gitIn(path, env, download ? "logins" : "none") };
  }

  #envOf(folder: string, common: string): Record<string, string> {
    const env = { ...this.#env, ...alone, GIT_DIR: folder };
    if (!this.#scratch || this.#folder === undefined) return env;
    // A path with a colon would be two without the quotes.
    const quoted = `"${join(common, "objects").replaceAll(/["\\]/g, String.raw`\$&`)}"`;
    return { ...env, GIT_OBJECT_DIRECTORY: join(this.#folder, "objects"), GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted };
  }

  /** A new place for a git's folder. */
  async #next(): Promise<string> {
    if (this.#folder === undefined) {
      this.#folder = await mkdtemp(join(tmpdir(), "shardbridge-git-"));
      await mkdir(join(this.#folder, "objects"));
    }
    return join(this.#folder, `${(this.#count += 1)}.git`);
  }
}

/** Make a git's folder with these settings, which shares `parts` with the repository. `head`: the repository's own where it is absent. */
async function fill(
  folder: string,
  { own, common }: GitFolders,
  settings: readonly Setting[],
  parts: readonly string[],
  head?: string,
): Promise<void> {
  await mkdir(join(folder, "info"), { recursive: true });
  for (const part of parts) if (existsSync(join(common, part))) await symlink(join(common, part), join(folder, part));
  if (!parts.includes("refs")) await mkdir(join(folder, "refs"));
  const version = settings.some(([key]) => key.startsWith("extensions.")) ? "1" : "0";
  await writeFile(join(folder, "config"), configText([["core.repositoryformatversion", version], ...settings]));
  await writeFile(join(folder, "HEAD"), head ?? (await readBelow(own, "HEAD", longest)) ?? "");
  for (const [place, rules] of [
    [common, "info/exclude"],
    [common, "info/attributes"],
    [own, "info/sparse-checkout"],
  ] as const) {
    const content = await readBelow(place, rules, longest);
    if (content) await writeFile(join(folder, rules), content);
  }
}

/** Its time tells git which files it has to look into, so that is copied too. */
async function copyIndex(from: string, to: string): Promise<void> {
  const shared = (await readdir(from)).filter((name) => /^sharedindex\.[0-9a-f]+$/.test(name));
  for (const name of ["index", ...shared]) {
    const file = await openBelow(from, name).catch((error: unknown) => {
      if (isMissing(error)) return undefined;
      throw error;
    });
    if (!file) continue;
    const { atime, mtime } = await file.stat();
    await copyInto(file, join(to, name));
    await utimes(join(to, name), atime, mtime);
  }
}

/** Git's own search, with its own rule for folders of other users. */
async function find({ path }: Repo, env: Env): Promise<GitFolders & { bare: boolean }> {
  try {
    const asked = ["--path-format=absolute", "--git-dir", "--git-common-dir", "--is-bare-repository"];
    const [own = "", common = "", bare] = (await gitIn(path, env)(["rev-parse", ...asked])).split("\n");
    return { own, common, bare: bare === "true" };
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error;
    throw new ShardbridgeError("config", `${path} is no git repository: clone it, or run git init there.`, {
      cause: error,
    });
  }
}
