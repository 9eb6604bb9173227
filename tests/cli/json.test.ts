import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { controlSocket } from "../../src/cli/ask.ts";
import { serveControl } from "../../src/cli/control.ts";
import { localActor } from "../../src/cli/local.ts";
import { Stage } from "../bot/stage.ts";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
const home = mkdtempSync(join(tmpdir(), "json-"));
const by = userInfo().username;
const name = "demo";

let stage: Stage;
let server: Server;

beforeEach(async () => {
  stage = await new Stage().open();
  await stage.shard();
  const noDoor = () => expect.fail("no verb goes to a holder by itself");
  server = await serveControl(controlSocket(home), stage.bot.actionsFor(localActor()), noDoor);
});
afterEach(async () => {
  server.close();
  await stage.dispose();
  rmSync(home, { recursive: true, force: true });
});

/** The program itself, in a process of its own; what it printed, which is one line. */
async function run(line: string): Promise<unknown> {
  const env = { PATH: process.env["PATH"], HOME: home, SHARDBRIDGE_HOME: home };
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [main, ...line.split(" "), "--json"], { env });
  expect(stderr).toBe("");
  expect(stdout).toMatch(/^.+\n$/);
  return JSON.parse(stdout);
}

describe("with --json, from the running bot", () => {
  it.each<[verb: string, line: string, before: string | undefined, result: unknown]>([
    ["list", "list", undefined, [expect.objectContaining({ name, alive: true })]],
    ["spawn", "spawn two", undefined, expect.objectContaining({ name: "two", createdBy: by })],
    ["send", "send demo say hi", undefined, { outcome: "submitted", turn: 1 }],
    ["cmd", "cmd demo /compact", undefined, { outcome: "submitted", turn: 1 }],
    ["queue", "queue demo", undefined, []],
    ["read", "read demo --lines 1", "say hi", expect.objectContaining({ name, text: "hi" })],
    ["screen", "screen demo", "say hi", expect.objectContaining({ name, text: expect.stringContaining("> say hi") })],
    ["explain", "explain demo", undefined, expect.objectContaining({ name, decided: "script: it is idle" })],
    ["answer", "answer demo 1", "ask rm", null],
    ["press", "press demo enter", "puzzle", expect.objectContaining({ name, text: expect.any(String) })],
    ["stop", "stop demo", "hang", null],
    ["close", "close demo", undefined, { name, survivors: [] }],
    ["resume", "resume demo", "say hi", expect.objectContaining({ name, status: expect.anything() })],
    ["destroy", "destroy demo --force", undefined, { name, survivors: [] }],
  ])("%s", async (verb, line, before, result) => {
    if (before !== undefined) await stage.host.send({ name, text: before, by: "ann" });
    if (verb === "resume") await stage.host.close({ name });
    expect(await run(line)).toEqual(result);
    // With no bot it would have opened a store there.
    expect(existsSync(join(home, "state.sqlite"))).toBe(false);
  });

  it("unqueue", async () => {
    for (const text of ["hang", "later"]) await stage.host.send({ name, text, by: "ann" });
    const [waits] = await stage.host.queue({ name });
    expect(await run("queue demo")).toEqual([waits]);
    expect(await run(`unqueue demo ${waits?.id}`)).toMatchObject({ text: "later" });
    expect(await stage.host.queue({ name })).toEqual([]);
  });
});
