import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { configureLog } from "../../../src/log.ts";
import { launchHolder } from "../../../src/shards/holder/launch.ts";
import { scopeFor } from "../../../src/shards/holder/scope.ts";
import { holders } from "./setup.ts";

const { connect, specOf, folder } = holders();
let warned: string[];

beforeEach(() => {
  warned = [];
  configureLog({ write: (line) => warned.push(line) });
  mkdirSync(join(folder(), "programs"));
  vi.stubEnv("PATH", `${join(folder(), "programs")}${delimiter}${process.env["PATH"]}`);
  vi.stubEnv("SYSTEMD_EXEC_PID", String(process.pid));
  vi.stubEnv("XDG_RUNTIME_DIR", "/run/user/1000");
});
afterEach(() => {
  vi.unstubAllEnvs();
  configureLog({ write: () => {} });
});

/** A systemd-run that writes down how it is called. */
function systemdRun(script: string): void {
  const text = `#!/bin/sh\necho "$XDG_RUNTIME_DIR $*" >> "${folder()}/calls"\n${script}\n`;
  writeFileSync(join(folder(), "programs", "systemd-run"), text, { mode: 0o755 });
}

/** As `systemd-run --scope` does: the command after `--` takes its place. */
const becomes = 'while [ "$1" != -- ]; do shift; done; shift; exec "$@"';

describe("a holder of a bot that is a service", () => {
  it("is started in a scope of its own", async () => {
    systemdRun(becomes);
    const spec = specOf("sh", ["-c", "exec cat"]);
    await launchHolder(spec, folder());
    const { client } = await connect(spec);
    expect(client.welcome.shard).toBe("shard-0");
    const call = readFileSync(join(folder(), "calls"), "utf8");
    expect(call).toMatch(
      /^\/run\/user\/1000 --user --scope .*--unit=shardbridge-shard-0-[0-9a-f]{6} -- \S+node .*main\.ts/,
    );
    expect(call).toContain("--property=Delegate=yes");
    // A session of its own, as without a scope.
    expect(readFileSync(`/proc/${client.welcome.pid}/stat`, "utf8").split(" ")[5]).toBe(String(client.welcome.pid));
    expect(warned).toEqual([]);
  });

  it("is started without one when systemd-run fails", async () => {
    systemdRun("echo 'Failed to connect to bus' >&2; exit 1");
    const spec = specOf("sh", ["-c", "exec cat"]);
    await launchHolder(spec, folder());
    expect((await connect(spec)).client.welcome.shard).toBe("shard-0");
    expect(warned).toEqual([expect.stringContaining("systemd-run gave no scope")]);
  });

  it("is not started twice when it is the holder that fails", async () => {
    systemdRun(becomes);
    const spec = specOf("no-such-agent", []);
    await expect(launchHolder(spec, folder())).rejects.toThrow(/no-such-agent is not on the agent's PATH/);
    expect(readFileSync(join(folder(), "calls"), "utf8").trim().split("\n")).toHaveLength(1);
    expect(warned).toEqual([]);
  });
});

describe("no scope", () => {
  it.each([
    ["a bot in a terminal below a service", { SYSTEMD_EXEC_PID: "1" }],
    ["a bot that systemd does not know", { SYSTEMD_EXEC_PID: undefined }],
    ["a service of the system, which has no user's manager", { XDG_RUNTIME_DIR: undefined }],
    ["a system without systemd-run", { PATH: "/nowhere" }],
  ])("is for %s", (_, other) => {
    systemdRun(becomes);
    expect(scopeFor("demo", process.env, process.pid)).toBeDefined();
    expect(scopeFor("demo", { ...process.env, ...other }, process.pid)).toBeUndefined();
    expect(existsSync(join(folder(), "calls"))).toBe(false);
  });
});
