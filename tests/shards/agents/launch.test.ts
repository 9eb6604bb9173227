import { describe, expect, test } from "vitest";
import type { LaunchContext } from "../../../src/shards/agents/agent.ts";
import { mergeConfig, permissionsOf } from "../../../src/shards/agents/opencode/opencode-config.ts";
import { kinds } from "../../../src/shards/agents/registry.ts";

const context: LaunchContext = {
  shard: "s",
  worktree: "/w",
  repo: "/r",
  folder: "/f",
  conversation: "C",
  resume: false,
  mode: undefined,
  env: {},
  shell: "/bin/sh",
};

/** As the programs' own help has it; what each does was seen in the real ones. */
const read = ["-s", "read-only", "-a", "on-request"];
const write = ["-s", "workspace-write", "-a", "on-request"];
const inline = ["--no-daemon", "--no-alt-screen"];

const hooked = ["--settings", "/f/settings.json"];

test.for<[string, Partial<LaunchContext>, string[]]>([
  ["claude", {}, ["--session-id", "C", ...hooked]],
  ["claude", { mode: "edits" }, ["--session-id", "C", "--permission-mode", "acceptEdits", ...hooked]],
  ["claude", { mode: "all" }, ["--session-id", "C", "--permission-mode", "bypassPermissions", ...hooked]],
  ["claude", { resume: true }, ["--resume", "C", "--permission-mode", "default", ...hooked]],
  ["claude", { resume: true, ownMode: "auto" }, ["--resume", "C", "--permission-mode", "auto", ...hooked]],
  ["claude", { resume: true, ownMode: "unheard of" }, ["--resume", "C", "--permission-mode", "default", ...hooked]],
  [
    "claude",
    { resume: true, mode: "ask", ownMode: "auto" },
    ["--resume", "C", "--permission-mode", "default", ...hooked],
  ],
  ["claude", { resume: true, mode: "edits" }, ["--resume", "C", "--permission-mode", "acceptEdits", ...hooked]],
  ["codex", {}, inline],
  ["codex", { mode: "ask" }, [...inline, ...read]],
  ["codex", { mode: "edits" }, [...inline, ...write]],
  ["codex", { mode: "all" }, [...inline, "--dangerously-bypass-approvals-and-sandbox"]],
  ["codex", { resume: true }, ["resume", "C", ...inline, ...read]],
  ["codex", { resume: true, mode: "edits" }, ["resume", "C", ...inline, ...write]],
  ["gemini", {}, ["--session-id", "C"]],
  ["gemini", { mode: "ask" }, ["--session-id", "C", "--approval-mode", "default"]],
  ["gemini", { mode: "edits" }, ["--session-id", "C", "--approval-mode", "auto_edit"]],
  ["gemini", { resume: true }, ["--resume", "C"]],
  ["gemini", { resume: true, mode: "all" }, ["--resume", "C", "--approval-mode", "yolo"]],
  ["opencode", {}, []],
  ["opencode", { resume: true, mode: "ask" }, ["--session", "C"]],
  ["opencode", { resume: true, mode: "all" }, ["--session", "C", "--auto"]],
])("%s is started with %j", ([name, more, args]) => {
  expect(kinds[name]!.launch({ ...context, ...more }).args).toEqual(args);
});

test("claude keeps its scrollback, and opens nothing between two prompts", () => {
  const { env, files } = kinds["claude"]!.launch(context);
  expect(env).toEqual({
    CLAUDE_CODE_DISABLE_ALTERNATE_SCREEN: "1",
    CLAUDE_CODE_DISABLE_FEEDBACK_SURVEY: "1",
    DISABLE_AUTOUPDATER: "1",
  });
  // Settings of this run alone, which add to the user's own.
  expect(JSON.parse(files["settings.json"]!)).toMatchObject({
    spinnerTipsEnabled: false,
    promptSuggestionEnabled: false,
    hooks: { Stop: [{ hooks: [{ type: "command" }] }] },
  });
});

describe("an orchestrator", () => {
  const tools = { command: "/n", args: ["/m.ts", "mcp", "--pass", "/f/pass.json"] };
  const launched = (name: string, more: Partial<LaunchContext> = {}) =>
    kinds[name]!.launch({ ...context, tools, ...more });

  test("gets the tools as each kind takes them, and the pass in no argument and no variable", () => {
    expect(launched("claude").args).toEqual([
      "--session-id",
      "C",
      "--mcp-config",
      "/f/mcp.json",
      "--allowedTools",
      "mcp__shardbridge",
      ...hooked,
    ]);
    expect(JSON.parse(launched("claude").files["mcp.json"]!)).toEqual({
      mcpServers: { shardbridge: { ...tools, alwaysLoad: true } },
    });
    expect(launched("codex", { resume: true }).args.slice(-2)).toEqual([
      "-c",
      'mcp_servers.shardbridge={ command = "/n", args = ["/m.ts", "mcp", "--pass", "/f/pass.json"], default_tools_approval_mode = "approve" }',
    ]);
    expect(JSON.parse(launched("opencode", { mode: "ask" }).env["OPENCODE_CONFIG_CONTENT"]!)).toMatchObject({
      mcp: { shardbridge: { type: "local", command: ["/n", ...tools.args], enabled: true } },
      permission: { edit: "ask", bash: "ask", "shardbridge_*": "allow" },
    });
  });

  test("is what these kinds can be, and no other", () => {
    const able = Object.values(kinds).filter(({ orchestrates }) => orchestrates === true);
    expect(able.map(({ name }) => name)).toEqual(["claude", "codex", "opencode"]);
  });
});

describe("opencode's settings", () => {
  const plugin = "file:///f/opencode-plugin.js";
  const own = JSON.stringify({ username: "me", plugin: ["a"], permission: { edit: "deny" } });

  test("have the mode over the user's own", () => {
    const { env } = kinds["opencode"]!.launch({ ...context, mode: "edits", env: { OPENCODE_CONFIG_CONTENT: own } });
    const config: unknown = JSON.parse(env["OPENCODE_CONFIG_CONTENT"]!);
    expect(config).toEqual({ username: "me", plugin: ["a", plugin], permission: { edit: "allow", bash: "ask" } });
  });

  test("only have the plugin added without a mode", () => {
    const { env } = kinds["opencode"]!.launch({ ...context, env: { OPENCODE_CONFIG_CONTENT: own } });
    const config: unknown = JSON.parse(env["OPENCODE_CONFIG_CONTENT"]!);
    expect(config).toEqual({ username: "me", plugin: ["a", plugin], permission: { edit: "deny" } });
  });

  test.for<[string, string | undefined, Record<string, unknown>[], unknown]>([
    ["nothing of the user's", undefined, [{ a: 1 }], { a: 1 }],
    ["blanks", " ", [{ a: 1 }], { a: 1 }],
    ["objects", '{"a":{"b":1,"c":2}}', [{ a: { c: 3 } }, { a: { d: 4 } }], { a: { b: 1, c: 3, d: 4 } }],
    ["lists", '{"a":[1,2]}', [{ a: [2, 3] }], { a: [1, 2, 3] }],
    ["what differs", '{"a":[1],"b":"x"}', [{ a: "y", b: { c: 1 } }], { a: "y", b: { c: 1 } }],
  ])("merge %s", ([, text, settings, merged]) => {
    expect(JSON.parse(mergeConfig(text, ...settings))).toEqual(merged);
  });

  test.for([["{"], ["[]"], ["null"], ['"x"']])("must be an object, not %s", ([text]) => {
    expect(() => mergeConfig(text, permissionsOf("ask"))).toThrow(expect.objectContaining({ code: "config" }));
  });
});
