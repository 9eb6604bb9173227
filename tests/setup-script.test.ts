import { execFile } from "node:child_process";
import { chmodSync, cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "..");

/** As npm does it: writes down the packages of the lock file that it was told to install; `node-pty` can be loaded, unless it is broken. */
const npm = `#!${process.execPath}
const { appendFileSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } = require("node:fs");
const args = process.argv.slice(2);
appendFileSync(process.env.NPM_LOG, args.join(" ") + "\\n");
if (process.env.NPM_FAILS) process.exit(7);
const prefix = args.includes("--prefix") ? args[args.indexOf("--prefix") + 1] : undefined;
if (prefix) {
  const [name] = args.at(-4).split("@");
  mkdirSync(prefix + "/node_modules/" + name + "/bin", { recursive: true });
  copyFileSync(process.execPath, prefix + "/node_modules/" + name + "/bin/node");
} else {
  const { packages } = JSON.parse(readFileSync("package-lock.json", "utf8"));
  const wanted = Object.entries(packages).filter(([, { dev }]) => !dev || args.includes("--include=dev"));
  mkdirSync("node_modules/node-pty", { recursive: true });
  writeFileSync("node_modules/node-pty/index.js", process.env.PTY ?? "");
  writeFileSync("node_modules/.package-lock.json", JSON.stringify({ packages: Object.fromEntries(wanted) }));
}
`;

describe("the set-up", () => {
  let clone: string;
  let log: string;
  beforeEach(() => {
    clone = mkdtempSync(join(tmpdir(), "setup-script-"));
    log = join(clone, "npm.log");
    cpSync(join(root, "bin"), join(clone, "bin"), { recursive: true });
    cpSync(join(root, "package-lock.json"), join(clone, "package-lock.json"));
    mkdirSync(join(clone, "src"));
    writeFileSync(
      join(clone, "src", "main.ts"),
      'console.log(process.pid, process.execPath, process.argv.slice(2).join(" "));',
    );
    mkdirSync(join(clone, "path"));
    writeFileSync(join(clone, "path", "npm"), npm);
    chmodSync(join(clone, "path", "npm"), 0o755);
    writeFileSync(log, "");
  });
  afterEach(() => rmSync(clone, { recursive: true }));

  const old = `data:text/javascript,Object.defineProperty(process,"versions",{value:{...process.versions,node:"20.1.0"}})`;

  async function run(script: string, args: string[], env: Record<string, string> = {}, node: string[] = []) {
    const all = { PATH: `${join(clone, "path")}:/usr/bin:/bin`, NPM_LOG: log, ...env };
    const ran = promisify(execFile)(process.execPath, [...node, join(clone, "bin", script), ...args], { env: all });
    return ran.then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({ code, stdout, stderr }),
    );
  }

  const asked = () => readFileSync(log, "utf8").trim().split("\n").filter(Boolean);

  it.each([{}, { NODE_ENV: "production" }, { NODE_ENV: "production", npm_config_ignore_scripts: "true" }])(
    "installs what is needed to run, once, whatever npm is told besides (%j)",
    async (env) => {
      const first = await run("shardbridge.mjs", ["list", "--json"], env);
      expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining("installing packages (once)") as string });
      expect(first.stdout).toMatch(new RegExp(`^\\d+ ${process.execPath} list --json\n$`));
      expect(asked()).toEqual([expect.stringMatching(/^ci .*--omit=dev/)]);
      expect(await run("shardbridge.mjs", ["list"], env)).toMatchObject({ code: 0, stderr: "" });
      expect(asked()).toHaveLength(1);
    },
  );

  it("is the program itself on a Node.js that is new enough, with no process between", async () => {
    await run("shardbridge.mjs", []);
    const child = promisify(execFile)(process.execPath, [join(clone, "bin", "shardbridge.mjs")], { env: { PATH: "" } });
    expect((await child).stdout).toBe(`${child.child.pid} ${process.execPath} \n`);
  });

  it("installs a Node.js of its own where the machine's is too old, and runs the program on that", async () => {
    const first = await run("shardbridge.mjs", ["version"], {}, ["--import", old]);
    expect(first).toMatchObject({ code: 0, stderr: expect.stringContaining("this is Node 20.1.0") as string });
    expect(first.stdout).toMatch(/^\d+ \S+\/node_modules\/\.node\/node_modules\/node\S*\/bin\/node version\n$/);
    expect(asked()).toEqual([
      expect.stringMatching(/--omit=dev/),
      expect.stringMatching(/--ignore-scripts --prefix .*node.*@24/),
    ]);
    expect(await run("shardbridge.mjs", [], {}, ["--import", old])).toMatchObject({ code: 0, stderr: "" });
  });

  it("installs the rest for a tool of the project, with NODE_ENV=production too", async () => {
    await run("shardbridge.mjs", []);
    const tool = join(clone, "node_modules", ".bin", "vitest");
    mkdirSync(dirname(tool), { recursive: true });
    writeFileSync(tool, '#!/usr/bin/env node\nconsole.log("the tool", process.execPath);\n');
    chmodSync(tool, 0o755);
    const done = await run("with-setup.mjs", ["vitest"], { NODE_ENV: "production" });
    expect(done).toMatchObject({ code: 0, stdout: `the tool ${process.execPath}\n` });
    expect(asked()).toEqual([
      expect.stringMatching(/^ci .*--omit=dev/),
      expect.stringMatching(/^install .*--include=dev/),
    ]);
  });

  it("leaves alone what is there when it adds to it: a bot may run from it, and the Node.js that runs us", async () => {
    await run("shardbridge.mjs", ["version"], {}, ["--import", old]);
    rmSync(join(clone, "node_modules", ".package-lock.json"));
    const kept = join(clone, "node_modules", ".node");
    await run("shardbridge.mjs", ["version"], {}, ["--import", old]);
    expect(existsSync(kept)).toBe(true);
    expect(asked().map((line) => line.split(" ")[0])).toEqual(["ci", "install", "install"]);
  });

  it("says in a sentence what is in the way", async () => {
    const failed = await run("shardbridge.mjs", [], { NPM_FAILS: "1" });
    expect(failed).toMatchObject({
      code: 7,
      stderr: expect.stringContaining("`npm ci` failed; see above.") as string,
    });
    const broken = await run("shardbridge.mjs", [], { PTY: 'throw new Error("no native module")' });
    expect(broken).toMatchObject({ code: 1, stdout: "" });
    expect(broken.stderr).toContain(
      "node-pty can't be loaded (no native module): run `npm rebuild node-pty --ignore-scripts=false`",
    );
    rmSync(join(clone, "path", "npm"));
    rmSync(join(clone, "node_modules"), { recursive: true });
    const none = await run("shardbridge.mjs", [], { PATH: join(clone, "path") });
    expect(none).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/npm could not be started .*: install npm/) as string,
    });
    expect(existsSync(join(clone, "node_modules"))).toBe(false);
  });
});
