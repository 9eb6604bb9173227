import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { spawn } from "node-pty";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { LaunchContext } from "../../../src/shards/agents/agent.ts";
import { trimmed } from "../../../src/shards/agents/cleaning/clean.ts";
import { shell } from "../../../src/shards/agents/shell/shell.ts";
import { Player } from "./replay.ts";

const closing: (() => Promise<void> | void)[] = [];
let home: string;
let repo: string;

beforeEach(() => {
  const root = mkdtempSync(join(tmpdir(), "shell-kind-"));
  closing.push(() => rmSync(root, { recursive: true, force: true }));
  home = join(root, "home");
  repo = join(root, "repo");
  for (const folder of [home, repo]) mkdirSync(folder);
  git("init", "--quiet", "--initial-branch=main");
  for (const message of ["first", "second", "third"]) git("commit", "--quiet", "--allow-empty", "-m", message);
});

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function git(...args: string[]): string {
  const who = ["-c", "user.name=A", "-c", "user.email=a@example.com"];
  const { stdout, status } = spawnSync("git", ["-C", repo, ...who, ...args], { encoding: "utf8" });
  expect(status).toBe(0);
  return stdout;
}

/** A shell as a holder starts it, typed at as the host types. */
async function start(program: string, rc: Record<string, string> = {}) {
  for (const [name, text] of Object.entries(rc)) writeFileSync(join(home, name), text);
  const folder = mkdtempSync(join(home, "shard-"));
  const context: LaunchContext = {
    shard: "s",
    worktree: repo,
    repo,
    folder,
    conversation: "c",
    resume: false,
    mode: undefined,
    env: {},
    shell: program,
  };
  const launch = shell.launch(context);
  for (const [name, text] of Object.entries(launch.files)) writeFileSync(join(folder, name), text, { mode: 0o600 });
  const env = { HOME: home, PATH: process.env["PATH"]!, LANG: "C.UTF-8", TERM: "xterm-256color", ...launch.env };
  const pty = spawn(launch.file, launch.args, { ...shell.size, cwd: repo, env });
  const player = new Player(shell.size, (data) => pty.write(data), launch.marks);
  pty.onData((data) => player.write(data));
  const ended = new Promise<void>((resolve) => pty.onExit(() => resolve()));
  closing.push(async () => {
    pty.kill("SIGKILL");
    await ended;
  });
  await expect.poll(() => shell.state(player.view)?.state).toBe("idle");

  async function run(command: string): Promise<string> {
    const sent = shell.encode(command, "ann");
    const baseline = player.baseline();
    const before = player.view.mark?.prompts;
    pty.write(player.view.bracketedPaste ? `\u001B[200~${sent}\u001B[201~` : sent);
    const last = sent.split("\n").at(-1)!;
    const echoed = () => player.view.rows.some(({ text }) => text.includes(last.slice(-30)));
    if (player.view.bracketedPaste) await expect.poll(echoed).toBe(true);
    pty.write(shell.keys.submit);
    await expect.poll(() => player.view.mark?.prompts !== before && shell.state(player.view)?.state).toBe("idle");
    const { lines, exact } = player.added(baseline);
    expect(exact).toBe(true);
    return trimmed(lines).join("\n");
  }
  return { player, pty, run, folder, ended };
}

const all = ["bash", "zsh", "fish", "dash"];
const installed = all.filter((name) => spawnSync("sh", ["-c", `command -v ${name}`]).status === 0);
const programs = installed.map((name) =>
  spawnSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).stdout.trim(),
);
const missing = all.filter((name) => !installed.includes(name));
if (missing.length > 0) console.log(`skipped: ${missing.join(", ")} (not installed)`);

