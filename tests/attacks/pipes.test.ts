import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, describe } from "vitest";
import { claudeJournal } from "../../src/shards/agents/claude/claude-journal.ts";
import { copyFiles } from "../../src/shards/lifecycle/setup-file.ts";
import { JournalReader } from "../../src/shards/state/journal.ts";
import { blocked } from "./attempt.ts";

let top: string;
beforeEach(() => (top = realpathSync(mkdtempSync(join(tmpdir(), "attack-")))));
afterEach(() => rmSync(top, { recursive: true, force: true }));

const pipe = (path: string) => execFileSync("mkfifo", [path]);

/** Whether somebody has a pipe open for reading, who is let go by that where opening it has blocked a thread. */
function hasReader(path: string): boolean {
  try {
    closeSync(openSync(path, constants.O_WRONLY | constants.O_NONBLOCK));
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENXIO") return false;
    throw error;
  }
}

/** Wait for work that may read pipes; its threads are let go, so that other tests can go on. Resolves with whether it opened one. */
async function opens(pipes: readonly string[], work: Promise<unknown>): Promise<boolean> {
  const state = { over: false };
  const done = work.finally(() => (state.over = true));
  done.catch(() => {});
  let opened = false;
  while (!state.over) {
    for (const path of pipes) opened = hasReader(path) || opened;
    await sleep(5);
  }
  await done;
  return opened;
}

describe("copy in a setup file", () => {
  let from: string;
  let to: string;
  beforeEach(() => {
    [from, to] = [join(top, "repo"), join(top, "tree")];
    mkdirSync(join(from, ".git"), { recursive: true });
    mkdirSync(to);
  });

  blocked("of a link that leads into .git", async () => {
    writeFileSync(join(from, ".git", "config"), "url = https://user:TOKEN@git.example/x\n");
    symlinkSync(".git/config", join(from, "cfg"));
    await copyFiles(["cfg"], from, to);
    return existsSync(join(to, "cfg")) && readFileSync(join(to, "cfg"), "utf8").includes("TOKEN");
  });
  blocked("of a link that leads out of the repo", async () => {
    writeFileSync(join(top, "outside"), "x");
    symlinkSync(join(top, "outside"), join(from, "out"));
    await copyFiles(["out"], from, to);
    return existsSync(join(to, "out"));
  });
  blocked("into a folder that leads out of the worktree", async () => {
    mkdirSync(join(top, "elsewhere"));
    symlinkSync(join(top, "elsewhere"), join(to, "d"));
    mkdirSync(join(from, "d"));
    writeFileSync(join(from, "d", "x"), "x");
    await copyFiles(["d/x"], from, to);
    return existsSync(join(top, "elsewhere", "x"));
  });
  blocked("of a named pipe, which holds a thread", async () => {
    pipe(join(from, "env"));
    await opens([join(from, "env")], copyFiles(["env"], from, to));
    return existsSync(join(to, "env"));
  });
  blocked("of named pipes in four spawns, after which no file can be read", async () => {
    const names = ["env0", "env1", "env2", "env3"];
    for (const name of names) pipe(join(from, name));
    const all = Promise.all(names.map((name) => copyFiles([name], from, to)));
    await opens(
      names.map((name) => join(from, name)),
      all,
    );
    return names.some((name) => existsSync(join(to, name)));
  });
});

describe("a line in a file of the shard that names as the transcript", () => {
  let folder: string;
  let reader: JournalReader;
  beforeEach(async () => {
    folder = join(top, "shard");
    mkdirSync(folder);
    const launchedAt = new Date(Date.now() - 1000).toISOString();
    const context = { env: { HOME: top }, folder, conversation: "c", known: true, launchedAt, worktree: folder };
    reader = new JournalReader(claudeJournal, () => context, undefined);
    await reader.read(true);
  });
  const name = (path: string) => {
    const line = { hook_event_name: "SessionStart", session_id: "x", transcript_path: path };
    appendFileSync(join(folder, "signals.jsonl"), `${JSON.stringify(line)}\n`);
  };

  blocked("a named pipe holds a thread", async () => {
    const place = join(folder, "pipe");
    pipe(place);
    name(place);
    await reader.read(true);
    // A pipe has no positions: to read it at one is an error, which only comes to who has waited for it to open.
    const read = reader.read(true).then(
      () => false,
      (error: NodeJS.ErrnoException) => error.code === "ESPIPE",
    );
    await opens([place], read);
    return read;
  });
  blocked("any file of the user has it read", async () => {
    const place = join(top, "other.jsonl");
    name(place);
    await reader.read(true);
    const message = { role: "assistant", content: [{ type: "text", text: "not of this agent" }] };
    writeFileSync(place, `${JSON.stringify({ type: "assistant", message })}\n`);
    return JSON.stringify(await reader.read(true)).includes("not of this agent");
  });
});
