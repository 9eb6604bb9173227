import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { configureLog } from "../src/log.ts";
import { loadEnv, oddities } from "../src/env.ts";
import { knownVariables, readSettings } from "../src/settings.ts";

let folder: string;
let logged: string[];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "settings-"));
  mkdirSync(join(folder, ".git"));
  logged = [];
  configureLog({ write: (line) => void logged.push(line) });
});
afterEach(() => rmSync(folder, { recursive: true }));

const slack = {
  SLACK_BOT_TOKEN: "xoxb-1-secret",
  SLACK_APP_TOKEN: "xapp-1-secret",
  SLACK_ADMINS: "U012ABCDE",
  SLACK_CHANNELS: "C012ABCDE",
};
const discord = {
  DISCORD_TOKEN: "discord-secret",
  DISCORD_OPERATORS: "123456789012345678",
  DISCORD_CHANNELS: "223456789012345678",
};

describe("the settings", () => {
  it("take variables from .env beneath the environment's own, and keep them out of the process's environment", () => {
    writeFileSync(join(folder, ".env"), "SLACK_BOT_TOKEN=from-file\nSHARDBRIDGE_AGENT=shell\n", { mode: 0o600 });
    const env = loadEnv({ SHARDBRIDGE_AGENT: "claude" }, folder);
    expect(env).toMatchObject({ SLACK_BOT_TOKEN: "from-file", SHARDBRIDGE_AGENT: "claude" });
    expect(process.env["SLACK_BOT_TOKEN"]).toBeUndefined();
    expect(logged).toEqual([]);
  });

  it("name what is in .env and read by nothing", async () => {
    const known = await knownVariables();
    expect(oddities(folder, known)).toEqual([]);
    const lines = ["SLACK_TOKN=x", "SLACK_BOT_TOKEN=y", "OPENAI_API_KEY=z", "MINE=1", "LC_TIME=C"];
    writeFileSync(join(folder, ".env"), lines.join("\n"), { mode: 0o600 });
    expect(oddities(folder, [...known, "MINE", "LC_*"])).toEqual([
      ".env has SLACK_TOKN, which nothing reads; .env.example has what is.",
    ]);
  });

  it("warn of an .env that others can read", () => {
    writeFileSync(join(folder, ".env"), "A=b\n");
    chmodSync(join(folder, ".env"), 0o644);
    expect(oddities(folder, ["A"])).toEqual([expect.stringContaining("run chmod 600 on it.")]);
    loadEnv({}, folder);
    // It would be JSON in the console, which is not open yet.
    expect(logged).toEqual([]);
  });

  it.each([
    ["a byte order mark and Windows' line ends", "\uFEFFA=1\r\nB=2\r\n", { A: "1", B: "2" }],
    ["a name twice, of which the last counts", "A=1\nA=2\n", { A: "2" }],
    ["nothing", "", {}],
  ])("read an .env with %s", (_what, text, variables) => {
    writeFileSync(join(folder, ".env"), text, { mode: 0o600 });
    expect(loadEnv({}, folder)).toEqual(variables);
    expect(oddities(folder, ["A", "B"])).toEqual([]);
  });

  it("take no folder for an .env", () => {
    mkdirSync(join(folder, ".env"));
    expect(loadEnv({ A: "1" }, folder)).toEqual({ A: "1" });
    expect(oddities(folder, [])).toEqual([]);
  });

  it.each([
    ["nothing", {}, false, ["console"]],
    ["Slack's tokens", slack, false, ["slack"]],
    ["Discord's token", discord, false, ["discord"]],
    ["both", { ...slack, ...discord }, false, ["slack", "discord"]],
    ["both, and the console asked for", { ...slack, ...discord }, true, ["slack", "discord", "console"]],
  ])("choose the platforms: %s", (_what, env, withConsole, names) => {
    const { settings, problems } = readSettings(env, folder, withConsole);
    expect(problems).toEqual({ core: [], platforms: [] });
    expect(settings.platforms.map(({ name }) => name)).toEqual(names);
  });

  it("know every token as a secret", () => {
    const { settings } = readSettings({ ...slack, ...discord, ANTHROPIC_API_KEY: "sk-ant-secret" }, folder, false);
    expect(settings.secrets.toSorted()).toEqual(["discord-secret", "sk-ant-secret", "xapp-1-secret", "xoxb-1-secret"]);
  });

  it.each([
    ["no list", { SLACK_ADMINS: "" }, "SLACK_ADMINS"],
    ["no channel", { SLACK_CHANNELS: "" }, "SLACK_CHANNELS"],
    ["a name for an id", { SLACK_ADMINS: "alice" }, "alice"],
  ])("refuse a platform with %s", (_what, env, word) => {
    const { settings, problems } = readSettings({ ...slack, ...env }, folder, false);
    expect(problems.platforms.join()).toContain(word);
    expect(settings.platforms.map(({ name }) => name)).not.toContain("slack");
  });
});
