import { describe, expect, it } from "vitest";
import { agentEnvironment, gitEnvironment } from "../../src/shards/process/environment.ts";

const terminal = { TERM: "xterm-256color", COLORTERM: "truecolor" };

describe("an agent's environment", () => {
  it("has what is listed and nothing else", () => {
    const listed = {
      HOME: "/home/ada",
      PATH: "/usr/bin",
      USER: "ada",
      LOGNAME: "ada",
      SHELL: "/bin/zsh",
      LANG: "de_DE.UTF-8",
      LC_ALL: "de_DE.UTF-8",
      LC_TIME: "C",
      TZ: "Europe/Berlin",
      TMPDIR: "/tmp",
      XDG_CONFIG_HOME: "/c",
      XDG_DATA_HOME: "/d",
      XDG_CACHE_HOME: "/k",
      XDG_STATE_HOME: "/s",
      XDG_RUNTIME_DIR: "/r",
      SSH_AUTH_SOCK: "/a",
    };
    const others = {
      SLACK_BOT_TOKEN: "x",
      DISCORD_TOKEN: "y",
      ANTHROPIC_API_KEY: "z",
      NODE_OPTIONS: "-r evil",
      CLAUDECODE: "1",
      TERM_PROGRAM: "ghostty",
      npm_config_registry: "r",
      GIT_DIR: "/g",
      HTTPS_PROXY: "p",
      HOMEBREW: "h",
    };
    expect(agentEnvironment({ ...listed, ...others }, [], [])).toEqual({ ...listed, ...terminal });
  });

  it("always has a terminal, a language and a path", () => {
    expect(agentEnvironment({ TERM: "dumb", COLORTERM: "no" }, ["TERM", "COLORTERM"], [])).toEqual({
      ...terminal,
      LANG: "C.UTF-8",
      PATH: "/usr/local/bin:/usr/bin:/bin",
    });
  });

  it.each([
    [["ONE"], ["ONE"]],
    [["ONE*"], ["ONE", "ONE_MORE"]],
    [["ON", "one", "ONE_"], []],
    [["*"], ["ONE", "ONE_MORE"]],
  ])("lets %j add %j", (allowed, names) => {
    const env = agentEnvironment({ ONE: "1", ONE_MORE: "2" }, allowed, []);
    expect(Object.keys(env).filter((name) => name.startsWith("ONE"))).toEqual(names);
  });

  it("has no secret under any name", () => {
    const secret = "xoxb-1234";
    const from = {
      HOME: `/home/${secret}`,
      PATH: `/bin:/opt/${secret}`,
      LC_X: secret,
      GH: `token ${secret}!`,
      KEEP: "xoxb-",
    };
    const env = agentEnvironment(from, ["GH", "KEEP"], ["", secret]);
    expect(JSON.stringify(env)).not.toContain(secret);
    expect(env).toEqual({ ...terminal, LANG: "C.UTF-8", PATH: "/usr/local/bin:/usr/bin:/bin", KEEP: "xoxb-" });
  });
});

describe("the path", () => {
  it.each([
    ["/a:/b", "/a:/b"],
    [".:/a::bin:../x:/b:", "/a:/b"],
    ["/p/node_modules/.bin:/x/node_modules/.bin/:/a", "/a"],
    ["/npm/node_modules/@npmcli/run-script/lib/node-gyp-bin:/a", "/a"],
    ["/node_modules/.bin-mine:/a", "/node_modules/.bin-mine:/a"],
  ])("%s becomes %s", (PATH, expected) => {
    expect(agentEnvironment({ PATH }, [], [])["PATH"]).toBe(expected);
    expect(gitEnvironment({ PATH })["PATH"]).toBe(expected);
  });
});

describe("git's environment", () => {
  it("has what git needs and nothing else", () => {
    const needed = { HOME: "/h", PATH: "/bin", USER: "ada", LANG: "C", XDG_CONFIG_HOME: "/c", SSH_AUTH_SOCK: "/a" };
    expect(
      gitEnvironment({
        ...needed,
        GIT_DIR: "/g",
        SLACK_BOT_TOKEN: "x",
        SHELL: "/bin/sh",
        EDITOR: "vi",
        GIT_ASKPASS: "y",
      }),
    ).toEqual(needed);
  });
});
