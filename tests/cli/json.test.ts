import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import type { Server } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { verbs } from "../../src/cli/arguments.ts";
import { controlSocket } from "../../src/control/protocol.ts";
import { serveControl } from "../../src/control/server.ts";
import { localActor } from "../../src/control/local.ts";
import { TestBot } from "../bot/test-bot.ts";

const main = join(import.meta.dirname, "..", "..", "src", "main.ts");
const home = mkdtempSync(join(tmpdir(), "json-"));
const by = userInfo().username;
const name = "demo";

let testBot: TestBot;
let server: Server;

beforeEach(async () => {
  testBot = await new TestBot().open();
  await testBot.shard();
  const noAddress = () => expect.fail("no verb goes to a holder by itself");
  server = await serveControl(controlSocket(home), testBot.bot.actionsFor(localActor()), noAddress);
});
afterEach(async () => {
  server.close();
  await testBot.dispose();
  rmSync(home, { recursive: true, force: true });
});

/** The program itself, in a process of its own. */
async function printed(
  words: string[],
  node: string[] = [],
): Promise<{ stdout: string; stderr: string; code: number }> {
  const env = { PATH: process.env["PATH"], HOME: home, SHARDBRIDGE_HOME: home };
  const ran = promisify(execFile)(process.execPath, [...node, main, ...words], { env });
  return ran.then(
    (out) => ({ ...out, code: 0 }),
    (error: { stdout: string; stderr: string; code: number }) => error,
  );
}

/** What it printed, which is one line. */
async function run(line: string): Promise<unknown> {
  const { stdout, stderr } = await printed([...line.split(" "), "--json"]);
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
    ["stop", "stop demo", "hang", {}],
    ["close", "close demo", undefined, { name, survivors: [] }],
    ["resume", "resume demo", "say hi", expect.objectContaining({ name, status: expect.anything() })],
    ["destroy", "destroy demo --force", undefined, { name, survivors: [] }],
    ["wait", "wait demo", "say hi", { outcome: "done", turn: 1, text: "hi", truncated: false }],
    [
      "send --wait",
      "send demo --wait say two words",
      undefined,
      { outcome: "done", turn: 1, text: "two words", truncated: false },
    ],
    ["diff", "diff demo", undefined, expect.objectContaining({ name, stat: "" })],
    ["overlap", "overlap", undefined, []],
    ["history", "history demo --since 1", "say hi", expect.objectContaining({ name, mark: 2 })],
    ["tasks", "tasks", undefined, { tasks: [], held: false }],
    ["usage", "usage --in demo", undefined, expect.arrayContaining([expect.objectContaining({ scope: "thread" })])],
    ["policy", "policy allow --in demo", undefined, { policy: "allow" }],
  ])("%s", async (verb, line, before, result) => {
    if (before !== undefined) await testBot.host.send({ name, text: before, by: "ann" });
    if (verb === "resume") await testBot.host.close({ name });
    expect(await run(line)).toEqual(result);
    // With no bot it would have opened a store there.
    expect(existsSync(join(home, "state.sqlite"))).toBe(false);
  });

  it.each([
    ["read nobody", "not_found", 5, "nobody"],
    ["list extra", "usage", 2, "does not take"],
    ["send demo --bogus", "usage", 2, "--bogus"],
    ["nonsense", "usage", 2, "nonsense"],
    ["spwan demo", "usage", 2, "did you mean spawn?"],
    ["srevice", "usage", 2, "did you mean service?"],
    ["comp", "usage", 2, "did you mean completion?"],
    ["help unqeue", "usage", 2, "did you mean unqueue?"],
    ["policy --in nobody", "not_found", 5, "nobody"],
    ["policy", "usage", 2, "--in SHARD"],
    ["tasks cancel t9", "not_found", 5, "t9"],
    ["service nothing", "usage", 2, "install"],
  ])("%s fails with %s", async (line, code, exit, word) => {
    const { stdout, stderr, code: ended } = await printed([...line.split(" "), "--json"]);
    expect({ stderr, ended }).toEqual({ stderr: "", ended: exit });
    expect(JSON.parse(stdout)).toEqual({ error: { code, message: expect.stringContaining(word) as string } });
  });

  it("unqueue", async () => {
    for (const text of ["hang", "later"]) await testBot.host.send({ name, text, by: "ann" });
    const [waits] = await testBot.host.queue({ name });
    expect(await run("queue demo")).toEqual([waits]);
    expect(await run(`unqueue demo ${waits?.id}`)).toMatchObject({ text: "later" });
    expect(await testBot.host.queue({ name })).toEqual([]);
  });
});

