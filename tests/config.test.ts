import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { readConfig, readHome } from "../src/config.ts";

const folder = mkdtempSync(join(tmpdir(), "config-"));
mkdirSync(join(folder, "My Repo", ".git"), { recursive: true });
mkdirSync(join(folder, "My Repo", "deep", "er"), { recursive: true });
mkdirSync(join(folder, "plain"));
afterAll(() => rmSync(folder, { recursive: true }));

describe("the configuration", () => {
  it("takes the repo around the current folder when none is named", () => {
    const { config, problems } = readConfig({}, join(folder, "My Repo", "deep", "er"));
    expect(problems).toEqual([]);
    expect(config.repos).toEqual({ "My-Repo": join(folder, "My Repo") });
    expect(config).toMatchObject({ maxShards: 20, agent: undefined, agentEnv: [] });
  });

  it("takes named repos, relative to the current folder", () => {
    const { config, problems } = readConfig({ SHARDBRIDGE_REPOS: "web=My Repo, api=./My Repo" }, folder);
    expect(problems).toEqual([]);
    expect(Object.keys(config.repos)).toEqual(["web", "api"]);
  });

  it("takes a bare repo", () => {
    const bare = join(folder, "tools.git");
    for (const part of ["objects", "refs"]) mkdirSync(join(bare, part), { recursive: true });
    writeFileSync(join(bare, "HEAD"), "ref: refs/heads/main\n");
    expect(readConfig({ SHARDBRIDGE_REPOS: `tools=${bare}` }, folder)).toMatchObject({
      config: { repos: { tools: bare } },
      problems: [],
    });
    expect(readConfig({}, bare).config.repos).toEqual({ tools: bare });
  });

  it("names every fault at once", () => {
    const { problems } = readConfig(
      {
        SHARDBRIDGE_REPOS: "web=plain,noequals,x=nowhere",
        SHARDBRIDGE_MAX_SHARDS: "many",
        ANTHROPIC_BASE_URL: "localhost",
      },
      folder,
    );
    expect(problems.map((problem) => problem.split(":")[0])).toEqual([
      "SHARDBRIDGE_MAX_SHARDS",
      "ANTHROPIC_BASE_URL",
      "SHARDBRIDGE_REPOS",
      "SHARDBRIDGE_REPOS",
      "SHARDBRIDGE_REPOS",
    ]);
  });

  it.each([
    ["$5", { dollars: 5 }],
    ["$0.50", { dollars: 0.5 }],
    ["2000000", { tokens: 2_000_000 }],
    ["1.5M", { tokens: 1_500_000 }],
    ["500k", { tokens: 500_000 }],
  ])("reads the budget %s", (written, budget) => {
    const env = { SHARDBRIDGE_REPOS: "web=My Repo", ORCHESTRATOR_BUDGET_DAY: written };
    const { config, problems } = readConfig(env, folder);
    expect(problems).toEqual([]);
    expect(config.orchestrator.budgets).toEqual({ thread: undefined, person: undefined, day: budget });
  });

  it("refuses budgets, wakes and zones that are none", () => {
    const { problems, config } = readConfig(
      {
        SHARDBRIDGE_REPOS: "web=My Repo",
        ORCHESTRATOR_WAKES_PER_HOUR: "-1",
        ORCHESTRATOR_BUDGET_THREAD: "a lot",
        ORCHESTRATOR_BUDGET_PERSON: "$0",
        ORCHESTRATOR_BUDGET_DAY: "5 $",
        SHARDBRIDGE_TIME_ZONE: "Middle/Earth",
      },
      folder,
    );
    expect(problems.map((problem) => problem.split(":")[0])).toEqual([
      "ORCHESTRATOR_WAKES_PER_HOUR",
      "ORCHESTRATOR_BUDGET_THREAD",
      "ORCHESTRATOR_BUDGET_PERSON",
      "ORCHESTRATOR_BUDGET_DAY",
      "SHARDBRIDGE_TIME_ZONE",
    ]);
    expect(config.orchestrator.wakesPerHour).toBe(30);
    expect(readConfig({ SHARDBRIDGE_TIME_ZONE: "Europe/Berlin" }, folder).config.zone).toBe("Europe/Berlin");
  });

  it.each([
    [undefined, "info"],
    ["info", "info"],
    [" debug ", "debug"],
  ])("logs as SHARDBRIDGE_LOG says: %s", (wanted, level) => {
    expect(readConfig({ SHARDBRIDGE_LOG: wanted }, folder).config.logLevel).toBe(level);
  });

  it("knows no other level", () => {
    const env = { SHARDBRIDGE_REPOS: "web=My Repo", SHARDBRIDGE_LOG: "verbose" };
    expect(readConfig(env, folder).problems).toEqual(['SHARDBRIDGE_LOG: "verbose" is no level: use info or debug.']);
  });

  it("says so when there is no repo at all", () => {
    expect(readConfig({}, join(folder, "plain")).problems[0]).toContain("is in no git repository");
  });

  it.each([
    [{ SHARDBRIDGE_HOME: "/x/y", XDG_STATE_HOME: "/s" }, "/x/y"],
    [{ XDG_STATE_HOME: "/s" }, "/s/shardbridge"],
    [{ XDG_STATE_HOME: "relative" }, /\.local\/state\/shardbridge$/],
    [{}, /\.local\/state\/shardbridge$/],
  ])("finds the state folder: %o", (env, home) => {
    expect(readHome(env, "/")).toMatch(home);
  });
});