describe.each(programs)("%s", (program) => {
  test("gives exactly what a command printed, and its exit code", async () => {
    const { player, run } = await start(program);
    expect(await run("git log --oneline | head -3")).toBe(git("log", "--oneline").trim());
    expect(player.view.mark).toMatchObject({ kind: "prompt", exit: 0 });
    expect(await run("echo one; false")).toBe("one");
    expect(player.view.mark).toMatchObject({ exit: 1 });
    expect(await run("sh -c 'exit 42'")).toBe("");
    expect(player.view.mark).toMatchObject({ exit: 42 });
  });

  test("keeps indentation, blank lines inside and repeated output", async () => {
    const { run } = await start(program);
    expect(await run(String.raw`printf '  a\n\n\n    b\n'`)).toBe("  a\n\n\n    b");
    expect(await run(String.raw`printf '  a\n\n\n    b\n'`)).toBe("  a\n\n\n    b");
    expect(await run("printf 42")).toBe("42");
    expect(await run("echo after")).toBe("after");
  });

  // dash edits no lines: the host types them one by one.
  test.runIf(basename(program) !== "dash")("runs several lines and gives the output of all", async () => {
    const { run } = await start(program);
    expect(await run("echo one\necho two\necho three\n")).toBe("one\ntwo\nthree");
  });

  test("drops the echo of a long command", async () => {
    const { run } = await start(program);
    const numbers = Array.from({ length: 100 }, (_, index) => `w${index}`).join(" ");
    expect(await run(`echo ${numbers} | wc -w | tr -d ' '`)).toBe("100");
    expect(await run(`printf '%s\\n' ${numbers}`)).toBe(numbers.replaceAll(" ", "\n"));
  });

  test("gives long output whole", async () => {
    const { run } = await start(program);
    const numbers = Array.from({ length: 300 }, (_, index) => String(index + 1));
    expect(await run("seq 300")).toBe(numbers.join("\n"));
  });

  test("is working while a command runs, and again idle when it is interrupted", async () => {
    const { player, pty } = await start(program);
    // Between their mark C and the start of the command, shells drop the key.
    pty.write(`sh -c 'echo "run"ning; sleep 60'\r`);
    await expect.poll(() => player.view.rows.some(({ text }) => text === "running")).toBe(true);
    expect(shell.state(player.view)?.state).toBe("working");
    for (const key of shell.keys.interrupt) pty.write(key);
    await expect.poll(() => shell.state(player.view)?.state).toBe("idle");
    expect(player.view.mark).toMatchObject({ exit: 130 });
  });

  test("drops the prompt when the folder has changed", async () => {
    const { run } = await start(program);
    expect(await run("mkdir -p deep/er && cd deep/er && pwd -P")).toMatch(/\/deep\/er$/);
    expect(await run("cd ../.. && echo back")).toBe("back");
  });

  test("writes no history", async () => {
    const files = [".bash_history", ".history", ".zsh_history", ".sh_history", ".local/share/fish/fish_history"];
    const { run, pty, ended } = await start(program, { ".bashrc": 'PROMPT_COMMAND="history -a"\n' });
    await run("echo secret-command");
    pty.write("exit\r");
    await ended;
    for (const file of files) {
      const path = join(home, file);
      expect(existsSync(path) ? readFileSync(path, "utf8") : "").not.toContain("secret-command");
    }
  });
});

test("a command has ended when the prompt is there, not when its exit code is", () => {
  const player = new Player(shell.size);
  const states = ["D;0", "A", "B", "C", "D;0", "A", "B"].map((mark) => {
    player.write(`\u001B]133;${mark}\u0007`);
    return shell.state(player.view)?.state;
  });
  expect(states).toEqual(["working", "working", "idle", "working", "working", "working", "idle"]);
});