describe("a wait on the command line", () => {
  it.each<[line: string, before: string | undefined, code: number, out: string, err: RegExp]>([
    ["send demo --wait say 42", undefined, 0, "42\n", /^$/],
    ["wait demo", "say once", 0, "once\n", /^$/],
    ["send demo --wait --timeout 0.2 hang", undefined, 15, "", /demo is working still \(at work\): the time is up/],
    [
      "send demo --wait ask rm",
      undefined,
      14,
      "",
      /demo asks: Do you want to proceed\?\nrm\n {2}1\. Yes\n[^]*shardbridge answer demo/,
    ],
    ["send demo --wait puzzle", undefined, 14, "", /only a person can read. Its screen:[^]*Odd dialog/],
    ["send demo --wait crash", undefined, 16, "", /demo has crashed\. Its last lines:\n> crash/],
    ["send demo --wait say more", "ask rm", 8, "", /refused: A question is open/],
    ["send demo --wait ignore", undefined, 9, "", /stalled/],
    ["wait nobody", undefined, 5, "", /nobody/],
  ])("%s", async (line, before, code, out, err) => {
    if (before !== undefined) await testBot.host.send({ name, text: before });
    const { stdout, stderr, code: ended } = await printed(line.split(" "));
    expect({ stdout, ended, stderr }).toEqual({
      stdout: out,
      ended: code,
      stderr: expect.stringMatching(err) as string,
    });
  });

  it("is for the prompt that was sent, though it is queued", async () => {
    await testBot.host.send({ name, text: "slow" });
    expect(await printed(["send", name, "--wait", "say after"])).toMatchObject({ code: 0, stdout: "after\n" });
  });
});

describe("what a command loads", () => {
  /** Prints each package that is loaded. */
  const spy = `data:text/javascript,${encodeURIComponent(
    'import { registerHooks } from "node:module"; registerHooks({ load(url, context, next) { if (url.includes("/node_modules/")) process.stderr.write(url + "\\n"); return next(url, context); } });',
  )}`;

  it.each([["list"], ["read demo"], ["send demo --wait say hi"], ["help"], ["list --help"], ["version"]])(
    "%s: no package",
    async (line) => {
      expect(await printed(line.split(" "), ["--import", spy])).toMatchObject({ code: 0, stderr: "" });
    },
  );

  it("is seen by the spy", async () => {
    server.close();
    expect((await printed(["list"], ["--import", spy])).stderr).toMatch(/node_modules\/zod/);
  });
});

describe("help", () => {
  it.each([...verbs, "start", "attach", "mcp", "manifest", "service", "completion", "help"])(
    "%s --help",
    async (verb) => {
      const { stdout, stderr, code } = await printed([verb, "--help"]);
      expect({ stderr, code }).toEqual({ stderr: "", code: 0 });
      expect(stdout).toMatch(new RegExp(`^ {2}shardbridge ${verb}\\b[^]*\\nExit codes: `));
      const others = [...stdout.matchAll(/^ {2}shardbridge ([a-z-]+)/gm)].filter(([, named]) => named !== verb);
      expect(others).toEqual([]);
      expect(await printed(["help", verb])).toMatchObject({ stdout });
    },
  );
});
