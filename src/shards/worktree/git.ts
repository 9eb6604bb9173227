import { existsSync } from "node:fs";
import { GitError, GitPluginError, simpleGit } from "simple-git";
import { messageOf, ShardbridgeError } from "../../errors.ts";

/** Runs git with these arguments and resolves with what it printed. `patience`: milliseconds without output after which it is ended. */
export type Git = (args: readonly string[], patience?: number) => Promise<string>;

/** git ended with an error. `said` is what it wrote, in English; `printed` what it gave out all the same. */
export class GitFailure extends GitError {
  readonly said: string;
  readonly exit: number | null;
  readonly printed: string;

  constructor(said: string, exit: number | null, printed: string) {
    super(undefined, said);
    this.name = "GitFailure";
    this.said = said;
    this.exit = exit;
    this.printed = printed;
  }
}

/** Set for every git, so that it asks nothing (an empty askpass program ends the asking), speaks English and leaves an agent's index lock alone. */
const fixed = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  SSH_ASKPASS: "false",
  SSH_ASKPASS_REQUIRE: "force",
  GIT_OPTIONAL_LOCKS: "0",
};

/** By which a git can be given an index and a place for objects of its own. */
const scratchVariables = ["GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES"];

/**
 * git in one folder, with `env` and nothing else of our environment, without hooks and without a file system monitor: both are programs
 * that a repo, and so an agent in it, may name. Throws GitFailure where git says no, ShardbridgeError where git can't work at all.
 */
export function gitIn(folder: string, env: Readonly<Record<string, string>>): Git {
  return async (args, patience = 60_000) => {
    if (!existsSync(folder))
      throw new ShardbridgeError("config", `The folder ${folder} does not exist: correct the repo's path.`);
    const git = simpleGit({
      baseDir: folder,
      config: ["core.hooksPath=/dev/null", "core.fsmonitor=false"],
      timeout: { block: patience },
      allowEnvironment: [...Object.keys(fixed), ...scratchVariables],
      unsafe: { allowUnsafeHooksPath: true, allowUnsafeFsMonitor: true, allowUnsafeAskPass: true },
      // simple-git's own rule takes a failure without a word, or by a signal, for success.
      errors: (error, { exitCode, stdErr, stdOut }) => {
        if (error instanceof GitPluginError || exitCode === 0) return error;
        const said = Buffer.concat(stdErr).toString("utf8").trim() || `it ended with ${exitCode ?? "a signal"}`;
        return new GitFailure(said, exitCode, Buffer.concat(stdOut).toString("utf8"));
      },
    });
    try {
      return await git.env({ ...env, ...fixed }).raw([...args]);
    } catch (error) {
      throw readable(error, folder, args);
    }
  };
}

function readable(error: unknown, folder: string, args: readonly string[]): unknown {
  const said = messageOf(error);
  if (error instanceof GitPluginError && error.plugin === "timeout") {
    return new ShardbridgeError(
      "failed",
      `git ${args[0]} took too long in ${folder} and was ended: try it there by hand.`,
      { cause: error },
    );
  }
  if (/spawn git ENOENT/.test(said)) {
    return new ShardbridgeError("config", "git is not installed, or not on PATH: install git.", { cause: error });
  }
  if (/dubious ownership/.test(said)) {
    const remedy = `git config --global --add safe.directory ${folder}`;
    return new ShardbridgeError(
      "config",
      `${folder} belongs to another user, so git refuses to work there: run "${remedy}" to allow it.`,
      { cause: error },
    );
  }
  return error;
}
