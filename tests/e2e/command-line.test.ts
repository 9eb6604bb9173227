import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { Machine } from "./program.ts";

describe("the command line", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(() => machine.dispose());

  it("works by itself when no bot runs", async () => {
    const spawned = await machine.finish(["spawn", "demo", "--agent", "shell", "--json"]);
    expect(spawned).toMatchObject({ code: 0, err: "" });
    expect(JSON.parse(spawned.out)).toMatchObject({ name: "demo", branch: "shard/demo", alive: true });
    const sent = await machine.finish(["send", "demo", "echo", "sum", "$((20+3))", "--json"]);
    expect(JSON.parse(sent.out)).toMatchObject({ outcome: "submitted" });
    await expect.poll(async () => (await machine.finish(["read", "demo"])).out).toContain("sum 23");
    expect((await machine.finish(["list"])).out).toMatch(/demo +\w+ +shell +repo +shard\/demo/);
    expect(await machine.finish(["destroy", "demo"])).toMatchObject({ code: 0, out: "demo is gone.\n" });
    expect(machine.leftOvers()).toEqual({ worktrees: [], branches: [], sockets: [], processes: [] });
  });

  it("reaches the running bot", async () => {
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    expect((await machine.finish(["spawn", "demo", "--agent", "shell"])).code).toBe(0);
    bot.type("/list");
    await bot.prints("demo");
    expect(JSON.parse((await machine.finish(["list", "--json"])).out)).toMatchObject([{ name: "demo" }]);
    expect((await machine.finish(["destroy", "demo"])).code).toBe(0);
  });

  it.each([
    [["start", "--verbose"], {}],
    [["start"], { SHARDBRIDGE_LOG: "debug" }],
  ])("logs each step with %j %j", async (args, env) => {
    const bot = machine.run(args, env);
    await bot.prints("Repos: repo");
    bot.type("/spawn demo --agent shell");
    const log = () => readFileSync(join(machine.state, "bot.log"), "utf8");
    await expect.poll(log).toMatch(/"level":"debug","message":"an event is taken".*"type":"command"/);
    await expect.poll(log).toMatch(/"message":"a shard's state has changed","shard":"demo"/);
    await expect.poll(log).toContain('"message":"a post is sent"');
  });

  it.each(["with a bot", "by itself"])("prints the answer of a prompt and nothing else, %s", async (how) => {
    if (how === "with a bot") await machine.run(["start"]).prints("Repos: repo");
    await machine.finish(["spawn", "x", "--agent", "shell"]);
    expect(await machine.finish(["send", "x", "--wait", "echo 42"])).toEqual({ code: 0, out: "42\n", err: "" });
    expect(await machine.finish(["send", "x", "--wait", "--timeout", "20", "printf 'a\\nb\\n'"])).toEqual({
      code: 0,
      out: "a\nb\n",
      err: "",
    });
    expect(await machine.finish(["wait", "x"])).toEqual({ code: 0, out: "a\nb\n", err: "" });
    const late = await machine.finish(["send", "x", "--wait", "--timeout", "0.5", "sleep 60"]);
    expect(late).toMatchObject({ code: 15, out: "", err: expect.stringContaining("the time is up") as string });
    await machine.finish(["stop", "x"]);
    const ended = await machine.finish(["send", "x", "--wait", "--json", "exit 3"]);
    expect(ended).toMatchObject({ code: 16, err: "" });
    expect(JSON.parse(ended.out)).toMatchObject({ outcome: "ended", how: "crashed" });
  });

  it("names what is in .env and read by nothing, in one line", async () => {
    writeFileSync(join(machine.repo, ".env"), "SHARDBRIDGE_AGNET=shell\nSHARDBRIDGE_MAX_SHARDS=3\n", { mode: 0o600 });
    const bot = machine.run(["start"]);
    await bot.prints("Repos: repo");
    expect(bot.err.match(/.*AGNET.*/g)).toEqual([
      "shardbridge: .env has SHARDBRIDGE_AGNET, which nothing reads; .env.example has what is.",
    ]);
    expect(bot.err).not.toContain("MAX_SHARDS");
  });

  it("says at the spawn what is odd about a repo", async () => {
    machine.git("switch", "--quiet", "--detach");
    const spawned = await machine.finish(["spawn", "loose", "--agent", "shell"]);
    expect(spawned.out).toContain("HEAD of repo is detached: shard/loose starts from main all the same.");
    const bare = join(machine.folder, "tools.git");
    machine.git("clone", "--quiet", "--bare", machine.repo, bare);
    const env = { SHARDBRIDGE_REPOS: `tools=${bare}` };
    expect((await machine.finish(["spawn", "inbare", "--agent", "shell"], env)).out).toContain("is a bare repository");
    const empty = join(machine.folder, "empty");
    machine.git("init", "--quiet", empty);
    const refused = await machine.finish(["spawn", "none", "--agent", "shell"], {
      SHARDBRIDGE_REPOS: `empty=${empty}`,
    });
    expect(refused).toMatchObject({ code: 3, err: expect.stringContaining("empty has no commit yet") as string });
  });

  it("keeps unsaved work until it is forced", async () => {
    await machine.finish(["spawn", "demo", "--agent", "shell"]);
    await machine.finish(["send", "demo", "echo work > new.txt; echo written"]);
    await expect.poll(async () => (await machine.finish(["read", "demo"])).out).toContain("written");
    const refused = await machine.finish(["destroy", "demo"]);
    expect(refused.code).toBe(7);
    expect(refused.err).toContain("new.txt");
    expect(JSON.parse((await machine.finish(["list", "--json"])).out)).toMatchObject([{ name: "demo", alive: true }]);
    expect((await machine.finish(["destroy", "demo", "--force"])).code).toBe(0);
  });

  it.each([
    [["send", "nobody", "hello"], 5, "nobody"],
    [["spawn", "Bad Name"], 2, "name"],
    [["spawn", "x", "--agent", "nope"], 5, "nope"],
    [["spawn", "x", "--repo", "nope"], 5, "repo"],
    [["spawn", "x", "--agent", "shell", "--base", "no-such-branch"], 5, "no-such-branch"],
    [["read"], 2, "needs the name"],
    [["read", "demo", "--lines", "0"], 2, "--lines"],
    [["list", "--bogus"], 2, "--bogus"],
    [["answer", "nobody", "1"], 5, "nobody"],
    [["stop", "nobody"], 5, "nobody"],
    [["press", "demo"], 2, "needs keys"],
    [["resume", "demo", "--mode", "bold"], 2, "--mode"],
    [["bogus"], 2, "bogus"],
    [["start", "--bogus"], 2, "--bogus"],
  ])("answers %j with exit code %i and a sentence", async (args, code, word) => {
    const result = await machine.finish(args);
    expect(result.err).toContain(word);
    expect(result).toMatchObject({ code, out: "" });
    expect(machine.leftOvers()).toEqual({ worktrees: [], branches: [], sockets: [], processes: [] });
  });

  it("prints version, help and manifest", async () => {
    const { version } = JSON.parse(readFileSync(join(import.meta.dirname, "..", "..", "package.json"), "utf8")) as {
      version: string;
    };
    expect((await machine.finish(["version"])).out).toBe(`${version}\n`);
    expect((await machine.finish(["help"])).out).toContain("Exit codes");
    expect(JSON.parse((await machine.finish(["manifest"])).out)).toMatchObject({
      settings: { socket_mode_enabled: true },
    });
  });

  it("refuses to start with a default agent that is not there", async () => {
    const result = await machine.finish(["start"], { SHARDBRIDGE_AGENT: "nope" });
    expect(result).toMatchObject({ code: 3, err: expect.stringContaining("SHARDBRIDGE_AGENT: nope") as string });
  });

  it("names all wrong settings at once and starts nothing", async () => {
    const result = await machine.finish(["start"], {
      SLACK_BOT_TOKEN: "xoxp-wrong",
      DISCORD_TOKEN: "x",
      SHARDBRIDGE_MAX_SHARDS: "0",
      SHARDBRIDGE_REPOS: "a=/nowhere",
    });
    expect(result.code).toBe(3);
    for (const name of [
      "SLACK_BOT_TOKEN",
      "SLACK_APP_TOKEN",
      "SLACK_ADMINS",
      "SLACK_CHANNELS",
      "DISCORD_ADMINS",
      "DISCORD_CHANNELS",
      "SHARDBRIDGE_MAX_SHARDS",
      "SHARDBRIDGE_REPOS",
    ]) {
      expect(result.err).toContain(name);
    }
    expect(result.err).not.toContain("xoxp-wrong");
  });
});
