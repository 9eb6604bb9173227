import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { readService, serviceText, type ServicePlan } from "../../src/cli/service-unit.ts";
import { findProgram } from "../../src/shards/process/find-program.ts";

const root = join(import.meta.dirname, "..", "..");
const plain: ServicePlan = {
  root,
  node: process.execPath,
  folder: "/home/ada/web",
  path: "/home/ada/.local/bin:/usr/bin",
  log: "/home/ada/Library/Logs/shardbridge.log",
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "service-unit-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

describe.each(["systemd", "launchd"] as const)("a service file for %s", (manager) => {
  it.each([
    ["/home/ada/web", "/home/ada/shardbridge"],
    ["/home/ada/my web", '/home/ada/100% "mine" & <yours>'],
    ["/home/ada/$HOME/$$/\\n", "/home/ada/$HOME/$$/50%% \\n\\\\"],
    ["/home/ada/<folder>&amp;", "/home/ada/&lt;é/日本"],
  ])("is read back as it was written: %s, %s", (where, clone) => {
    const text = serviceText(manager, { ...plain, folder: where, root: `${clone}/x` });
    expect(readService(manager, text)).toEqual({ folder: where, root: `${clone}/x` });
    expect(text).not.toMatch(/\{\{/);
  });

  it.each(["/a\nExecStart=/bin/evil", "/a\\", "/a ", "/a\u0000", "/a\r"])("refuses the path %j", (where) => {
    expect(() => serviceText(manager, { ...plain, folder: where })).toThrow(expect.objectContaining({ code: "usage" }));
  });

  it("of an older version, which named another file, is read too", () => {
    const text = serviceText(manager, plain).replace('/bin/shardbridge.mjs" start', '/src/main.ts" start');
    expect(readService(manager, text)).toEqual({ folder: plain.folder, root });
  });

  it("of somebody else is not taken for ours", () => {
    const text = serviceText(manager, plain).replace("Written by", "Copied from");
    expect(readService(manager, text)).toBeUndefined();
    expect(readService(manager, "")).toBeUndefined();
  });

  it("has no line that reads secrets into the process's environment", () => {
    const text = serviceText(manager, plain);
    expect(text).not.toMatch(/^EnvironmentFile=/m);
    expect([...text.matchAll(/^Environment=|<key>EnvironmentVariables/gm)]).toHaveLength(1);
  });
});

describe("the systemd unit", () => {
  it.skipIf(findProgram("systemd-analyze", process.env) === undefined)(
    "is one that systemd takes, with odd paths too",
    () => {
      const odd = join(folder, '50% of $HOME "q" \\s');
      mkdirSync(odd);
      const node = join(folder, "50% of $HOME");
      writeFileSync(node, "#!/bin/sh\n", { mode: 0o755 });
      const unit = join(folder, "shardbridge.service");
      writeFileSync(unit, serviceText("systemd", { ...plain, root: odd, node, folder: odd }));
      const args = ["--user", "--man=no", "verify", unit];
      const env = { ...process.env, XDG_RUNTIME_DIR: folder };
      const { status, stderr } = spawnSync("systemd-analyze", args, { env, encoding: "utf8" });
      // These two are newer than some systemd that is in use; it passes over them.
      const said = stderr.split("\n").filter((line) => line !== "" && !/Restart(Steps|MaxDelaySec)/.test(line));
      expect(said).toEqual([]);
      expect(status).toBe(0);
      writeFileSync(unit, readFileSync(unit, "utf8").replace('ExecStart="', 'ExecStart="/nowhere'));
      expect(spawnSync("systemd-analyze", args, { env }).status).not.toBe(0);
    },
  );

  it("can't name every program", () => {
    const odd = { ...plain, node: '/a "b"/node' };
    expect(() => serviceText("systemd", odd)).toThrow(expect.objectContaining({ code: "usage" }));
    expect(serviceText("launchd", odd)).toContain(odd.node);
  });

  it("leaves shards alive, goes on by itself, and does not take wrong settings for a reason to try again", () => {
    const lines = serviceText("systemd", plain).split("\n");
    expect(lines).toEqual(
      expect.arrayContaining([
        "KillMode=process",
        "OOMPolicy=continue",
        "Restart=on-failure",
        "RestartPreventExitStatus=2 3",
        `WorkingDirectory=${plain.folder}`,
        `Environment="PATH=${plain.path}"`,
      ]),
    );
    expect(lines.filter((line) => /^(NoNewPrivileges|Private|Protect|UMask)/.test(line))).toEqual([]);
  });

  it("runs commands that are there", () => {
    const before = /^ExecStartPre=(.*)$/m.exec(serviceText("systemd", plain))?.[1] ?? "";
    const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
    expect(execFileSync("sh", ["-c", before], { encoding: "utf8" })).toBe(`${version}\n`);
  });
});

describe("the launchd agent", () => {
  it("is a property list that says the same", () => {
    const odd = { ...plain, folder: "/home/ada/R&D <2>", root: "/home/ada/a & b" };
    expect(propertyList(serviceText("launchd", odd))).toMatchObject({
      Label: "com.shardbridge.bot",
      ProgramArguments: ["/bin/sh", "-c", expect.stringContaining('exec "$0"'), plain.node, odd.root],
      WorkingDirectory: odd.folder,
      EnvironmentVariables: { PATH: plain.path },
      AbandonProcessGroup: true,
      RunAtLoad: true,
      KeepAlive: { SuccessfulExit: false },
      ThrottleInterval: 30,
      StandardErrorPath: plain.log,
    });
  });

  it("ends when its first command fails, and else becomes the bot", () => {
    const node = join(folder, "node");
    writeFileSync(node, '#!/bin/sh\necho "$@"\ntest "$2" != version || exit ${FAILS:-0}\n', { mode: 0o755 });
    const { ProgramArguments: words } = propertyList(serviceText("launchd", { ...plain, node, root: "/a b" })) as {
      ProgramArguments: [string, ...string[]];
    };
    const [file, ...args] = words;
    const run = (FAILS: string) => spawnSync(file, args, { env: { ...process.env, FAILS }, encoding: "utf8" });
    expect(run("0").stdout).toBe("/a b/bin/shardbridge.mjs version\n/a b/bin/shardbridge.mjs start\n");
    expect(run("7")).toMatchObject({ status: 7, stdout: "/a b/bin/shardbridge.mjs version\n" });
  });
});

/** A property list as a value. Throws for what is not well-formed. */
function propertyList(xml: string): unknown {
  const tokens = [...xml.replaceAll(/<!--[^]*?-->|<\?.*?\?>|<!DOCTYPE[^>]*>/g, "").matchAll(/<([^<>]+)>|([^<>]+)/g)]
    .map(([, tag, text]) => (tag === undefined ? { text: text ?? "" } : { tag: tag.split(" ")[0] ?? "" }))
    .filter((token) => "tag" in token || token.text.trim() !== "");
  const next = () => tokens.shift() ?? {};
  const expectTag = (tag: string) => expect(next()).toEqual({ tag });
  const text = () => {
    const token = next() as { text: string };
    expect(token.text).not.toMatch(/&(?!amp;|lt;|gt;)/);
    return token.text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  };
  const isEnd = (tag: string) => (tokens[0] as { tag?: string }).tag === `/${tag}`;
  const value = (): unknown => {
    const { tag } = next() as { tag: string };
    if (tag === "true/" || tag === "false/") return tag === "true/";
    const found: unknown[] = [];
    while (!isEnd(tag)) {
      if (tag === "dict") {
        expectTag("key");
        const key = text();
        expectTag("/key");
        found.push([key, value()]);
      } else found.push(tag === "array" ? value() : text());
    }
    expectTag(`/${tag}`);
    if (tag === "dict") return Object.fromEntries(found as [string, unknown][]);
    if (tag === "array") return found;
    return tag === "integer" ? Number(found[0]) : found[0];
  };
  expectTag("plist");
  const whole = value();
  expectTag("/plist");
  expect(tokens).toEqual([]);
  return whole;
}
