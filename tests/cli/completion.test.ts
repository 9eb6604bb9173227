import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { complete } from "../../src/cli/completion.ts";
import { usage } from "../../src/cli/usage.ts";

const shards = async () => ["alpha", "beta", "beta-2"];

describe("what a word may become", () => {
  it.each<[string[], string[]]>([
    [["ex"], ["explain"]],
    [["s"], ["spawn", "send", "screen", "stop", "start", "service"]],
    [["nope"], []],
    [
      ["read", ""],
      ["alpha", "beta", "beta-2"],
    ],
    [
      ["attach", "b"],
      ["beta", "beta-2"],
    ],
    [["read", "alpha", ""], []],
    [["spawn", ""], []],
    [["list", ""], []],
    [
      ["list", "-"],
      ["--watch", "--json"],
    ],
    [["send", "alpha", "--st"], ["--steer"]],
    [
      ["send", "--steer", "--"],
      ["--interrupt", "--anyway", "--wait", "--timeout", "--json"],
    ],
    [["send", "--steer", "al"], ["alpha"]],
    [["resume", "--mode", "e"], ["edits"]],
    [["resume", "--mode", "edits", "al"], ["alpha"]],
    [["resume", "--mode", "edits", "alpha", "b"], []],
    [["resume", "--mode=e"], ["--mode=edits"]],
    [["resume", "--mode", "=", "e"], ["edits"]],
    [
      ["resume", "--mode", "="],
      ["ask", "edits", "all"],
    ],
    [["spawn", "new", "--agent", "co"], ["codex"]],
    [["read", "--lines", ""], []],
    [["attach", "--as", "a"], []],
    [["service", "un"], ["uninstall"]],
    [["completion", "z"], ["zsh"]],
    [["constructor", ""], []],
  ])("%j: %j", async (typed, offered) => {
    expect(await complete(typed, shards)).toEqual(offered);
  });

  it("is each verb and option of the usage text, and no other", async () => {
    const verbs = (await complete([""], shards)).toSorted();
    const told = [...usage.matchAll(/^ {2}shardbridge ([a-z]+)(?: \| ([a-z]+)$)?/gm)].flatMap(([, ...words]) => words);
    expect(verbs).toEqual([...new Set(told.filter((word) => word !== undefined))].toSorted());
    const flags = (await Promise.all(verbs.map(async (verb) => complete([verb, "-"], shards)))).flat();
    // Which every command takes.
    expect(new Set(flags).add("--help")).toEqual(new Set(usage.match(/(?<!\w)--[a-z-]+/g)));
  });

  it("is in the README", () => {
    const readme = readFileSync(join(import.meta.dirname, "..", "..", "README.md"), "utf8");
    expect(readme).toContain("source <(shardbridge completion bash)");
  });
});
