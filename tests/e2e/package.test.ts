import { execFile } from "node:child_process";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { isAlive } from "../../src/shards/process/processes.ts";
import { Machine } from "./program.ts";

const root = join(import.meta.dirname, "..", "..");
const run = promisify(execFile);
const minutes = 60_000;

let workshop: string;
beforeAll(() => {
  workshop = mkdtempSync(join(tmpdir(), "package-"));
});
afterAll(() => rmSync(workshop, { recursive: true }));

/** `npm pack` in a copy of what is in the clone, since it makes dist/ and another package.json for a while. Gives the tarball's path. */
async function pack(version: string): Promise<string> {
  const copy = join(workshop, version);
  mkdirSync(copy);
  for (const entry of ["bin", "deploy", "scripts", "src"])
    cpSync(join(root, entry), join(copy, entry), { recursive: true });
  for (const file of [".env.example", "CHANGELOG.md", "LICENSE", "README.md", "package-lock.json"])
    cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as object;
  const before = `${JSON.stringify({ ...manifest, version }, null, 2)}\n`;
  writeFileSync(join(copy, "package.json"), before);
  const env = { ...process.env, PATH: [dirname(process.execPath), process.env["PATH"]].join(delimiter) };
  await run("npm", ["pack", "--loglevel=error"], { cwd: copy, env });
  expect(readFileSync(join(copy, "package.json"), "utf8")).toBe(before);
  return join(copy, `shardbridge-${version}.tgz`);
}

/** As npm 12 does by itself: no script of any package runs. */
async function install(tarball: string, prefix: string): Promise<void> {
  const flags = [
    "--prefix",
    prefix,
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--prefer-offline",
    "--loglevel=error",
  ];
  await run("npm", ["install", "--global", ...flags, tarball]);
}

/** Every file below a folder, with its size and the time of its last change. */
function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return files.map((file) => {
    const { size, mtimeMs } = statSync(join(folder, file));
    return `${file} ${size} ${mtimeMs}`;
  });
}

describe("the package", () => {
  let machine: Machine;
  beforeEach(() => {
    machine = new Machine();
  });
  afterEach(async () => machine.dispose());

  /** Run the installed command, on the Node.js that runs this test. */
  async function shardbridge(prefix: string, ...args: string[]): Promise<string> {
    const path = [join(prefix, "bin"), dirname(process.execPath), machine.env["PATH"]].join(delimiter);
    const { stdout, stderr } = await run("shardbridge", args, {
      cwd: machine.repo,
      env: { ...machine.env, PATH: path },
    });
    expect(stderr).toBe("");
    return stdout;
  }

  it(
    "spawns, prompts, reads and destroys where it is installed, writes nothing there, and its shards outlive an upgrade",
    { timeout: 5 * minutes },
    async () => {
      const prefix = join(workshop, "prefix");
      const [old, newer] = [await pack("0.1.0"), await pack("0.1.1")];
      await install(old, prefix);
      const installed = filesIn(prefix);
      expect(await shardbridge(prefix, "version")).toBe("0.1.0\n");
      await shardbridge(prefix, "spawn", "demo", "--agent", "shell");
      expect(await shardbridge(prefix, "send", "demo", "--wait", "kept=$((40 + 2)); echo $kept")).toBe("42\n");
      expect(await shardbridge(prefix, "read", "demo")).toContain("42");
      expect(await shardbridge(prefix, "manifest")).toContain("display_information");
      expect(await shardbridge(prefix, "service", "install", "--print")).toContain(join(prefix, "lib"));
      expect(filesIn(prefix)).toEqual(installed);

      const holders = machine.processes();
      expect(holders.length).toBeGreaterThan(0);
      await install(newer, prefix);
      expect(await shardbridge(prefix, "version")).toBe("0.1.1\n");
      expect(holders.map(Number).every(isAlive)).toBe(true);
      // The very shell that was there before: it still has the variable.
      expect(await shardbridge(prefix, "send", "demo", "--wait", "echo $((kept + 1))")).toBe("43\n");
      await shardbridge(prefix, "spawn", "fresh", "--agent", "shell");
      for (const name of ["demo", "fresh"]) await shardbridge(prefix, "destroy", name, "--force");
      expect(machine.leftOvers()).toEqual({ worktrees: [], branches: [], sockets: [], processes: [] });
    },
  );

  it("has what is needed and no more", { timeout: 2 * minutes }, async () => {
    const folder = join(workshop, "unpacked");
    mkdirSync(folder);
    await run("tar", ["-xzf", await pack("0.1.2"), "-C", folder]);
    const files = readdirSync(join(folder, "package"), { recursive: true, encoding: "utf8" });
    const beside = files.filter(
      (file) => !file.startsWith("dist/") && statSync(join(folder, "package", file)).isFile(),
    );
    expect(beside.sort()).toEqual([
      ".env.example",
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "bin/shardbridge.mjs",
      "deploy/com.shardbridge.bot.plist",
      "deploy/shardbridge.service",
      "package.json",
    ]);
    expect(
      files
        .filter((file) => file.startsWith("dist/"))
        .filter((file) => !file.endsWith(".js"))
        .sort(),
    ).toEqual(["dist/THIRD-PARTY-LICENSES", "dist/stamp"]);
    const manifest = JSON.parse(readFileSync(join(folder, "package", "package.json"), "utf8")) as Record<
      string,
      unknown
    >;
    expect(Object.keys(manifest["dependencies"] as object)).toEqual(["node-pty"]);
    expect(manifest).not.toHaveProperty("scripts");
  });
});
