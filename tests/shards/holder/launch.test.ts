import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { launchHolder } from "../../../src/shards/holder/launch.ts";
import type { HolderSpec } from "../../../src/shards/holder/protocol.ts";
import { isAlive } from "../../../src/shards/process/processes.ts";
import { environment, holders, textOf } from "./setup.ts";

const { connect, specOf, folder } = holders();

describe("launching a holder", () => {
  it("resolves when it answers, and it is nobody's child to wait for", async () => {
    const spec = specOf("sh", ["-c", "echo hello; exec cat"]);
    await launchHolder(spec, folder());
    const { client } = await connect(spec);
    expect(isAlive(client.welcome.pid)).toBe(true);
    expect(client.welcome.pid).not.toBe(client.welcome.child);
    expect(Date.parse(client.welcome.startedAt)).toBeGreaterThan(Date.now() - 60_000);
  });

  it("takes a program by its path too, from the agent's folder", async () => {
    const program = join(folder(), "agent");
    writeFileSync(program, "#!/bin/sh\necho from a script; exec cat\n", { mode: 0o755 });
    const spec = specOf("./agent", []);
    await launchHolder(spec, folder());
    const { client } = await connect(spec);
    await vi.waitFor(async () => expect(textOf(await client.view())).toBe("from a script"));
  });

  it.each<[string, Partial<HolderSpec>, RegExp]>([
    ["the program is not there", { file: "no-such-agent" }, /The program no-such-agent is not on the agent's PATH/],
    [
      "the program is on another PATH",
      { env: { ...environment, PATH: "/nowhere" } },
      /The program sh is not on the agent's PATH/,
    ],
    ["the program is a folder", { file: "/" }, /The program \/ is not on/],
    ["the folder is missing", { cwd: "/no/such/folder" }, /The folder \/no\/such\/folder does not exist/],
    ["the log can't be written", { log: "/no/such/folder/log" }, /did not start: It ended with code 1/],
    ["the socket's folder is missing", { socket: "/no/such/folder/socket" }, /listen .*no\/such\/folder\/socket/],
    ["the socket's path is too long", { socket: `/tmp/${"x".repeat(100)}` }, /longer than 100 bytes/],
    ["there is no secret", { secret: "" }, /has no secret/],
  ])("says so when %s", async (_, wrong, message) => {
    const spec = specOf("sh", ["-c", "exec cat"], wrong);
    await expect(launchHolder(spec, folder())).rejects.toMatchObject({
      code: "failed",
      message: expect.stringMatching(message),
    });
    expect(readdirSync(folder()).filter((name) => !name.endsWith(".error"))).toEqual([]);
  });

  it("says so when the program may not be run", async () => {
    const program = join(folder(), "agent");
    writeFileSync(program, "");
    chmodSync(program, 0o644);
    await expect(launchHolder(specOf(program, []), folder())).rejects.toMatchObject({ code: "failed" });
  });

  it("does not take another holder for its own", async () => {
    const spec = specOf("sh", ["-c", "exec cat"]);
    await launchHolder(spec, folder());
    await expect(launchHolder({ ...spec, log: `${spec.log}-2` }, folder())).rejects.toMatchObject({
      code: "failed",
      message: expect.stringMatching(/EADDRINUSE/),
    });
    expect((await connect(spec)).client.welcome.shard).toBe("shard-0");
  });

  it("forgets the reason of an earlier failure", async () => {
    const spec = specOf("sh", ["-c", "exec cat"], { cwd: join(folder(), "worktree") });
    await expect(launchHolder(spec, folder())).rejects.toMatchObject({ code: "failed" });
    mkdirSync(spec.cwd);
    await launchHolder(spec, folder());
    expect(existsSync(`${spec.log}.error`)).toBe(false);
  });

  it("gives up after the time that it is given, and leaves nothing", async () => {
    const spec = specOf("sh", ["-c", "exec cat"]);
    await expect(launchHolder(spec, folder(), { timeout: 1 })).rejects.toMatchObject({
      code: "failed",
      message: expect.stringMatching(/did not answer within 1 ms/),
    });
    expect(readdirSync(folder())).toEqual([]);
  });

  it("uses the compile cache that it is given, and the agent knows nothing of it", async () => {
    const cache = join(folder(), "cache");
    const spec = specOf("sh", ["-c", "env; exec cat"]);
    await launchHolder(spec, folder(), { cache });
    const { client } = await connect(spec);
    await vi.waitFor(async () => expect(textOf(await client.view())).toMatch(/HOME=/));
    expect(textOf(await client.view())).not.toMatch(/NODE_COMPILE_CACHE/);
    await vi.waitFor(() => expect(readdirSync(cache, { recursive: true }).length).toBeGreaterThan(5));
  });

  it("is not held up by somebody else on the socket", async () => {
    const spec = specOf("sh", ["-c", "exec cat"]);
    const other = createServer((socket) => socket.on("error", () => undefined)).listen(spec.socket);
    await expect(launchHolder(spec, folder(), { timeout: 1500 })).rejects.toMatchObject({ code: "failed" });
    other.close();
  });
});