describe("bash", () => {
  const bash = programs.find((program) => basename(program) === "bash");

  test.runIf(bash).for([
    ["of one line", "PS1='[\\u@here \\W]\\$ '\n"],
    ["of two lines", "PS1='\\n\\w (main)\\n> '\n"],
    ["with an exit code", `PS1='$? \\$ '\n`],
    ["made by PROMPT_COMMAND", `PROMPT_COMMAND='PS1="($?) at \\w\\n\\$ "'\n`],
    ["made by a list of commands", `PROMPT_COMMAND=('A=1' 'PS1="($?) $A \\$ "')\n`],
  ])("keeps the user's prompt %s", async ([, rc]) => {
    const { player, run } = await start(bash!, { ".bashrc": rc! });
    const prompt = player.view.rows.map(({ text }) => text).join("\n");
    expect(prompt.trim()).not.toBe("");
    expect(await run("echo one; (exit 3)")).toBe("one");
    expect(player.view.mark).toMatchObject({ exit: 3 });
    const now = player.view.rows.map(({ text }) => text).join("\n");
    expect(now).toMatch(rc!.includes("$?") ? /3\)? / : /\S/);
    expect(await run("cd / && ls -d .")).toBe(".");
  });

  test.runIf(bash)("has the user's aliases and keeps the user's PS0 from what it prints", async () => {
    const { run } = await start(bash!, { ".bashrc": "alias hello='echo hi'\nPS0='[run]\\n'\n" });
    expect(await run("hello")).toBe("hi");
  });

  // The version is what the file asks for; without bracketed paste this bash behaves as the old one of macOS.
  const old = "BASH_VERSION=3.2.57\nbind 'set enable-bracketed-paste off'\n";

  test.runIf(bash).for([
    ["one line", "PS1='\\w\\$ '\n"],
    ["two lines", "PS1='\\w\\n\\$ '\n"],
  ])("before 4.4 is read by its cursor, with a prompt of %s", async ([, prompt]) => {
    const { player, pty, run } = await start(bash!, { ".bashrc": old + prompt! });
    expect(await run("echo one; (exit 3)")).toBe("one");
    expect(player.view.mark).toMatchObject({ exit: 3 });
    pty.write("sleep 60\r");
    await expect.poll(() => shell.state(player.view)?.rule).toBe("mark: command");
    pty.write("\u0003");
    await expect.poll(() => shell.state(player.view)?.state).toBe("idle");
  });
});

describe("zsh", () => {
  const zsh = programs.find((program) => basename(program) === "zsh");

  test.runIf(zsh)("keeps the user's prompts, also the one at the right and one of two lines", async () => {
    const rc =
      "PROMPT=$'%~ (main)\\n%# '\nRPROMPT='[%?]'\nHISTFILE=$HOME/.zsh_history\nSAVEHIST=100\nsetopt INC_APPEND_HISTORY\n";
    const { player, run } = await start(zsh!, { ".zshrc": rc });
    expect(await run("echo one; (exit 3)")).toBe("one");
    expect(player.view.rows.some(({ text }) => text.endsWith("[3]"))).toBe(true);
    expect(await run("cd / && ls -d .")).toBe(".");
    expect(existsSync(join(home, ".zsh_history"))).toBe(false);
  });

  test.runIf(zsh)("reads the user's files where they are", async () => {
    const { run } = await start(zsh!, { ".zshenv": "ZDOTDIR=$HOME\nA=1\n", ".zshrc": "B=2\n" });
    expect(await run('echo "$A $B $ZDOTDIR"')).toBe(`1 2 ${home}`);
  });
});

test("files and arguments fit the user's login shell", () => {
  const launchOf = (program: string) =>
    shell.launch({
      shard: "s",
      worktree: "/w",
      repo: "/r",
      folder: "/f",
      conversation: "c",
      resume: false,
      mode: undefined,
      env: {},
      shell: program,
    });
  expect(launchOf("/bin/bash")).toMatchObject({ file: "/bin/bash", args: ["--rcfile", "/f/bashrc", "-i"] });
  expect(launchOf("/bin/zsh")).toMatchObject({ env: { ZDOTDIR: "/f" } });
  expect(Object.keys(launchOf("/bin/zsh").files)).toEqual([".zshenv", ".zshrc"]);
  expect(launchOf("/usr/bin/fish").args).toContain("--private");
  expect(launchOf("/usr/bin/nu")).toMatchObject({ file: "sh", env: { ENV: "/f/shrc" } });
});
