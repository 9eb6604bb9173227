import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
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
