import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { controlSocket } from "../../src/control/protocol.ts";
import { serveControl } from "../../src/control/server.ts";
import { runService } from "../../src/cli/service.ts";
import { serviceManager } from "../../src/cli/service-manager.ts";

const settings = [
  "SLACK_BOT_TOKEN=xoxb-secret-1",
  "SLACK_APP_TOKEN=xapp-secret-2",
  "SLACK_ADMINS=U012ABCDE",
  "SLACK_CHANNELS=C012ABCDE",
];

let folder: string;
let where: string;
let file: string;
let env: Record<string, string>;
let printed: string;
let control: Server | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "service-"));
  where = join(folder, "my web");
  mkdirSync(join(where, ".git"), { recursive: true });
  mkdirSync(join(folder, "programs"));
  file = join(folder, ".config", "systemd", "user", "shardbridge.service");
  env = { HOME: folder, USER: "ada", PATH: `${folder}/programs:/usr/bin:/bin` };
  writeSettings(...settings, `SHARDBRIDGE_HOME=${folder}/state`);
  program("systemctl", "");
  program("loginctl", "echo yes");
  printed = "";
  vi.spyOn(process.stdout, "write").mockImplementation((text) => Boolean((printed += String(text))));
});
afterEach(() => {
  control?.close();
  control = undefined;
  rmSync(folder, { recursive: true });
});

/** A program of the system, which writes down how it is called. */
function program(name: string, script: string): void {
  const path = join(folder, "programs", name);
  writeFileSync(path, `#!/bin/sh\necho "${name} $*" >> "${folder}/calls"\n${script}\n`, { mode: 0o755 });
}

function calls(): string[] {
  return readFileSync(join(folder, "calls"), "utf8").trim().split("\n");
}

function writeSettings(...lines: string[]): void {
  writeFileSync(join(where, ".env"), lines.join("\n"), { mode: 0o600 });
}

const service = (...args: string[]) => runService(args, env, where);

