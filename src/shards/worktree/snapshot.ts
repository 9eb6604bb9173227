import { existsSync } from "node:fs";
import { cp, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { commitOf } from "./base.ts";
import { type Git, gitIn } from "./git.ts";

type Env = Readonly<Record<string, string>>;

/** A worktree as it is now, uncommitted files among it, as a commit that only its scratch place has. */
export interface Snapshot {
  /** Full hash. */
  commit: string;
  /** Commit at HEAD, beneath it. */
  head: string;
  /** Where its own work begins: the newest commit that it shares with its base. */
  base: string;
}

export interface Source {
  worktree: string;
  /** Branch or commit that it started from, and that commit. */
  base: string;
  commit: string;
}

/** A place for objects that are not to stay: git reads the repo's own through it, and writes none of them there. */
export class Scratch {
  readonly #env: Env;
  readonly #folder: string;
  #count = 0;

  private constructor(env: Env, folder: string) {
    this.#env = env;
    this.#folder = folder;
  }

  /** Do something with a scratch place over a repo; it is gone afterwards. */
  static async over<T>(repo: string, env: Env, work: (scratch: Scratch) => Promise<T>): Promise<T> {
    const folder = await mkdtemp(join(tmpdir(), "shardbridge-scratch-"));
    try {
      const objects = join(folder, "objects");
      await mkdir(objects);
      const own = (await gitIn(repo, env)(["rev-parse", "--path-format=absolute", "--git-path", "objects"])).trim();
      // A path with a colon would be two without the quotes.
      const quoted = `"${own.replaceAll(/["\\]/g, "\\$&")}"`;
      const scratchEnv = { ...env, GIT_OBJECT_DIRECTORY: objects, GIT_ALTERNATE_OBJECT_DIRECTORIES: quoted };
      return await work(new Scratch(scratchEnv, folder));
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** git in a folder, which sees the snapshots that were taken here. */
  git(folder: string): Git {
    return gitIn(folder, this.#env);
  }

  /** Take a snapshot of a worktree; neither its files nor its index are touched. Throws as git does. */
  async take({ worktree, base, commit: start }: Source): Promise<Snapshot> {
    const index = join(this.#folder, `index-${(this.#count += 1)}`);
    const git = this.git(worktree);
    const real = (await git(["rev-parse", "--path-format=absolute", "--git-path", "index"])).trim();
    // Its time tells git which files it has to look into, so that is copied too.
    if (existsSync(real)) await cp(real, index, { preserveTimestamps: true });
    const indexed = gitIn(worktree, { ...this.#env, GIT_INDEX_FILE: index });
    await indexed(["add", "--all"]);
    const tree = (await indexed(["write-tree"])).trim();
    const head = (await git(["rev-parse", "HEAD"])).trim();
    const who = ["-c", "user.name=shardbridge", "-c", "user.email=shardbridge@localhost"];
    const commit = (await git([...who, "commit-tree", "-p", head, "-m", "Snapshot", tree])).trim();
    return { commit, head, base: await shared(git, base, start, head) };
  }
}

/** The newest commit that HEAD shares with its base as it is now: a shard that was rebased has more of it than it started with. */
async function shared(git: Git, base: string, start: string, head: string): Promise<string> {
  for (const ref of [`refs/heads/${base}`, base, `refs/remotes/origin/${base}`]) {
    const tip = await commitOf(git, ref);
    if (tip === undefined) continue;
    const found = await git(["merge-base", tip, head]).catch(() => "");
    if (found.trim() !== "") return found.trim();
  }
  return start;
}
