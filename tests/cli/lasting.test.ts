import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { isLasting, lastingNode, refuseCached } from "../../src/cli/lasting.ts";

let home: string;
beforeEach(() => {
  // Not in the temporary folder, of which nothing lasts.
  mkdirSync(join(homedir(), ".cache"), { recursive: true });
  home = realpathSync(mkdtempSync(join(homedir(), ".cache", "lasting-")));
});
afterEach(() => rmSync(home, { recursive: true }));

/** A program that says which Node.js it runs, as each of them does. */
function node(path: string, runs = path): string {
  const folder = join(path, "..");
  mkdirSync(folder, { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho '${runs}'\n`, { mode: 0o755 });
  return path;
}

function link(path: string, target: string): string {
  mkdirSync(join(path, ".."), { recursive: true });
  symlinkSync(target, path);
  return path;
}

describe("the path to a Node that an upgrade leaves", () => {
  const found = (running: string, ...path: string[]) =>
    lastingNode(running, home, { PATH: [...path, "/usr/bin", "/bin"].join(":") });

  it("is its own where that has no version in it", () => {
    expect(found("/usr/bin/node")).toBe("/usr/bin/node");
    expect(found("/opt/node24/bin/node")).toBe("/opt/node24/bin/node");
  });

  it("is the link to it: Homebrew", () => {
    const own = node(join(home, "Cellar/node/24.15.0/bin/node"));
    const lasting = link(join(home, "bin/node"), own);
    expect(found(own, join(own, ".."), join(home, "bin"))).toBe(lasting);
  });

  it("is the small program that runs it: Volta, asdf", () => {
    const own = node(join(home, ".volta/tools/image/node/24.15.0/bin/node"));
    const lasting = node(join(home, ".volta/bin/node"), own);
    expect(found(own, join(home, ".volta/bin"))).toBe(lasting);
  });

  it("is none that runs another one", () => {
    const own = node(join(home, "Cellar/node/24.15.0/bin/node"));
    const other = node(join(home, "Cellar/node/20.1.0/bin/node"));
    link(join(home, "bin/node"), other);
    writeFileSync(node(join(home, "broken/node")), "#!/bin/sh\nexit 1\n");
    expect(found(own, join(home, "broken"), join(home, "nowhere"), join(home, "bin"))).toBe(own);
  });

  it("is none that goes with the shell: fnm", () => {
    const own = node(join(home, "fnm/node-versions/v24.15.0/installation/bin/node"));
    link(join(home, "run/fnm_multishells/1_2/bin/node"), own);
    link(join(home, "runtime/1/bin/node"), own);
    const env = {
      PATH: `${home}/run/fnm_multishells/1_2/bin:${home}/runtime/1/bin`,
      XDG_RUNTIME_DIR: `${home}/runtime`,
    };
    expect(lastingNode(own, home, env)).toBe(own);
    const alias = link(join(home, "fnm/aliases/default/bin/node"), own);
    expect(lastingNode(own, home, { ...env, PATH: `${env.PATH}:${join(alias, "..")}` })).toBe(alias);
  });

  it.each([
    ["/usr/lib/node_modules/shardbridge", true],
    ["/home/ada/.nvm/versions/node/v24.15.0/lib/node_modules/shardbridge", false],
    ["/home/ada/pnpm/global/5/.pnpm/shardbridge@0.1.0/node_modules/shardbridge", false],
    ["/home/ada/shardbridge", true],
    ["/opt/homebrew/opt/node@24/bin/node", true],
  ])("can be told from its name: %s", (path, lasts) => expect(isLasting(path)).toBe(lasts));

  it("is not in npm's cache", () => {
    const cached = "/home/ada/.npm/_npx/1a2b/node_modules/shardbridge";
    expect(() => refuseCached(cached)).toThrow(expect.objectContaining({ code: "unavailable" }));
    expect(() => refuseCached("/usr/lib/node_modules/shardbridge")).not.toThrow();
  });
});
