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

/**
 * Set for every git. It asks nothing (an empty askpass program ends the asking), speaks English, leaves an agent's index lock alone, and
 * fetches nothing, by whatever way a repo names: not even an object that it misses. What takes the place of these is in `given`.
 */
const fixed = {
  LC_ALL: "C",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "",
  SSH_ASKPASS: "false",
  SSH_ASKPASS_REQUIRE: "force",
  GIT_OPTIONAL_LOCKS: "0",
  GIT_ALLOW_PROTOCOL: "none",
  GIT_NO_LAZY_FETCH: "1",
};

/** By which a git is given its folders, its configuration, and a place for objects of its own. */
const given = [
  "GIT_DIR",
  "GIT_WORK_TREE",
  "GIT_CONFIG_GLOBAL",
  "GIT_CONFIG_NOSYSTEM",
  "GIT_OBJECT_DIRECTORY",
  "GIT_ALTERNATE_OBJECT_DIRECTORIES",
];

/** Programs that a repo may name and that are never wanted; each git that one starts is told so too. */
const noPrograms = [
  "core.hooksPath=/dev/null",
  "core.fsmonitor=false",
  "core.sshCommand=false",
  "core.gitProxy=false",
  "core.askPass=",
  "core.pager=cat",
  "core.editor=false",
  "credential.helper=",
  "gpg.program=false",
  "protocol.allow=never",
  "gc.auto=0",
  "maintenance.auto=false",
];

const forLogins = /^(?:core\.sshCommand|credential\.helper)=/;

const unsafe = {
  allowUnsafeHooksPath: true,
  allowUnsafeFsMonitor: true,
  allowUnsafeAskPass: true,
  allowUnsafeSshCommand: true,
  allowUnsafeGitProxy: true,
  allowUnsafePager: true,
  allowUnsafeEditor: true,
  allowUnsafeCredentialHelper: true,
  allowUnsafeGpgProgram: true,
  allowUnsafeProtocolOverride: true,
  allowUnsafeConfigPaths: true,
};

/**
 * git in one folder, with `env` and nothing else of our environment. By itself it reads the configuration of the repo there, which an agent
 * may have written: only what asks for that configuration is run so, and all else in a `Shadow`. Throws GitFailure where git says no,
 * ShardbridgeError where git can't work at all.
 * @param programs the user's own programs for logins may be run
 */
export function gitIn(
  folder: string,
  env: Readonly<Record<string, string>>,
  programs: "none" | "logins" = "none",
): Git {
  return async (args, patience = 60_000) => {
    if (!existsSync(folder))
      throw new ShardbridgeError("config", `The folder ${folder} does not exist: correct the repo's path.`);
    const git = simpleGit({
      baseDir: folder,
      config: programs === "none" ? noPrograms : noPrograms.filter((setting) => !forLogins.test(setting)),
      timeout: { block: patience },
      allowEnvironment: [...Object.keys(fixed), ...given],
      unsafe,
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

/** What git or the file system refused, as a sentence for people. */
export function plainly(error: unknown, repo: string): unknown {
  if (error instanceof GitFailure) {
    const reason = /^(?:fatal|error): (.*)$/m.exec(error.said)?.[1] ?? error.said.split("\n")[0] ?? "";
    return new ShardbridgeError("failed", `git refused in ${repo}: ${reason}`, { cause: error });
  }
  const refused = ["EACCES", "EPERM", "ENOSPC", "EROFS", "ENOTDIR", "EBUSY"];
  if (error instanceof Error && "code" in error && refused.includes(String(error.code))) {
    return new ShardbridgeError("failed", `The worktree's folder can't be changed: ${error.message}`, { cause: error });
  }
  return error;
}