describe.skipIf(process.platform !== "linux")("shardbridge service, over systemd", () => {
  it("install writes the unit and starts it, now and from now on", async () => {
    expect(await service("install")).toBe(0);
    const unit = readFileSync(file, "utf8");
    expect(unit).toContain(`WorkingDirectory=${where}\n`);
    expect(unit).toContain(`Environment="PATH=${env["PATH"]}"\n`);
    expect(unit).not.toContain("secret");
    expect(calls()).toEqual([
      "loginctl show-user --property=Linger --value ada",
      "systemctl --user daemon-reload",
      "systemctl --user enable shardbridge.service",
      "systemctl --user restart shardbridge.service",
    ]);
    expect(printed).toContain(`Wrote ${file}`);
    expect(printed).toContain("journalctl --user");
    expect(printed).not.toContain("secret");
  });

  it("install again, with another folder or version, takes its place", async () => {
    await service("install");
    const first = readFileSync(file, "utf8");
    writeFileSync(file, first.replace("RestartSec=10", "RestartSec=99"));
    expect(await service("install")).toBe(0);
    expect(readFileSync(file, "utf8")).toBe(first);
  });

  it.each([
    ["a file", () => writeFileSync(file, "[Service]\nExecStart=/bin/true\n")],
    ["a link", () => symlinkSync(join(folder, "elsewhere"), file)],
  ])("install and uninstall leave %s of somebody else alone", async (_, put) => {
    mkdirSync(join(file, ".."), { recursive: true });
    put();
    const before = [readLink(file), statSync(join(file, "..")).mtimeMs];
    await expect(service("install")).rejects.toMatchObject({ code: "exists" });
    await expect(service("uninstall")).rejects.toMatchObject({ code: "exists" });
    expect(await service("status")).toBe(5);
    expect([readLink(file), statSync(join(file, "..")).mtimeMs]).toEqual(before);
  });

  it("install --print writes nothing", async () => {
    expect(await service("install", "--print")).toBe(0);
    expect(printed).toContain("KillMode=process");
    expect(() => statSync(file)).toThrow(/ENOENT/);
    expect(() => calls()).toThrow(/ENOENT/);
  });

  it.each([
    ["is not there", undefined, "ENOENT"],
    ["has nobody to talk to", "echo 'Failed to connect to bus: No medium found' >&2; exit 1", "No medium found"],
  ])("install says what to run when systemctl %s", async (_, script, why) => {
    if (script === undefined) {
      rmSync(join(folder, "programs", "systemctl"));
      env["PATH"] = join(folder, "programs");
    } else program("systemctl", script);
    expect(await service("install")).toBe(10);
    expect(readFileSync(file, "utf8")).toContain("KillMode=process");
    expect(printed).toContain("run: systemctl --user daemon-reload && systemctl --user enable shardbridge.service");
    expect(printed).toContain(why);
  });

  it.each([
    [[], "No chat platform"],
    [settings.slice(0, 2), "Only this shell has SLACK_ADMINS"],
    [[...settings, "SHARDBRIDGE_MAX_SHARDS=0"], "SHARDBRIDGE_MAX_SHARDS"],
  ])("install refuses what would not start: %j", async (lines, word) => {
    writeSettings(...lines);
    env["SLACK_ADMINS"] = "U012ABCDE";
    const refusal = service("install");
    await expect(refusal).rejects.toMatchObject({ code: "config" });
    await expect(refusal).rejects.toThrow(word);
    expect(() => statSync(file)).toThrow(/ENOENT/);
  });

  it("install names what only this shell has, and not its value", async () => {
    env["ANTHROPIC_API_KEY"] = "sk-ant-secret";
    expect(await service("install")).toBe(0);
    expect(printed).toContain("Only this shell has ANTHROPIC_API_KEY");
    expect(printed).not.toContain("sk-ant-secret");
  });

  it("install says that a logout ends it, or has it linger when asked to", async () => {
    program("loginctl", "echo no");
    await service("install");
    expect(printed).toContain("To let it go on: loginctl enable-linger");
    expect(calls()).not.toContain("loginctl enable-linger");
    program("loginctl", "echo yes");
    printed = "";
    await service("install", "--linger");
    expect(calls()).toContain("loginctl enable-linger");
    expect(printed).not.toContain("log out");
  });

  it("status says that there is none, and what runs", async () => {
    expect(await service("status")).toBe(5);
    expect(printed).toContain("No service is installed");
    await service("install");
    program("systemctl", "printf 'LoadState=loaded\\nActiveState=failed\\nSubState=failed\\nMainPID=0\\n'");
    printed = "";
    expect(await service("status")).toBe(10);
    expect(printed).toContain("service    failed (failed)\nbot        does not answer");
    program("systemctl", "printf 'LoadState=loaded\\nActiveState=active\\nSubState=running\\nMainPID=4711\\n'");
    await listen();
    printed = "";
    expect(await service("status")).toBe(0);
    expect(printed.split("\n")).toEqual([
      `installed  ${file}`,
      `starts in  ${where}`,
      expect.stringMatching(/^version {4}\d+\.\d+\.\d+ in \//),
      "service    active (running), pid 4711",
      "bot        answers; 2 shards, 1 running",
      "logged out it goes on",
      "",
    ]);
    printed = "";
    expect(await service("status", "--json")).toBe(0);
    expect(JSON.parse(printed)).toMatchObject({ installed: true, folder: where, pid: 4711, shards: 2, alive: 1 });
  });

  it("status goes by the bot where systemctl can't be reached", async () => {
    await service("install");
    program("systemctl", "exit 1");
    program("loginctl", "exit 1");
    expect(await service("status")).toBe(10);
    await listen();
    printed = "";
    expect(await service("status")).toBe(0);
    expect(printed).toContain("service    unknown");
    expect(printed).not.toContain("logged out");
  });

  it("uninstall stops it, takes the file away and names the shards that go on", async () => {
    await expect(service("uninstall")).rejects.toMatchObject({ code: "not_found" });
    await service("install");
    await listen();
    printed = "";
    expect(await service("uninstall")).toBe(0);
    expect(calls().at(-1)).toBe("systemctl --user disable --now shardbridge.service");
    expect(printed).toBe("The service is gone. Shards go on: api.\n");
    expect(() => statSync(file)).toThrow(/ENOENT/);
  });

  it("uninstall leaves nothing that would start it where systemctl can't be reached", async () => {
    await service("install");
    const wants = join(file, "..", "default.target.wants");
    mkdirSync(wants);
    symlinkSync(file, join(wants, "shardbridge.service"));
    program("systemctl", "exit 1");
    expect(await service("uninstall")).toBe(10);
    expect(printed).toContain("run: systemctl --user disable --now shardbridge.service");
    expect(readLink(join(wants, "shardbridge.service"))).toBeUndefined();
  });

  it.each([[[]], [["reload"]], [["install", "now"]], [["status", "--linger"]], [["install", "--bogus"]]])(
    "%j is wrong usage",
    async (args) => {
      await expect(service(...args)).rejects.toMatchObject({ code: "usage" });
    },
  );
});

describe("launchd", () => {
  const manager = () => serviceManager("darwin", folder, 501, env);

  it("starts it anew, also while the old one is still leaving", async () => {
    program("launchctl", `[ $1 = bootout ] || [ -e "${folder}/left" ] || { touch "${folder}/left"; exit 5; }`);
    await manager().activate();
    const plist = join(folder, "Library", "LaunchAgents", "com.shardbridge.bot.plist");
    expect(calls()).toEqual([
      "launchctl bootout gui/501/com.shardbridge.bot",
      `launchctl bootstrap gui/501 ${plist}`,
      `launchctl bootstrap gui/501 ${plist}`,
    ]);
  });

  it("says what launchctl says against it", async () => {
    program("launchctl", "echo 'Bootstrap failed: 5: Input/output error' >&2; exit 5");
    await expect(manager().activate()).rejects.toThrow(/Bootstrap failed: 5/);
    await expect(manager().deactivate()).rejects.toMatchObject({ code: "unavailable" });
    expect(await manager().state()).toBeUndefined();
  });

  it("is read", async () => {
    program("launchctl", "printf 'com.shardbridge.bot = {\\n\\tstate = running\\n\\n\\tpid = 812\\n}\\n'");
    expect(await manager().state()).toEqual({ running: true, word: "running", pid: 812 });
    program("launchctl", "printf '\\tstate = waiting\\n'");
    expect(await manager().state()).toEqual({ running: false, word: "waiting" });
  });

  it("is not asked elsewhere", () => {
    expect(() => serviceManager("win32", folder, 1, env)).toThrow(expect.objectContaining({ code: "unavailable" }));
  });
});

/** A bot that answers. */
async function listen(): Promise<void> {
  const shards = [
    { name: "api", alive: true },
    { name: "web", alive: false },
  ];
  const actions = { list: async () => shards } as unknown as Parameters<typeof serveControl>[1];
  control = await serveControl(controlSocket(join(folder, "state")), actions, () => {
    throw new Error("nobody attaches here");
  });
}

/** What is in a file or behind a link; undefined when there is neither. */
function readLink(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
